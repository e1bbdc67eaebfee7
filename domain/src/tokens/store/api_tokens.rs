//! The table `api_tokens`.

use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::super::secret::SecretHash;
use crate::{
    AppError, Timestamp,
    access::{Person, Place, Scopes, SignInMethod, SiteRole, Sitting, Via},
    platform::log::WhileDoing,
};

/// What a new row says.
pub(in crate::tokens) struct NewToken<'a> {
    pub(in crate::tokens) id: Uuid,
    pub(in crate::tokens) user: Uuid,
    pub(in crate::tokens) public: &'a str,
    pub(in crate::tokens) hash: SecretHash,
    pub(in crate::tokens) name: &'a str,
    pub(in crate::tokens) scopes: &'a Scopes,
    pub(in crate::tokens) now: Timestamp,
    pub(in crate::tokens) expires_at: Option<Timestamp>,
}

/// A row as its owner sees it.
pub(in crate::tokens) struct Listed {
    pub(in crate::tokens) id: Uuid,
    pub(in crate::tokens) public: String,
    pub(in crate::tokens) name: String,
    pub(in crate::tokens) scopes: Vec<String>,
    pub(in crate::tokens) created_at: OffsetDateTime,
    pub(in crate::tokens) rotated_at: OffsetDateTime,
    pub(in crate::tokens) previous_until: Option<OffsetDateTime>,
    pub(in crate::tokens) expires_at: Option<OffsetDateTime>,
    pub(in crate::tokens) last_used_at: Option<OffsetDateTime>,
}

/// A token that was found by its public part; its secret is still to be compared.
pub(in crate::tokens) struct Found {
    pub(in crate::tokens) secret_hash: Vec<u8>,
    /// The secret before, while it works.
    pub(in crate::tokens) previous_hash: Option<Vec<u8>>,
    pub(in crate::tokens) last_used_at: Option<Timestamp>,
    pub(in crate::tokens) person: Person,
}

pub(in crate::tokens) async fn insert(conn: &mut PgConnection, row: &NewToken<'_>) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO api_tokens (id, user_id, public, secret_hash, name, scopes, created_at, rotated_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        row.id,
        row.user,
        row.public,
        &row.hash.0[..],
        row.name,
        row.scopes.names(),
        row.now.get(),
        row.expires_at.map(Timestamp::get),
    )
    .execute(conn)
    .await
    .while_doing("keeping an API token")?;
    Ok(())
}

pub(in crate::tokens) async fn count(conn: &mut PgConnection, user: Uuid) -> Result<i64, AppError> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM api_tokens WHERE user_id = $1"#, user)
        .fetch_one(conn)
        .await
        .while_doing("counting API tokens")
}

pub(in crate::tokens) async fn list(db: &PgPool, user: Uuid) -> Result<Vec<Listed>, AppError> {
    sqlx::query_as!(
        Listed,
        "SELECT id, public, name, scopes, created_at, rotated_at, previous_until, expires_at, last_used_at
         FROM api_tokens WHERE user_id = $1 ORDER BY created_at DESC, id DESC",
        user,
    )
    .fetch_all(db)
    .await
    .while_doing("listing API tokens")
}

/// Locks a token of its owner and reads it.
pub(in crate::tokens) async fn hold(
    conn: &mut PgConnection,
    user: Uuid,
    token: Uuid,
) -> Result<Option<Listed>, AppError> {
    sqlx::query_as!(
        Listed,
        "SELECT id, public, name, scopes, created_at, rotated_at, previous_until, expires_at, last_used_at
         FROM api_tokens WHERE user_id = $1 AND id = $2 FOR UPDATE",
        user,
        token,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding an API token")
}

/// What a new secret changes.
pub(in crate::tokens) struct Renewal {
    pub(in crate::tokens) hash: SecretHash,
    pub(in crate::tokens) now: Timestamp,
    /// Until when the secret before works; not at all, when there is no such moment.
    pub(in crate::tokens) previous_until: Option<Timestamp>,
    pub(in crate::tokens) expires_at: Option<Timestamp>,
}

pub(in crate::tokens) async fn renew(
    conn: &mut PgConnection,
    user: Uuid,
    token: Uuid,
    renewal: &Renewal,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE api_tokens
         SET previous_hash = CASE WHEN $4::timestamptz IS NULL THEN NULL ELSE secret_hash END, previous_until = $4,
             secret_hash = $3, rotated_at = $5, expires_at = $6
         WHERE user_id = $1 AND id = $2",
        user,
        token,
        &renewal.hash.0[..],
        renewal.previous_until.map(Timestamp::get),
        renewal.now.get(),
        renewal.expires_at.map(Timestamp::get),
    )
    .execute(conn)
    .await
    .while_doing("renewing the secret of an API token")?;
    Ok(())
}

