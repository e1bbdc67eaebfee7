//! Where things are: the checkout, its state folder, the build folder, the user's cache.

use std::env;
use std::path::{Path, PathBuf};

use crate::files;
use crate::trouble::{Outcome, Trouble};

/// The folders every command needs.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The root of the checkout.
    pub(crate) root: PathBuf,
    /// `.gatehouse`: everything that belongs to this checkout and to no other.
    pub(crate) state: PathBuf,
    /// Where cargo builds.
    pub(crate) target: PathBuf,
    /// What may be shared by checkouts: tools, downloads.
    pub(crate) cache: PathBuf,
}

impl Place {
    /// Finds the checkout around the working folder.
    pub(crate) fn find() -> Outcome<Self> {
        let root = root()?;
        let cache = cache()?;
        let target = match env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()) {
            Some(dir) => root.join(dir),
            // A second run in a fresh clone reuses what the first one built.
            None if env::var_os("CI").is_some_and(|ci| ci == "true") => cache.join("target"),
            None => root.join("target"),
        };
        let state = root.join(".gatehouse");
        Ok(Self { root, state, target, cache })
    }

    /// Where cargo-leptos puts what browsers fetch; must agree with `site-root` in `Cargo.toml`.
    pub(crate) fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// Makes the state folder. Others may pass through it, because Postgres may run as its own
    /// user, but not list it.
    pub(crate) fn make_state(&self) -> Outcome {
        files::folder(&self.state, 0o711)
    }
}

fn root() -> Outcome<PathBuf> {
    // `cargo run` tells where the package is; without cargo the working folder has to do.
    let start = env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .or_else(|| env::current_dir().ok())
        .unwrap_or_default();
    start.ancestors().find(|folder| is_root(folder)).map(Path::to_path_buf).ok_or_else(|| {
        let reason = format!("no workspace around {}", start.display());
        Trouble::new("The checkout", reason, "Change into the checkout and try again")
    })
}

fn is_root(folder: &Path) -> bool {
    files::read(&folder.join("Cargo.toml")).is_some_and(|text| text.contains("[workspace]"))
}

fn cache() -> Outcome<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    variable("XDG_CACHE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .map(|folder| folder.join("gatehouse"))
        .ok_or_else(|| Trouble::new("The cache folder", "HOME is not set", "Set HOME"))
}
