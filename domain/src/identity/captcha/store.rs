//! The table `captcha_uses`: what was accepted, until it would have expired by itself.

use sqlx::PgPool;
use time::OffsetDateTime;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Notes a use. `false` when it was noted before: of many at once one is the first.
pub(super) async fn use_once(db: &PgPool, id: &str, until: i64) -> Result<bool, AppError> {
    let expires_at = OffsetDateTime::from_unix_timestamp(until).map_err(|_| AppError::Internal)?;
    let done = sqlx::query!(
        "INSERT INTO captcha_uses (id, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        id,
        expires_at,
    )
    .execute(db)
    .await
    .while_doing("noting the use of a captcha")?;
    Ok(done.rows_affected() == 1)
}

/// Whether a use was noted.
pub(super) async fn was_used(db: &PgPool, id: &str) -> Result<bool, AppError> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM captcha_uses WHERE id = $1) AS "was!""#, id)
        .fetch_one(db)
        .await
        .while_doing("looking for the use of a captcha")
}

/// Forgets the uses of what had expired before this moment.
pub(super) async fn forget_uses(db: &PgPool, before: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM captcha_uses WHERE expires_at < $1", before.get())
        .execute(db)
        .await
        .while_doing("forgetting used captchas")?;
    Ok(done.rows_affected())
}
