//! The table `impersonations`: whose eyes an administrator's session sees the site with.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{
    AppError, Timestamp,
    access::SiteRole,
    platform::log::{OnConstraint, WhileDoing},
};

/// What a new row says.
pub(in crate::sessions) struct NewImpersonation {
    pub(in crate::sessions) id: Uuid,
    pub(in crate::sessions) session: Uuid,
    pub(in crate::sessions) administrator: Uuid,
    pub(in crate::sessions) user: Uuid,
    pub(in crate::sessions) now: Timestamp,
    pub(in crate::sessions) expires_at: Timestamp,
}

/// The one whose eyes they are.
pub(in crate::sessions) struct Subject {
    pub(in crate::sessions) email: String,
    pub(in crate::sessions) roles: Vec<SiteRole>,
    pub(in crate::sessions) second_factor: bool,
    /// Locked, about to be deleted, or never confirmed.
    pub(in crate::sessions) out: bool,
    /// The address of the administrator.
    pub(in crate::sessions) administrator: String,
}

/// One that was ended just now.
pub(in crate::sessions) struct Ended {
    pub(in crate::sessions) id: Uuid,
    pub(in crate::sessions) user_id: Uuid,
}

/// Begins one. `false` where the session has one already; [`AppError::SignInRequired`] where it has just ended.
pub(in crate::sessions) async fn insert(
    conn: &mut PgConnection,
    row: &NewImpersonation,
) -> Result<bool, AppError> {
    // One that is over and was not swept up yet is in nobody's way.
    sqlx::query!(
        "UPDATE impersonations SET session_id = NULL WHERE session_id = $1 AND expires_at <= $2",
        row.session,
        row.now.get(),
    )
    .execute(&mut *conn)
    .await
    .while_doing("forgetting an impersonation that is over")?;
    let done = sqlx::query!(
        "INSERT INTO impersonations (id, session_id, administrator_id, user_id, begun_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (session_id) DO NOTHING",
        row.id,
        row.session,
        row.administrator,
        row.user,
        row.now.get(),
        row.expires_at.get(),
    )
    .execute(conn)
    .await
    .on_constraint("impersonations_session_id_fkey", AppError::SignInRequired)
    .while_doing("beginning an impersonation")?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::sessions) async fn subject(
    db: &PgPool,
    user: Uuid,
    administrator: Uuid,
) -> Result<Option<Subject>, AppError> {
    sqlx::query_as!(
        Subject,
        r#"SELECT u.email, u.roles AS "roles: Vec<SiteRole>", a.email AS administrator,
                  (EXISTS (SELECT FROM authenticators f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL)
                   OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id)) AS "second_factor!",
                  u.locked_at IS NOT NULL OR u.deletion_due_at IS NOT NULL OR u.email_verified_at IS NULL AS "out!"
           FROM users u JOIN users a ON a.id = $2 WHERE u.id = $1"#,
        user,
        administrator,
    )
    .fetch_optional(db)
    .await
    .while_doing("reading whose eyes an administrator sees with")
}

/// Ends one. `false` where it was over already: of several who find that out at once one is the first.
pub(in crate::sessions) async fn end(conn: &mut PgConnection, id: Uuid) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE impersonations SET session_id = NULL WHERE id = $1 AND session_id IS NOT NULL",
        id
    )
    .execute(conn)
    .await
    .while_doing("ending an impersonation")?;
    Ok(done.rows_affected() == 1)
}

/// Ends those by this account and those of it.
pub(in crate::sessions) async fn end_all(
    conn: &mut PgConnection,
    user: Uuid,
) -> Result<Vec<Ended>, AppError> {
    sqlx::query_as!(
        Ended,
        "UPDATE impersonations SET session_id = NULL
         WHERE (user_id = $1 OR administrator_id = $1) AND session_id IS NOT NULL RETURNING id, user_id",
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("ending the impersonations of an account")
}

/// Forgets those that are over by their time.
pub(in crate::sessions) async fn sweep(db: &PgPool, now: Timestamp) -> Result<u64, sqlx::Error> {
    let done =
        sqlx::query!("DELETE FROM impersonations WHERE session_id IS NULL OR expires_at <= $1", now.get(),)
            .execute(db)
            .await?;
    Ok(done.rows_affected())
}
