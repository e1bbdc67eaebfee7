//! The one place that prints: results to standard output, problems to standard error.

use std::fmt::Display;

/// What was asked for.
#[expect(clippy::print_stdout, reason = "the result of a command")]
pub(super) fn text(text: &impl Display) {
    print!("{text}");
}

/// One line of it.
#[expect(clippy::print_stdout, reason = "the result of a command")]
pub(super) fn line(text: &impl Display) {
    println!("{text}");
}

/// What went wrong.
#[expect(clippy::print_stderr, reason = "the outcome of a command")]
pub(super) fn problem(text: &impl Display) {
    eprintln!("{text}");
}
