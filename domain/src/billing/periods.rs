//! When periods begin: at the same day and time of each month on the clocks of the organization.
//!
//! A month that is too short has its last day. Each beginning is counted from the first, not from the one before, so that
//! the 31st comes back after February, and a change of zone or clocks moves a beginning by hours and never by days.

use time::{Date, Month, PrimitiveDateTime};

use super::Span;
use crate::{Timestamp, platform::zones};

/// The beginning of the period with this number, counted from the one that begins with `anchor`.
pub(super) fn beginning(anchor: PrimitiveDateTime, number: i32, zone: &str) -> Timestamp {
    zones::at_wall_clock(zone, PrimitiveDateTime::new(months_later(anchor.date(), number), anchor.time()))
}

/// The period after one that ends at `ended`.
pub(super) fn following(anchor: PrimitiveDateTime, number: i32, ended: Timestamp, zone: &str) -> Span {
    let until = beginning(anchor, number + 1, zone);
    // Clocks and zones move by a day at most, and months have four weeks: there is always something in between.
    Span::new(ended, until.max(ended))
}

/// The first period of a subscription that begins now.
pub(super) fn first(now: Timestamp, zone: &str) -> (PrimitiveDateTime, Span) {
    let anchor = zones::wall_clock(zone, now);
    (anchor, Span::new(now, beginning(anchor, 1, zone)))
}

/// The same day so many months later, or the last of that month.
fn months_later(day: Date, months: i32) -> Date {
    let count = day.year() * 12 + i32::from(u8::from(day.month())) - 1 + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12));
    let month =
        u8::try_from(month + 1).ok().and_then(|month| Month::try_from(month).ok()).unwrap_or(day.month());
    Date::from_calendar_date(year, month, day.day().min(month.length(year))).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("valid")
    }

    /// The beginnings of the first periods of a subscription.
    fn beginnings(start: &str, zone: &str, count: i32) -> Vec<String> {
        let (anchor, _) = first(at(start), zone);
        (0..count).map(|number| beginning(anchor, number, zone).rfc3339()).collect()
    }

    #[test]
    fn the_thirty_first_is_the_last_day_of_short_months_and_comes_back() {
        assert_eq!(
            beginnings("2026-01-31T10:00:00Z", "UTC", 5),
            [
                "2026-01-31T10:00:00Z",
                "2026-02-28T10:00:00Z",
                "2026-03-31T10:00:00Z",
                "2026-04-30T10:00:00Z",
                "2026-05-31T10:00:00Z"
            ]
        );
        assert_eq!(beginnings("2028-01-30T00:00:00Z", "UTC", 2)[1], "2028-02-29T00:00:00Z", "a leap year");
        assert_eq!(beginnings("2028-02-29T00:00:00Z", "UTC", 13)[12], "2029-02-28T00:00:00Z", "a year later");
    }

    #[test]
    fn a_year_ends_and_the_next_begins() {
        let all = beginnings("2026-12-15T23:30:00Z", "UTC", 2);
        assert_eq!(all, ["2026-12-15T23:30:00Z", "2027-01-15T23:30:00Z"]);
        // On the clocks of Berlin it is the 16th already.
        assert_eq!(beginnings("2026-12-31T23:30:00Z", "Europe/Berlin", 2)[1], "2027-01-31T23:30:00Z");
    }

    #[test]
    fn the_time_of_day_stays_that_of_the_place_when_its_clocks_change() {
        let all = beginnings("2026-02-15T11:00:00Z", "Europe/Berlin", 10);
        assert_eq!(all[1], "2026-03-15T11:00:00Z");
        assert_eq!(all[2], "2026-04-15T10:00:00Z", "an hour ahead since the end of March");
        assert_eq!(all[9], "2026-11-15T11:00:00Z", "and back since the end of October");
    }

    #[test]
    fn a_time_that_clocks_jump_over_is_the_one_after_and_one_that_comes_twice_is_the_first() {
        // 2026-03-29 has no 02:30 in Berlin, 2026-10-25 has two.
        assert_eq!(beginnings("2026-01-29T01:30:00Z", "Europe/Berlin", 3)[2], "2026-03-29T01:30:00Z");
        assert_eq!(beginnings("2026-09-25T00:30:00Z", "Europe/Berlin", 2)[1], "2026-10-25T00:30:00Z");
    }

    #[test]
    fn periods_of_every_anchor_follow_each_other_without_gap_and_each_has_its_month() {
        for zone in ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia", "Asia/Kolkata"] {
            for day in 1..=31 {
                let (anchor, mut span) = first(at(&format!("2027-10-{day:02}T02:30:00Z")), zone);
                for number in 1..30 {
                    let next = following(anchor, number, span.until, zone);
                    let days = (next.until - next.from).whole_hours() / 24;
                    assert!(next.from == span.until && (27..=31).contains(&days), "{zone} {day}: {next:?}");
                    span = next;
                }
            }
        }
    }

    #[test]
    fn a_change_of_zone_moves_the_next_end_and_leaves_no_gap() {
        let (anchor, span) = first(at("2026-05-10T12:00:00Z"), "Pacific/Kiritimati");
        let east = following(anchor, 1, span.until, "Pacific/Kiritimati");
        let west = following(anchor, 1, span.until, "Pacific/Pago_Pago");
        assert_eq!(east.from, west.from);
        assert_eq!((west.until - east.until).whole_hours(), 25, "the same time on other clocks");
        assert_eq!(beginning(anchor, 2, "Europe/Atlantis"), beginning(anchor, 2, "UTC"));
    }
}
