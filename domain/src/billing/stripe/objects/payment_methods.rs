//! Ways to pay.

use serde::Deserialize;

/// A way to pay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PaymentMethod {
    /// `pm_…`.
    pub id: String,
    /// `card`, `sepa_debit` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Whose; nobody's once it is detached.
    pub customer: Option<String>,
    /// The card, if it is one.
    pub card: Option<Card>,
}

/// What is known of a card.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Card {
    /// `visa` …
    pub brand: String,
    /// Its last four digits.
    pub last4: String,
    /// Its last month.
    pub exp_month: u8,
    /// The year of that.
    pub exp_year: u16,
}
