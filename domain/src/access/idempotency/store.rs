//! The table `idempotency_keys`.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// A request with its key, as hashes.
pub(super) struct Asked {
    pub(super) user: Uuid,
    pub(super) key: [u8; 32],
    pub(super) request: [u8; 32],
}

/// When a claim is made, until when it holds, and what is too old to count.
pub(super) struct Times {
    pub(super) now: Timestamp,
    pub(super) until: Timestamp,
    pub(super) old: Timestamp,
}

/// What is known of a key.
pub(super) struct Found {
    pub(super) request_hash: Vec<u8>,
    pub(super) claim: Uuid,
    pub(super) is_running: bool,
    pub(super) sealed: Option<Vec<u8>>,
}

/// Claims a key that is new, too old, or whose last try is over and has done nothing. An account with `most` keys gets no
/// more.
pub(super) async fn take(
    db: &PgPool,
    asked: &Asked,
    claim: Uuid,
    times: &Times,
    most: i64,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "INSERT INTO idempotency_keys AS known (user_id, key_hash, request_hash, claim, claimed_until, created_at)
         SELECT $1, $2, $3, $4, $5, $6
         WHERE (SELECT count(*) FROM idempotency_keys WHERE user_id = $1) < $8
         ON CONFLICT (user_id, key_hash) DO UPDATE
         SET request_hash = $3, claim = $4, claimed_until = $5, created_at = $6, took_effect = false, sealed = NULL
         WHERE known.created_at <= $7
            OR (known.request_hash = $3 AND NOT known.took_effect AND known.sealed IS NULL AND known.claimed_until <= $6)",
        asked.user,
        &asked.key[..],
        &asked.request[..],
        claim,
        times.until.get(),
        times.now.get(),
        times.old.get(),
        most,
    )
    .execute(db)
    .await
    .while_doing("claiming a key")?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn find(db: &PgPool, asked: &Asked, now: Timestamp) -> Result<Option<Found>, AppError> {
    sqlx::query_as!(
        Found,
        r#"SELECT request_hash, claim, claimed_until > $3 AS "is_running!", sealed
           FROM idempotency_keys WHERE user_id = $1 AND key_hash = $2"#,
        asked.user,
        &asked.key[..],
        now.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("looking at a key")
}

/// Whether an account has as many keys as it may.
pub(super) async fn is_full(db: &PgPool, user: Uuid, most: i64) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT count(*) >= $2 AS "full!" FROM idempotency_keys WHERE user_id = $1"#,
        user,
        most
    )
    .fetch_one(db)
    .await
    .while_doing("counting the keys of an account")
}

pub(super) async fn take_effect(conn: &mut PgConnection, claim: Uuid) -> Result<bool, AppError> {
    let done = sqlx::query!("UPDATE idempotency_keys SET took_effect = true WHERE claim = $1", claim)
        .execute(conn)
        .await
        .while_doing("marking a key")?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn keep(db: &PgPool, claim: Uuid, sealed: &[u8]) -> Result<(), AppError> {
    sqlx::query!("UPDATE idempotency_keys SET sealed = $2 WHERE claim = $1", claim, sealed)
        .execute(db)
        .await
        .while_doing("keeping the answer to a request with a key")?;
    Ok(())
}

pub(super) async fn give_back(db: &PgPool, claim: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM idempotency_keys WHERE claim = $1 AND NOT took_effect", claim)
        .execute(db)
        .await
        .while_doing("giving a key back")?;
    Ok(())
}

pub(super) async fn sweep(db: &PgPool, old: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM idempotency_keys WHERE created_at <= $1", old.get())
        .execute(db)
        .await
        .while_doing("forgetting keys of requests")?;
    Ok(done.rows_affected())
}
