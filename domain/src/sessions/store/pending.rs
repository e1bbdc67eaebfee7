//! The table `pending_sign_ins`: between password and second factor.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::NewRow;
use crate::{
    AppError, Timestamp,
    platform::{log::WhileDoing, random::TokenHash},
};

/// A sign-in that waits for its second factor.
pub(crate) struct PendingRow {
    /// The waiting sign-in.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// Whether they asked to be remembered.
    pub remembered: bool,
    /// Where they were going.
    pub next: Option<String>,
    /// By what it was begun; nothing for one from before that was kept.
    pub begun_by: Option<String>,
}

pub(in crate::sessions) async fn insert_pending(
    conn: &mut PgConnection,
    row: &NewRow,
    hash: &TokenHash,
    next: Option<&str>,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO pending_sign_ins (id, token_hash, user_id, remembered, next, created_at, expires_at, begun_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        row.id,
        &hash.0[..],
        row.user,
        row.remembered,
        next,
        row.now.get(),
        row.expires_at.get(),
        row.method.name(),
    )
    .execute(conn)
    .await
    .while_doing("holding a sign-in for its second factor")?;
    Ok(())
}

pub(in crate::sessions) async fn find_pending(
    db: &PgPool,
    hash: &TokenHash,
    now: Timestamp,
) -> Result<Option<PendingRow>, AppError> {
    sqlx::query_as!(
        PendingRow,
        "SELECT p.id, p.user_id, p.remembered, p.next, p.begun_by FROM pending_sign_ins p JOIN users u ON u.id = p.user_id
         WHERE p.token_hash = $1 AND p.expires_at > $2 AND u.locked_at IS NULL",
        &hash.0[..],
        now.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("recognizing a waiting sign-in")
}

pub(in crate::sessions) async fn take_pending(
    conn: &mut PgConnection,
    sign_in: Uuid,
    now: Timestamp,
) -> Result<Option<PendingRow>, AppError> {
    sqlx::query_as!(
        PendingRow,
        "DELETE FROM pending_sign_ins WHERE id = $1 AND expires_at > $2
         RETURNING id, user_id, remembered, next, begun_by",
        sign_in,
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("taking a waiting sign-in")
}
