//! Stripe, where the operator chose it: what it is asked, and what it tells.
//!
//! [`Stripe`] asks, [`inbox`] listens. What it tells is believed only as far as "look at this object again": the state of
//! things is always read from Stripe itself.
//!
//! What follows for the plans and the invoices of organizations is [`service::pay`](super::service::pay)'s to keep; [`customers`]
//! says who is who. The calls about meters are used by tests alone.
//!
//! Promise: an act is done once however often it is tried, because its key follows from the act; an event that comes late,
//! twice, in another order or not at all leads to the same state; the key of the account is never written anywhere.

mod calls;
mod client;
pub mod customers;
mod form;
pub mod inbox;
mod mode;
mod objects;
mod problem;
mod retry;
mod signature;
pub(in crate::billing) mod store;

pub use calls::{
    Change, CheckoutMode, NewCheckout, NewCustomer, NewPhase, NewPrice, NewSubscription, Priced, Proration,
    Reported, Usage,
};
pub use client::{API_VERSION, Act, Stripe, StripeSettings};
pub use mode::Mode;
pub use objects::{
    Address, Card, CheckoutSession, Customer, Discount, Event, EventObject, Invoice, InvoiceLine,
    InvoiceSettings, InvoiceStatus, InvoiceTax, Listed, Meter, MeterSummary, PaymentMethod, Period, Phase,
    PhaseItem, PortalSession, Price, Schedule, ScheduleStatus, Subscription, SubscriptionItem,
    SubscriptionStatus, TaxNumber, TaxRate, TaxRateDetails, Transitions,
};
pub use problem::StripeProblem;
pub use retry::Pacing;
