//! Building the server and the browser bundle with cargo-leptos.

use std::path::PathBuf;
use std::process::Command;

use crate::place::Place;
use crate::process;
use crate::setup;
use crate::trouble::Outcome;

/// How much the compiler optimizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// What is deployed: optimized, compressed, lazy routes in files of their own.
    Release,
    /// Compiles faster, runs slower.
    Debug,
}

impl Profile {
    /// The server's program after a build.
    pub(crate) fn program(self, place: &Place) -> PathBuf {
        let folder = match self {
            Self::Release => "release",
            Self::Debug => "debug",
        };
        place.target.join(folder).join("gatehouse")
    }

    fn options(self) -> &'static [&'static str] {
        match self {
            Self::Release => &["--release", "--precompress", "--split"],
            Self::Debug => &["--split"],
        }
    }
}

/// Builds both halves.
pub(crate) fn build(place: &Place, profile: Profile) -> Outcome {
    let mut command = command(place, "build", profile)?;
    // The committed description of the queries is enough; a build needs no database.
    command.env("SQLX_OFFLINE", "true");
    process::must(&mut command, "Read the compiler's message above")
}

/// `cargo leptos <verb>` with the options of the profile.
pub(crate) fn command(place: &Place, verb: &str, profile: Profile) -> Outcome<Command> {
    let mut command = setup::cargo(place)?;
    command.args(["leptos", verb]).args(profile.options());
    // Without it cargo-leptos looks for a program named like the package.
    command.env("LEPTOS_BIN_EXE_NAME", "gatehouse");
    // What a shell took over from `services` is for the server, and would move the output.
    for name in ["LEPTOS_SITE_ROOT", "LEPTOS_SITE_ADDR", "LEPTOS_OUTPUT_NAME"] {
        command.env_remove(name);
    }
    Ok(command)
}
