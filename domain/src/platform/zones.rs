//! Time zones (IANA): their names, and how far each is from UTC at a moment.
//!
//! The tables are inside the program, so that every process tells the same time; they grow with its releases.

use std::{collections::BTreeSet, sync::LazyLock};

use jiff::{
    Timestamp as Moment,
    tz::{TimeZone, TimeZoneDatabase},
};

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
pub fn day(name: &str, at: Timestamp) -> time::Date {
    let Some(zone) = zone(name) else { return at.get().date() };
    let local = zone.to_datetime(moment(at.unix_seconds()));
    let month = u8::try_from(local.month()).ok().and_then(|month| time::Month::try_from(month).ok());
    let day = u8::try_from(local.day()).unwrap_or(1);
    let date = month.and_then(|month| time::Date::from_calendar_date(local.year().into(), month, day).ok());
    date.unwrap_or_else(|| at.get().date())
}

/// The first moment of a day in a zone, also where its midnight is left out or comes twice. An unknown zone is UTC.
#[must_use]
pub fn midnight(name: &str, day: time::Date) -> Timestamp {
    let utc = Timestamp::new(day.midnight().assume_utc());
    let first = || {
        let year = i16::try_from(day.year()).ok()?;
        let (month, of_month) = (i8::try_from(u8::from(day.month())).ok()?, i8::try_from(day.day()).ok()?);
        let civil =
            jiff::civil::Date::new(year, month, of_month).ok()?.to_datetime(jiff::civil::Time::midnight());
        zone(name)?.to_ambiguous_timestamp(civil).compatible().ok()
    };
    first().map_or(utc, since)
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
    let at = time::OffsetDateTime::from_unix_timestamp(moment.as_second());
    at.unwrap_or(time::OffsetDateTime::UNIX_EPOCH).into()
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
