//! Refresh families as a state machine against a naive model that remembers every token it ever gave away.

use std::time::Duration;

use domain::{
    Timestamp,
    tokens::{Decision, Family, decide},
};
use proptest::prelude::*;

/// What happens to a family.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Time passes, in seconds.
    Wait(u64),
    /// Somebody shows the token so many places before the newest.
    Show { before_newest: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        // The edges of the grace and of the idle end, and everything between.
        prop_oneof![0..40_u64, Just(29), Just(30), 0..100_000_u64, Just(7 * 86_400 - 1), Just(7 * 86_400)]
            .prop_map(Step::Wait),
        prop_oneof![4 => Just(0_usize), 3 => Just(1), 2 => 0..6_usize]
            .prop_map(|before_newest| Step::Show { before_newest }),
    ]
}

/// The rule as a person would tell it: a list of tokens, and when each was given.
struct Naive {
    given: Vec<Timestamp>,
    begun: Timestamp,
    is_over: bool,
}

/// What the holder of a token gets.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Token(usize),
    Refused,
    Ended,
}

impl Naive {
    fn show(&mut self, token: usize, now: Timestamp) -> Answer {
        let newest = self.given.len() - 1;
        let last = self.given[newest];
        if self.is_over || now - self.begun >= time(30 * 86_400) || now - last >= time(7 * 86_400) {
            return Answer::Refused;
        }
        if token == newest {
            self.given.push(now);
            return Answer::Token(newest + 1);
        }
        if token + 1 == newest && now - last < time(30) {
            return Answer::Token(newest);
        }
        self.is_over = true;
        Answer::Ended
    }
}

fn time(seconds: i64) -> time::Duration {
    time::Duration::seconds(seconds)
}

/// The row of a family, changed by what is decided as the service changes it.
struct Row {
    family: Option<Family>,
}

impl Row {
    fn show(&mut self, token: usize, now: Timestamp) -> Answer {
        let Some(family) = &mut self.family else { return Answer::Refused };
        match decide(family, token as u64, now) {
            Decision::Rotate { counter } => {
                family.counter = counter;
                family.rotated_at = now;
                Answer::Token(usize::try_from(counter).expect("small"))
            }
            Decision::Again => Answer::Token(usize::try_from(family.counter).expect("small")),
            Decision::Stolen => {
                self.family = None;
                Answer::Ended
            }
            Decision::Over | Decision::Unknown => Answer::Refused,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_family_does_what_a_list_of_all_its_tokens_would(steps in prop::collection::vec(step(), 1..60)) {
        let begun = Timestamp::parse("2026-11-21T12:00:00Z").expect("valid");
        let mut now = begun;
        let expires_at = begun + Duration::from_hours(720);
        let mut row = Row { family: Some(Family { counter: 0, rotated_at: begun, expires_at }) };
        let mut naive = Naive { given: vec![begun], begun, is_over: false };
        for step in steps {
            match step {
                Step::Wait(seconds) => now = now + Duration::from_secs(seconds),
                Step::Show { before_newest } => {
                    let token = (naive.given.len() - 1).saturating_sub(before_newest);
                    prop_assert_eq!(row.show(token, now), naive.show(token, now));
                }
            }
        }
    }

    #[test]
    fn a_copy_is_found_as_soon_as_both_are_used(rounds in 1..20_usize, late in 31..600_u64) {
        let begun = Timestamp::parse("2026-11-21T12:00:00Z").expect("valid");
        let expires_at = begun + Duration::from_hours(720);
        let mut row = Row { family: Some(Family { counter: 0, rotated_at: begun, expires_at }) };
        let mut now = begun;
        // The thief copied the first token; the owner goes on.
        for round in 0..rounds {
            prop_assert_eq!(row.show(round, now), Answer::Token(round + 1));
            now = now + Duration::from_secs(late);
        }
        prop_assert_eq!(row.show(0, now), Answer::Ended);
        prop_assert_eq!(row.show(rounds, now), Answer::Refused);
    }
}
