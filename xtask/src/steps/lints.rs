//! Formatting, lints, dependencies: one cargo call each.

use super::{Counts, Step};
use crate::place::Place;
use crate::process;
use crate::setup;
use crate::trouble::Outcome;

/// Runs one of these steps.
pub(crate) fn run(place: &Place, step: Step) -> Outcome<Counts> {
    // The halves are never built in one call: their features would unify.
    let (words, next): (&[&str], _) = match step {
        Step::Format => (&["fmt", "--all", "--check"], "Run `cargo fmt`"),
        Step::Dependencies => (&["deny", "check"], "Read the message above"),
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
    cargo.args(words).env("SQLX_OFFLINE", "true");
    process::must(&mut cargo, next)?;
    Ok(Counts::PASSED)
}
