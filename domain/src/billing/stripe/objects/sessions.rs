//! Pages of Stripe's.

use serde::Deserialize;

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
