//! What must be there before anything can be built or started.
//!
//! Each step looks first and says nothing when all is there; so a second start takes no time.

mod browser_target;
mod debian;
mod node;
mod python;
mod rust_source;
mod tools;

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::place::Place;
use crate::trouble::{Because, Outcome};

pub(crate) use debian::{chromium, on_path, postgres_programs};
pub(crate) use python::voices_python;

/// How much of it a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// Postgres and Redis.
    Services,
    /// Also everything to build the server and the browser bundle.
    Build,
    /// Also the browser, what the journeys through it need, and the outside voices.
    Test,
}

/// Looks at each thing, and installs what is missing.
pub(crate) fn ensure(place: &Place, need: Need) -> Outcome {
    debian::ensure(need)?;
    if need >= Need::Build {
        browser_target::ensure(place)?;
        tools::ensure(place, need)?;
        node::ensure_program(place)?;
        node::ensure(place, &place.root.join("style"))?;
    }
    if need >= Need::Test {
        node::ensure(place, &place.root.join("end2end"))?;
        python::VOICES.ensure(place)?;
    }
    Ok(())
}

/// Only what compiles for the browser, for commands that check and do not build.
pub(crate) fn ensure_compilers(place: &Place) -> Outcome {
    browser_target::ensure(place)
}

/// A cargo that builds where `place` says and finds the tools.
pub(crate) fn cargo(place: &Place) -> Outcome<Command> {
    let mut command = Command::new("cargo");
    command.current_dir(&place.root).env("CARGO_TARGET_DIR", &place.target).env("PATH", path(place)?);
    // What the outer cargo says of this crate. Build scripts that read it would run again whenever cargo is called another way,
    // and half of the dependencies with them.
    for (name, _) in env::vars_os() {
        let is_of_a_crate =
            |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        if name.to_str().is_some_and(is_of_a_crate) {
            command.env_remove(name);
        }
    }
    Ok(command)
}

/// PATH with the tools of this project in front.
pub(crate) fn path(place: &Place) -> Outcome<String> {
    let mut folders = vec![place.root.join("xtask/bin"), place.root.join("style/node_modules/.bin")];
    folders.extend(tools::folders(place));
    folders.extend(node::folder(place));
    let rest = env::var_os("PATH").unwrap_or_default();
    folders.extend(env::split_paths(&rest));
    folders.retain(|folder: &PathBuf| !folder.as_os_str().is_empty());
    env::join_paths(folders)
        .map(|path| path.to_string_lossy().into_owned())
        .because("PATH", "Remove the folder whose name has a colon")
}
