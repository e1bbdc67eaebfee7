//! Set-up, run and test: what the two commands of the README call.
//!
//! Promise: what is missing is installed or named, nothing of the system's own is changed beyond
//! packages, and nothing is left running.

mod built;
mod bundle;
mod commands;
mod environment;
mod files;
mod hash;
mod leptos;
mod lock;
mod place;
mod ports;
mod process;
mod say;
mod server;
mod services;
mod setup;
mod signals;
mod steps;
mod times;
mod trouble;

use std::process::ExitCode;

use crate::commands::{bench, check, prepare, run, services as services_command, test};
use crate::place::Place;
use crate::trouble::{Outcome, Trouble};

const USAGE: &str = "\
Usage: cargo xtask <command>

  run [--port 3000] [--watch] [--fresh] [--debug]
              set up, build, start everything, tell the address; Ctrl-C stops it
              --watch rebuilds on every change, --fresh starts with empty data,
              --debug compiles faster and runs slower
  test [FILTER] [--only STEP]
              everything that must pass; with FILTER only the Rust tests of that name
  check       formatting and lints
  prepare [--check]
              write .sqlx, the description of the SQL queries; --check only compares
  bench NAME  one measurement
  services    start the private Postgres and Redis, print their environment, keep running
";

fn main() -> ExitCode {
    let words = std::env::args().skip(1).collect::<Vec<_>>();
    match dispatch(&words) {
        Ok(code) => code,
        Err(Trouble::Stopped) => {
            say::note(Trouble::Stopped);
            // The shell's number for an end by Ctrl-C.
            ExitCode::from(130)
        }
        Err(trouble) => {
            say::note(trouble);
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Outcome<ExitCode> {
    let Some((command, rest)) = words.split_first() else {
        say::note(USAGE);
        return Ok(ExitCode::from(2));
    };
    if rest.iter().any(|word| matches!(word.as_str(), "--help" | "-h")) {
        say::result(USAGE);
        return Ok(ExitCode::SUCCESS);
    }
    if let (Some(word), "check" | "services") = (rest.first(), command.as_str()) {
        return Err(Trouble::new(word, "not an option of this command", "See `cargo xtask help`"));
    }
    signals::listen()?;
    let place = Place::find()?;
    if matches!(command.as_str(), "run" | "test" | "check" | "prepare" | "bench") {
        times::restore(&place)?;
    }
    match command.as_str() {
        "run" => run::run(&place, &run::Options::parse(rest)?)?,
        "test" => return Ok(test::run(&place, &test::Options::parse(rest)?)),
        "check" => check::run(&place)?,
        "prepare" => prepare::run(&place, prepare_mode(rest)?)?,
        "bench" => bench::run(&place, rest)?,
        "services" => services_command::run(&place)?,
        "help" | "--help" | "-h" => say::result(USAGE),
        other => {
            let next = "See `cargo xtask help`";
            return Err(Trouble::new(other, "not a command", next));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn prepare_mode(words: &[String]) -> Outcome<prepare::Mode> {
    match words {
        [] => Ok(prepare::Mode::Write),
        [word] if word == "--check" => Ok(prepare::Mode::Check),
        _ => Err(Trouble::new("prepare", "knows only --check", "See `cargo xtask help`")),
    }
}
