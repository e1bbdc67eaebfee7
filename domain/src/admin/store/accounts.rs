//! Accounts that are held and changed: their lock and their roles.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppError, Timestamp, access::SiteRole, platform::log::WhileDoing};

/// An account that cannot change until the transaction ends.
pub(crate) struct Held {
    pub(crate) id: Uuid,
    pub(crate) roles: Vec<SiteRole>,
    /// Locked, about to be deleted, or never confirmed: whoever is out acts no more, or not yet.
    pub(crate) out: bool,
}

/// Locks the one who acts and the one it is done to, always in the same order, so that of two who lock each other one
/// comes after the other.
pub(crate) async fn hold(conn: &mut PgConnection, users: &[Uuid]) -> Result<Vec<Held>, AppError> {
    sqlx::query_as!(
        Held,
        r#"SELECT id, roles AS "roles: Vec<SiteRole>",
                  locked_at IS NOT NULL OR deletion_due_at IS NOT NULL OR email_verified_at IS NULL AS "out!"
           FROM users WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE"#,
        users,
    )
    .fetch_all(conn)
    .await
    .while_doing("holding accounts")
}

/// The account that has this address, held like [`hold`] does.
pub(crate) async fn hold_by_address(
    conn: &mut PgConnection,
    address: &str,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!("SELECT id FROM users WHERE lower(email) = lower($1) FOR NO KEY UPDATE", address)
        .fetch_optional(conn)
        .await
        .while_doing("holding an account by its address")
}

pub(crate) async fn lock(conn: &mut PgConnection, user: Uuid, now: Timestamp) -> Result<bool, AppError> {
    let done =
        sqlx::query!("UPDATE users SET locked_at = $2 WHERE id = $1 AND locked_at IS NULL", user, now.get())
            .execute(conn)
            .await
            .while_doing("locking an account")?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn unlock(conn: &mut PgConnection, user: Uuid) -> Result<bool, AppError> {
    let done =
        sqlx::query!("UPDATE users SET locked_at = NULL WHERE id = $1 AND locked_at IS NOT NULL", user)
            .execute(conn)
            .await
            .while_doing("unlocking an account")?;
    Ok(done.rows_affected() == 1)
}

/// Locks like [`hold`], and every administrator with them: of two who give up the role at once one comes after the other,
/// and sees what the first has done.
pub(crate) async fn hold_with_administrators(
    conn: &mut PgConnection,
    users: &[Uuid],
) -> Result<Vec<Held>, AppError> {
    sqlx::query_as!(
        Held,
        r#"SELECT id, roles AS "roles: Vec<SiteRole>",
                  locked_at IS NOT NULL OR deletion_due_at IS NOT NULL OR email_verified_at IS NULL AS "out!"
           FROM users WHERE id = ANY ($1) OR roles @> '{ADMIN}' ORDER BY id FOR NO KEY UPDATE"#,
        users,
    )
    .fetch_all(conn)
    .await
    .while_doing("holding the administrators")
}

pub(crate) async fn set_roles(
    conn: &mut PgConnection,
    user: Uuid,
    roles: &[SiteRole],
) -> Result<(), AppError> {
    sqlx::query!("UPDATE users SET roles = $2 WHERE id = $1", user, roles as &[SiteRole])
        .execute(conn)
        .await
        .while_doing("setting site roles")?;
    Ok(())
}
