//! The tables `federated_identities` and `federation_attempts`.

use serde_json::{Value, json};
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::{
    AppError, Timestamp,
    platform::{log::WhileDoing, random::TokenHash},
};

/// What somebody went to a provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    SignIn,
    Link,
    Prove,
}

impl Purpose {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Link => "link",
            Self::Prove => "prove",
        }
    }

    fn named(name: &str) -> Self {
        match name {
            "link" => Self::Link,
            "prove" => Self::Prove,
            _ => Self::SignIn,
        }
    }
}

/// A way to a provider that begins.
pub(super) struct NewAttempt<'a> {
    pub(super) state: TokenHash,
    pub(super) browser: TokenHash,
    pub(super) provider: &'a str,
    pub(super) purpose: Purpose,
    pub(super) session: Option<Uuid>,
    pub(super) next: Option<&'a str>,
    pub(super) now: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// A way to a provider that has come back.
pub(super) struct Attempt {
    pub(super) purpose: Purpose,
    pub(super) session: Option<Uuid>,
    pub(super) next: Option<String>,
}

/// A connection of an account with a provider.
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) issuer: String,
    pub(super) email: Option<String>,
    pub(super) linked_at: time::OffsetDateTime,
    pub(super) last_used_at: Option<time::OffsetDateTime>,
}

/// A connection that is made.
pub(super) struct NewIdentity<'a> {
    pub(super) id: Uuid,
    pub(super) user: Uuid,
    pub(super) issuer: &'a str,
    pub(super) subject: &'a str,
    pub(super) email: Option<&'a str>,
    pub(super) now: Timestamp,
}

pub(super) async fn put_attempt(conn: &mut PgConnection, attempt: &NewAttempt<'_>) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO federation_attempts
             (state_hash, browser_hash, provider, purpose, session_id, next, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &attempt.state.0[..],
        &attempt.browser.0[..],
        attempt.provider,
        attempt.purpose.name(),
        attempt.session,
        attempt.next,
        attempt.now.get(),
        attempt.expires_at.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting a way to a provider")?;
    Ok(())
}

/// Takes an attempt, once, in the browser and from the provider it was begun with. Whoever comes with another secret takes
/// nothing from the one it belongs to.
pub(super) async fn take_attempt(
    conn: &mut PgConnection,
    state: &TokenHash,
    browser: &TokenHash,
    provider: &str,
    now: Timestamp,
) -> Result<Option<Attempt>, AppError> {
    let row = sqlx::query!(
        "DELETE FROM federation_attempts
         WHERE state_hash = $1 AND browser_hash = $2 AND provider = $3 AND expires_at > $4
         RETURNING purpose, session_id, next",
        &state.0[..],
        &browser.0[..],
        provider,
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("taking a way back from a provider")?;
    Ok(row.map(|row| Attempt {
        purpose: Purpose::named(&row.purpose),
        session: row.session_id,
        next: row.next,
    }))
}

pub(super) async fn forget_attempts(db: &PgPool, now: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM federation_attempts WHERE expires_at <= $1", now.get())
        .execute(db)
        .await
        .while_doing("forgetting ways to providers")?;
    Ok(done.rows_affected())
}

pub(super) async fn find(
    db: impl PgExecutor<'_>,
    issuer: &str,
    subject: &str,
) -> Result<Option<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, user_id, issuer, email, linked_at, last_used_at
         FROM federated_identities WHERE issuer = $1 AND subject = $2",
        issuer,
        subject,
    )
    .fetch_optional(db)
    .await
    .while_doing("finding whom a provider named")
}

pub(super) async fn of_user(db: impl PgExecutor<'_>, user: Uuid) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, user_id, issuer, email, linked_at, last_used_at
         FROM federated_identities WHERE user_id = $1 ORDER BY linked_at, id",
        user,
    )
    .fetch_all(db)
    .await
    .while_doing("reading the providers of an account")
}

/// Who somebody is to their providers, in words.
pub(super) async fn copy_of(conn: &mut PgConnection, user: Uuid) -> Result<Vec<Value>, AppError> {
    let rows = sqlx::query!(
        "SELECT id, issuer, subject, email, linked_at, last_used_at FROM federated_identities
         WHERE user_id = $1 ORDER BY linked_at, id",
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying the providers of an account")?;
    let told = rows.into_iter().map(|row| {
        json!({
            "id": row.id,
            "issuer": row.issuer,
            "subject": row.subject,
            "email": row.email,
            "connected_at": Timestamp::from(row.linked_at),
            "last_used_at": row.last_used_at.map(Timestamp::from),
        })
    });
    Ok(told.collect())
}

/// Connects; `false` where the identity is somebody's already, or the account has one of this issuer.
pub(super) async fn insert(conn: &mut PgConnection, new: &NewIdentity<'_>) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "INSERT INTO federated_identities (id, user_id, issuer, subject, email, linked_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        new.id,
        new.user,
        new.issuer,
        new.subject,
        new.email,
        new.now.get(),
    )
    .execute(conn)
    .await
    .while_doing("connecting a provider")?;
    Ok(done.rows_affected() == 1)
}

/// Notes a sign-in; `false` where the connection was ended or moved meanwhile.
pub(super) async fn note_use(
    conn: &mut PgConnection,
    id: Uuid,
    user: Uuid,
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE federated_identities SET last_used_at = $3 WHERE id = $1 AND user_id = $2",
        id,
        user,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting a sign-in by a provider")?;
    Ok(done.rows_affected() == 1)
}

/// Ends a connection of an account; answers the issuer, or `None` where it has no such connection.
pub(super) async fn delete(
    conn: &mut PgConnection,
    user: Uuid,
    id: Uuid,
) -> Result<Option<String>, AppError> {
    sqlx::query_scalar!(
        "DELETE FROM federated_identities WHERE id = $2 AND user_id = $1 RETURNING issuer",
        user,
        id,
    )
    .fetch_optional(conn)
    .await
    .while_doing("disconnecting a provider")
}

/// Ends what was connected at `since` or later; answers the issuers.
pub(super) async fn delete_since(
    conn: &mut PgConnection,
    user: Uuid,
    since: Timestamp,
) -> Result<Vec<String>, AppError> {
    sqlx::query_scalar!(
        "DELETE FROM federated_identities WHERE user_id = $1 AND linked_at >= $2 RETURNING issuer",
        user,
        since.get(),
    )
    .fetch_all(conn)
    .await
    .while_doing("disconnecting providers")
}
