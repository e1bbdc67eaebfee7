//! What usage costs by the prices of whoever runs the site, and what has been used so far. Shared with the browser.
//!
//! Promise: a line is rounded once, to the nearest minor unit, half of one upwards; no float ever holds an amount.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Currency, Minor, Money, Span};
use crate::{Timestamp, spend::Nano};

/// The most that one line comes to, in minor units: what is told of more is a mistake, or a trick to have no invoice at all.
const MOST: i128 = 1_000_000_000_000_000;

/// What so many units of something cost in a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitPrice {
    /// What they cost: billionths of the currency's main unit.
    pub price: Nano,
    /// So many units.
    pub per: i64,
    /// In which currency.
    pub currency: Currency,
}

impl UnitPrice {
    /// What a quantity costs, to the nearest minor unit, half of one upwards. Less than nothing where more was taken back than
    /// used.
    #[must_use]
    pub fn amount(self, quantity: i64) -> Minor {
        // At most four of the nine places of a price are those of minor units.
        let nano_of_minor = 10_i128.pow(9_u32.saturating_sub(self.currency.places()));
        let whole = i128::from(self.per.max(1)) * nano_of_minor;
        let exact = i128::from(quantity) * i128::from(self.price.get());
        let nearest = (exact + whole / 2).div_euclid(whole).clamp(-MOST, MOST);
        // Clamped, so it fits.
        Minor::new(i64::try_from(nearest).unwrap_or_default())
    }

    /// For people: `3.00 EUR for 1,000,000`, `0.05 EUR each`.
    #[must_use]
    pub fn told(self) -> String {
        let Self { price, per, currency } = self;
        if per == 1 {
            format!("{price} {currency} each")
        } else {
            format!("{price} {currency} for {}", grouped(per))
        }
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = if number < 0 { "-".to_owned() } else { String::new() };
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What a unit of something costs from a moment on, by whoever runs the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct UsagePrice {
    /// Which.
    pub id: Uuid,
    /// Whose, as events of the ledger name it.
    pub provider: String,
    /// Of what, such as a model or a tool.
    pub item: String,
    /// Of which unit: `call`, `second`, `byte`, `input-token` …
    pub unit: String,
    /// In which currency.
    pub currency: Currency,
    /// What so many units cost: decimal text with at most nine places, in that currency. Nothing ends a price.
    pub price: Nano,
    /// So many units.
    pub per: i64,
    /// From when on; by when something happened.
    pub valid_from: Timestamp,
    /// Whether it is the one that counts now.
    pub is_current: bool,
}

impl UsagePrice {
    /// What it says.
    #[must_use]
    pub fn unit_price(&self) -> UnitPrice {
        UnitPrice { price: self.price, per: self.per, currency: self.currency }
    }
}

/// What an organization has used that is on no invoice yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct OpenUsage {
    /// The present period; with its end it is charged.
    pub period: Span,
    /// Whether anything has a price in the currency of its invoices. Where nothing has, no usage is charged.
    pub has_prices: bool,
    /// What was used of everything that has a price. What has none is not charged.
    pub lines: Vec<OpenUsageLine>,
    /// What that costs, without taxes. Less than nothing where more was taken back than used.
    pub used: Money,
    /// What of it the plan includes at most.
    pub included: Money,
    /// What would be charged if the period ended now, without taxes.
    pub to_charge: Money,
}

/// What was used of something at one price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct OpenUsageLine {
    /// Whose.
    pub provider: String,
    /// Of what.
    pub item: String,
    /// Of which unit.
    pub unit: String,
    /// How many of it.
    pub quantity: i64,
    /// What so many units cost, in the currency of `amount`.
    pub price: Nano,
    /// So many units.
    pub per: i64,
    /// What they cost together.
    pub amount: Money,
}

impl OpenUsageLine {
    /// What it was rated by.
    #[must_use]
    pub fn unit_price(&self) -> UnitPrice {
        UnitPrice { price: self.price, per: self.per, currency: self.amount.currency }
    }
}

