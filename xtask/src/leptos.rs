//! Building the server and the browser bundle with cargo-leptos.

use std::path::PathBuf;
use std::process::Command;
use std::thread;

use crate::built::Stamp;
use crate::bundle;
use crate::place::Place;
use crate::process;
use crate::say;
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

const NEXT: &str = "Read the compiler's message above";

/// Builds both halves, unless that was done since anything changed.
pub(crate) fn build(place: &Place, profile: Profile) -> Outcome {
    let stamp = Stamp::now(place, profile)?;
    if stamp.is_of_the_last_build() {
        say::note("Nothing changed since the last build.");
        return Ok(());
    }
    make(place, profile)?;
    stamp.leave()
}

fn make(place: &Place, profile: Profile) -> Outcome {
    let mut both = command(place, "build", profile)?;
    // The committed description of the queries is enough; a build needs no database.
    both.env("SQLX_OFFLINE", "true");
    if profile == Profile::Debug {
        return process::must(&mut both, NEXT);
    }
    // cargo-leptos compiles one half after the other, and linking the bundle keeps one core busy for minutes. The other half
    // is begun beside it; when its turn comes, it is there.
    let mut server = server_half(place)?;
    thread::scope(|scope| {
        let beside = scope.spawn(|| process::must(&mut server, NEXT));
        let built = process::must(&mut both, NEXT);
        beside.join().unwrap_or(Ok(())).and(built)
    })?;
    bundle::without_comments(&place.site().join("pkg"))
}

/// The call for the server's half in the words of cargo-leptos; in others it would be built twice.
fn server_half(place: &Place) -> Outcome<Command> {
    let mut cargo = setup::cargo(place)?;
    cargo
        .args(["build", "--package=server", "--bin=gatehouse", "--no-default-features", "--release"])
        .env("LEPTOS_OUTPUT_NAME", "gatehouse")
        .env("SQLX_OFFLINE", "true");
    Ok(cargo)
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
