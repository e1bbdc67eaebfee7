//! The tables `webhook_deliveries` and `webhook_attempts` as people read them, and what is replayed.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// A delivery in a list.
pub(in crate::webhooks) struct Listed {
    pub(in crate::webhooks) id: Uuid,
    pub(in crate::webhooks) number: i64,
    pub(in crate::webhooks) endpoint_id: Uuid,
    pub(in crate::webhooks) seq: Option<i64>,
    pub(in crate::webhooks) action: String,
    pub(in crate::webhooks) state: String,
    pub(in crate::webhooks) attempts: i32,
    pub(in crate::webhooks) created_at: OffsetDateTime,
    pub(in crate::webhooks) next_attempt_at: OffsetDateTime,
    pub(in crate::webhooks) ended_at: Option<OffsetDateTime>,
    pub(in crate::webhooks) last_result: Option<String>,
}

/// The newest first, from before a number.
pub(in crate::webhooks) async fn list(
    db: &PgPool,
    endpoint: Uuid,
    state: Option<&str>,
    before: i64,
    limit: i64,
) -> Result<Vec<Listed>, AppError> {
    sqlx::query_as!(
        Listed,
        r#"SELECT d.id, d.number, d.endpoint_id, d.seq, d.action, d.state, d.attempts, d.created_at, d.next_attempt_at,
                  d.ended_at,
                  (SELECT coalesce(a.status::text, a.problem) FROM webhook_attempts a
                   WHERE a.delivery_id = d.id ORDER BY a.epoch DESC LIMIT 1) AS last_result
           FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id AND e.state <> 'removed'
           WHERE d.endpoint_id = $1 AND ($2::text IS NULL OR d.state = $2) AND d.number < $3
           ORDER BY d.number DESC LIMIT $4"#,
        endpoint,
        state,
        before,
        limit,
    )
    .fetch_all(db)
    .await
    .while_doing("listing deliveries of a webhook")
}

/// One delivery and its body.
pub(in crate::webhooks) async fn find(db: &PgPool, id: Uuid) -> Result<Option<(Listed, String)>, AppError> {
    let row = sqlx::query!(
        r#"SELECT d.id, d.number, d.endpoint_id, d.seq, d.action, d.state, d.attempts, d.created_at, d.next_attempt_at,
                  d.ended_at, d.body,
                  (SELECT coalesce(a.status::text, a.problem) FROM webhook_attempts a
                   WHERE a.delivery_id = d.id ORDER BY a.epoch DESC LIMIT 1) AS last_result
           FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id AND e.state <> 'removed'
           WHERE d.id = $1"#,
        id,
    )
    .fetch_optional(db)
    .await
    .while_doing("reading a delivery of a webhook")?;
    Ok(row.map(|row| {
        let listed = Listed {
            id: row.id,
            number: row.number,
            endpoint_id: row.endpoint_id,
            seq: row.seq,
            action: row.action,
            state: row.state,
            attempts: row.attempts,
            created_at: row.created_at,
            next_attempt_at: row.next_attempt_at,
            ended_at: row.ended_at,
            last_result: row.last_result,
        };
        (listed, row.body)
    }))
}

/// A noted attempt.
pub(in crate::webhooks) struct Noted {
    pub(in crate::webhooks) at: OffsetDateTime,
    pub(in crate::webhooks) duration_ms: i32,
    pub(in crate::webhooks) status: Option<i16>,
    pub(in crate::webhooks) problem: Option<String>,
    pub(in crate::webhooks) answer: String,
}

/// The attempts of a delivery, the newest first.
pub(in crate::webhooks) async fn attempts(
    db: &PgPool,
    delivery: Uuid,
    limit: i64,
) -> Result<Vec<Noted>, AppError> {
    sqlx::query_as!(
        Noted,
        "SELECT at, duration_ms, status, problem, answer FROM webhook_attempts
         WHERE delivery_id = $1 ORDER BY epoch DESC LIMIT $2",
        delivery,
        limit,
    )
    .fetch_all(db)
    .await
    .while_doing("reading the attempts of a delivery")
}

/// The endpoint of a delivery.
pub(in crate::webhooks) async fn endpoint_of(
    conn: &mut PgConnection,
    delivery: Uuid,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!("SELECT endpoint_id FROM webhook_deliveries WHERE id = $1", delivery)
        .fetch_optional(conn)
        .await
        .while_doing("finding the webhook of a delivery")
}

/// Puts one delivery at the beginning of its attempts, under its id; `false` when it is being sent or waits anyway.
pub(in crate::webhooks) async fn replay_one(
    conn: &mut PgConnection,
    delivery: Uuid,
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE webhook_deliveries
         SET state = 'waiting', attempts = 0, next_attempt_at = $2, lease_until = NULL, ended_at = NULL
         WHERE id = $1 AND (state <> 'waiting' OR (next_attempt_at > $2 AND lease_until IS NULL))",
        delivery,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("replaying a delivery")?;
    Ok(done.rows_affected() == 1)
}

/// The same for those that were given up since then, a batch of them.
pub(in crate::webhooks) async fn replay_failed(
    conn: &mut PgConnection,
    endpoint: Uuid,
    since: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "UPDATE webhook_deliveries
         SET state = 'waiting', attempts = 0, next_attempt_at = $3, lease_until = NULL, ended_at = NULL
         WHERE id IN (SELECT id FROM webhook_deliveries
                      WHERE endpoint_id = $1 AND state = 'failed' AND created_at >= $2 ORDER BY number LIMIT $4)",
        endpoint,
        since.get(),
        now.get(),
        limit,
    )
    .execute(conn)
    .await
    .while_doing("replaying deliveries")?;
    Ok(done.rows_affected())
}
