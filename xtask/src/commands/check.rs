//! `check`: what a compiler and its helpers can tell without running anything.

use crate::place::Place;
use crate::setup;
use crate::steps::{Step, Tally, lints};
use crate::trouble::{Outcome, Trouble};

/// Formatting, lints of both halves, and dependencies where cargo-deny is installed.
pub(crate) fn run(place: &Place) -> Outcome {
    setup::ensure_compilers(place)?;
    let mut tally = Tally::default();
    for step in [Step::Format, Step::Lints, Step::BrowserLints] {
        tally.step(step, || lints::run(place, step))?;
    }
    lints::dependencies(place, &mut tally)?;
    match tally.failed() {
        0 => Ok(()),
        failed => {
            let next = "Read the messages above";
            Err(Trouble::new("Checks", format!("{failed} failed"), next))
        }
    }
}
