//! `bench NAME`: runs one measurement of the crate `bench` against services of its own.

use std::process::Command;

use crate::environment::{self, Ports};
use crate::leptos::{self, Profile};
use crate::place::Place;
use crate::process;
use crate::server::Server;
use crate::services::{Keep, Services};
use crate::setup::{self, Need};
use crate::trouble::{Outcome, Trouble};

/// `words` is the name of the measurement and whatever it wants to know.
pub(crate) fn run(place: &Place, words: &[String]) -> Outcome {
    if !place.root.join("bench/Cargo.toml").exists() {
        let next = "Add the crate `bench` first";
        return Err(Trouble::new("bench/", "this checkout has no measurements", next));
    }
    if words.is_empty() {
        return Err(Trouble::new("bench", "which one?", "Say `cargo xtask bench NAME`"));
    }
    setup::ensure(place, Need::Build)?;
    leptos::build(place, Profile::Release)?;
    let mut cargo = setup::cargo(place)?;
    cargo.args(["build", "--release", "--package", "bench"]).env("SQLX_OFFLINE", "true");
    process::must(&mut cargo, "Read the compiler's message above")?;
    // Durable, unlike a test's: a commit that waits for no disk would measure another program.
    let services = Services::start(place, Keep::ForMeasuring)?;
    let ports = Ports::free()?;
    let mut server = Server::new(place, &services, ports, Profile::Release.program(place));
    // Everybody who is measured comes from one address.
    server.set("GATEHOUSE_SECURITY_RATE_FACTOR", "10000");
    server.migrate()?;
    server.invite_administrator()?;
    let serving = server.serve()?;
    let second = server.another()?;
    let _serving_too = second.serve()?;
    let mut command = Command::new(place.target.join("release/bench"));
    environment::give(&mut command, &environment::server(place, &services, ports));
    command
        .args(words)
        .current_dir(&place.root)
        .env("GATEHOUSE_URL", server.address())
        .env("GATEHOUSE_SECOND_URL", second.address())
        .env("GATEHOUSE_SERVER_PID", serving.process().to_string())
        .env("GATEHOUSE_FIRST_ADMIN_FILE", server.admin_file());
    process::must(&mut command, "Read the message above")
}
