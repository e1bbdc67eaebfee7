//! Invoices.

use serde::Deserialize;
use serde_json::Number;

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
    /// What they are called, as it was when it became final.
    #[serde(default)]
    pub customer_name: Option<String>,
    /// Where their letters go.
    #[serde(default)]
    pub customer_email: Option<String>,
    /// Where they are.
    #[serde(default)]
    pub customer_address: Option<Address>,
    /// The numbers by which tax offices know them.
    #[serde(default)]
    pub customer_tax_ids: Option<Vec<TaxNumber>>,
    /// Three small letters.
    pub currency: String,
    /// Before tax.
    pub subtotal: i64,
    /// With everything.
    pub total: i64,
    /// Without taxes.
    #[serde(default)]
    pub total_excluding_tax: Option<i64>,
    /// Each tax.
    #[serde(default)]
    pub total_taxes: Option<Vec<InvoiceTax>>,
    /// What is taken off, each as an amount above nothing.
    #[serde(default)]
    pub total_discount_amounts: Option<Vec<Discount>>,
    /// What is asked for.
    pub amount_due: i64,
    /// What was paid.
    pub amount_paid: i64,
    /// When it was made.
    pub created: i64,
    /// By when it is to be paid, where somebody pays it by themselves.
    #[serde(default)]
    pub due_date: Option<i64>,
    /// When it became what it is.
    #[serde(default)]
    pub status_transitions: Transitions,
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

/// When an invoice became what it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Transitions {
    /// Final.
    #[serde(default)]
    pub finalized_at: Option<i64>,
    /// Paid.
    #[serde(default)]
    pub paid_at: Option<i64>,
    /// Void.
    #[serde(default)]
    pub voided_at: Option<i64>,
    /// Given up.
    #[serde(default)]
    pub marked_uncollectible_at: Option<i64>,
}

/// Where somebody is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Address {
    /// Street and the like.
    #[serde(default)]
    pub line1: Option<String>,
    /// What does not fit there.
    #[serde(default)]
    pub line2: Option<String>,
    /// The place.
    #[serde(default)]
    pub city: Option<String>,
    /// The number of the place.
    #[serde(default)]
    pub postal_code: Option<String>,
    /// The part of the country.
    #[serde(default)]
    pub state: Option<String>,
    /// Two letters of ISO 3166.
    #[serde(default)]
    pub country: Option<String>,
}

/// A number by which a tax office knows somebody.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TaxNumber {
    /// As it is written.
    #[serde(default)]
    pub value: Option<String>,
}

/// A tax of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct InvoiceTax {
    /// What it comes to.
    pub amount: i64,
    /// Of what.
    #[serde(default)]
    pub taxable_amount: Option<i64>,
    /// Why it is as it is, such as `reverse_charge`.
    #[serde(default)]
    pub taxability_reason: Option<String>,
    /// By which rate.
    #[serde(default)]
    pub tax_rate_details: Option<TaxRateDetails>,
}

/// By which rate a tax is computed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TaxRateDetails {
    /// The rate, put in whole where Stripe answers its id.
    #[serde(default)]
    pub tax_rate: Option<TaxRate>,
}

/// A rate.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TaxRate {
    /// What it is called.
    #[serde(default)]
    pub display_name: Option<String>,
    /// How much, as it is written.
    pub percentage: Number,
}

/// What is taken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Discount {
    /// How much.
    pub amount: i64,
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
    /// What one costs.
    #[serde(default)]
    pricing: Option<Pricing>,
    /// What it came from.
    #[serde(default)]
    parent: Option<LineParent>,
}

impl InvoiceLine {
    /// The price it is made of: `price_…`.
    #[must_use]
    pub fn price(&self) -> Option<&str> {
        self.pricing.as_ref()?.price_details.as_ref()?.price.as_deref()
    }

    /// What one costs; nothing where that has fractions of the smallest unit.
    #[must_use]
    pub fn unit_amount(&self) -> Option<i64> {
        self.pricing.as_ref()?.unit_amount_decimal.as_deref()?.parse().ok()
    }

    /// Whether it is about a part of a period, because something was changed within it.
    #[must_use]
    pub fn is_proration(&self) -> bool {
        let Some(parent) = &self.parent else { return false };
        [&parent.subscription_item_details, &parent.invoice_item_details]
            .into_iter()
            .flatten()
            .any(|details| details.proration)
    }
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

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Pricing {
    #[serde(default)]
    price_details: Option<PriceDetails>,
    #[serde(default)]
    unit_amount_decimal: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct PriceDetails {
    #[serde(default)]
    price: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct LineParent {
    #[serde(default)]
    subscription_item_details: Option<ItemDetails>,
    #[serde(default)]
    invoice_item_details: Option<ItemDetails>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct ItemDetails {
    #[serde(default)]
    proration: bool,
}
