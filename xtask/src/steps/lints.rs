//! Formatting, lints, dependencies: one cargo call each.

use std::process::Command;

use super::{Counts, Step, Tally};
use crate::commands::prepare::Fresh;
use crate::place::Place;
use crate::process;
use crate::say;
use crate::setup;
use crate::trouble::Outcome;

/// Looks at the dependencies where cargo-deny is installed. The licences are read by a test in any case.
pub(crate) fn dependencies(place: &Place, tally: &mut Tally) -> Outcome {
    if setup::on_path("cargo-deny").is_none() {
        say::note("\nSources and bans of dependencies not checked: cargo-deny is not installed.");
        return Ok(());
    }
    tally.step(Step::Dependencies, || run(place, Step::Dependencies)).map(drop)
}

/// Runs one of these steps.
pub(crate) fn run(place: &Place, step: Step) -> Outcome<Counts> {
    let (mut cargo, next) = command(place, step)?;
    cargo.env("SQLX_OFFLINE", "true");
    process::must(&mut cargo, next)?;
    Ok(Counts::PASSED)
}

/// Runs the lints of the server's half, and has the queries described by the way: the compiler looks at each of them once.
pub(crate) fn run_describing(place: &Place, queries: &Fresh) -> Outcome<Counts> {
    let (mut cargo, next) = command(place, Step::Lints)?;
    queries.describe(place, &mut cargo, next)?;
    Ok(Counts::PASSED)
}

fn command(place: &Place, step: Step) -> Outcome<(Command, &'static str)> {
    // The halves are never built in one call: their features would unify.
    let (words, next): (&[&str], &str) = match step {
        Step::Format => (&["fmt", "--all", "--check"], "Run `cargo fmt`"),
        // Not the advisories: their database is fetched from the network, and a check of this tree must not
        // depend on that.
        Step::Dependencies => (&["deny", "check", "licenses", "bans", "sources"], "Read the message above"),
        Step::BrowserLints => (
            &["clippy", "-p", "frontend", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"],
            "Correct what is named above",
        ),
        _ => (
            &["clippy", "--workspace", "--exclude", "frontend", "--all-targets", "--", "-D", "warnings"],
            "Correct what is named above",
        ),
    };
    let mut cargo = setup::cargo(place)?;
    cargo.args(words);
    Ok((cargo, next))
}
