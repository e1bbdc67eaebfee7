//! Accounts on their way out: the column `users.deletion_due_at`, and the end.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Whether nobody else could administrate the site. Of two administrators who leave at once one waits here for the other,
/// so this comes before the account itself is held.
pub(crate) async fn is_last_administrator(conn: &mut PgConnection, user: Uuid) -> Result<bool, AppError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('last administrator')::bigint)")
        .execute(&mut *conn)
        .await
        .while_doing("waiting for other administrators")?;
    let found = sqlx::query_scalar!(
        r#"SELECT 'ADMIN' = ANY (u.roles)
                  AND NOT EXISTS (SELECT FROM users o WHERE o.id <> u.id AND 'ADMIN' = ANY (o.roles)
                                  AND o.locked_at IS NULL AND o.deletion_due_at IS NULL) AS "last!"
           FROM users u WHERE u.id = $1"#,
        user,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for another administrator")?;
    Ok(found.unwrap_or(false))
}

pub(crate) async fn mark_leaving(
    conn: &mut PgConnection,
    user: Uuid,
    due_at: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!("UPDATE users SET deletion_due_at = $2 WHERE id = $1", user, due_at.get())
        .execute(conn)
        .await
        .while_doing("marking an account for deletion")?;
    Ok(())
}

/// Takes the mark away; answers whether there was one.
pub(crate) async fn keep(conn: &mut PgConnection, user: Uuid) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE users SET deletion_due_at = NULL WHERE id = $1 AND deletion_due_at IS NOT NULL",
        user,
    )
    .execute(conn)
    .await
    .while_doing("keeping an account")?;
    Ok(done.rows_affected() == 1)
}

/// An account whose time has come.
pub(crate) struct Due {
    pub(crate) id: Uuid,
    pub(crate) email: String,
}

/// The next account after `after` whose time has come, held until the transaction ends. A locked one stays: an
/// administrator wants to look at it, or to keep its address from being registered again.
pub(crate) async fn next_due(
    conn: &mut PgConnection,
    now: Timestamp,
    after: Uuid,
) -> Result<Option<Due>, AppError> {
    sqlx::query_as!(
        Due,
        "SELECT id, email FROM users WHERE deletion_due_at <= $1 AND locked_at IS NULL AND id > $2
         ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
        now.get(),
        after,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for accounts to delete")
}

/// Deletes an account with everything that hangs on it.
pub(crate) async fn delete(conn: &mut PgConnection, user: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM users WHERE id = $1", user)
        .execute(conn)
        .await
        .while_doing("deleting an account")?;
    Ok(())
}
