//! What time it is: the system's clock, or one that a test holds in its hand.

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

    /// The present moment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place where time enters")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::new(OffsetDateTime::now_utc()),
            // Nothing can panic while the lock is held, so a poisoned value is still a good one.
            Source::Fixed(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a fixed clock forward and says whether it moved; the machine's clock stays as it is.
    pub fn advance(&self, by: Duration) -> bool {
        match &self.0 {
            Source::System => false,
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
    fn the_machines_clock_cannot_be_advanced() {
        let clock = Clock::system();
        let before = clock.now();
        assert!(!clock.advance(Duration::from_hours(1)));
        assert!(clock.now() - before < time::Duration::minutes(1));
    }
}
