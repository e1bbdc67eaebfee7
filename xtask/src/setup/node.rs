//! Node.js, and npm's packages: in `style/` what makes the style and the bundle, where Tailwind finds its own style; in
//! `end2end/` the tools of the journeys.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{on_path, path, python};
use crate::files;
use crate::hash;
use crate::place::Place;
use crate::process;
use crate::say;
use crate::trouble::{Because, Outcome};

const OLDEST: u32 = 20;

/// Whether the machine's own will do. Debian 12 has an older one, whose npm comes in four hundred packages.
pub(super) fn is_there() -> bool {
    let version =
        process::output(Command::new("node").arg("--version"), "Install Node.js").unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    on_path("npm").is_some() && major.is_some_and(|major| major >= OLDEST)
}

/// Installs one of our own where the machine's will not do.
pub(super) fn ensure_program(place: &Place) -> Outcome {
    if is_there() { Ok(()) } else { python::NODE.ensure(place) }
}

/// Where our own is, if it is needed.
pub(super) fn folder(place: &Place) -> Option<PathBuf> {
    if is_there() { None } else { python::NODE.programs(place) }
}

/// Installs exactly what the lock file says, when that is not what is there.
pub(super) fn ensure(place: &Place, folder: &Path) -> Outcome {
    let lock = folder.join("package-lock.json");
    if !lock.exists() {
        return Ok(());
    }
    let content = std::fs::read(&lock).because(lock.display(), "Check that file")?;
    let wanted = hash::of(&content);
    // Inside the folder that npm replaces, so that it cannot outlive what it tells about.
    let stamp = folder.join("node_modules/.lock-hash");
    if files::read(&stamp).is_some_and(|found| found == wanted) {
        return Ok(());
    }
    say::note(format_args!("Installing npm's packages in {}.", folder.display()));
    let mut npm = Command::new("npm");
    npm.current_dir(folder)
        .env("PATH", path(place)?)
        // No package gets to run a program of its own on this machine.
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    process::must(&mut npm, "Read npm's message above")?;
    files::write(&stamp, &wanted)
}