pub(in crate::tokens) async fn end(
    conn: &mut PgConnection,
    user: Uuid,
    token: Uuid,
) -> Result<bool, AppError> {
    let done = sqlx::query!("DELETE FROM api_tokens WHERE user_id = $1 AND id = $2", user, token)
        .execute(conn)
        .await
        .while_doing("ending an API token")?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::tokens) async fn end_all(conn: &mut PgConnection, user: Uuid) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM api_tokens WHERE user_id = $1", user)
        .execute(conn)
        .await
        .while_doing("ending the API tokens of an account")?;
    Ok(done.rows_affected())
}

/// The token with this public part, while it has not expired and its account is not locked.
pub(in crate::tokens) async fn find(
    db: &PgPool,
    public: &str,
    now: Timestamp,
) -> Result<Option<Found>, AppError> {
    let row = sqlx::query!(
        r#"SELECT t.id, t.user_id, t.secret_hash, t.last_used_at, t.scopes, u.roles AS "roles: Vec<SiteRole>",
                  CASE WHEN t.previous_until > $2 THEN t.previous_hash END AS previous_hash, t.created_at,
                  (EXISTS (SELECT FROM authenticators a WHERE a.user_id = u.id AND a.confirmed_at IS NOT NULL)
                   OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id)) AS "second_factor!",
                  u.deletion_due_at
           FROM api_tokens t JOIN users u ON u.id = t.user_id
           WHERE t.public = $1 AND (t.expires_at IS NULL OR t.expires_at > $2) AND u.locked_at IS NULL"#,
        public,
        now.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("recognizing an API token")?;
    Ok(row.map(|row| Found {
        secret_hash: row.secret_hash,
        previous_hash: row.previous_hash,
        last_used_at: row.last_used_at.map(Timestamp::from),
        person: Person {
            user: row.user_id,
            session: row.id,
            via: Via::ApiToken(Scopes::stored(row.scopes)),
            roles: row.roles,
            second_factor: row.second_factor,
            proved_at: row.created_at.into(),
            leaving: row.deletion_due_at.map(Timestamp::from),
            // A script has no browser and no one network.
            place: Place::Proved,
            sitting: Sitting {
                method: Some(SignInMethod::ApiToken),
                begun_at: row.created_at.into(),
                idle: Duration::ZERO,
            },
        },
    }))
}

/// Notes that a token was used. Never moves a time back.
pub(in crate::tokens) async fn touch(db: &PgPool, token: Uuid, now: Timestamp) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE api_tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
        token,
        now.get(),
    )
    .execute(db)
    .await
    .while_doing("noting that an API token was used")?;
    Ok(())
}

/// Deletes tokens that expired before this moment.
pub(in crate::tokens) async fn sweep(db: &PgPool, expired_before: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM api_tokens WHERE expires_at <= $1", expired_before.get())
        .execute(db)
        .await
        .while_doing("forgetting API tokens")?;
    Ok(done.rows_affected())
}

/// Whether an API token has not been ended.
pub(in crate::tokens) async fn goes_on(conn: &mut PgConnection, id: Uuid) -> Result<bool, AppError> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM api_tokens WHERE id = $1) AS "is!""#, id)
        .fetch_one(conn)
        .await
        .while_doing("looking for an API token")
}
