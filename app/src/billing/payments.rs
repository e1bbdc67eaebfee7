//! The way to whoever takes money, which the server hands to everything inside of a request.

use domain::{
    billing::{service::pay::Payments, stripe::Stripe},
    spend::service::Ledger,
};
use leptos::prelude::use_context;

/// What the server provides: Stripe, where the operator chose it.
#[derive(Clone, Debug, Default)]
pub struct WayToStripe(pub Option<Stripe>);

/// Stripe, where the operator chose it. Asked for at the beginning of a server function.
#[must_use]
pub fn stripe() -> Option<Stripe> {
    use_context::<WayToStripe>().and_then(|way| way.0)
}

/// The ways to pay, and what counts what is used.
#[must_use]
pub fn paid_by(stripe: Option<&Stripe>) -> Payments<'_> {
    Payments { usage: &Ledger, stripe }
}
