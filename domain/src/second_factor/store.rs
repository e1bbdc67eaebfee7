//! The tables `authenticators` and `recovery_codes`.

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// A stored authenticator.
pub(super) struct Row {
    pub(super) sealed: Vec<u8>,
    pub(super) confirmed: bool,
    pub(super) email: String,
}

pub(super) async fn find(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Row>, AppError> {
    sqlx::query_as!(
        Row,
        r#"SELECT a.sealed, a.confirmed_at IS NOT NULL AS "confirmed!", u.email
           FROM authenticators a JOIN users u ON u.id = a.user_id WHERE a.user_id = $1"#,
        user,
    )
    .fetch_optional(db)
    .await
    .while_doing("reading an authenticator")
}

/// When an authenticator was set up.
pub(super) struct Times {
    pub(super) created_at: Timestamp,
    pub(super) confirmed_at: Option<Timestamp>,
}

pub(super) async fn times_of(conn: &mut PgConnection, user: Uuid) -> Result<Option<Times>, AppError> {
    let row = sqlx::query!("SELECT created_at, confirmed_at FROM authenticators WHERE user_id = $1", user)
        .fetch_optional(conn)
        .await
        .while_doing("copying an authenticator")?;
    Ok(row.map(|row| Times {
        created_at: row.created_at.into(),
        confirmed_at: row.confirmed_at.map(Timestamp::from),
    }))
}

pub(super) async fn codes_left(db: impl PgExecutor<'_>, user: Uuid) -> Result<i64, AppError> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "left!" FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL"#,
        user,
    )
    .fetch_one(db)
    .await
    .while_doing("counting recovery codes")
}

/// Whether an account has an authenticator or a passkey.
pub(super) async fn is_on(conn: &mut PgConnection, user: Uuid) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM authenticators WHERE user_id = $1 AND confirmed_at IS NOT NULL)
               OR EXISTS (SELECT FROM passkeys WHERE user_id = $1) AS "on!""#,
        user,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for a second factor")
}

/// Keeps a new secret that waits for its first code. A confirmed one is never replaced; answers whether it was kept.
pub(super) async fn put_unconfirmed(
    conn: &mut PgConnection,
    user: Uuid,
    sealed: &[u8],
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "INSERT INTO authenticators (user_id, sealed, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (user_id) DO UPDATE SET sealed = $2, created_at = $3, last_step = 0
         WHERE authenticators.confirmed_at IS NULL",
        user,
        sealed,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping a new authenticator")?;
    Ok(done.rows_affected() == 1)
}

/// Confirms the waiting secret by its first code. The secret must still be the one the code was checked against.
pub(super) async fn confirm(
    conn: &mut PgConnection,
    user: Uuid,
    sealed: &[u8],
    step: i64,
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE authenticators SET confirmed_at = $4, last_step = $3
         WHERE user_id = $1 AND sealed = $2 AND confirmed_at IS NULL AND last_step < $3",
        user,
        sealed,
        step,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("confirming an authenticator")?;
    Ok(done.rows_affected() == 1)
}

/// Uses up a time step. Of twenty requests with the same code exactly one moves the mark.
pub(super) async fn use_step(conn: &mut PgConnection, user: Uuid, step: i64) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE authenticators SET last_step = $2
         WHERE user_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2",
        user,
        step,
    )
    .execute(conn)
    .await
    .while_doing("using up a code")?;
    Ok(done.rows_affected() == 1)
}

/// Uses up a recovery code; of twenty requests with the same code exactly one succeeds.
pub(super) async fn use_recovery_code(
    conn: &mut PgConnection,
    user: Uuid,
    hash: &[u8],
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL
         AND (EXISTS (SELECT FROM authenticators a WHERE a.user_id = $1 AND a.confirmed_at IS NOT NULL)
              OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = $1))",
        user,
        hash,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("using up a recovery code")?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn replace_recovery_codes(
    conn: &mut PgConnection,
    user: Uuid,
    hashes: &[Vec<u8>],
) -> Result<(), AppError> {
    forget_recovery_codes(conn, user).await?;
    sqlx::query!(
        "INSERT INTO recovery_codes (user_id, code_hash) SELECT $1, unnest($2::bytea[])",
        user,
        hashes,
    )
    .execute(conn)
    .await
    .while_doing("keeping new recovery codes")?;
    Ok(())
}

/// Removes an authenticator that was turned on at `since` or later, or not yet; answers whether a confirmed one is gone.
pub(super) async fn remove_newer(
    conn: &mut PgConnection,
    user: Uuid,
    since: Timestamp,
) -> Result<bool, AppError> {
    let removed = sqlx::query_scalar!(
        r#"DELETE FROM authenticators WHERE user_id = $1 AND (confirmed_at IS NULL OR confirmed_at >= $2)
           RETURNING confirmed_at IS NOT NULL AS "confirmed!""#,
        user,
        since.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("removing a newer authenticator")?;
    Ok(removed.unwrap_or(false))
}

/// Removes an authenticator that waits for its first code.
pub(super) async fn remove_waiting(conn: &mut PgConnection, user: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM authenticators WHERE user_id = $1 AND confirmed_at IS NULL", user)
        .execute(conn)
        .await
        .while_doing("removing an authenticator that waits")?;
    Ok(())
}

/// Removes the authenticator; answers whether it was confirmed. One that still waits for its first code stays.
pub(super) async fn remove(conn: &mut PgConnection, user: Uuid) -> Result<bool, AppError> {
    let done =
        sqlx::query!("DELETE FROM authenticators WHERE user_id = $1 AND confirmed_at IS NOT NULL", user)
            .execute(conn)
            .await
            .while_doing("removing an authenticator")?;
    Ok(done.rows_affected() == 1)
}

/// Forgets the recovery codes of an account, used or not.
pub(super) async fn forget_recovery_codes(conn: &mut PgConnection, user: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM recovery_codes WHERE user_id = $1", user)
        .execute(conn)
        .await
        .while_doing("forgetting recovery codes")?;
    Ok(())
}
