//! Periods of subscriptions, and parts of them.

use serde_json::Value;
use time::{Date, Month, OffsetDateTime};

/// No subscription has more periods.
const MOST: i64 = 100_000;

/// How long a price runs, as `recurring` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    months: i64,
    days: i64,
}

impl Interval {
    pub(crate) fn of(price: &Value) -> Self {
        let count = price["recurring"]["interval_count"].as_i64().unwrap_or(1).max(1);
        match price["recurring"]["interval"].as_str() {
            Some("day") => Self { months: 0, days: count },
            Some("week") => Self { months: 0, days: 7 * count },
            Some("year") => Self { months: 12 * count, days: 0 },
            _ => Self { months: count, days: 0 },
        }
    }

    /// The end of the period that begins at `start`: the first moment behind it that is whole periods from the anchor, so that
    /// the 31st is the last of February and the 31st of March.
    pub(crate) fn end_after(self, anchor: i64, start: i64) -> i64 {
        (1..MOST).map(|periods| self.later(anchor, periods)).find(|end| *end > start).unwrap_or(start)
    }

    fn later(self, anchor: i64, periods: i64) -> i64 {
        if self.months == 0 {
            return anchor + periods * self.days * 86_400;
        }
        let at = OffsetDateTime::from_unix_timestamp(anchor).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let months = i64::from(at.year()) * 12 + i64::from(u8::from(at.month())) - 1 + periods * self.months;
        let year = i32::try_from(months.div_euclid(12)).unwrap_or(9999);
        let month =
            u8::try_from(months.rem_euclid(12) + 1).ok().and_then(|month| Month::try_from(month).ok());
        let month = month.unwrap_or(Month::January);
        let day = at.day().min(month.length(year));
        let date = Date::from_calendar_date(year, month, day).unwrap_or(Date::MAX);
        at.replace_date(date).unix_timestamp()
    }
}

/// The part of an amount that belongs to the rest of a period, to the nearest unit.
pub(crate) fn rest_of(amount: i64, start: i64, end: i64, now: i64) -> i64 {
    let whole = i128::from((end - start).max(1));
    let rest = i128::from((end - now).clamp(0, end - start));
    i64::try_from((i128::from(amount) * rest * 2 + whole).div_euclid(2 * whole)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_month_ends_on_the_day_of_its_anchor_or_the_last_there_is() {
        let monthly = Interval::of(&json!({ "recurring": { "interval": "month" } }));
        let anchor = datetime!(2027-01-31 10:00 UTC).unix_timestamp();
        let mut at = anchor;
        for expected in [
            datetime!(2027-02-28 10:00 UTC),
            datetime!(2027-03-31 10:00 UTC),
            datetime!(2027-04-30 10:00 UTC),
        ] {
            at = monthly.end_after(anchor, at);
            assert_eq!(at, expected.unix_timestamp());
        }
    }

    #[test]
    fn the_parts_of_a_period_are_rounded_to_the_nearest() {
        assert_eq!(rest_of(1000, 0, 30, 10), 667);
        assert_eq!(rest_of(1000, 0, 30, 30), 0);
        assert_eq!(rest_of(1000, 0, 30, -5), 1000);
    }
}
