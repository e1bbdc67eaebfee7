//! `services`: the private services for a developer's own shell, until Ctrl-C.
//!
//! The database for checked queries follows the migrations: it is made anew when one changes.

use std::thread::sleep;
use std::time::Duration;

use crate::environment::{self, Ports};
use crate::files;
use crate::lock::{self, Lock};
use crate::place::Place;
use crate::say;
use crate::services::{Keep, Services, schema};
use crate::setup::{self, Need};
use crate::signals;
use crate::trouble::Outcome;

/// Starts them, prints the environment, and waits.
pub(crate) fn run(place: &Place) -> Outcome {
    let remembered = place.state.join("env");
    let _lock = match Lock::take(place) {
        Ok(lock) => lock,
        Err(trouble) => {
            let Some(exports) = files::read(&remembered) else {
                return Err(trouble);
            };
            say::note(format_args!("Already running: {}.", lock::holder(place)));
            say::result(exports);
            return Ok(());
        }
    };
    setup::ensure(place, Need::Services)?;
    let mut services = Services::start(place, Keep::Always)?;
    let mut variables = environment::developer(&services);
    variables.extend(environment::server(place, &services, Ports::default()));
    let exports = environment::exports(&variables);
    files::private(&remembered, &exports)?;
    say::result(exports.trim_end());
    say::note("The services run until Ctrl-C.");
    let end = follow_migrations(place, &mut services);
    // A stale file would send the next shell to services that are no more.
    std::fs::remove_file(&remembered).ok();
    end
}

fn follow_migrations(place: &Place, services: &mut Services) -> Outcome {
    let folder = place.root.join("migrations");
    let mut seen = String::new();
    while !signals::stopped() {
        services.check()?;
        // An editor may be in the middle of replacing a file: the next look decides.
        let now = schema::fingerprint(&folder).unwrap_or_default();
        if now != seen {
            match services.postgres.remake_check_database(&folder) {
                Ok(()) => say::note("The migrations are applied to the database for checks."),
                Err(trouble) => say::note(trouble),
            }
            seen = now;
        }
        sleep(Duration::from_millis(500));
    }
    Ok(())
}
