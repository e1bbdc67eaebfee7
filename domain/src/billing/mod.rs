//! What an organization has taken, what it owes for that, and what it is given.
//!
//! Plans are versions that never change. A subscription has one of them, and a log of its changes, from which every line of
//! every invoice can be computed anew. Documents are frozen when they are issued, and numbered without gaps.
//! Promise: a period is charged exactly once, whatever process dies; nothing that was issued is ever different; what a plan
//! does not give cannot be had, not even by two at once.

mod entitlement;
mod invoice;
mod model;
mod money;
mod proration;
mod provider;

#[cfg(feature = "server")]
mod country;
#[cfg(feature = "server")]
mod letters;
#[cfg(feature = "server")]
mod lines;
#[cfg(feature = "server")]
mod periods;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
pub mod stripe;
#[cfg(feature = "server")]
mod taxes;

pub use entitlement::{Entitled, Entitlement, EntitlementKind, Used};
pub use invoice::{
    DocumentKind, Invoice, InvoiceHead, InvoiceLine, InvoiceReport, InvoiceState, LineKind, Party, TaxLine,
};
pub use model::{
    BillingDetails, ContinueAt, PaymentMethod, Plan, PlanChanged, PlanPreview, PreviewLine, Scheduled,
    Subscription, TaxRate, When, WithTaxId, percent,
};
pub use money::{Currency, Minor, Money};
pub use proration::{Span, share};
pub use provider::PaymentProvider;

#[cfg(feature = "server")]
pub use lines::{NewLine, UsageLine};
