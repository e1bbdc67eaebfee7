//! The Rust tests, against a database and a Redis made for this run.

use std::process::Command;

use super::{Counts, junit};
use crate::environment::{self, Ports};
use crate::files;
use crate::leptos::Profile;
use crate::place::Place;
use crate::process;
use crate::services::Services;
use crate::services::schema::{CHECK, TEMPLATE};
use crate::setup;
use crate::trouble::Outcome;

/// Runs nextest; with a filter, only the tests whose names contain it.
pub(crate) fn run(place: &Place, services: &Services, filter: Option<&str>) -> Outcome<Counts> {
    // Written by nextest where `.config/nextest.toml` says; an old one would be counted again.
    let report = place.root.join("target/nextest/default/junit.xml");
    std::fs::remove_file(&report).ok();
    // Each test makes a database of its own, but looks into this one for what is left of earlier ones.
    services.postgres.make_database(CHECK)?;
    process::must(nextest(place, services)?.arg("--no-run"), "Read the compiler's message above")?;
    make_template(place, services)?;
    let status = process::finish(nextest(place, services)?.args(filter))?;
    let (passed, failed) = files::read(&report).and_then(|text| junit::totals(&text)).unwrap_or_default();
    Ok(Counts::reported(passed, failed, status.success()))
}

fn nextest(place: &Place, services: &Services) -> Outcome<Command> {
    let mut cargo = setup::cargo(place)?;
    cargo.args(["nextest", "run", "--workspace", "--exclude", "frontend"]);
    cargo.env("SQLX_OFFLINE", "true");
    environment::give(&mut cargo, &environment::developer(services));
    Ok(cargo)
}

/// Puts the tables into what each test's database is a copy of: a copy takes a tenth of the time of all migrations.
fn make_template(place: &Place, services: &Services) -> Outcome {
    services.postgres.give_template()?;
    let mut migrate = Command::new(Profile::Debug.program(place));
    migrate.arg("migrate");
    environment::give(&mut migrate, &environment::server(place, services, Ports::free()?));
    migrate.env("GATEHOUSE_DATABASE_URL", services.postgres.url(TEMPLATE));
    process::output(&mut migrate, "Correct the migration").map(drop)
}
