//! Money as invoices count it: whole minor units of a currency. Shared with the browser.
//!
//! Promise: no float ever holds an amount, and an amount that does not fit is refused, not wrapped.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::FieldIssue;

/// An amount in minor units, such as cents; what one is worth is its currency's to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Minor(i64);

impl Minor {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many minor units.
    #[must_use]
    pub const fn new(units: i64) -> Self {
        Self(units)
    }

    /// How many minor units.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Both together; nothing where that does not fit.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// What is left; nothing where that does not fit.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// So many of them; nothing where that does not fit.
    #[must_use]
    pub fn times(self, count: i64) -> Option<Self> {
        self.0.checked_mul(count).map(Self)
    }

    /// All of them; nothing where that does not fit.
    #[must_use]
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// Reads what somebody typed as an amount of a currency, such as `19.99`: no signs, no exponents, and no more places than
    /// the currency has.
    ///
    /// # Errors
    /// [`FieldIssue::Required`] for nothing, [`FieldIssue::Unreadable`] for everything else that is no amount.
    pub fn parse(typed: &str, currency: Currency) -> Result<Self, FieldIssue> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(FieldIssue::Required);
        }
        let (whole, part) = typed.split_once('.').unwrap_or((typed, ""));
        let places = currency.places() as usize;
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let has_part = typed.contains('.');
        if whole.is_empty()
            || !is_number(whole)
            || !is_number(part)
            || part.len() > places
            || has_part && part.is_empty()
        {
            return Err(FieldIssue::Unreadable);
        }
        let digits = format!("{whole}{part:0<places$}");
        digits.parse().map(Self).map_err(|_| FieldIssue::Unreadable)
    }
}

/// A currency of ISO 4217.
///
/// Its places are those of the standard. Three are worth a word, because payment services count them otherwise: ISK and UGX
/// have none in the standard, while Stripe takes both in hundredths for the sake of old integrations (whoever speaks with it
/// multiplies there, not here); MGA and MRU have two places although their smaller unit is a fifth.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// Without a smaller unit.
const NO_PLACES: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
/// With thousandths.
const THREE_PLACES: &str = "BHD IQD JOD KWD LYD OMR TND";
/// With ten-thousandths: units of account.
const FOUR_PLACES: &str = "CLF UYW";
/// All others that are money.
const TWO_PLACES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE \
                          CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ \
                          GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA \
                          MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN \
                          QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY \
                          TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

impl Currency {
    /// Of most of the prices there are from the beginning.
    pub const EUR: Self = Self(*b"EUR");
    /// What usage is counted in.
    pub const USD: Self = Self(*b"USD");

    /// Reads a code, in capitals or not.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let code: [u8; 3] = code.trim().to_ascii_uppercase().into_bytes().try_into().ok()?;
        let it = Self(code);
        Self::all().any(|known| known == it).then_some(it)
    }

    /// Every currency, those with two places last.
    pub fn all() -> impl Iterator<Item = Self> {
        [NO_PLACES, THREE_PLACES, FOUR_PLACES, TWO_PLACES]
            .into_iter()
            .flat_map(str::split_whitespace)
            .filter_map(|code| code.as_bytes().try_into().ok().map(Self))
    }

    /// Its code, three capitals.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// How many places after the point its amounts have.
    #[must_use]
    pub fn places(self) -> u32 {
        let is_among = |list: &str| list.split_whitespace().any(|code| code == self.code());
        if is_among(NO_PLACES) {
            0
        } else if is_among(THREE_PLACES) {
            3
        } else if is_among(FOUR_PLACES) {
            4
        } else {
            2
        }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("expected a currency of ISO 4217"))
    }
}

#[cfg(feature = "server")]
impl schemars::JsonSchema for Currency {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Currency".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }
    fn inline_schema() -> bool {
        true
    }
}

/// An amount with its currency: one never travels without the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Money {
    /// How many minor units.
    pub minor: Minor,
    /// Of which currency.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    #[must_use]
    pub const fn new(minor: Minor, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Without the currency, as a form takes it: `1234.50`.
    #[must_use]
    pub fn digits(self) -> String {
        let places = self.currency.places() as usize;
        let sign = if self.minor.0 < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.0.unsigned_abs(), width = places + 1);
        let (whole, part) = digits.split_at(digits.len() - places);
        if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
    }
}

/// For people: `1,234.50 EUR`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.digits();
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        f.write_str(sign)?;
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        if !part.is_empty() {
            write!(f, ".{part}")?;
        }
        write!(f, " {}", self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).expect(code)
    }

    #[test]
    fn every_currency_is_read_back_and_has_the_places_of_the_standard() {
        let all: Vec<_> = Currency::all().collect();
        assert!(all.len() > 150, "the list is whole: {}", all.len());
        for it in &all {
            assert_eq!(Currency::parse(it.code()), Some(*it));
            assert_eq!(all.iter().filter(|other| *other == it).count(), 1, "{it} is there once");
        }
        for (code, places) in
            [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0), ("UGX", 0), ("MGA", 2), ("HUF", 2)]
        {
            assert_eq!(currency(code).places(), places, "{code}");
        }
        for code in ["", "EU", "EURO", "XXX", "XAU", "€", "E R"] {
            assert_eq!(Currency::parse(code), None, "{code}");
        }
        assert_eq!(Currency::parse(" eur "), Some(Currency::EUR));
    }

    #[test]
    fn an_amount_of_every_currency_is_written_and_read_back_unchanged() {
        for currency in Currency::all() {
            for units in [0, 1, 9, 10, 99, 100, 101, 999, 1_000, 123_456_789, i64::MAX] {
                let money = Money::new(Minor::new(units), currency);
                assert_eq!(Minor::parse(&money.digits(), currency), Ok(money.minor), "{money}");
            }
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for typed in [
            "-1",
            "+1",
            "1e3",
            "NaN",
            "inf",
            "1.999",
            "1,50",
            "1.",
            ".5",
            "0x10",
            "1 000",
            "٣",
            "92233720368547758.08",
            "99999999999999999999",
        ] {
            assert_eq!(Minor::parse(typed, Currency::EUR), Err(FieldIssue::Unreadable), "{typed}");
        }
        assert_eq!(Minor::parse("  ", Currency::EUR), Err(FieldIssue::Required));
        assert_eq!(Minor::parse("1.5", currency("JPY")), Err(FieldIssue::Unreadable));
        assert_eq!(Minor::parse("1.5", Currency::EUR), Ok(Minor::new(150)));
        assert_eq!(Minor::parse("1.5", currency("KWD")), Ok(Minor::new(1500)));
    }

    #[test]
    fn an_amount_is_told_with_its_places_and_thousands() {
        let told = |units, code| Money::new(Minor::new(units), currency(code)).to_string();
        assert_eq!(told(123_456_789, "EUR"), "1,234,567.89 EUR");
        assert_eq!(told(-5, "EUR"), "-0.05 EUR");
        assert_eq!(told(1_500, "JPY"), "1,500 JPY");
        assert_eq!(told(999, "KWD"), "0.999 KWD");
        assert_eq!(told(i64::MIN, "JPY"), "-9,223,372,036,854,775,808 JPY");
    }

    #[test]
    fn what_does_not_fit_is_no_amount() {
        assert_eq!(Minor::new(i64::MAX).plus(Minor::new(1)), None);
        assert_eq!(Minor::new(i64::MIN).minus(Minor::new(1)), None);
        assert_eq!(Minor::new(i64::MAX).times(2), None);
        assert_eq!(Minor::sum([1, 2, 3].map(Minor::new)), Some(Minor::new(6)));
    }
}
