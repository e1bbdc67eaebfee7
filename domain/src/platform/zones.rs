//! Time zones (IANA): their names, and how far each is from UTC at a moment.
//!
//! The tables are inside the program, so that every process tells the same time; they grow with its releases.

use std::{collections::BTreeSet, sync::LazyLock};

use jiff::{
    Timestamp as Moment,
    civil::DateTime,
    tz::{TimeZone, TimeZoneDatabase},
};
use time::{Date, OffsetDateTime, PrimitiveDateTime, UtcOffset};

use crate::{
    Timestamp,
    values::{LocalTime, OffsetSince},
};

/// The zone of those who have chosen none.
pub const UTC: &str = "UTC";
/// What the names of places begin with. The others are old, or numbers in disguise.
const AREAS: [&str; 10] = [
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];
/// For how long before and after now the changes of a clock are told, in seconds: ten years and two.
const BEFORE_S: i64 = 10 * 366 * 86_400;
const AFTER_S: i64 = 2 * 366 * 86_400;

static TABLES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let all = TABLES.available().map(|name| name.as_str().to_owned());
    all.filter(|name| name == UTC || AREAS.iter().any(|area| name.starts_with(area))).collect()
});

/// The names on offer, by the alphabet.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(String::as_str)
}

/// Whether this is one of them.
#[must_use]
pub fn is_known(name: &str) -> bool {
    NAMES.contains(name)
}

/// How the clocks of a zone have gone and will go, around `now`. An unknown zone is UTC.
#[must_use]
pub fn local_time(name: &str, now: Timestamp) -> LocalTime {
    let Some(zone) = zone(name) else { return LocalTime::default() };
    let begin = moment(now.unix_seconds() - BEFORE_S);
    let end = moment(now.unix_seconds() + AFTER_S);
    let first = OffsetSince { from: since(begin), minutes: zone.to_offset(begin).seconds() / 60 };
    let changes = zone.following(begin).take_while(|change| change.timestamp() <= end).map(|change| {
        OffsetSince { from: since(change.timestamp()), minutes: change.offset().seconds() / 60 }
    });
    let mut offsets = vec![first];
    for change in changes {
        // A change of the name alone is none of the clock.
        if offsets.last().is_none_or(|last| last.minutes != change.minutes) {
            offsets.push(change);
        }
    }
    LocalTime { offsets }
}

/// A moment in the words of a zone, for a letter.
#[must_use]
pub fn told(name: &str, at: Timestamp) -> String {
    local_time(name, at).told(at)
}

/// On which day a moment is in a zone. An unknown zone is UTC.
#[must_use]
pub fn day(name: &str, at: Timestamp) -> Date {
    wall_clock(name, at).date()
}

/// The first moment of a day in a zone, also where its midnight is left out or comes twice. An unknown zone is UTC.
#[must_use]
pub fn midnight(name: &str, day: Date) -> Timestamp {
    at_wall_clock(name, day.midnight())
}

/// What the clocks of a zone show at a moment. An unknown zone is UTC.
#[must_use]
pub fn wall_clock(name: &str, at: Timestamp) -> PrimitiveDateTime {
    let offset = zone(name).map(|zone| zone.to_offset(moment(at.unix_seconds())).seconds());
    let offset = offset.and_then(|seconds| UtcOffset::from_whole_seconds(seconds).ok());
    let local = at.get().checked_to_offset(offset.unwrap_or(UtcOffset::UTC)).unwrap_or(at.get());
    PrimitiveDateTime::new(local.date(), local.time())
}

/// The moment at which the clocks of a zone show this: the first of two, and where they jump over it, as much later as they
/// jump. An unknown zone is UTC.
#[must_use]
pub fn at_wall_clock(name: &str, wall: PrimitiveDateTime) -> Timestamp {
    let as_utc = Timestamp::new(wall.assume_utc());
    let (Some(zone), Some(shown)) = (zone(name), civil(wall)) else { return as_utc };
    let Ok(found) = zone.to_timestamp(shown) else { return as_utc };
    let nanos = i128::from(wall.nanosecond());
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(found.as_second()) * 1_000_000_000 + nanos);
    at.map_or(as_utc, Timestamp::new)
}

