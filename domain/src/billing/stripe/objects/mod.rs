//! What Stripe answers, as far as we use it, one file for each kind of object. Amounts are in the smallest unit of their currency;
//! times are seconds since 1970.

mod customers;
mod events;
mod invoices;
mod meters;
mod payment_methods;
mod schedules;
mod sessions;
mod subscriptions;

pub use customers::{Customer, InvoiceSettings};
pub use events::{Event, EventObject};
pub use invoices::{
    Address, Discount, Invoice, InvoiceLine, InvoiceStatus, InvoiceTax, Period, TaxNumber, TaxRate,
    TaxRateDetails, Transitions,
};
pub use meters::{Meter, MeterSummary};
pub use payment_methods::{Card, PaymentMethod};
pub use schedules::{Phase, PhaseItem, Schedule, ScheduleStatus};
pub use sessions::{CheckoutSession, PortalSession};
pub use subscriptions::{Price, Subscription, SubscriptionItem, SubscriptionStatus};

use serde::Deserialize;

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
