//! The Rust tests, against a database and a Redis made for this run.

use super::{Counts, junit};
use crate::environment;
use crate::files;
use crate::place::Place;
use crate::process;
use crate::services::Services;
use crate::services::schema::CHECK;
use crate::setup;
use crate::trouble::Outcome;

/// Runs nextest; with a filter, only the tests whose names contain it.
pub(crate) fn run(place: &Place, services: &Services, filter: Option<&str>) -> Outcome<Counts> {
    // Written by nextest where `.config/nextest.toml` says; an old one would be counted again.
    let report = place.root.join("target/nextest/default/junit.xml");
    std::fs::remove_file(&report).ok();
    // Each test makes a database of its own, but looks into this one for what is left of earlier ones.
    services.postgres.make_database(CHECK)?;
    let mut cargo = setup::cargo(place)?;
    cargo.args(["nextest", "run", "--workspace", "--exclude", "frontend"]).args(filter);
    cargo.env("SQLX_OFFLINE", "true");
    environment::give(&mut cargo, &environment::developer(services));
    let status = process::finish(&mut cargo)?;
    let (passed, failed) = files::read(&report).and_then(|text| junit::totals(&text)).unwrap_or_default();
    Ok(Counts::reported(passed, failed, status.success()))
}
