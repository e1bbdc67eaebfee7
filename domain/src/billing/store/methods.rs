//! The table `stripe_method_acts`. Whoever writes into it holds the organization.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    AppError, FieldIssue, Timestamp,
    platform::log::{OnConstraint as _, WhileDoing as _},
    typed::conflict,
};

/// Something that is wanted of a way to pay.
#[derive(Clone, Debug)]
pub(in crate::billing) struct MethodAct {
    pub(in crate::billing) id: Uuid,
    pub(in crate::billing) organization: Uuid,
    pub(in crate::billing) kind: String,
    pub(in crate::billing) method: String,
    pub(in crate::billing) asked_by: Uuid,
}

/// Writes one down.
///
/// # Errors
/// [`AppError::Conflict`] while another one is under way.
pub(in crate::billing) async fn insert(
    conn: &mut PgConnection,
    act: &MethodAct,
    now: Timestamp,
    next_attempt_at: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO stripe_method_acts
             (id, organization_id, kind, payment_method_id, asked_by, created_at, next_attempt_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        act.id,
        act.organization,
        act.kind,
        act.method,
        act.asked_by,
        now.get(),
        next_attempt_at.get(),
    )
    .execute(conn)
    .await
    .on_constraint("stripe_method_acts_organization_key", conflict("payment_method_id", FieldIssue::OnItsWay))
    .while_doing("writing down what is wanted of a way to pay")?;
    Ok(())
}

/// Those that are due, the longest waiting first: which, and whose. The connection may see the rows of the whole site.
pub(in crate::billing) async fn due(
    conn: &mut PgConnection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(Uuid, Uuid)>, AppError> {
    let rows = sqlx::query!(
        "SELECT id, organization_id FROM stripe_method_acts WHERE next_attempt_at <= $1
         ORDER BY next_attempt_at, id LIMIT $2",
        now.get(),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for what is wanted of ways to pay")?;
    Ok(rows.into_iter().map(|row| (row.id, row.organization_id)).collect())
}

/// Takes one that is due, with the number of this try; nothing where somebody else has it.
pub(in crate::billing) async fn take(
    conn: &mut PgConnection,
    id: Uuid,
    now: Timestamp,
    next_attempt_at: Timestamp,
) -> Result<Option<MethodAct>, AppError> {
    sqlx::query_as!(
        MethodAct,
        "UPDATE stripe_method_acts SET attempts = attempts + 1, next_attempt_at = $3
         WHERE id = $1 AND next_attempt_at <= $2
         RETURNING id, organization_id AS organization, kind, payment_method_id AS method, asked_by",
        id,
        now.get(),
        next_attempt_at.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("taking what is wanted of a way to pay")
}

/// Forgets one that has ended; answers whether nobody else has.
pub(in crate::billing) async fn remove(conn: &mut PgConnection, id: Uuid) -> Result<bool, AppError> {
    let done = sqlx::query!("DELETE FROM stripe_method_acts WHERE id = $1", id).execute(conn).await;
    Ok(done.while_doing("forgetting what was wanted of a way to pay")?.rows_affected() == 1)
}
