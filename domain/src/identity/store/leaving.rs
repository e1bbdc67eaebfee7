//! Accounts on their way out: the column `users.deletion_due_at`, and the end.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Whether nobody else could administrate the site. Locks the account and every administrator, in the order in which acts
/// of administrators lock them: of two who leave, or are locked, or lose the role at once, one comes after the other and
/// sees what the first has done. So this comes before the account itself is held.
pub(crate) async fn is_last_administrator(conn: &mut PgConnection, user: Uuid) -> Result<bool, AppError> {
    let held = sqlx::query!(
        r#"SELECT id, 'ADMIN' = ANY (roles) AS "administrator!",
                  locked_at IS NOT NULL OR deletion_due_at IS NOT NULL OR email_verified_at IS NULL AS "out!"
           FROM users WHERE id = $1 OR roles @> '{ADMIN}' ORDER BY id FOR NO KEY UPDATE"#,
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("holding the administrators")?;
    let is_one = held.iter().any(|account| account.id == user && account.administrator);
    let is_another = held.iter().any(|other| other.id != user && other.administrator && !other.out);
    Ok(is_one && !is_another)
}

/// Whether an account that is out already is of an administrator without whom nobody else could bring the site back. Locks
/// nothing: whoever is out is none that others count on, so none of them leaves because of it.
pub(crate) async fn is_needed(conn: &mut PgConnection, user: Uuid) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users u WHERE u.id = $1 AND u.roles @> '{ADMIN}')
                  AND NOT EXISTS (SELECT FROM users o WHERE o.id <> $1 AND o.roles @> '{ADMIN}' AND o.locked_at IS NULL
                                  AND o.deletion_due_at IS NULL AND o.email_verified_at IS NOT NULL) AS "needed!""#,
        user,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for another administrator")
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
