//! What an organization has taken, what it owes for that, and what it is given.
//!
//! Plans are versions that never change. A subscription has one of them, and a log of its changes, from which every line of
//! every invoice can be computed anew. What was used is charged by quantity, at the prices of whoever runs the site, a stretch
//! of the ledger's numbers at a time. Documents are frozen when they are issued, and numbered without gaps.
//! Promise: a period is charged exactly once, and so is every number of the ledger, whatever process dies; nothing that was
//! issued is ever different; what a plan does not give cannot be had, not even by two at once.

mod entitlement;
mod invoice;
mod model;
mod money;
mod proration;
mod provider;
mod usage;

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
mod stretch;
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
pub use usage::{OpenUsage, OpenUsageLine, UnitPrice, UsageExplained, UsagePrice, UsageState};

#[cfg(feature = "server")]
pub use lines::NewLine;
#[cfg(feature = "server")]
pub use stretch::Stretch;