/// The same without the part of a second, which no clock change cuts.
fn civil(wall: PrimitiveDateTime) -> Option<DateTime> {
    let part = |number: u8| i8::try_from(number).ok();
    let (year, month) = (i16::try_from(wall.year()).ok()?, part(wall.month().into())?);
    DateTime::new(
        year,
        month,
        part(wall.day())?,
        part(wall.hour())?,
        part(wall.minute())?,
        part(wall.second())?,
        0,
    )
    .ok()
}

fn zone(name: &str) -> Option<TimeZone> {
    TABLES.get(name).ok().filter(|_| is_known(name))
}

/// What is beyond the calendar is its edge.
fn moment(seconds: i64) -> Moment {
    let edge = if seconds < 0 { Moment::MIN } else { Moment::MAX };
    Moment::from_second(seconds).unwrap_or(edge)
}

fn since(moment: Moment) -> Timestamp {
    let at = OffsetDateTime::from_unix_timestamp(moment.as_second());
    at.unwrap_or(OffsetDateTime::UNIX_EPOCH).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("valid")
    }

    #[test]
    fn places_are_on_offer_and_nothing_else() {
        for name in
            ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Kolkata", "Pacific/Kiritimati"]
        {
            assert!(is_known(name), "{name}");
        }
        for name in
            ["", "europe/berlin", "Etc/GMT+5", "EST5EDT", "Europe/Atlantis", "../etc/passwd", "localtime"]
        {
            assert!(!is_known(name), "{name}");
        }
        assert!(names().count() > 400);
    }

    #[test]
    fn the_clock_is_that_of_the_place_on_that_day() {
        assert_eq!(told("Europe/Berlin", at("2026-07-01T12:00:00Z")), "1 Jul 2026, 14:00 UTC+2");
        assert_eq!(told("Europe/Berlin", at("2026-12-31T23:30:00Z")), "1 Jan 2027, 00:30 UTC+1");
        assert_eq!(told("Asia/Kolkata", at("2026-07-01T12:00:00Z")), "1 Jul 2026, 17:30 UTC+5:30");
        assert_eq!(told("America/St_Johns", at("2026-12-01T12:00:00Z")), "1 Dec 2026, 08:30 UTC-3:30");
        assert_eq!(told("UTC", at("2026-07-01T12:00:00Z")), "1 Jul 2026, 12:00 UTC");
        assert_eq!(told("Europe/Atlantis", at("2026-07-01T12:00:00Z")), "1 Jul 2026, 12:00 UTC");
    }

    #[test]
    fn a_moment_is_found_by_what_the_clocks_show() {
        for (zone, text) in [
            ("Europe/Berlin", "2026-07-01T12:00:00.25Z"),
            ("America/St_Johns", "2026-12-01T03:00:00Z"),
            ("Asia/Kolkata", "1999-12-31T20:00:00Z"),
            ("UTC", "2026-07-01T12:00:00Z"),
            ("Europe/Atlantis", "2026-07-01T12:00:00Z"),
        ] {
            assert_eq!(at_wall_clock(zone, wall_clock(zone, at(text))), at(text), "{zone}");
        }
        assert_eq!(wall_clock("Asia/Kolkata", at("2026-07-01T20:00:00Z")).day(), 2);
    }

    #[test]
    fn a_clock_of_now_tells_the_times_of_years_ago_and_of_next_year() {
        let berlin = local_time("Europe/Berlin", at("2026-11-21T12:00:00Z"));
        for (moment, words) in [
            ("2018-07-01T00:00:00Z", "1 Jul 2018, 02:00 UTC+2"),
            ("2026-10-25T00:59:59Z", "25 Oct 2026, 02:59 UTC+2"),
            ("2026-10-25T01:00:00Z", "25 Oct 2026, 02:00 UTC+1"),
            ("2028-07-01T00:00:00Z", "1 Jul 2028, 02:00 UTC+2"),
        ] {
            assert_eq!(berlin.told(at(moment)), words);
        }
        assert!(berlin.offsets.len() < 30, "twice a year: {}", berlin.offsets.len());
        assert_eq!(local_time("Asia/Tokyo", at("2026-11-21T12:00:00Z")).offsets.len(), 1);
    }
}
