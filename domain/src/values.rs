//! Small values every room uses: a moment in time, a page of a list.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::{
    Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description,
};

/// A moment in UTC, to the microsecond (what Postgres keeps). On the wire it is RFC 3339 text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// Cuts a time to microseconds, so that a value is the same before and after it was stored.
    #[must_use]
    pub fn new(at: OffsetDateTime) -> Self {
        let at = at.checked_to_offset(UtcOffset::UTC).unwrap_or(at);
        let micros = at.microsecond();
        Self(at.replace_microsecond(micros).unwrap_or(at))
    }

    /// Seconds since 1970-01-01 UTC.
    #[must_use]
    pub fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// A moment of such seconds; `None` beyond the calendar.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp(seconds).ok().map(Self)
    }

    /// The underlying value, for SQL.
    #[must_use]
    pub fn get(self) -> OffsetDateTime {
        self.0
    }

    /// Reads RFC 3339 text. A moment outside the years 0 to 9999 in UTC could not be written again, and is refused.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC)?;
        (at.year() >= 0).then(|| Self::new(at))
    }

    /// Reads what somebody typed: RFC 3339, or what `<input type="datetime-local">` and `<input type="date">` send, in UTC.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        match text.len() {
            10 => Self::parse(&format!("{text}T00:00:00Z")),
            16 => Self::parse(&format!("{text}:00Z")),
            _ => Self::parse(text),
        }
    }

    /// RFC 3339 text in UTC, as the API shows it.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.0.format(&Rfc3339).unwrap_or_default()
    }
}

/// For people: `21 Nov 2026, 14:03 UTC`. The same on the server and in the browser.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
        f.write_str(&self.0.format(shape).unwrap_or_default())
    }
}

/// How the clocks of a place go: how far they are from UTC, and since when. The same words come of it on the server and in
/// the browser, which has no tables of zones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct LocalTime {
    /// Each change of the clocks, oldest first; nothing at all for UTC.
    pub offsets: Vec<OffsetSince>,
}

/// A change of clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct OffsetSince {
    /// From when on.
    pub from: Timestamp,
    /// How many minutes they are ahead of UTC.
    pub minutes: i32,
}

impl LocalTime {
    /// For people: `21 Nov 2026, 15:03 UTC+1`. What is older than the first change is told by it.
    #[must_use]
    pub fn told(&self, at: Timestamp) -> String {
        let before = self.offsets.partition_point(|change| change.from <= at);
        let change = self.offsets.get(before.saturating_sub(1));
        let minutes = change.map_or(0, |change| change.minutes);
        let offset = UtcOffset::from_whole_seconds(minutes.saturating_mul(60)).ok();
        match offset.and_then(|offset| at.0.checked_to_offset(offset)) {
            Some(local) if minutes != 0 => {
                let shape =
                    format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute]");
                format!("{} UTC{}", local.format(shape).unwrap_or_default(), signed(minutes))
            }
            _ => at.to_string(),
        }
    }
}

/// `+1`, `-3:30`.
fn signed(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    if rest == 0 { format!("{sign}{hours}") } else { format!("{sign}{hours}:{rest:02}") }
}

/// What is too long for the calendar is as long as it gets, so that no setting can end a request in a panic.
fn span(by: std::time::Duration) -> Duration {
    Duration::try_from(by).unwrap_or(Duration::MAX)
}

impl std::ops::Add<std::time::Duration> for Timestamp {
    type Output = Self;
    fn add(self, by: std::time::Duration) -> Self {
        Self(self.0.saturating_add(span(by)))
    }
}

impl std::ops::Sub<std::time::Duration> for Timestamp {
    type Output = Self;
    fn sub(self, by: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(span(by)))
    }
}

impl std::ops::Sub for Timestamp {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        self.0 - earlier.0
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(at: OffsetDateTime) -> Self {
        Self::new(at)
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(at: Timestamp) -> Self {
        at.0
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("expected RFC 3339 text"))
    }
}

#[cfg(feature = "server")]
impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// One page of a list. `next_cursor` is null on the last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page.
    pub next_cursor: Option<String>,
}

/// How many rows a page has when nobody says.
pub const PAGE_DEFAULT: u16 = 25;
/// How many rows a page has at most.
pub const PAGE_MAX: u16 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_survives_the_wire_and_the_database_unchanged() {
        let at = Timestamp::parse("2026-11-21T14:03:07.123456789+02:00").expect("valid");
        assert_eq!(at.rfc3339(), "2026-11-21T12:03:07.123456Z");
        assert_eq!(Timestamp::parse(&at.rfc3339()), Some(at));
        assert_eq!(at.to_string(), "21 Nov 2026, 12:03 UTC");
    }

    #[test]
    fn local_time_is_told_by_the_last_change_before_it() {
        let since =
            |from: &str, minutes| OffsetSince { from: Timestamp::parse(from).expect("valid"), minutes };
        let offsets = vec![since("2026-03-29T01:00:00Z", 120), since("2026-10-25T01:00:00Z", -210)];
        let local = LocalTime { offsets };
        for (at, words) in [
            ("2025-01-01T00:00:00Z", "1 Jan 2025, 02:00 UTC+2"),
            ("2026-10-25T00:59:00Z", "25 Oct 2026, 02:59 UTC+2"),
            ("2026-10-25T01:00:00Z", "24 Oct 2026, 21:30 UTC-3:30"),
            ("9999-12-31T23:59:59Z", "31 Dec 9999, 20:29 UTC-3:30"),
        ] {
            assert_eq!(local.told(Timestamp::parse(at).expect("valid")), words);
        }
        let noon = Timestamp::parse("2026-10-25T12:00:00Z").expect("valid");
        assert_eq!(LocalTime::default().told(noon), noon.to_string());
        let broken = LocalTime { offsets: vec![since("2026-01-01T00:00:00Z", i32::MAX)] };
        assert_eq!(broken.told(noon), noon.to_string());
    }

    #[test]
    fn a_moment_is_read_as_forms_send_it_too() {
        let at = |text| Timestamp::typed(text).map(Timestamp::rfc3339);
        assert_eq!(at("2026-11-21").as_deref(), Some("2026-11-21T00:00:00Z"));
        assert_eq!(at("2026-11-21T12:03").as_deref(), Some("2026-11-21T12:03:00Z"));
        assert_eq!(at("2026-11-21T12:03:07+01:00").as_deref(), Some("2026-11-21T11:03:07Z"));
        assert_eq!(at("yesterday, noon"), None);
    }

    #[test]
    fn a_moment_beyond_the_calendar_is_refused_or_its_edge() {
        for text in ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00", "10000-01-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        let last = Timestamp::parse("9999-12-31T23:59:59Z").expect("valid");
        let first = Timestamp::parse("0000-01-01T00:00:00Z").expect("valid");
        let year = std::time::Duration::from_hours(24 * 366);
        assert!(last + year >= last && last + std::time::Duration::MAX >= last);
        assert!(first - year < first);
    }
}
