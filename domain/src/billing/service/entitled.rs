//! Whether there can be more of something. Asked where it happens, in the transaction in which it happens.

use super::{
    super::{Entitlement, store::plans},
    counts::{Counts, count},
    subscribed,
};
use crate::{
    AppError,
    access::{Tx, hold_organization},
};

/// Refuses what the plan of the organization that the transaction is in does not give: `wanted` more of something that `room`
/// makes, or a switch.
///
/// It holds the organization until the transaction ends, so that two at once do not take the same last place. Whoever holds
/// more than that takes the organization first.
///
/// # Errors
/// [`AppError::QuotaExceeded`]; [`AppError::NotFound`] for an organization that is gone.
pub async fn entitled(
    tx: &mut Tx,
    room: &dyn Counts,
    entitlement: Entitlement,
    wanted: i64,
) -> Result<(), AppError> {
    hold_organization(tx).await?;
    let used = count(tx, &[room], entitlement).await?.unwrap_or_default();
    entitled_beside(tx, entitlement, used, wanted).await
}

/// The same where it was counted already: `used` is how much there was while the organization was held, which it still is.
///
/// # Errors
/// As [`entitled`].
pub async fn entitled_beside(
    tx: &mut Tx,
    entitlement: Entitlement,
    used: i64,
    wanted: i64,
) -> Result<(), AppError> {
    let row = subscribed(tx).await?;
    let plan = plans::version(tx.conn(), row.version, row.currency).await?;
    let limit = plan.with_seats(entitlement, row.extra_seats);
    if limit.covers(used.saturating_add(wanted)) {
        return Ok(());
    }
    Err(AppError::QuotaExceeded {
        resource: entitlement.name().to_owned(),
        limit: limit.amount.unwrap_or(i64::MAX),
        used,
        requested: wanted,
    })
}
