//! The counts of one process, for the time in which Redis is away; and the steps themselves, which `shared.rs` repeats.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::{Act, Tally, Terms};
use crate::Timestamp;

/// How many keys are remembered at most: about 10 MB.
const CAPACITY: usize = 100_000;

/// One key; times are microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    strikes: i64,
    /// When the first strike of this window was taken.
    since: i64,
    /// Until when it is locked; 0 when it is not.
    until: i64,
}

pub(super) struct Local(Mutex<HashMap<[u8; 16], Entry>>);

impl Local {
    pub(super) fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    pub(super) fn act(&self, key: [u8; 16], act: Act, terms: Terms, now: Timestamp) -> Tally {
        let now = i64::try_from(now.get().unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX);
        // Nothing can panic while the lock is held, so a poisoned map is still a good one.
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (tally, entry) = step(entries.get(&key).copied(), act, terms, now);
        match entry {
            Some(entry) => {
                if entries.len() >= CAPACITY && !entries.contains_key(&key) {
                    make_room(&mut entries);
                }
                entries.insert(key, entry);
            }
            None => {
                entries.remove(&key);
            }
        }
        tally
    }
}

/// One act on one key: the answer, and what to remember.
fn step(stored: Option<Entry>, act: Act, terms: Terms, now: i64) -> (Tally, Option<Entry>) {
    let mut entry = stored.map_or_else(|| Entry::fresh(now), |stored| stored.at(terms, now));
    let locked_for = (entry.until - now).max(0);
    match act {
        Act::Forgive => return (Tally::default(), None),
        Act::Take if locked_for == 0 => {
            entry.strikes += 1;
            if terms.most > 0 && entry.strikes >= terms.most {
                entry.until = now.saturating_add(terms.lock);
            }
            return (Tally { strikes: entry.strikes, locked_for: 0 }, Some(entry));
        }
        Act::GiveBack => {
            entry.strikes = (entry.strikes - 1).max(0);
            entry.until = 0;
            let kept = (entry.strikes > 0).then_some(entry);
            return (Tally { strikes: entry.strikes, locked_for: 0 }, kept);
        }
        Act::Look | Act::Take => {}
    }
    (Tally { strikes: entry.strikes, locked_for }, stored)
}

impl Entry {
    fn fresh(now: i64) -> Self {
        Self { strikes: 0, since: now, until: 0 }
    }

    /// What is left of it now. The bounds matter after the machine's clock was set back.
    fn at(self, terms: Terms, now: i64) -> Self {
        let until = self.until.min(now.saturating_add(terms.lock));
        let since = self.since.min(now);
        let lock_is_over = until > 0 && until <= now;
        let window_is_over = until == 0 && since.saturating_add(terms.window) <= now;
        if lock_is_over || window_is_over {
            return Self::fresh(now);
        }
        Self { strikes: self.strikes, since, until }
    }
}

/// Drops the half that began first: of a flood of new keys the attacker's own go with them, locks of the last minutes stay.
fn make_room(entries: &mut HashMap<[u8; 16], Entry>) {
    let mut begun = entries.values().map(|entry| entry.since.max(entry.until)).collect::<Vec<_>>();
    let middle = begun.len() / 2;
    let (_, median, _) = begun.select_nth_unstable(middle);
    let median = *median;
    let mut at_median = 0_usize;
    entries.retain(|_, entry| {
        let begun = entry.since.max(entry.until);
        at_median += usize::from(begun == median);
        // Of many equal ones every second stays.
        begun > median || (begun == median && at_median.is_multiple_of(2))
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: i64 = 60_000_000;
    const FIVE: Terms = Terms { most: 5, window: 15 * MINUTE, lock: 5 * MINUTE };

    /// Everything that ever happened, looked through from the beginning at each question.
    #[derive(Default)]
    struct Naive {
        taken: Vec<i64>,
        locked_at: Option<i64>,
    }

    impl Naive {
        fn settle(&mut self, now: i64) {
            if self.locked_at.is_some_and(|at| now >= at + FIVE.lock) {
                *self = Self::default();
            }
            if self.locked_at.is_none() && self.taken.first().is_some_and(|first| now >= first + FIVE.window)
            {
                self.taken.clear();
            }
        }

        fn act(&mut self, act: Act, now: i64) -> Tally {
            self.settle(now);
            let locked_for = self.locked_at.map_or(0, |at| at + FIVE.lock - now);
            match act {
                Act::Forgive => *self = Self::default(),
                Act::Take if locked_for == 0 => {
                    self.taken.push(now);
                    if self.taken.len() == 5 {
                        self.locked_at = Some(now);
                    }
                }
                Act::GiveBack => {
                    self.taken.pop();
                    self.locked_at = None;
                }
                Act::Look | Act::Take => {
                    return Tally { strikes: i64::try_from(self.taken.len()).expect("few"), locked_for };
                }
            }
            Tally { strikes: i64::try_from(self.taken.len()).expect("few"), locked_for: 0 }
        }
    }

    fn acts() -> impl Strategy<Value = Vec<(Act, i64)>> {
        let act = prop_oneof![
            6 => Just(Act::Take), 2 => Just(Act::Look), 1 => Just(Act::GiveBack), 1 => Just(Act::Forgive)
        ];
        let wait = prop_oneof![4 => 0..MINUTE, 2 => 0..6 * MINUTE, 1 => 0..20 * MINUTE];
        prop::collection::vec((act, wait), 1..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn counting_agrees_with_a_look_through_everything(acts in acts()) {
            let (mut now, mut stored, mut naive) = (1_700_000_000_000_000, None, Naive::default());
            for (act, wait) in acts {
                now += wait;
                let (tally, entry) = step(stored, act, FIVE, now);
                stored = entry;
                prop_assert_eq!(tally, naive.act(act, now), "{:?} at {}", act, now);
            }
        }
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_for_longer() {
        let now = 1_700_000_000_000_000;
        let locked = Entry { strikes: 5, since: now, until: now + FIVE.lock };
        let (tally, _) = step(Some(locked), Act::Look, FIVE, now - 60 * MINUTE);
        assert_eq!(tally.locked_for, FIVE.lock);
    }
}
