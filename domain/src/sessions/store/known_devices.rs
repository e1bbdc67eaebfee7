//! The table `known_devices`: browsers in which people have signed in before.

use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    AppError, Timestamp,
    platform::{log::WhileDoing, random::TokenHash},
};

/// A browser as one of its people knows it.
pub(in crate::sessions) struct KnownRow {
    pub(in crate::sessions) id: Uuid,
    pub(in crate::sessions) user_agent: String,
    pub(in crate::sessions) token_hash: Vec<u8>,
    pub(in crate::sessions) created_at: OffsetDateTime,
    pub(in crate::sessions) last_used_at: OffsetDateTime,
    pub(in crate::sessions) trusted_until: Option<OffsetDateTime>,
}

/// A browser that was just used.
pub(in crate::sessions) struct Used {
    pub(in crate::sessions) id: Uuid,
    pub(in crate::sessions) is_new: bool,
}

/// Whether the account of this address was used with this secret before.
pub(in crate::sessions) async fn device_of_address(
    db: &PgPool,
    hash: &TokenHash,
    address: &str,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT d.id FROM known_devices d JOIN users u ON u.id = d.user_id
         WHERE d.token_hash = $1 AND lower(u.email) = lower($2)",
        &hash.0[..],
        address,
    )
    .fetch_optional(db)
    .await
    .while_doing("recognizing a browser")
}

/// Whether the person may skip the second factor in this browser.
pub(in crate::sessions) async fn is_trusted(
    db: impl PgExecutor<'_>,
    hash: &TokenHash,
    user: Uuid,
    now: Timestamp,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM known_devices
                          WHERE token_hash = $1 AND user_id = $2 AND trusted_until > $3) AS "trusted!""#,
        &hash.0[..],
        user,
        now.get(),
    )
    .fetch_one(db)
    .await
    .while_doing("looking whether a browser is trusted")
}

/// Whether we gave out this secret: one that somebody made up is not taken over.
pub(in crate::sessions) async fn is_ours(
    conn: &mut PgConnection,
    hash: &TokenHash,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM known_devices WHERE token_hash = $1) AS "ours!""#,
        &hash.0[..],
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for the secret of a browser")
}

/// Notes that a person uses a browser, and forgets the ones unused the longest beyond `most`.
pub(in crate::sessions) async fn note_use(
    conn: &mut PgConnection,
    id: Uuid,
    user: Uuid,
    hash: &TokenHash,
    user_agent: &str,
    now: Timestamp,
    most: i64,
) -> Result<Used, AppError> {
    let seen = sqlx::query_as!(
        Used,
        r#"INSERT INTO known_devices (id, user_id, token_hash, user_agent, created_at, last_used_at)
           VALUES ($1, $2, $3, $4, $5, $5)
           ON CONFLICT (token_hash, user_id) DO UPDATE SET last_used_at = $5, user_agent = $4
           RETURNING id, id = $1 AS "is_new!""#,
        id,
        user,
        &hash.0[..],
        user_agent,
        now.get(),
    )
    .fetch_one(&mut *conn)
    .await
    .while_doing("noting a browser")?;
    sqlx::query!(
        "DELETE FROM known_devices WHERE id IN
             (SELECT id FROM known_devices WHERE user_id = $1 ORDER BY last_used_at DESC, id DESC OFFSET $2)",
        user,
        most,
    )
    .execute(conn)
    .await
    .while_doing("forgetting browsers unused for long")?;
    Ok(seen)
}

/// Whether the person has used any other browser.
pub(in crate::sessions) async fn has_others(
    conn: &mut PgConnection,
    user: Uuid,
    id: Uuid,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM known_devices WHERE user_id = $1 AND id <> $2) AS "others!""#,
        user,
        id,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for other browsers")
}

/// Lets a browser skip the second factor for a while.
pub(in crate::sessions) async fn trust(
    conn: &mut PgConnection,
    id: Uuid,
    until: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!("UPDATE known_devices SET trusted_until = $2 WHERE id = $1", id, until.get())
        .execute(conn)
        .await
        .while_doing("trusting a browser")?;
    Ok(())
}

/// Asks for the second factor everywhere again.
pub(in crate::sessions) async fn distrust_all(conn: &mut PgConnection, user: Uuid) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE known_devices SET trusted_until = NULL WHERE user_id = $1 AND trusted_until IS NOT NULL",
        user,
    )
    .execute(conn)
    .await
    .while_doing("trusting no browser any more")?;
    Ok(())
}

/// The browsers that skip the second factor now.
pub(in crate::sessions) async fn trusted(
    db: &PgPool,
    user: Uuid,
    now: Timestamp,
) -> Result<Vec<KnownRow>, AppError> {
    sqlx::query_as!(
        KnownRow,
        "SELECT id, user_agent, token_hash, created_at, last_used_at, trusted_until FROM known_devices
         WHERE user_id = $1 AND trusted_until > $2 ORDER BY last_used_at DESC, id DESC",
        user,
        now.get(),
    )
    .fetch_all(db)
    .await
    .while_doing("listing trusted browsers")
}

/// Forgets one browser; its sessions go on.
pub(in crate::sessions) async fn forget(
    conn: &mut PgConnection,
    user: Uuid,
    id: Uuid,
) -> Result<bool, AppError> {
    let done = sqlx::query!("DELETE FROM known_devices WHERE user_id = $1 AND id = $2", user, id)
        .execute(conn)
        .await
        .while_doing("forgetting a browser")?;
    Ok(done.rows_affected() == 1)
}

/// Forgets every browser of a person.
pub(in crate::sessions) async fn forget_all(conn: &mut PgConnection, user: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM known_devices WHERE user_id = $1", user)
        .execute(conn)
        .await
        .while_doing("forgetting every browser")?;
    Ok(())
}

/// Forgets browsers whose cookie has expired by now.
pub(in crate::sessions) async fn sweep(db: &PgPool, unused_since: Timestamp) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!("DELETE FROM known_devices WHERE last_used_at < $1", unused_since.get())
        .execute(db)
        .await?;
    Ok(done.rows_affected())
}
