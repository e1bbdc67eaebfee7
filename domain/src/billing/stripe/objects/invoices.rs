//! Invoices.

use serde::Deserialize;

use super::Listed;

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
