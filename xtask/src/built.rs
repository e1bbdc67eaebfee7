//! Whether what was built last is what the sources say now.
//!
//! Cargo knows that for its crates. What follows them, linking the bundle and compressing it, takes minutes and would be done
//! anew at each start.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use crate::files;
use crate::hash;
use crate::leptos::Profile;
use crate::place::Place;
use crate::process;
use crate::trouble::{Because, Outcome};

/// Everything that a build reads, and what calls it.
const SOURCES: [&str; 12] = [
    ".cargo",
    ".sqlx",
    "Cargo.lock",
    "Cargo.toml",
    "app",
    "domain",
    "frontend",
    "migrations",
    "public",
    "server",
    "style",
    "xtask",
];

/// What a build is made from, and where the last one left the same of its own.
pub(crate) struct Stamp {
    file: PathBuf,
    program: PathBuf,
    /// What browsers fetch: both profiles put it into the same folder.
    bundle: PathBuf,
    sources: String,
}

impl Stamp {
    /// Of what is there now.
    pub(crate) fn now(place: &Place, profile: Profile) -> Outcome<Self> {
        let mut lines = vec![format!("{}", place.root.display())];
        lines.push(process::output(Command::new("rustc").arg("-vV"), "Install Rust")?);
        lines.extend(
            ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"].map(|name| std::env::var(name).unwrap_or_default()),
        );
        for source in SOURCES {
            describe(&place.root.join(source), &mut lines)?;
        }
        let program = profile.program(place);
        // Checkouts may share the folder: whoever built last is known by the stamp.
        let file = program.with_file_name("gatehouse.stamp");
        let bundle = place.site().join("pkg");
        Ok(Self { file, program, bundle, sources: hash::of(lines.join("\n").as_bytes()) })
    }

    /// Whether program and bundle were built from these, and nobody touched them since.
    pub(crate) fn is_of_the_last_build(&self) -> bool {
        self.text().is_some_and(|now| files::read(&self.file).is_some_and(|then| now == then))
    }

    /// Remembers that they were built.
    pub(crate) fn leave(&self) -> Outcome {
        self.text().map_or(Ok(()), |text| files::write(&self.file, &text))
    }

    fn text(&self) -> Option<String> {
        let [program, bundle] = [&self.program, &self.bundle].map(|path| fs::metadata(path).ok());
        Some(format!("{} {} {}", self.sources, changed(&program?), changed(&bundle?)))
    }
}

/// One line for each file: its name, size and last change.
fn describe(path: &Path, lines: &mut Vec<String>) -> Outcome {
    const NEXT: &str = "Check that you may read there";
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    if !metadata.is_dir() {
        lines.push(format!("{} {} {}", path.display(), metadata.len(), changed(&metadata)));
        return Ok(());
    }
    let mut inside = Vec::new();
    for entry in fs::read_dir(path).because(path.display(), NEXT)? {
        inside.push(entry.because(path.display(), NEXT)?.path());
    }
    inside.sort();
    inside.iter().filter(|path| !path.ends_with("node_modules")).try_for_each(|path| describe(path, lines))
}

/// When it was changed last, in nanoseconds.
fn changed(metadata: &Metadata) -> u128 {
    let since = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.unwrap_or_default().as_nanos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_new_longer_or_gone_is_another_description() {
        let folder = std::env::temp_dir().join(format!("gatehouse-built-{}", std::process::id()));
        fs::create_dir_all(folder.join("node_modules")).expect("a folder");
        let now = || {
            let mut lines = Vec::new();
            describe(&folder, &mut lines).expect("describes");
            lines
        };
        assert_eq!(now(), Vec::<String>::new());
        fs::write(folder.join("node_modules/a"), "not ours").expect("writes");
        assert_eq!(now(), Vec::<String>::new());
        fs::write(folder.join("a"), "1").expect("writes");
        let first = now();
        fs::write(folder.join("a"), "12").expect("writes");
        let second = now();
        assert_eq!((first.len(), second.len()), (1, 1));
        assert_ne!(first, second);
        fs::remove_dir_all(&folder).expect("removes");
        assert_eq!(now(), Vec::<String>::new());
    }

    #[test]
    fn only_what_was_built_from_these_sources_and_not_touched_since_is_the_last_build() {
        let root = std::env::temp_dir().join(format!("gatehouse-stamp-{}", std::process::id()));
        let [state, target, cache] = ["state", "target", "cache"].map(|name| root.join(name));
        let place = Place { root: root.clone(), state, target, cache };
        let write = |name: &str, text: &str| {
            let file = root.join(name);
            fs::create_dir_all(file.parent().expect("a folder")).expect("makes");
            fs::write(file, text).expect("writes");
        };
        let now = || Stamp::now(&place, Profile::Release).expect("looks");
        write("app/lib.rs", "1");
        write("target/site/pkg/a.wasm", "1");
        assert!(!now().is_of_the_last_build(), "there is no program");
        write("target/release/gatehouse", "1");
        assert!(!now().is_of_the_last_build(), "nobody said what it was built from");
        now().leave().expect("leaves");
        assert!(now().is_of_the_last_build());
        for name in ["app/lib.rs", "target/release/gatehouse", "target/site/pkg/b.wasm"] {
            write(name, "another one");
            assert!(!now().is_of_the_last_build(), "{name}");
            now().leave().expect("leaves");
            assert!(now().is_of_the_last_build(), "{name}");
        }
        fs::remove_dir_all(&root).expect("removes");
    }
}