/// How a unit of a call stands on invoices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum UsageState {
    /// It is on a line of an invoice.
    Billed,
    /// All usage of its period was included in the plan, or came to nothing.
    Included,
    /// Its period has not ended, or the invoice is not issued yet.
    Open,
    /// There is no price for it, so it is not billed.
    Unpriced,
}

impl UsageState {
    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Billed => "billed",
            Self::Included => "included",
            Self::Open => "open",
            Self::Unpriced => "unpriced",
        }
    }
}

/// Where a unit of a call stands on invoices, or why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct UsageExplained {
    /// Which unit.
    pub unit: String,
    /// How many of it; less than nothing where they were taken back.
    pub quantity: i64,
    /// How it stands.
    pub state: UsageState,
    /// The same in a sentence.
    pub reason: String,
    /// The number of the invoice.
    pub invoice: Option<String>,
    /// Which of its lines, counted from one.
    pub line: Option<i32>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn price(nano: i64, per: i64, code: &str) -> UnitPrice {
        UnitPrice { price: Nano::new(nano), per, currency: Currency::parse(code).expect(code) }
    }

    #[test]
    fn a_line_is_rounded_once_to_the_nearest_minor_unit_half_of_one_upwards() {
        // Three euros for a million.
        let tokens = price(3_000_000_000, 1_000_000, "EUR");
        for (quantity, minor) in [
            (1_000_000, 300),
            (1, 0),
            (1_666, 0),
            (1_667, 1),
            (5_000, 2),
            (4_999, 1),
            (-5_000, -1),
            (-5_001, -2),
            (0, 0),
        ] {
            assert_eq!(tokens.amount(quantity).get(), minor, "{quantity}");
        }
        assert_eq!(price(1_500_000_000, 1, "JPY").amount(1).get(), 2, "no smaller unit");
        assert_eq!(price(1_500_000, 1, "KWD").amount(1).get(), 2, "thousandths");
        assert_eq!(price(0, 1, "EUR").amount(i64::MAX).get(), 0);
    }

    #[test]
    fn what_nobody_can_owe_is_cut_and_never_wraps() {
        let dear = price(i64::MAX, 1, "CLF");
        assert_eq!(dear.amount(i64::MAX).get(), 1_000_000_000_000_000);
        assert_eq!(dear.amount(i64::MIN).get(), -1_000_000_000_000_000);
    }

    #[test]
    fn a_price_is_told_with_its_currency_and_for_how_many() {
        assert_eq!(price(3_000_000_000, 1_000_000, "EUR").told(), "3.00 EUR for 1,000,000");
        assert_eq!(price(12_500, 1, "USD").told(), "0.0000125 USD each");
    }

    proptest! {
        /// Quantities add up to the unit, and only their sum is rounded: however a stretch is cut, each of its parts is off by half
        /// of a minor unit at most, and so is the whole.
        #[test]
        fn however_a_stretch_is_cut_each_line_is_off_by_half_of_a_minor_unit_at_most(
            quantities in proptest::collection::vec(-1_000_000_i64..1_000_000, 1..40),
            nano in 0_i64..1_000_000_000_000,
            per in 1_i64..1_000_000_000,
            code in proptest::sample::select(vec!["EUR", "JPY", "KWD", "CLF"]),
        ) {
            let price = price(nano, per, code);
            let whole = i128::from(per) * 10_i128.pow(9 - price.currency.places());
            let off = |quantity: i64| {
                i128::from(price.amount(quantity).get()) * whole - i128::from(quantity) * i128::from(nano)
            };
            for quantity in &quantities {
                prop_assert!(off(*quantity) * 2 <= whole && off(*quantity) * 2 > -whole);
            }
            let sum: i64 = quantities.iter().sum();
            prop_assert!(off(sum) * 2 <= whole && off(sum) * 2 > -whole);
            let parts: i64 = quantities.iter().map(|quantity| price.amount(*quantity).get()).sum();
            let count = i64::try_from(quantities.len()).expect("few");
            prop_assert!((parts - price.amount(sum).get()).abs() * 2 <= count + 1);
        }
    }
}
