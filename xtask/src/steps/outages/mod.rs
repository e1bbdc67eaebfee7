//! What happens when Redis, Postgres or the server itself goes away: on real processes, which are really ended.
//!
//! Promise of the product: without Redis everything goes on, without Postgres the answer is 503 and a time to come
//! back, and a server that is killed at any moment loses no letter and sends none twice.

mod checks;
mod http;
mod stage;

use super::Counts;
use crate::leptos::Profile;
use crate::place::Place;
use crate::say;
use crate::services::Services;
use crate::trouble::{Outcome, Trouble};

use stage::Stage;

type Check = fn(&mut Stage<'_>) -> Outcome;

/// In this order: each leaves the stage as it found it.
const CHECKS: [(&str, Check); 7] = [
    ("without Redis people sign in, stay signed in, and are limited", checks::redis_ends),
    ("Redis is used again when it is back", checks::redis_returns),
    ("the server starts without Redis", checks::no_redis_at_all),
    ("without Postgres the answer is 503 with Retry-After", checks::postgres_ends),
    ("everything goes on when Postgres is back", checks::postgres_returns),
    ("a session that one process ends is over for the other", checks::two_processes),
    ("a killed server loses no letter and sends none twice", checks::server_is_killed),
];

/// Runs every check; a failed one does not stop the next.
pub(crate) fn run(place: &Place, services: &mut Services) -> Outcome<Counts> {
    let program = Profile::Release.program(place);
    if !program.exists() {
        let next = "Build with `cargo xtask test --only build`";
        return Err(Trouble::new(program.display(), "not built", next));
    }
    let mut stage = Stage::set(place, services, program)?;
    let mut counts = Counts::NONE;
    for (sentence, check) in CHECKS {
        match check(&mut stage) {
            Ok(()) => {
                say::note(format_args!("ok      {sentence}"));
                counts.passed += 1;
            }
            Err(Trouble::Stopped) => return Err(Trouble::Stopped),
            Err(trouble) => {
                say::note(format_args!("FAILED  {sentence}\n        {trouble}"));
                counts.failed += 1;
            }
        }
    }
    Ok(counts)
}
