//! The table `address_changes`: changes of an address, and the way back.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{
    AppError, Timestamp,
    platform::{
        log::{OnConstraint, WhileDoing},
        random::TokenHash,
    },
};

/// A change that was asked for.
pub(crate) struct NewAddressChange<'a> {
    pub(crate) id: Uuid,
    pub(crate) user: Uuid,
    pub(crate) old_email: &'a str,
    pub(crate) new_email: &'a str,
    pub(crate) confirm: TokenHash,
    pub(crate) undo: TokenHash,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// A change that was just confirmed.
pub(crate) struct ConfirmedChange {
    pub(crate) user_id: Uuid,
    pub(crate) old_email: String,
    pub(crate) new_email: String,
}

/// A change that was just undone.
pub(crate) struct UndoneChange {
    pub(crate) user_id: Uuid,
    pub(crate) old_email: String,
    pub(crate) asked_at: Timestamp,
    pub(crate) was_confirmed: bool,
}

pub(crate) async fn put_address_change(
    conn: &mut PgConnection,
    change: &NewAddressChange<'_>,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO address_changes
             (id, user_id, old_email, new_email, confirm_hash, undo_hash, asked_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        change.id,
        change.user,
        change.old_email,
        change.new_email,
        &change.confirm.0[..],
        &change.undo.0[..],
        change.now.get(),
        change.expires_at.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping a change of an address")?;
    Ok(())
}

/// Ends what still waits for its confirmation.
pub(crate) async fn end_waiting_changes(
    conn: &mut PgConnection,
    user: Uuid,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE address_changes SET ended_at = $2
         WHERE user_id = $1 AND confirmed_at IS NULL AND ended_at IS NULL",
        user,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("ending changes of an address that wait")?;
    Ok(())
}

/// Ends every change that was asked for since, confirmed or not: the one who asked is not to be trusted.
pub(crate) async fn end_changes_since(
    conn: &mut PgConnection,
    user: Uuid,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE address_changes SET ended_at = $3 WHERE user_id = $1 AND asked_at >= $2 AND ended_at IS NULL",
        user,
        since.get(),
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("ending later changes of an address")?;
    Ok(())
}

/// Locks the account that a link belongs to, before the link itself.
async fn hold_account(conn: &mut PgConnection, hash: &TokenHash) -> Result<(), AppError> {
    sqlx::query!(
        "SELECT u.id FROM users u JOIN address_changes c ON c.user_id = u.id
         WHERE c.confirm_hash = $1 OR c.undo_hash = $1 OR c.undo_late_hash = $1 FOR NO KEY UPDATE OF u",
        &hash.0[..],
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding the account of a changed address")?;
    Ok(())
}

/// Uses up the link that confirms a change, and keeps the way back until `undo_until`. Of twenty at once one succeeds;
/// none does for an account that is locked, about to be deleted, or has another address by now.
pub(crate) async fn confirm_change(
    conn: &mut PgConnection,
    hash: &TokenHash,
    undo: &TokenHash,
    now: Timestamp,
    undo_until: Timestamp,
) -> Result<Option<ConfirmedChange>, AppError> {
    hold_account(conn, hash).await?;
    sqlx::query_as!(
        ConfirmedChange,
        "UPDATE address_changes c SET confirmed_at = $3, expires_at = $4, undo_late_hash = $2
         FROM users u
         WHERE c.confirm_hash = $1 AND c.confirmed_at IS NULL AND c.ended_at IS NULL AND c.expires_at > $3
           AND u.id = c.user_id AND u.locked_at IS NULL AND u.deletion_due_at IS NULL AND u.email = c.old_email
         RETURNING c.user_id, c.old_email, c.new_email",
        &hash.0[..],
        &undo.0[..],
        now.get(),
        undo_until.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("confirming a change of an address")
}

/// Uses up a link that undoes a change.
pub(crate) async fn undo_change(
    conn: &mut PgConnection,
    hash: &TokenHash,
    now: Timestamp,
) -> Result<Option<UndoneChange>, AppError> {
    hold_account(conn, hash).await?;
    let row = sqlx::query!(
        r#"UPDATE address_changes SET ended_at = $2
           WHERE (undo_hash = $1 OR undo_late_hash = $1) AND ended_at IS NULL AND expires_at > $2
           RETURNING user_id, old_email, asked_at, confirmed_at IS NOT NULL AS "was_confirmed!""#,
        &hash.0[..],
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("undoing a change of an address")?;
    Ok(row.map(|row| UndoneChange {
        user_id: row.user_id,
        old_email: row.old_email,
        asked_at: row.asked_at.into(),
        was_confirmed: row.was_confirmed,
    }))
}

/// Gives an account another address, which a letter has proved. Whoever merely typed it into a registration that was never
/// confirmed has no right to it; whoever confirmed it has.
pub(crate) async fn move_address(
    conn: &mut PgConnection,
    user: Uuid,
    address: &str,
    now: Timestamp,
) -> Result<Moved, AppError> {
    let unconfirmed = sqlx::query!(
        "DELETE FROM users WHERE lower(email) = lower($2) AND id <> $1 AND email_verified_at IS NULL
             AND locked_at IS NULL AND roles = '{USER}'",
        user,
        address,
    )
    .execute(&mut *conn)
    .await
    .while_doing("making room for a proved address")?;
    sqlx::query!(
        "UPDATE users SET email = $2, email_verified_at = $3 WHERE id = $1",
        user,
        address,
        now.get()
    )
    .execute(conn)
    .await
    .on_constraint("users_email_key", AppError::TokenRefused)
    .while_doing("changing an address")?;
    Ok(Moved { unconfirmed: unconfirmed.rows_affected() })
}

/// What had to go for an address.
pub(crate) struct Moved {
    /// How many accounts that nobody had confirmed.
    pub(crate) unconfirmed: u64,
}

/// Takes away the password that somebody else knows, and a deletion that somebody else asked for.
pub(crate) async fn distrust(conn: &mut PgConnection, user: Uuid) -> Result<(), AppError> {
    sqlx::query!("UPDATE users SET password_hash = NULL, deletion_due_at = NULL WHERE id = $1", user)
        .execute(conn)
        .await
        .while_doing("taking a password away")?;
    Ok(())
}

/// Forgets changes of which no link works any more.
pub(crate) async fn forget_address_changes(db: &PgPool, now: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM address_changes WHERE expires_at <= $1", now.get())
        .execute(db)
        .await
        .while_doing("forgetting changes of addresses")?;
    Ok(done.rows_affected())
}
