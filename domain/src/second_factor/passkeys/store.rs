//! The tables `passkeys` and `passkey_ceremonies`.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// What a ceremony is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Register,
    SignIn,
    SecondFactor,
    StepUp,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::SignIn => "sign-in",
            Self::SecondFactor => "second-factor",
            Self::StepUp => "step-up",
        }
    }
}

/// A ceremony that begins.
pub(super) struct NewCeremony<'a> {
    pub(super) id: Uuid,
    pub(super) purpose: Purpose,
    pub(super) bound_to: &'a [u8],
    pub(super) state: &'a Value,
    pub(super) now: Timestamp,
    pub(super) expires_at: Timestamp,
}

pub(super) async fn put_ceremony(
    conn: &mut PgConnection,
    ceremony: &NewCeremony<'_>,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO passkey_ceremonies (id, purpose, bound_to, state, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        ceremony.id,
        ceremony.purpose.name(),
        ceremony.bound_to,
        ceremony.state,
        ceremony.now.get(),
        ceremony.expires_at.get(),
    )
    .execute(conn)
    .await
    .while_doing("beginning a ceremony of a passkey")?;
    Ok(())
}

/// Takes a ceremony, once: of twenty at the same time one gets it.
pub(super) async fn take_ceremony(
    conn: &mut PgConnection,
    id: Uuid,
    purpose: Purpose,
    bound_to: &[u8],
    now: Timestamp,
) -> Result<Option<Value>, AppError> {
    sqlx::query_scalar!(
        "DELETE FROM passkey_ceremonies WHERE id = $1 AND purpose = $2 AND bound_to = $3 AND expires_at > $4
         RETURNING state",
        id,
        purpose.name(),
        bound_to,
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("taking a ceremony of a passkey")
}

pub(super) async fn sweep(db: &PgPool, now: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM passkey_ceremonies WHERE expires_at <= $1", now.get())
        .execute(db)
        .await
        .while_doing("forgetting expired ceremonies of passkeys")?;
    Ok(done.rows_affected())
}

/// A passkey in its owner's list.
pub(super) struct Listed {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) created_at: OffsetDateTime,
    pub(super) last_used_at: Option<OffsetDateTime>,
    pub(super) suspected_at: Option<OffsetDateTime>,
}

pub(super) async fn list(db: impl PgExecutor<'_>, user: Uuid) -> Result<Vec<Listed>, AppError> {
    sqlx::query_as!(
        Listed,
        "SELECT id, name, created_at, last_used_at, suspected_at FROM passkeys
         WHERE user_id = $1 ORDER BY created_at DESC, id DESC",
        user,
    )
    .fetch_all(db)
    .await
    .while_doing("listing passkeys")
}

/// What the devices call the passkeys of an account.
pub(super) async fn credential_ids(db: impl PgExecutor<'_>, user: Uuid) -> Result<Vec<Vec<u8>>, AppError> {
    sqlx::query_scalar!("SELECT credential_id FROM passkeys WHERE user_id = $1 ORDER BY created_at, id", user)
        .fetch_all(db)
        .await
        .while_doing("reading the names of passkeys")
}

pub(super) async fn count(db: impl PgExecutor<'_>, user: Uuid) -> Result<i64, AppError> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM passkeys WHERE user_id = $1"#, user)
        .fetch_one(db)
        .await
        .while_doing("counting passkeys")
}

/// Whose a passkey is. The account is held before anything is read that decides.
pub(super) async fn owner(conn: &mut PgConnection, credential_id: &[u8]) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!("SELECT user_id FROM passkeys WHERE credential_id = $1", credential_id)
        .fetch_optional(conn)
        .await
        .while_doing("finding the owner of a passkey")
}

/// A passkey that nobody else uses until the transaction ends.
pub(super) struct Locked {
    pub(super) id: Uuid,
    pub(super) credential: Value,
    pub(super) suspected: bool,
}

/// Locks a passkey of an account, so that of two uses at once each sees the other's counter.
pub(super) async fn lock(
    conn: &mut PgConnection,
    user: Uuid,
    credential_id: &[u8],
) -> Result<Option<Locked>, AppError> {
    sqlx::query_as!(
        Locked,
        r#"SELECT id, credential, suspected_at IS NOT NULL AS "suspected!" FROM passkeys
           WHERE user_id = $1 AND credential_id = $2 FOR UPDATE"#,
        user,
        credential_id,
    )
    .fetch_optional(conn)
    .await
    .while_doing("locking a passkey")
}

/// A passkey to be kept.
pub(super) struct NewPasskey<'a> {
    pub(super) id: Uuid,
    pub(super) user: Uuid,
    pub(super) credential_id: &'a [u8],
    pub(super) credential: &'a Value,
    pub(super) name: &'a str,
    pub(super) now: Timestamp,
}

/// Keeps a new passkey; answers `false` when it is kept already, whoever's it is. The constraint knows, even of two at
/// once.
pub(super) async fn insert(conn: &mut PgConnection, passkey: &NewPasskey<'_>) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "INSERT INTO passkeys (id, user_id, credential_id, credential, name, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (credential_id) DO NOTHING",
        passkey.id,
        passkey.user,
        passkey.credential_id,
        passkey.credential,
        passkey.name,
        passkey.now.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping a new passkey")?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn note_use(
    conn: &mut PgConnection,
    id: Uuid,
    credential: &Value,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE passkeys SET credential = $2, last_used_at = $3 WHERE id = $1",
        id,
        credential,
        now.get()
    )
    .execute(conn)
    .await
    .while_doing("noting the use of a passkey")?;
    Ok(())
}

pub(super) async fn suspect(conn: &mut PgConnection, id: Uuid, now: Timestamp) -> Result<(), AppError> {
    sqlx::query!("UPDATE passkeys SET suspected_at = $2 WHERE id = $1", id, now.get())
        .execute(conn)
        .await
        .while_doing("noting that a passkey may be a copy")?;
    Ok(())
}

pub(super) async fn rename(
    conn: &mut PgConnection,
    user: Uuid,
    id: Uuid,
    name: &str,
) -> Result<bool, AppError> {
    let done = sqlx::query!("UPDATE passkeys SET name = $3 WHERE user_id = $1 AND id = $2", user, id, name)
        .execute(conn)
        .await
        .while_doing("renaming a passkey")?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn remove(conn: &mut PgConnection, user: Uuid, id: Uuid) -> Result<bool, AppError> {
    let done = sqlx::query!("DELETE FROM passkeys WHERE user_id = $1 AND id = $2", user, id)
        .execute(conn)
        .await
        .while_doing("removing a passkey")?;
    Ok(done.rows_affected() == 1)
}

/// Removes the passkeys that were added at `since` or later, or all of them; answers which.
pub(super) async fn remove_since(
    conn: &mut PgConnection,
    user: Uuid,
    since: Option<Timestamp>,
) -> Result<Vec<Uuid>, AppError> {
    sqlx::query_scalar!(
        "DELETE FROM passkeys WHERE user_id = $1 AND created_at >= coalesce($2::timestamptz, '-infinity') RETURNING id",
        user,
        since.map(Timestamp::get),
    )
    .fetch_all(conn)
    .await
    .while_doing("removing passkeys")
}
