//! What usage costs: whole nano-dollars, never a float. Shared with the browser.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::FieldIssue;

/// How many decimal places there are.
const PLACES: usize = 9;
/// How many nano-dollars a dollar has.
const DOLLAR: i64 = 1_000_000_000;

/// An amount in billionths of a US dollar. On the wire it is decimal text with at most nine places, such as `"0.0000125"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nano(i64);

impl Nano {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The most there can be: a little over nine billion dollars.
    pub const MAX: Self = Self(i64::MAX);

    /// So many nano-dollars.
    #[must_use]
    pub const fn new(nano: i64) -> Self {
        Self(nano)
    }

    /// So many dollars; what is beyond the most there can be is that.
    #[must_use]
    pub const fn dollars(dollars: i64) -> Self {
        Self(dollars.saturating_mul(DOLLAR))
    }

    /// So many nano-dollars, for SQL.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Reads what somebody typed: digits, and after a point at most nine more.
    ///
    /// # Errors
    /// [`FieldIssue::Required`] for nothing, [`FieldIssue::OutOfRange`] for what is below zero or beyond the most there can
    /// be, [`FieldIssue::NotAnAmount`] for everything else.
    pub fn parse(text: &str) -> Result<Self, FieldIssue> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FieldIssue::Required);
        }
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let amount = magnitude(digits)?;
        if is_negative && amount != Self::ZERO { Err(beyond()) } else { Ok(amount) }
    }

    /// The sum, if there can be so much.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, if there can be so much.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }

    /// The sum, or the edge of what there can be: for what is only shown.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, or the edge of what there can be: for what is only shown.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Whether it is less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// For people, to the cent, rounded up: `$12.35`. What is less than a cent and more than nothing is told as it is.
    #[must_use]
    pub fn told(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nano = self.0.unsigned_abs();
        if nano > 0 && nano < 10_000_000 {
            return format!("{sign}${}", Self(i64::try_from(nano).unwrap_or_default()));
        }
        let cents = nano.div_ceil(10_000_000);
        format!("{sign}${}.{:02}", grouped(cents / 100), cents % 100)
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn beyond() -> FieldIssue {
    FieldIssue::OutOfRange { min: 0, max: i64::MAX / DOLLAR }
}

/// Digits, and after a point at most nine more.
fn magnitude(text: &str) -> Result<Nano, FieldIssue> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_amount = (!whole.is_empty() || !fraction.is_empty())
        && all_digits(whole)
        && all_digits(fraction)
        && fraction.len() <= PLACES;
    if !is_amount {
        return Err(FieldIssue::NotAnAmount);
    }
    let digit = |sum: i64, byte: u8| sum.checked_mul(10)?.checked_add(i64::from(byte - b'0'));
    let padding = std::iter::repeat_n(b'0', PLACES - fraction.len());
    let mut digits = whole.bytes().chain(fraction.bytes()).chain(padding);
    digits.try_fold(0_i64, digit).map(Nano).ok_or_else(beyond)
}

/// Decimal text with at least two places, and no zeros after those: `12.50`, `0.0000125`.
impl fmt::Display for Nano {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nano = self.0.unsigned_abs();
        let unit = DOLLAR.unsigned_abs();
        let places = format!("{:09}", nano % unit);
        let kept = places.trim_end_matches('0').len().max(2);
        write!(f, "{sign}{}.{}", nano / unit, places.get(..kept).unwrap_or(&places))
    }
}

impl Serialize for Nano {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Nano {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        let read = match text.strip_prefix('-') {
            Some(rest) => magnitude(rest).map(|amount| Self(-amount.0)),
            None => magnitude(&text),
        };
        read.map_err(|_| D::Error::custom("expected a decimal amount"))
    }
}

#[cfg(feature = "server")]
impl schemars::JsonSchema for Nano {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2,9}$" })
    }
    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_ninth_place_and_written_back() {
        for (typed, nano, written) in [
            ("0", 0, "0.00"),
            ("0.0000125", 12_500, "0.0000125"),
            ("0.000012500", 12_500, "0.0000125"),
            ("12.5", 12_500_000_000, "12.50"),
            (" 12. ", 12_000_000_000, "12.00"),
            (".5", 500_000_000, "0.50"),
            ("0.000000001", 1, "0.000000001"),
            ("-0", 0, "0.00"),
            ("9223372036.854775807", i64::MAX, "9223372036.854775807"),
            ("000000000000000000001", 1_000_000_000, "1.00"),
        ] {
            assert_eq!(Nano::parse(typed), Ok(Nano(nano)), "{typed}");
            assert_eq!(Nano(nano).to_string(), written);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "1.0000000001",
            "NaN",
            "nan",
            "inf",
            "-inf",
            "1e3",
            "1E3",
            "0x10",
            "1,5",
            "1.5.0",
            "+1",
            "--1",
            ".",
            "-",
            "1 000",
            "$5",
            "١٢",
            "1_000",
            "five",
        ] {
            assert_eq!(Nano::parse(text), Err(FieldIssue::NotAnAmount), "{text}");
        }
        for text in ["", "  "] {
            assert_eq!(Nano::parse(text), Err(FieldIssue::Required));
        }
        for text in
            ["-1", "-0.000000001", "9223372036.854775808", "10000000000", "99999999999999999999999999"]
        {
            assert_eq!(
                Nano::parse(text),
                Err(FieldIssue::OutOfRange { min: 0, max: 9_223_372_036 }),
                "{text}"
            );
        }
    }

    #[test]
    fn an_amount_survives_the_wire_also_below_zero() {
        for nano in [0, 1, -1, 12_500, -12_500_000_000, i64::MAX, -i64::MAX] {
            let text = serde_json::to_string(&Nano(nano)).expect("text");
            assert_eq!(serde_json::from_str::<Nano>(&text).expect("read"), Nano(nano), "{text}");
        }
        for wrong in ["1", "\"\"", "\"1e3\"", "1.5", "null"] {
            assert!(serde_json::from_str::<Nano>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn people_are_told_cents_and_never_less_than_there_is() {
        for (nano, told) in [
            (0, "$0.00"),
            (12_345_000_000, "$12.35"),
            (10_000_000, "$0.01"),
            (12_500, "$0.0000125"),
            (1_234_567_890_000_000, "$1,234,567.89"),
            (-2_500_000_000, "-$2.50"),
        ] {
            assert_eq!(Nano(nano).told(), told);
        }
    }

    #[test]
    fn sums_that_are_too_much_are_none() {
        assert_eq!(Nano::MAX.checked_add(Nano(1)), None);
        assert_eq!(Nano(i64::MIN).checked_sub(Nano(1)), None);
        assert_eq!(Nano(2).checked_add(Nano(3)), Some(Nano(5)));
    }
}
