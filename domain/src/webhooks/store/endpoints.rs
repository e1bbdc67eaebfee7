//! The tables `webhook_endpoints` and `webhook_secrets`.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// An endpoint as an administrator sees it.
pub(in crate::webhooks) struct Listed {
    pub(in crate::webhooks) id: Uuid,
    pub(in crate::webhooks) url: String,
    pub(in crate::webhooks) description: String,
    pub(in crate::webhooks) actions: Vec<String>,
    pub(in crate::webhooks) state: String,
    pub(in crate::webhooks) created_at: OffsetDateTime,
    pub(in crate::webhooks) rotated_at: OffsetDateTime,
    pub(in crate::webhooks) previous_until: Option<OffsetDateTime>,
    pub(in crate::webhooks) last_success_at: Option<OffsetDateTime>,
    pub(in crate::webhooks) last_failure_at: Option<OffsetDateTime>,
    pub(in crate::webhooks) failing_since: Option<OffsetDateTime>,
    pub(in crate::webhooks) waiting: i64,
    pub(in crate::webhooks) failed: i64,
}

/// The newest first; only one of them where it is named.
pub(in crate::webhooks) async fn list(db: &PgPool, only: Option<Uuid>) -> Result<Vec<Listed>, AppError> {
    sqlx::query_as!(
        Listed,
        r#"SELECT e.id, e.url, e.description, e.actions, e.state, e.created_at, s.created_at AS rotated_at,
                  (SELECT p.signs_until FROM webhook_secrets p
                   WHERE p.endpoint_id = e.id AND p.signs_until IS NOT NULL) AS previous_until,
                  e.last_success_at, e.last_failure_at, e.failing_since,
                  (SELECT count(*) FROM webhook_deliveries d
                   WHERE d.endpoint_id = e.id AND d.state = 'waiting') AS "waiting!",
                  (SELECT count(*) FROM webhook_deliveries d
                   WHERE d.endpoint_id = e.id AND d.state = 'failed') AS "failed!"
           FROM webhook_endpoints e JOIN webhook_secrets s ON s.endpoint_id = e.id AND s.signs_until IS NULL
           WHERE e.state <> 'removed' AND ($1::uuid IS NULL OR e.id = $1)
           ORDER BY e.created_at DESC, e.id DESC"#,
        only,
    )
    .fetch_all(db)
    .await
    .while_doing("listing webhooks")
}

/// What a new endpoint says.
pub(in crate::webhooks) struct NewEndpoint<'a> {
    pub(in crate::webhooks) id: Uuid,
    pub(in crate::webhooks) url: &'a str,
    pub(in crate::webhooks) description: &'a str,
    pub(in crate::webhooks) actions: &'a [String],
    /// The last entry of the trail that it does not get.
    pub(in crate::webhooks) cursor: i64,
    pub(in crate::webhooks) now: Timestamp,
}

pub(in crate::webhooks) async fn insert(
    conn: &mut PgConnection,
    row: &NewEndpoint<'_>,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO webhook_endpoints (id, url, description, actions, cursor, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        row.id,
        row.url,
        row.description,
        row.actions,
        row.cursor,
        row.now.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping a webhook")?;
    Ok(())
}

/// Makes those who add an endpoint come one after the other, so that each counts those of the others.
pub(in crate::webhooks) async fn hold_all(conn: &mut PgConnection) -> Result<i64, AppError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('webhook endpoints')::bigint)")
        .fetch_one(&mut *conn)
        .await
        .while_doing("holding the list of webhooks")?;
    sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM webhook_endpoints WHERE state <> 'removed'"#)
        .fetch_one(conn)
        .await
        .while_doing("counting webhooks")
}

/// An endpoint that nobody else changes until the transaction ends.
pub(in crate::webhooks) struct Held {
    pub(in crate::webhooks) url: String,
    pub(in crate::webhooks) description: String,
    pub(in crate::webhooks) actions: Vec<String>,
    pub(in crate::webhooks) state: String,
    pub(in crate::webhooks) cursor: i64,
}

