//! The beginning of a subscription: what costs nothing, from the moment at which the organization was made.

use uuid::Uuid;

use super::{
    super::{
        Currency,
        lines::ChangeKind,
        periods,
        store::{
            plans,
            subscriptions::{self as store, NewChange, Row},
        },
    },
    FREE,
};
use crate::{AppError, Timestamp, access::Tx};

/// Begins the subscription of the organization that the transaction is in. Whoever makes an organization calls it there; one
/// that has begun already stays as it is.
///
/// # Errors
/// [`AppError::NotFound`] for an organization that is gone.
pub(crate) async fn begin(tx: &mut Tx) -> Result<(), AppError> {
    let organization = tx.organization()?;
    let made = store::made(tx.conn(), organization).await?.ok_or(AppError::NotFound)?;
    let version = free(tx, Currency::EUR, made.at).await?;
    let (anchor, span) = periods::first(made.at, &made.time_zone);
    let change = NewChange {
        organization,
        no: 0,
        at: made.at,
        kind: ChangeKind::Began,
        version,
        currency: Currency::EUR,
        extra_seats: 0,
        anchor,
        period: 0,
        span,
        usage: None,
    };
    store::begin(tx.conn(), &change).await
}

/// The subscription of the organization that the transaction is in. Whoever changes it holds the organization first.
pub(super) async fn subscribed(tx: &mut Tx) -> Result<Row, AppError> {
    let organization = tx.organization()?;
    if let Some(row) = store::read(tx.conn(), organization).await? {
        return Ok(row);
    }
    // The version before this one, which may still run, makes organizations without one.
    begin(tx).await?;
    store::read(tx.conn(), organization).await?.ok_or(AppError::NotFound)
}

/// The version of what costs nothing that there was at a moment; what ends goes back to it.
pub(super) async fn free(tx: &mut Tx, currency: Currency, at: Timestamp) -> Result<Uuid, AppError> {
    plans::newest(tx.conn(), FREE, currency, at).await?.ok_or_else(|| {
        tracing::error!(currency = currency.code(), "there is no plan {FREE} with a price in this currency");
        AppError::Internal
    })
}
