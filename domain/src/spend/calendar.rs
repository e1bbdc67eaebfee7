//! In which window of a budget a moment is. Windows are named by days of the organization's calendar, so that whatever the
//! clocks do, and wherever the organization moves, no window begins twice.

use time::{Date, Duration};

use super::Period;
use crate::{Timestamp, platform::zones};

/// A window of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Where it is written down: its first day; of a rolling one its last, which is the present day.
    pub(super) starts_on: Date,
    /// What is written down from this day on counts in it.
    pub(super) counts_from: Date,
    /// The first day after it, or after its last one.
    pub(super) resets_on: Date,
}

impl Window {
    /// The window of a period on a day. `days` is how many a rolling one counts.
    pub(super) fn on(today: Date, period: Period, days: Option<i32>) -> Self {
        let tomorrow = today.next_day().unwrap_or(Date::MAX);
        match period {
            Period::Month => {
                let first = first_of_month(today);
                Self { starts_on: first, counts_from: first, resets_on: next_month(first) }
            }
            Period::Day => Self { starts_on: today, counts_from: today, resets_on: tomorrow },
            Period::Rolling => {
                let before = Duration::days(i64::from(days.unwrap_or(1)) - 1);
                let counts_from = today.checked_sub(before).unwrap_or(Date::MIN);
                Self { starts_on: today, counts_from, resets_on: tomorrow }
            }
        }
    }

    /// When it began.
    pub(super) fn since(self, zone: &str) -> Timestamp {
        zones::midnight(zone, self.counts_from)
    }

    /// When something begins anew.
    pub(super) fn resets_at(self, zone: &str) -> Timestamp {
        zones::midnight(zone, self.resets_on)
    }
}

/// The first day of the month of a day.
pub(super) fn first_of_month(day: Date) -> Date {
    day.replace_day(1).unwrap_or(day)
}

/// The first day of the month after the one that begins on `first`.
pub(super) fn next_month(first: Date) -> Date {
    // No month has more days, and the next one more than those that are too many.
    first.checked_add(Duration::days(31)).map_or(Date::MAX, first_of_month)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("valid")
    }

    fn month(zone: &str, now: &str) -> (Date, String, String) {
        let window = Window::on(zones::day(zone, at(now)), Period::Month, None);
        (window.starts_on, window.since(zone).rfc3339(), window.resets_at(zone).rfc3339())
    }

    fn is(starts_on: Date, since: &str, resets_at: &str) -> (Date, String, String) {
        (starts_on, since.to_owned(), resets_at.to_owned())
    }

    #[test]
    fn a_month_is_as_long_as_it_is() {
        for (now, first, next) in [
            ("2026-01-31T23:59:59Z", date!(2026 - 01 - 01), date!(2026 - 02 - 01)),
            ("2026-02-28T12:00:00Z", date!(2026 - 02 - 01), date!(2026 - 03 - 01)),
            ("2028-02-29T23:59:59.999999Z", date!(2028 - 02 - 01), date!(2028 - 03 - 01)),
            ("2028-03-01T00:00:00Z", date!(2028 - 03 - 01), date!(2028 - 04 - 01)),
            ("2026-04-30T00:00:00Z", date!(2026 - 04 - 01), date!(2026 - 05 - 01)),
            ("2026-12-31T23:59:59Z", date!(2026 - 12 - 01), date!(2027 - 01 - 01)),
            ("2027-01-01T00:00:00Z", date!(2027 - 01 - 01), date!(2027 - 02 - 01)),
        ] {
            let window = Window::on(zones::day("UTC", at(now)), Period::Month, None);
            assert_eq!((window.starts_on, window.resets_on), (first, next), "{now}");
        }
    }

    #[test]
    fn a_month_begins_at_midnight_of_the_organization_in_summer_and_in_winter() {
        // The clocks go forward in it, and back.
        assert_eq!(
            month("Europe/Berlin", "2026-03-29T00:30:00Z"),
            is(date!(2026 - 03 - 01), "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z")
        );
        assert_eq!(
            month("Europe/Berlin", "2026-10-31T22:59:59Z"),
            is(date!(2026 - 10 - 01), "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z")
        );
        assert_eq!(
            month("Europe/Berlin", "2026-10-31T23:00:00Z"),
            is(date!(2026 - 11 - 01), "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z")
        );
        // The year ends there long before or after it does in UTC.
        assert_eq!(month("Pacific/Kiritimati", "2026-12-31T10:00:00Z").0, date!(2027 - 01 - 01));
        assert_eq!(month("Pacific/Pago_Pago", "2027-01-01T10:59:59Z").0, date!(2026 - 12 - 01));
        assert_eq!(month("Nowhere/Atlantis", "2026-12-31T23:59:59Z").0, date!(2026 - 12 - 01));
    }

    #[test]
    fn a_day_may_lack_its_midnight_or_have_it_twice() {
        let day = |zone, now: &str| {
            let window = Window::on(zones::day(zone, at(now)), Period::Day, None);
            (window.since(zone).rfc3339(), window.resets_at(zone).rfc3339())
        };
        let is = |since: &str, until: &str| (since.to_owned(), until.to_owned());
        // 23 hours, and 25.
        assert_eq!(
            day("Europe/Berlin", "2026-03-29T12:00:00Z"),
            is("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")
        );
        assert_eq!(
            day("Europe/Berlin", "2026-10-25T12:00:00Z"),
            is("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")
        );
        // The clocks go forward at midnight: the day begins at one o'clock.
        assert_eq!(day("America/Santiago", "2026-09-06T12:00:00Z").0, "2026-09-06T04:00:00Z");
        // They go back at one o'clock: midnight comes twice, and the day begins with the first.
        assert_eq!(day("America/Havana", "2026-11-01T12:00:00Z").0, "2026-11-01T04:00:00Z");
    }

    #[test]
    fn a_rolling_window_counts_the_present_day_and_those_before_it() {
        let window = Window::on(date!(2028 - 03 - 01), Period::Rolling, Some(2));
        let expected = Window {
            starts_on: date!(2028 - 03 - 01),
            counts_from: date!(2028 - 02 - 29),
            resets_on: date!(2028 - 03 - 02),
        };
        assert_eq!(window, expected);
        let one = Window::on(date!(2026 - 01 - 01), Period::Rolling, Some(1));
        assert_eq!(one.counts_from, one.starts_on);
    }

    #[test]
    fn every_moment_of_ten_years_is_in_the_window_that_it_says() {
        for zone in [
            "UTC",
            "Europe/Berlin",
            "America/Havana",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Asia/Kathmandu",
        ] {
            let mut now = at("2024-01-01T00:00:00Z");
            while now < at("2034-01-01T00:00:00Z") {
                for period in [Period::Month, Period::Day] {
                    let window = Window::on(zones::day(zone, now), period, None);
                    let (since, resets_at) = (window.since(zone), window.resets_at(zone));
                    assert!(since <= now && now < resets_at, "{zone} {now}: {since} to {resets_at}");
                }
                now = now + std::time::Duration::from_secs(11 * 3600 + 61);
            }
        }
    }
}
