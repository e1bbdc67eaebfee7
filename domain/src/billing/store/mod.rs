//! The tables of this room. Whoever needs several takes the organization first, then its subscription, then its documents,
//! then numbers, so that two never wait for each other.

pub(super) mod copy;
pub(super) mod details;
pub(super) mod documents;
pub(super) mod issuing;
pub(super) mod plans;
pub(super) mod subscriptions;
pub(super) mod taxes;

use super::Currency;
use crate::AppError;

/// A currency that the database knows; nothing else is ever written there.
pub(super) fn currency(code: &str) -> Result<Currency, AppError> {
    Currency::parse(code).ok_or_else(|| {
        tracing::error!(currency = code, "a currency in the database is none");
        AppError::Internal
    })
}
