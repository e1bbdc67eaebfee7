//! What a part of a period costs. Pure, shared with the browser.
//!
//! Promise: however a period is cut, its parts cost together what the whole does, to the minor unit.

use serde::{Deserialize, Serialize};

use super::Minor;
use crate::Timestamp;

/// A stretch of time: the first moment is in it, the last is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Span {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}

impl Span {
    /// From one moment to another.
    #[must_use]
    pub const fn new(from: Timestamp, until: Timestamp) -> Self {
        Self { from, until }
    }

    /// What of it lies behind a moment.
    #[must_use]
    pub fn rest(self, at: Timestamp) -> Self {
        Self { from: at.clamp(self.from, self.until), until: self.until }
    }
}

/// What `part` of a period costs that costs `price` as a whole.
///
/// It is the difference of two shares that are each rounded down, counted from the beginning of the period: so the rounding
/// of neighbours is the same, and cancels out.
#[must_use]
pub fn share(price: Minor, period: Span, part: Span) -> Minor {
    let until = |at| until(price, period, at);
    Minor::new(until(part.until) - until(part.from))
}

/// What has been used up of the price at a moment.
fn until(price: Minor, period: Span, at: Timestamp) -> i64 {
    let length = |span: Span| (span.until - span.from).whole_microseconds().max(0);
    let whole = length(period);
    if whole == 0 || at >= period.until {
        return price.get();
    }
    let part = length(Span::new(period.from, at.max(period.from)));
    // Not more than the price, as the part is not more than the whole.
    i64::try_from((i128::from(price.get()) * part).div_euclid(whole)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("valid")
    }

    fn january() -> Span {
        Span::new(at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"))
    }

    #[test]
    fn a_part_costs_its_share_and_nothing_outside_of_the_period_does() {
        let price = Minor::new(3_100);
        let day = |from: &str, until: &str| share(price, january(), Span::new(at(from), at(until))).get();
        assert_eq!(day("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"), 100);
        assert_eq!(day("2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"), 100);
        assert_eq!(day("2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"), 0);
        assert_eq!(day("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"), 0);
        assert_eq!(day("2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), 3_100);
    }

    #[test]
    fn the_largest_price_of_the_longest_time_has_its_share() {
        let ever = Span::new(at("0001-01-01T00:00:00Z"), at("9999-12-31T23:59:59Z"));
        assert_eq!(share(Minor::new(i64::MAX), ever, ever).get(), i64::MAX);
    }

    proptest! {
        #[test]
        fn the_parts_of_any_partition_cost_together_what_the_whole_does(
            price in 0..=i64::MAX / 2,
            length_us in 1..=4_000_000_000_000_u64,
            cuts in proptest::collection::vec(any::<u64>(), 0..40),
        ) {
            let start = at("2026-10-25T00:30:00Z");
            let end = start + Duration::from_micros(length_us);
            let mut inner: Vec<_> =
                cuts.iter().map(|cut| start + Duration::from_micros(cut % (length_us + 1))).collect();
            inner.sort_unstable();
            let moments: Vec<_> = [start].into_iter().chain(inner).chain([end]).collect();
            let period = Span::new(start, end);
            let parts = moments.windows(2).map(|pair| share(Minor::new(price), period, Span::new(pair[0], pair[1])));
            let parts: Vec<_> = parts.collect();
            prop_assert!(parts.iter().all(|part| part.get() >= 0));
            prop_assert_eq!(Minor::sum(parts), Some(Minor::new(price)));
        }
    }
}
