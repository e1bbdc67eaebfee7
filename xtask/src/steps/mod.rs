//! The steps of `test` and `check`, and the counting of what passed.

pub(crate) mod journeys;
mod junit;
pub(crate) mod lints;
pub(crate) mod outages;
pub(crate) mod rust;
pub(crate) mod sizes;
pub(crate) mod voices;

use std::ops::AddAssign;
use std::time::{Duration, Instant};

use crate::say;
use crate::trouble::{Outcome, Trouble};

/// One step; the word is what `--only` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Format,
    Lints,
    BrowserLints,
    Dependencies,
    Queries,
    Tests,
    Build,
    Sizes,
    Journeys,
    Voices,
    Outages,
}

const STEPS: [(Step, &str, &str); 11] = [
    (Step::Format, "fmt", "Formatting"),
    (Step::Lints, "clippy", "Lints of the server's half"),
    (Step::BrowserLints, "clippy-browser", "Lints of the browser's half"),
    (Step::Dependencies, "deny", "Licences and sources of dependencies"),
    (Step::Queries, "queries", "Descriptions of the queries in .sqlx"),
    (Step::Tests, "tests", "Rust tests"),
    (Step::Build, "build", "Release build"),
    (Step::Sizes, "sizes", "Sizes of what the browser fetches"),
    (Step::Journeys, "journeys", "Journeys through a browser"),
    (Step::Voices, "voices", "Outside voices"),
    (Step::Outages, "outages", "Stores and server that go away"),
];

impl Step {
    /// The step with that word.
    pub(crate) fn parse(word: Option<&String>) -> Outcome<Self> {
        let found = STEPS.iter().find(|(_, name, _)| word.is_some_and(|word| word == name));
        found.map(|(step, _, _)| *step).ok_or_else(|| {
            let words = STEPS.map(|(_, name, _)| name).join(", ");
            Trouble::new("--only", "needs the name of a step", format!("Use one of {words}"))
        })
    }

    fn title(self) -> &'static str {
        STEPS.iter().find(|(step, _, _)| *step == self).map_or("", |(_, _, title)| title)
    }
}

/// How many checks passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Counts {
    /// One check, passed.
    pub(crate) const PASSED: Self = Self { passed: 1, failed: 0 };
    /// One check, failed.
    pub(crate) const FAILED: Self = Self { passed: 0, failed: 1 };
    /// No check: the step had nothing to do.
    pub(crate) const NONE: Self = Self { passed: 0, failed: 0 };

    /// What a runner reported, corrected by how it ended: one that counts no failure and yet
    /// fails did not get as far as its tests.
    pub(crate) fn reported(passed: u64, failed: u64, succeeded: bool) -> Self {
        let failed = if succeeded { failed } else { failed.max(1) };
        Self { passed, failed }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
    }
}

/// The counts of all steps so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    total: Counts,
    lines: Vec<(Step, Counts, Duration)>,
}

impl Tally {
    /// Runs a step under its heading. Returns whether it passed; only a wish to stop is an error.
    pub(crate) fn step(&mut self, step: Step, work: impl FnOnce() -> Outcome<Counts>) -> Outcome<bool> {
        say::heading(step.title());
        let start = Instant::now();
        let counts = match work() {
            Ok(counts) => counts,
            Err(Trouble::Stopped) => return Err(Trouble::Stopped),
            Err(trouble) => {
                say::note(trouble);
                Counts::FAILED
            }
        };
        let time = start.elapsed();
        say::note(format_args!("{} ({})", verdict(counts), say::duration(time)));
        self.lines.push((step, counts, time));
        self.add(counts);
        Ok(counts.failed == 0)
    }

    /// Counts something that is no step.
    pub(crate) fn add(&mut self, counts: Counts) {
        self.total += counts;
    }

    /// How many checks failed so far.
    pub(crate) fn failed(&self) -> u64 {
        self.total.failed
    }

    /// One line per step, and the total alone on the last line.
    pub(crate) fn tell(&self) {
        say::heading("Summary");
        for (step, counts, time) in &self.lines {
            let Counts { passed, failed } = counts;
            let (title, time) = (step.title(), say::duration(*time));
            say::note(format_args!("{title:<42}{passed:>6} passed {failed:>4} failed {time:>14}"));
        }
        let Counts { passed, failed } = self.total;
        say::result(format_args!("{passed} passed, {failed} failed"));
    }
}

fn verdict(counts: Counts) -> &'static str {
    match counts {
        Counts::NONE => "left out",
        Counts { failed: 0, .. } => "passed",
        _ => "FAILED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runner_that_fails_without_a_failed_test_counts_as_one_failure() {
        assert_eq!(Counts::reported(0, 0, false), Counts::FAILED);
        assert_eq!(Counts::reported(5, 2, false), Counts { passed: 5, failed: 2 });
        assert_eq!(Counts::reported(5, 0, true), Counts { passed: 5, failed: 0 });
    }
}
