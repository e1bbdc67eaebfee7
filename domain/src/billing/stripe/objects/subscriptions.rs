//! Subscriptions, and the prices they are made of.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Listed;

/// What a customer gets and pays for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    /// `sub_…`.
    pub id: String,
    /// How it stands.
    pub status: SubscriptionStatus,
    /// Whose.
    pub customer: String,
    /// What of.
    pub items: Listed<SubscriptionItem>,
    /// Whether it ends with the present period.
    #[serde(default)]
    pub cancel_at_period_end: bool,
    /// When it ends by itself.
    pub cancel_at: Option<i64>,
    /// When it has ended.
    pub ended_at: Option<i64>,
    /// What is planned for it.
    pub schedule: Option<String>,
    /// Its newest invoice.
    pub latest_invoice: Option<String>,
    /// What we wrote on it.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// How a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// The first payment is missing.
    Incomplete,
    /// It was missing for too long.
    IncompleteExpired,
    /// Nothing is paid yet.
    Trialing,
    /// Paid.
    Active,
    /// A payment failed, and is tried again.
    PastDue,
    /// It has ended.
    Canceled,
    /// A payment failed, and is not tried any more.
    Unpaid,
    /// A trial ended without a way to pay.
    Paused,
    /// Something that is new to us.
    #[serde(other)]
    Other,
}

/// One price of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SubscriptionItem {
    /// `si_…`.
    pub id: String,
    /// What.
    pub price: Price,
    /// How many; nothing where it is metered.
    pub quantity: Option<u64>,
    /// When the present period began.
    pub current_period_start: i64,
    /// When it ends; this moment is not in it.
    pub current_period_end: i64,
}

/// What is sold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Price {
    /// `price_…`.
    pub id: String,
    /// `prod_…`.
    pub product: String,
    /// Three small letters.
    pub currency: String,
    /// Of one; nothing where it has fractions of the smallest unit, or tiers.
    pub unit_amount: Option<i64>,
}
