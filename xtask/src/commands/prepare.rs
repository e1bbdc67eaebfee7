//! `prepare`: writes `.sqlx`, the description of every checked query, so that a build needs no
//! database.
//!
//! The query macros write it themselves when they see a live database and `SQLX_OFFLINE_DIR`; so
//! no other tool is needed.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::files;
use crate::place::Place;
use crate::process;
use crate::say;
use crate::services::schema::CHECK;
use crate::services::{Keep, Services};
use crate::setup::{self, Need};
use crate::trouble::{Because, Outcome, Trouble};

/// What to do with the descriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Replace those that are there.
    Write,
    /// Only compare.
    Check,
}

type Descriptions = BTreeMap<String, String>;

/// With throw-away services of its own.
pub(crate) fn run(place: &Place, mode: Mode) -> Outcome {
    setup::ensure(place, Need::Services)?;
    let services = Services::start(place, Keep::Briefly)?;
    with(place, &services, mode)
}

/// With services that run already.
pub(crate) fn with(place: &Place, services: &Services, mode: Mode) -> Outcome {
    let fresh = Fresh::begin(place, services)?;
    let mut cargo = setup::cargo(place)?;
    cargo.args(["check", "--quiet", "--package", "domain", "--features", "server", "--all-targets"]);
    fresh.describe(place, &mut cargo, "Correct the query named above")?;
    fresh.settle(place, mode)
}

/// Descriptions that are written anew, against a database with every migration.
pub(crate) struct Fresh {
    folder: PathBuf,
    database: String,
}

impl Fresh {
    /// Begins with none.
    pub(crate) fn begin(place: &Place, services: &Services) -> Outcome<Self> {
        services.postgres.remake_check_database(&place.root.join("migrations"))?;
        let folder = services.state.folder.join("queries");
        files::remove_folder(&folder)?;
        files::folder(&folder, 0o755)?;
        Ok(Self { folder, database: services.postgres.url(CHECK) })
    }

    /// Runs cargo on the crate with the queries, its tests included, whose macros write them.
    pub(crate) fn describe(&self, place: &Place, cargo: &mut Command, next: &str) -> Outcome {
        let touched = Touched::new(&place.root.join("domain/src/lib.rs"))?;
        cargo
            .env("DATABASE_URL", &self.database)
            .env("SQLX_OFFLINE", "false")
            .env("SQLX_OFFLINE_DIR", &self.folder);
        let result = process::must(cargo, next);
        drop(touched);
        result
    }

    /// Compares them with those that are kept, or replaces these.
    pub(crate) fn settle(&self, place: &Place, mode: Mode) -> Outcome {
        let wanted = read(&self.folder)?;
        let kept = place.root.join(".sqlx");
        let found = read(&kept)?;
        if mode == Mode::Check {
            return compare(&wanted, &found);
        }
        if wanted == found {
            say::note(format_args!("{} queries, nothing changed.", wanted.len()));
            return Ok(());
        }
        replace(&kept, &wanted, &found)?;
        say::note(format_args!("{} queries described in .sqlx.", wanted.len()));
        Ok(())
    }
}

/// A file that looks new to cargo, which does not know that the macros read a database. Its time
/// is given back afterwards, so that no other build is done again because of it.
struct Touched {
    file: File,
    before: SystemTime,
}

impl Touched {
    fn new(path: &Path) -> Outcome<Self> {
        let next = "Check the rights of that file";
        let file = File::options().append(true).open(path).because(path.display(), next)?;
        let before = file.metadata().and_then(|data| data.modified()).because(path.display(), next)?;
        #[expect(clippy::disallowed_methods, reason = "a file's time is the system's, not the tests'")]
        let now = SystemTime::now();
        file.set_modified(now).because(path.display(), next)?;
        Ok(Self { file, before })
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        let _ = self.file.set_times(FileTimes::new().set_modified(self.before));
    }
}

fn read(folder: &Path) -> Outcome<Descriptions> {
    let mut descriptions = Descriptions::new();
    if !folder.exists() {
        return Ok(descriptions);
    }
    for entry in fs::read_dir(folder).because(folder.display(), "Check that folder")?.flatten() {
        let path = entry.path();
        let text = fs::read_to_string(&path).because(path.display(), "Check that file")?;
        descriptions.insert(entry.file_name().to_string_lossy().into_owned(), text);
    }
    Ok(descriptions)
}

fn compare(wanted: &Descriptions, found: &Descriptions) -> Outcome {
    let missing = wanted.keys().filter(|name| !found.contains_key(*name)).count();
    let unused = found.keys().filter(|name| !wanted.contains_key(*name)).count();
    let changed =
        wanted.iter().filter(|(name, text)| found.get(*name).is_some_and(|old| old != *text)).count();
    if missing + unused + changed == 0 {
        return Ok(());
    }
    let reason = format!("{missing} queries missing, {changed} changed, {unused} no longer used");
    Err(Trouble::new(".sqlx", reason, "Run `cargo xtask prepare` and commit the result"))
}

fn replace(folder: &Path, wanted: &Descriptions, found: &Descriptions) -> Outcome {
    files::folder(folder, 0o755)?;
    for (name, text) in wanted.iter().filter(|(name, text)| found.get(*name) != Some(*text)) {
        files::write(&folder.join(name), text)?;
    }
    for name in found.keys().filter(|name| !wanted.contains_key(*name)) {
        let path = folder.join(name);
        fs::remove_file(&path).because(path.display(), "Delete that file")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptions(pairs: &[(&str, &str)]) -> Descriptions {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_missing_a_changed_and_an_unused_description_are_each_told() {
        let wanted = descriptions(&[("a", "1"), ("b", "2")]);
        let found = descriptions(&[("b", "3"), ("c", "4")]);
        let told = compare(&wanted, &found).map_err(|trouble| trouble.to_string());
        let expected = "1 queries missing, 1 changed, 1 no longer used";
        assert!(told.is_err_and(|text| text.contains(expected)));
        assert!(compare(&wanted, &wanted).is_ok());
    }
}
