//! `test`: everything that must pass before a change lands, in one command.
//!
//! A failing step does not stop the next, so that one run tells all there is to correct. The last
//! line is always `N passed, N failed`.

use std::process::ExitCode;

use crate::leptos::{self, Profile};
use crate::place::Place;
use crate::say;
use crate::services::{Keep, Services};
use crate::setup::{self, Need};
use crate::steps::{self, Counts, Step, Tally};
use crate::trouble::{Outcome, Trouble};

use super::prepare::{self, Fresh, Mode};

/// What was asked for on the command line.
#[derive(Debug, Default)]
pub(crate) struct Options {
    filter: Option<String>,
    only: Option<Step>,
}

impl Options {
    /// Reads `[FILTER] [--only STEP]`; a filter means the Rust tests with that name, or with `--only
    /// journeys` the journeys in files with that name.
    pub(crate) fn parse(words: &[String]) -> Outcome<Self> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--only" {
                options.only = Some(Step::parse(words.next())?);
            } else if word.starts_with('-') {
                return Err(Trouble::new(word, "not an option of `test`", "Use --only STEP"));
            } else {
                options.filter = Some(word.clone());
            }
        }
        if options.filter.is_some() {
            options.only = options.only.or(Some(Step::Tests));
        }
        Ok(options)
    }

    fn includes(&self, step: Step) -> bool {
        self.only.is_none_or(|only| only == step)
    }
}

/// Runs the steps; the exit code tells whether all passed.
pub(crate) fn run(place: &Place, options: &Options) -> ExitCode {
    let mut tally = Tally::default();
    let end = run_steps(place, options, &mut tally);
    if let Err(trouble) = &end {
        say::note(trouble);
        tally.add(Counts::FAILED);
    }
    tally.tell();
    let code = u8::from(tally.failed() > 0);
    ExitCode::from(code)
}

/// What a compiler and its helpers can tell. In a whole run the lints describe the queries by the way.
fn check(place: &Place, options: &Options, services: &Services, tally: &mut Tally) -> Outcome {
    if options.includes(Step::Format) {
        tally.step(Step::Format, || steps::lints::run(place, Step::Format))?;
    }
    let mut described = None;
    if options.only.is_none() {
        let queries = Fresh::begin(place, services)?;
        let passed = tally.step(Step::Lints, || steps::lints::run_describing(place, &queries))?;
        described = passed.then_some(queries);
    } else if options.includes(Step::Lints) {
        tally.step(Step::Lints, || steps::lints::run(place, Step::Lints))?;
    }
    if options.includes(Step::BrowserLints) {
        tally.step(Step::BrowserLints, || steps::lints::run(place, Step::BrowserLints))?;
    }
    if options.includes(Step::Dependencies) {
        steps::lints::dependencies(place, tally)?;
    }
    if options.includes(Step::Queries) {
        let compared = || match &described {
            Some(queries) => queries.settle(place, Mode::Check),
            None => prepare::with(place, services, Mode::Check),
        };
        tally.step(Step::Queries, || compared().map(|()| Counts::PASSED))?;
    }
    Ok(())
}

fn run_steps(place: &Place, options: &Options, tally: &mut Tally) -> Outcome {
    setup::ensure(place, Need::Test)?;
    let mut services = Services::start(place, Keep::Briefly)?;
    check(place, options, &services, tally)?;
    if options.includes(Step::Tests) {
        let filter = options.filter.as_deref();
        tally.step(Step::Tests, || steps::rust::run(place, &services, filter))?;
    }
    let built = !options.includes(Step::Build)
        || tally.step(Step::Build, || leptos::build(place, Profile::Release).map(|()| Counts::PASSED))?;
    if !built {
        say::note("\nEverything that looks at the build is left out: there is none.");
        return Ok(());
    }
    if options.includes(Step::Sizes) {
        tally.step(Step::Sizes, || steps::sizes::run(place))?;
    }
    if options.includes(Step::Journeys) {
        let filter = options.filter.as_deref();
        tally.step(Step::Journeys, || steps::journeys::run(place, &services, filter))?;
    }
    if options.includes(Step::Voices) {
        tally.step(Step::Voices, || steps::voices::run(place, &services))?;
    }
    if options.includes(Step::Outages) {
        tally.step(Step::Outages, || steps::outages::run(place, &mut services))?;
    }
    Ok(())
}
