//! Programs that come from the system's packages.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::Uid;

use super::{Need, node};
use crate::process;
use crate::say;
use crate::trouble::{Outcome, Trouble};

const OLDEST_POSTGRES: u32 = 15;
/// The oldest one that the list of packages for the outside voices was resolved for.
const OLDEST_PYTHON: &str = "(3, 11)";

/// A program and the package that brings it.
struct Wanted {
    package: &'static str,
    need: Need,
    present: fn() -> bool,
}

const WANTED: &[Wanted] = &[
    Wanted { package: "postgresql", need: Need::Services, present: || postgres_programs().is_ok() },
    Wanted { package: "redis-server", need: Need::Services, present: || on_path("redis-server").is_some() },
    Wanted { package: "gcc libc6-dev", need: Need::Build, present: || on_path("cc").is_some() },
    // Brings Node.js where the machine has none that will do.
    Wanted {
        package: "python3 python3-venv",
        need: Need::Build,
        present: || node::is_there() || python_makes_environments(),
    },
    Wanted { package: "chromium-headless-shell", need: Need::Test, present: || chromium().is_some() },
    // Read the invoices of the tests.
    Wanted { package: "poppler-utils", need: Need::Test, present: || on_path("pdffonts").is_some() },
    Wanted { package: "oathtool", need: Need::Test, present: || on_path("oathtool").is_some() },
    Wanted { package: "python3 python3-venv", need: Need::Test, present: python_makes_environments },
];

/// Installs the packages that are missing, or names them where that is not ours to do.
pub(super) fn ensure(need: Need) -> Outcome {
    let packages = missing(need);
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    if !Uid::effective().is_root() || on_path("apt-get").is_none() {
        let next = format!("Install them, on Debian or Ubuntu with `sudo apt-get install {list}`");
        return Err(Trouble::new("Programs", format!("missing: {list}"), next));
    }
    say::note(format_args!("Installing packages that are missing: {list}."));
    install(&packages)?;
    let still = missing(need);
    if still.is_empty() {
        return Ok(());
    }
    let reason = format!("installed, but too old or not found: {}", still.join(" "));
    Err(Trouble::new("Programs", reason, "Install newer versions by hand and put them on PATH"))
}

fn missing(need: Need) -> Vec<&'static str> {
    let wanted = WANTED.iter().filter(|wanted| wanted.need <= need && !(wanted.present)());
    // A package may be wanted for more than one reason.
    wanted.flat_map(|wanted| wanted.package.split(' ')).collect::<BTreeSet<_>>().into_iter().collect()
}

fn install(packages: &[&str]) -> Outcome {
    // The lists are missing on a new machine and old on an old one.
    let mut update = apt();
    update.arg("update").arg("-qq");
    let listed = process::must(&mut update, "Check the network and the package sources");
    // One source of many that is away does not matter, unless it has the packages.
    apt_install(packages).map_err(|trouble| listed.err().unwrap_or(trouble))
}

fn apt_install(packages: &[&str]) -> Outcome {
    let mut command = apt();
    command.args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages);
    process::must(&mut command, "Read the message above")
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    // Packages of servers start them at once, unless the machine says it is in rescue mode. Ours
    // are started by us, and the system's own ports stay free.
    command.env("RUNLEVEL", "1");
    command
}

/// The first program of that name on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The browser of the journeys: without a window of its own where there is such a one, because it takes a third less of the
/// machine, and is the same in all that a page can tell.
pub(crate) fn chromium() -> Option<PathBuf> {
    on_path("chromium-headless-shell").or_else(|| on_path("chromium"))
}

/// The folder with `initdb`, `postgres` and `psql` of the newest version that is new enough.
pub(crate) fn postgres_programs() -> Outcome<PathBuf> {
    let packaged = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_string_lossy().parse::<u32>().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(version, folder)| *version >= OLDEST_POSTGRES && is_complete(folder))
        .max();
    let other = || on_path("initdb")?.parent().map(Path::to_path_buf);
    packaged.map(|(_, folder)| folder).or_else(|| other().filter(|folder| is_complete(folder))).ok_or_else(
        || {
            let reason = format!("no initdb of version {OLDEST_POSTGRES} or newer");
            Trouble::new("Postgres", reason, "Install the postgresql package")
        },
    )
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres", "psql"].iter().all(|program| folder.join(program).is_file())
}

/// Debian splits Python's own library: without the package for environments, `ensurepip` is missing.
fn python_makes_environments() -> bool {
    let question = format!("import sys, venv, ensurepip; sys.exit(sys.version_info < {OLDEST_PYTHON})");
    process::output(Command::new("python3").args(["-c", &question]), "Install Python").is_ok()
}