pub(in crate::webhooks) async fn hold(conn: &mut PgConnection, id: Uuid) -> Result<Option<Held>, AppError> {
    sqlx::query_as!(
        Held,
        "SELECT url, description, actions, state, cursor FROM webhook_endpoints
         WHERE id = $1 AND state <> 'removed' FOR NO KEY UPDATE",
        id,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding a webhook")
}

/// The same of one that is active, unless somebody else holds it now.
pub(in crate::webhooks) async fn hold_if_free(
    conn: &mut PgConnection,
    id: Uuid,
) -> Result<Option<Held>, AppError> {
    sqlx::query_as!(
        Held,
        "SELECT url, description, actions, state, cursor FROM webhook_endpoints
         WHERE id = $1 AND state = 'active' FOR NO KEY UPDATE SKIP LOCKED",
        id,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding a webhook")
}

pub(in crate::webhooks) async fn change(
    conn: &mut PgConnection,
    id: Uuid,
    to: &Held,
) -> Result<(), AppError> {
    // Whoever resumes one gives it a new chance, and another address answers for itself.
    sqlx::query!(
        "UPDATE webhook_endpoints
         SET url = $2, description = $3, actions = $4, cursor = $6,
             failing_since = CASE WHEN url <> $2 OR state <> 'active' AND $5 = 'active' THEN NULL ELSE failing_since END,
             resting_until = CASE WHEN url <> $2 OR state <> 'active' AND $5 = 'active' THEN NULL ELSE resting_until END,
             state = $5
         WHERE id = $1",
        id,
        to.url,
        to.description,
        &to.actions,
        to.state,
        to.cursor,
    )
    .execute(conn)
    .await
    .while_doing("changing a webhook")?;
    Ok(())
}

/// Removes an endpoint: its secrets at once; its deliveries, of which there may be very many, bit by bit.
pub(in crate::webhooks) async fn end(conn: &mut PgConnection, id: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM webhook_secrets WHERE endpoint_id = $1", id)
        .execute(&mut *conn)
        .await
        .while_doing("forgetting the secrets of a webhook")?;
    sqlx::query!("UPDATE webhook_endpoints SET state = 'removed' WHERE id = $1", id)
        .execute(conn)
        .await
        .while_doing("removing a webhook")?;
    Ok(())
}

/// Forgets those that were removed and have no deliveries any more.
pub(in crate::webhooks) async fn forget_removed(db: &PgPool) -> Result<(), AppError> {
    sqlx::query!(
        "DELETE FROM webhook_endpoints e WHERE e.state = 'removed'
             AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.endpoint_id = e.id)",
    )
    .execute(db)
    .await
    .while_doing("forgetting removed webhooks")?;
    Ok(())
}

/// A sealed secret.
pub(in crate::webhooks) struct Sealed {
    pub(in crate::webhooks) id: Uuid,
    pub(in crate::webhooks) sealed: Vec<u8>,
}

/// Gives an endpoint a new secret. The one before signs until then; not at all, when there is no such moment.
pub(in crate::webhooks) async fn renew(
    conn: &mut PgConnection,
    endpoint: Uuid,
    secret: &Sealed,
    now: Timestamp,
    previous_until: Option<Timestamp>,
) -> Result<(), AppError> {
    sqlx::query!(
        "DELETE FROM webhook_secrets
         WHERE endpoint_id = $1 AND (signs_until IS NOT NULL OR $2::timestamptz IS NULL)",
        endpoint,
        previous_until.map(Timestamp::get),
    )
    .execute(&mut *conn)
    .await
    .while_doing("forgetting an old secret of a webhook")?;
    sqlx::query!(
        "UPDATE webhook_secrets SET signs_until = $2 WHERE endpoint_id = $1",
        endpoint,
        previous_until.map(Timestamp::get),
    )
    .execute(&mut *conn)
    .await
    .while_doing("ending a secret of a webhook")?;
    sqlx::query!(
        "INSERT INTO webhook_secrets (id, endpoint_id, sealed, created_at) VALUES ($1, $2, $3, $4)",
        secret.id,
        endpoint,
        secret.sealed,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping the secret of a webhook")?;
    Ok(())
}

/// The secrets that sign now, the present one first.
pub(in crate::webhooks) async fn secrets(
    db: &PgPool,
    endpoint: Uuid,
    now: Timestamp,
) -> Result<Vec<Sealed>, AppError> {
    sqlx::query_as!(
        Sealed,
        "SELECT id, sealed FROM webhook_secrets
         WHERE endpoint_id = $1 AND (signs_until IS NULL OR signs_until > $2) ORDER BY signs_until NULLS FIRST",
        endpoint,
        now.get(),
    )
    .fetch_all(db)
    .await
    .while_doing("reading the secrets of a webhook")
}

/// Forgets secrets that sign no more.
pub(in crate::webhooks) async fn forget_secrets(db: &PgPool, now: Timestamp) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM webhook_secrets WHERE signs_until <= $1", now.get())
        .execute(db)
        .await
        .while_doing("forgetting old secrets of webhooks")?;
    Ok(())
}

/// One for which something may have to be done.
pub(in crate::webhooks) struct Busy {
    pub(in crate::webhooks) id: Uuid,
    pub(in crate::webhooks) is_behind: bool,
    /// Whether something may be sent: it neither rests nor is paused, or a test waits.
    pub(in crate::webhooks) may_send: bool,
    pub(in crate::webhooks) is_failing: bool,
}

/// Endpoints for which something may have to be done: those that are active, and those with a test that waits.
pub(in crate::webhooks) async fn with_work(
    db: &PgPool,
    head: i64,
    now: Timestamp,
) -> Result<Vec<Busy>, AppError> {
    sqlx::query_as!(
        Busy,
        r#"SELECT e.id, e.state = 'active' AND e.cursor < $1 AS "is_behind!",
                  t.waits OR e.state = 'active' AND (e.resting_until IS NULL OR e.resting_until <= $2) AS "may_send!",
                  e.failing_since IS NOT NULL AS "is_failing!"
           FROM webhook_endpoints e,
                LATERAL (SELECT EXISTS (SELECT FROM webhook_deliveries d
                         WHERE d.endpoint_id = e.id AND d.state = 'waiting' AND d.seq IS NULL) AS waits) t
           WHERE e.state = 'active' OR (e.state <> 'removed' AND t.waits)
           ORDER BY e.id"#,
        head,
        now.get(),
    )
    .fetch_all(db)
    .await
    .while_doing("looking for webhooks with something to do")
}

pub(in crate::webhooks) async fn move_cursor(
    conn: &mut PgConnection,
    id: Uuid,
    to: i64,
) -> Result<(), AppError> {
    sqlx::query!("UPDATE webhook_endpoints SET cursor = $2 WHERE id = $1", id, to)
        .execute(conn)
        .await
        .while_doing("moving the cursor of a webhook")?;
    Ok(())
}

/// Something arrived.
pub(in crate::webhooks) async fn note_success(
    conn: &mut PgConnection,
    id: Uuid,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE webhook_endpoints SET last_success_at = $2, failing_since = NULL, resting_until = NULL WHERE id = $1",
        id,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting that a webhook arrived")?;
    Ok(())
}

/// Something did not arrive. Answers since when nothing has; a failure long before this one does not count.
pub(in crate::webhooks) async fn note_failure(
    conn: &mut PgConnection,
    id: Uuid,
    now: Timestamp,
    forgotten_before: Timestamp,
    resting_until: Option<Timestamp>,
) -> Result<Timestamp, AppError> {
    let since = sqlx::query_scalar!(
        r#"UPDATE webhook_endpoints
           SET failing_since = CASE WHEN failing_since IS NULL OR last_failure_at < $3 THEN $2 ELSE failing_since END,
               last_failure_at = $2, resting_until = greatest(resting_until, $4)
           WHERE id = $1
           RETURNING failing_since AS "since!""#,
        id,
        now.get(),
        forgotten_before.get(),
        resting_until.map(Timestamp::get),
    )
    .fetch_one(conn)
    .await
    .while_doing("noting that a webhook has not arrived")?;
    Ok(since.into())
}

/// Pauses an endpoint because of its answers.
pub(in crate::webhooks) async fn pause(
    conn: &mut PgConnection,
    id: Uuid,
    state: &str,
) -> Result<(), AppError> {
    sqlx::query!("UPDATE webhook_endpoints SET state = $2 WHERE id = $1", id, state)
        .execute(conn)
        .await
        .while_doing("pausing a webhook")?;
    Ok(())
}
