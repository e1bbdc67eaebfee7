//! Whether there can be more of something. Asked where it happens, in the transaction in which it happens.

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::{
    Entitlement,
    store::{plans, subscriptions as store},
};
use crate::AppError;

/// Refuses what the plan of an organization does not give: `wanted` more of something that this room counts, or a switch.
///
/// It holds the organization until the transaction ends, so that two at once do not take the same last place. Whoever holds
/// more than that takes the organization first.
///
/// # Errors
/// [`AppError::QuotaExceeded`]; [`AppError::NotFound`] for an organization that is gone.
pub async fn entitled(
    conn: &mut PgConnection,
    organization: Uuid,
    entitlement: Entitlement,
    wanted: i64,
) -> Result<(), AppError> {
    hold(conn, organization).await?;
    let used = store::used(conn, organization, entitlement).await?.unwrap_or_default();
    within(conn, organization, entitlement, used, wanted).await
}

/// The same for what another room counts: under the lock that this takes, `count` says how much there is.
///
/// # Errors
/// As [`entitled`], and those of the count.
pub async fn entitled_beside(
    conn: &mut PgConnection,
    organization: Uuid,
    entitlement: Entitlement,
    wanted: i64,
    count: impl AsyncFnOnce(&mut PgConnection) -> Result<i64, AppError>,
) -> Result<(), AppError> {
    hold(conn, organization).await?;
    let used = count(&mut *conn).await?;
    within(conn, organization, entitlement, used, wanted).await
}

async fn hold(conn: &mut PgConnection, organization: Uuid) -> Result<(), AppError> {
    let held = store::hold_organization(conn, organization).await?;
    held.then_some(()).ok_or(AppError::NotFound)
}

async fn within(
    conn: &mut PgConnection,
    organization: Uuid,
    entitlement: Entitlement,
    used: i64,
    wanted: i64,
) -> Result<(), AppError> {
    let row = store::read(conn, organization).await?.ok_or(AppError::NotFound)?;
    let plan = plans::version(conn, row.version, row.currency).await?;
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
