//! What Stripe answers, as far as we use it. Amounts are in the smallest unit of their currency; times are seconds since 1970.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Number, Value};

/// A page of a list, newest first where it is one of things that were made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Listed<T> {
    /// What is on it.
    pub data: Vec<T>,
    /// Whether more comes behind the last.
    #[serde(default)]
    pub has_more: bool,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { data: Vec::new(), has_more: false }
    }
}

/// Who pays.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Customer {
    /// `cus_…`.
    pub id: String,
    /// Where its letters go.
    #[serde(default)]
    pub email: Option<String>,
    /// What it is called.
    #[serde(default)]
    pub name: Option<String>,
    /// What we wrote on it.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// How its invoices are paid.
    #[serde(default)]
    pub invoice_settings: InvoiceSettings,
    /// Whether it is gone.
    #[serde(default)]
    pub deleted: bool,
}

/// How the invoices of a customer are paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct InvoiceSettings {
    /// `pm_…`.
    #[serde(default)]
    pub default_payment_method: Option<String>,
}

/// A page of Stripe's on which somebody types a card.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CheckoutSession {
    /// `cs_…`.
    pub id: String,
    /// Where it is; nothing once it is over.
    pub url: Option<String>,
    /// `open`, `complete` or `expired`.
    pub status: Option<String>,
    /// What we wrote on it.
    pub client_reference_id: Option<String>,
    /// Who pays.
    pub customer: Option<String>,
    /// What came of it.
    pub subscription: Option<String>,
}

/// A page of Stripe's on which a customer looks after cards and invoices.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PortalSession {
    /// `bps_…`.
    pub id: String,
    /// Where it is.
    pub url: String,
}

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

/// What is planned for a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Schedule {
    /// `sub_sched_…`.
    pub id: String,
    /// How it stands.
    pub status: ScheduleStatus,
    /// For which; nothing once it let go of it.
    pub subscription: Option<String>,
    /// What is planned, one after the other.
    pub phases: Vec<Phase>,
}

/// How a schedule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleStatus {
    /// It begins later.
    NotStarted,
    /// It is at work.
    Active,
    /// It came to its end.
    Completed,
    /// It let go of its subscription, which goes on.
    Released,
    /// It was ended, and its subscription with it.
    Canceled,
    /// Something that is new to us.
    #[serde(other)]
    Other,
}

/// What holds for some time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Phase {
    /// From when.
    pub start_date: i64,
    /// Until when.
    pub end_date: i64,
    /// What of.
    pub items: Vec<PhaseItem>,
}

/// One price of a phase.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PhaseItem {
    /// `price_…`.
    pub price: String,
    /// How many.
    pub quantity: Option<u64>,
}

/// What usage is counted by.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Meter {
    /// `mtr_…`.
    pub id: String,
    /// The name that usage is reported under.
    pub event_name: String,
    /// `active` or `inactive`.
    pub status: String,
}

/// How much was used in a time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MeterSummary {
    /// How much; kept as the number that was written.
    pub aggregated_value: Number,
    /// From when.
    pub start_time: i64,
    /// Until when.
    pub end_time: i64,
}

/// What is to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Invoice {
    /// `in_…`; nothing, or one that leads nowhere, for a preview.
    #[serde(default)]
    pub id: Option<String>,
    /// How it stands.
    pub status: Option<InvoiceStatus>,
    /// Its number, once it is final.
    pub number: Option<String>,
    /// Who pays.
    pub customer: String,
    /// Three small letters.
    pub currency: String,
    /// Before tax.
    pub subtotal: i64,
    /// With everything.
    pub total: i64,
    /// What is asked for.
    pub amount_due: i64,
    /// What was paid.
    pub amount_paid: i64,
    /// When it was made.
    pub created: i64,
    /// Where it can be paid.
    pub hosted_invoice_url: Option<String>,
    /// Where it can be fetched.
    pub invoice_pdf: Option<String>,
    /// What for.
    #[serde(default)]
    pub lines: Listed<InvoiceLine>,
    /// What it came from.
    #[serde(default)]
    parent: Option<Parent>,
}

impl Invoice {
    /// The subscription it is for.
    #[must_use]
    pub fn subscription(&self) -> Option<&str> {
        self.parent.as_ref()?.subscription_details.as_ref()?.subscription.as_deref()
    }
}

/// How an invoice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// It can still change.
    Draft,
    /// It is to be paid.
    Open,
    /// It is paid.
    Paid,
    /// Nobody will pay it.
    Uncollectible,
    /// It does not count.
    Void,
    /// Something that is new to us.
    #[serde(other)]
    Other,
}

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct InvoiceLine {
    /// `il_…`.
    pub id: String,
    /// How much; less than nothing for what is given back.
    pub amount: i64,
    /// What for, in words.
    pub description: Option<String>,
    /// How many.
    pub quantity: Option<u64>,
    /// For which time.
    pub period: Period,
}

/// From when until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Period {
    /// From when.
    pub start: i64,
    /// Until when; this moment is not in it.
    pub end: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Parent {
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct SubscriptionDetails {
    subscription: Option<String>,
}

/// Something that happened at Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// `evt_…`.
    pub id: String,
    /// What happened, such as `invoice.paid`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When, in seconds since 1970.
    pub created: i64,
    data: EventData,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct EventData {
    object: EventObject,
}

/// What an event is about, as far as it is believed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct EventObject {
    /// Of which kind, such as `invoice`.
    #[serde(rename = "object", default)]
    pub kind: String,
    /// Which; some have no id, such as an invoice that is still to come.
    #[serde(default)]
    pub id: String,
}

impl Event {
    /// Reads one as it came.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// One of a list.
    pub(super) fn of(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// What it is about.
    #[must_use]
    pub fn object(&self) -> &EventObject {
        &self.data.object
    }
}
