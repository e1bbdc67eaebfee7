//! What follows from an attempt: when the next one is made, if any, and what its answer says about the endpoint.

use std::time::Duration;

use time::{PrimitiveDateTime, macros::format_description};

use crate::{
    Timestamp,
    platform::{courier::Receipt, random},
};

/// The waits between attempts: the first is made at once, the tenth is the last (Standard Webhooks, "Deliverability").
const WAITS: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];
/// The longest patience a receiver may ask for.
const MOST_PATIENCE: Duration = Duration::from_hours(24);
/// After so long without anything arriving an endpoint is paused.
pub(super) const HOPELESS: Duration = Duration::from_hours(24 * 5);
/// After so long without an attempt a failure is the first of a new row: longer than the longest wait.
pub(super) const FORGOTTEN: Duration = Duration::from_hours(24 * 2);

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It arrived.
    Arrived,
    /// The receiver wants nothing any more (410).
    Gone,
    /// It did not arrive. `rest` is the patience that the receiver asked for.
    Missed { rest: Option<Duration> },
}

impl Outcome {
    /// Nothing is what comes back where nobody answers.
    pub(super) fn of(receipt: Option<&Receipt>, now: Timestamp) -> Self {
        let Some(receipt) = receipt else { return Self::Missed { rest: None } };
        match receipt.status {
            200..=299 => Self::Arrived,
            410 => Self::Gone,
            429 | 503 => {
                let asked = receipt.retry_after.as_deref().and_then(|text| patience(text, now));
                Self::Missed { rest: asked.map(|asked| asked.min(MOST_PATIENCE)) }
            }
            _ => Self::Missed { rest: None },
        }
    }
}

/// `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
fn patience(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let shape = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let at = Timestamp::new(PrimitiveDateTime::parse(text, shape).ok()?.assume_utc());
    // What has passed is no patience at all.
    Some(Duration::try_from(at - now).unwrap_or(Duration::ZERO))
}

/// How long to wait after so many attempts; `None` after the last. Up to a tenth longer by chance, so that deliveries that
/// failed together do not come back together.
pub(super) fn wait_after(attempts: i32) -> Option<Duration> {
    let wait = *WAITS.get(usize::try_from(attempts).ok()?.checked_sub(1)?)?;
    let [chance] = random::bytes::<1>();
    Some(wait + wait / 10 * u32::from(chance) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-21T12:00:00Z").expect("valid")
    }

    fn answered(status: u16, retry_after: Option<&str>) -> Outcome {
        let retry_after = retry_after.map(str::to_owned);
        Outcome::of(Some(&Receipt { status, retry_after, answer: Vec::new() }), now())
    }

    #[test]
    fn ten_attempts_are_made_over_three_days_each_a_little_late_by_chance() {
        let mut sum = Duration::ZERO;
        for attempts in 1..=9 {
            let plain = WAITS[usize::try_from(attempts - 1).expect("few")];
            for _ in 0..100 {
                let wait = wait_after(attempts).expect("one more");
                assert!(wait >= plain && wait <= plain + plain / 10, "{wait:?} after {attempts}");
            }
            sum += plain;
        }
        assert_eq!(wait_after(10), None);
        assert_eq!(wait_after(0), None);
        assert!(sum > Duration::from_hours(72) && sum + Duration::from_hours(24) < HOPELESS);
        assert!(WAITS[8] + WAITS[8] / 10 < FORGOTTEN);
    }

    #[test]
    fn only_an_answer_of_the_two_hundreds_is_an_arrival() {
        for status in [200, 202, 204, 299] {
            assert_eq!(answered(status, None), Outcome::Arrived);
        }
        for status in [100, 199, 301, 302, 307, 308, 400, 401, 404, 409, 500, 502, 504] {
            assert_eq!(answered(status, Some("60")), Outcome::Missed { rest: None }, "{status}");
        }
        assert_eq!(answered(410, None), Outcome::Gone);
        assert_eq!(Outcome::of(None, now()), Outcome::Missed { rest: None });
    }

    #[test]
    fn patience_is_read_in_both_its_forms_and_has_an_end() {
        let rests = |status, text| match answered(status, text) {
            Outcome::Missed { rest } => rest,
            other => panic!("{other:?}"),
        };
        for status in [429, 503] {
            assert_eq!(rests(status, Some("120")), Some(Duration::from_mins(2)));
            assert_eq!(rests(status, Some("Sat, 21 Nov 2026 12:10:00 GMT")), Some(Duration::from_mins(10)));
            assert_eq!(rests(status, Some("Sat, 21 Nov 2026 11:00:00 GMT")), Some(Duration::ZERO));
            assert_eq!(rests(status, Some("99999999")), Some(MOST_PATIENCE));
            for odd in [None, Some("soon"), Some("-5"), Some("")] {
                assert_eq!(rests(status, odd), None, "{odd:?}");
            }
        }
    }
}
