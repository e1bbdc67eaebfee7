//! The counts of one process, for the time in which Redis is away.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::{Act, Outcome, Rate};
use crate::Timestamp;

/// How many keys are remembered at most: about 5 MB.
const CAPACITY: usize = 100_000;

/// The theoretical arrival time of each key, in microseconds since 1970.
pub(super) struct Local(Mutex<HashMap<[u8; 16], i64>>);

impl Local {
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    pub(super) fn count(&self, key: [u8; 16], rate: Rate, act: Act, now: Timestamp) -> Outcome {
        let now = micros(now);
        // Nothing can panic while the lock is held, so a poisoned map is still a good one.
        let mut arrivals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let stored = arrivals.get(&key).copied().unwrap_or(now);
        let (outcome, arrival) = step(stored, rate, now);
        if act == Act::Look {
            return outcome;
        }
        if arrivals.len() >= CAPACITY && !arrivals.contains_key(&key) {
            forget_half(&mut arrivals);
        }
        arrivals.insert(key, arrival);
        outcome
    }
}

/// One try: the outcome, and the arrival time to remember.
fn step(stored: i64, rate: Rate, now: i64) -> (Outcome, i64) {
    let whole = rate.whole();
    // The upper bound matters after the machine's clock was set back: nobody waits longer than a whole
    // allowance.
    let arrival = stored.clamp(now, now.saturating_add(whole));
    let next = arrival.saturating_add(rate.interval);
    let wait = next.saturating_sub(whole).saturating_sub(now);
    if wait > 0 {
        return (Outcome { allowed: false, remaining: 0, reset: arrival - now, retry: wait }, arrival);
    }
    let used = next - now;
    let remaining = (whole - used) / rate.interval;
    (Outcome { allowed: true, remaining, reset: used, retry: 0 }, next)
}

/// Makes room by dropping the keys that have used the least, among them all whose allowance is whole again.
fn forget_half(arrivals: &mut HashMap<[u8; 16], i64>) {
    let mut times = arrivals.values().copied().collect::<Vec<_>>();
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let median = *median;
    let mut at_median = 0_usize;
    arrivals.retain(|_, arrival| {
        // Of many equal ones every second stays.
        at_median += usize::from(*arrival == median);
        *arrival > median || (*arrival == median && at_median.is_multiple_of(2))
    });
}

fn micros(at: Timestamp) -> i64 {
    i64::try_from(at.get().unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ONE_A_SECOND: Rate = Rate { burst: 1, interval: 1_000_000 };

    fn take(local: &Local, key: [u8; 16], rate: Rate, now: Timestamp) -> Outcome {
        local.count(key, rate, Act::Take, now)
    }

    fn key(number: usize) -> [u8; 16] {
        let mut key = [0; 16];
        key[..8].copy_from_slice(&number.to_be_bytes());
        key
    }

    #[test]
    fn the_memory_is_bounded_and_the_busiest_keys_stay() {
        let local = Local::new();
        let start = Timestamp::parse("2026-11-21T12:00:00Z").expect("valid");
        for number in 0..CAPACITY {
            take(&local, key(number), ONE_A_SECOND, start);
        }
        let later = start + Duration::from_millis(1);
        let slow = Rate { burst: 1, interval: 60_000_000 };
        take(&local, key(CAPACITY), slow, later);
        for number in 0..CAPACITY {
            take(&local, key(CAPACITY + 1 + number), ONE_A_SECOND, later);
        }
        assert!(local.0.lock().expect("whole").len() <= CAPACITY);
        assert!(!take(&local, key(CAPACITY), slow, later).allowed);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let local = Local::new();
        let start = Timestamp::parse("2026-11-21T12:00:00Z").expect("valid");
        assert!(take(&local, key(1), ONE_A_SECOND, start).allowed);
        let earlier = start - Duration::from_hours(5);
        let refused = take(&local, key(1), ONE_A_SECOND, earlier);
        assert_eq!((refused.allowed, refused.retry), (false, 1_000_000));
        assert!(take(&local, key(1), ONE_A_SECOND, earlier + Duration::from_secs(1)).allowed);
    }
}
