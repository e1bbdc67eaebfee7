//! What time it is: the system's clock, or one that a test holds in its hand. Where several processes have to agree, the
//! database's.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use time::OffsetDateTime;

use crate::Timestamp;

/// Tells the time. Cheap to clone; clones of a fixed clock show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Ahead(Duration),
    Fixed(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is advanced.
    #[must_use]
    pub fn fixed(at: Timestamp) -> Self {
        Self(Source::Fixed(Arc::new(Mutex::new(at))))
    }

    /// The clock of a machine that is ahead of all others: for tests of what must not go by it.
    #[must_use]
    pub fn ahead(by: Duration) -> Self {
        Self(Source::Ahead(by))
    }

    /// The present moment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place where time enters")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::new(OffsetDateTime::now_utc()),
            Source::Ahead(by) => Timestamp::new(OffsetDateTime::now_utc()) + *by,
            // Nothing can panic while the lock is held, so a poisoned value is still a good one.
            Source::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// The moment that all processes agree on: the one the database says, whatever clock its reader has. A clock that a test
    /// holds is everybody's.
    #[must_use]
    pub fn agreed(&self, database: Timestamp) -> Timestamp {
        match &self.0 {
            Source::System | Source::Ahead(_) => database,
            Source::Fixed(_) => self.now(),
        }
    }

    /// Moves a fixed clock forward and says whether it moved; the machine's clock stays as it is.
    pub fn advance(&self, by: Duration) -> bool {
        match &self.0 {
            Source::System | Source::Ahead(_) => false,
            Source::Fixed(at) => {
                let mut at = at.lock().unwrap_or_else(PoisonError::into_inner);
                *at = *at + by;
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_it_is_told_and_then_for_every_clone() {
        let start = Timestamp::parse("2026-11-21T12:00:00Z").expect("valid");
        let clock = Clock::fixed(start);
        let clone = clock.clone();
        assert_eq!(clock.now(), start);
        assert!(clone.advance(Duration::from_secs(90)));
        assert_eq!(clock.now(), start + Duration::from_secs(90));
    }

    #[test]
    fn where_processes_have_to_agree_the_database_says_what_time_it_is_and_in_tests_the_test() {
        let [database, test] =
            ["2026-11-21T12:00:00Z", "2026-11-30T12:00:00Z"].map(|at| Timestamp::parse(at).expect("valid"));
        assert_eq!(Clock::system().agreed(database), database);
        assert_eq!(Clock::ahead(Duration::from_hours(24)).agreed(database), database);
        assert_eq!(Clock::fixed(test).agreed(database), test);
    }

    #[test]
    fn the_machines_clock_cannot_be_advanced() {
        let clock = Clock::system();
        let before = clock.now();
        assert!(!clock.advance(Duration::from_hours(1)));
        assert!(clock.now() - before < time::Duration::minutes(1));
    }
}
