//! npm's packages: the style and bundle tools at the root, the journeys' tools in `end2end/`.

use std::path::Path;
use std::process::Command;

use super::path;
use crate::files;
use crate::hash;
use crate::place::Place;
use crate::process;
use crate::say;
use crate::trouble::{Because, Outcome};

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
