//! The table `webhook_deliveries` as workers use it: written, taken, ended, forgotten.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// An event that is to be sent.
pub(in crate::webhooks) struct NewDelivery {
    pub(in crate::webhooks) id: Uuid,
    pub(in crate::webhooks) seq: Option<i64>,
    pub(in crate::webhooks) action: String,
    pub(in crate::webhooks) body: String,
}

/// Writes several, in their order.
pub(in crate::webhooks) async fn insert(
    conn: &mut PgConnection,
    endpoint: Uuid,
    rows: &[NewDelivery],
    now: Timestamp,
) -> Result<(), AppError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let seqs: Vec<Option<i64>> = rows.iter().map(|row| row.seq).collect();
    let actions: Vec<&str> = rows.iter().map(|row| row.action.as_str()).collect();
    let bodies: Vec<&str> = rows.iter().map(|row| row.body.as_str()).collect();
    sqlx::query!(
        "INSERT INTO webhook_deliveries (id, endpoint_id, seq, action, body, next_attempt_at, created_at)
         SELECT id, $1, seq, action, body, $6, $6
         FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[]) WITH ORDINALITY
              AS new (id, seq, action, body, place)
         ORDER BY place",
        endpoint,
        &ids,
        &seqs as &[Option<i64>],
        &actions as &[&str],
        &bodies as &[&str],
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("writing deliveries of a webhook")?;
    Ok(())
}

/// A delivery that belongs to this worker until the lease ends.
pub(in crate::webhooks) struct Taken {
    pub(in crate::webhooks) id: Uuid,
    pub(in crate::webhooks) endpoint_id: Uuid,
    pub(in crate::webhooks) url: String,
    pub(in crate::webhooks) seq: Option<i64>,
    pub(in crate::webhooks) body: String,
    pub(in crate::webhooks) attempts: i32,
    pub(in crate::webhooks) epoch: i64,
}

/// Takes the delivery of an endpoint that is due the longest, if there is one. A paused or resting endpoint has none but
/// tests.
pub(in crate::webhooks) async fn take(
    db: &PgPool,
    endpoint: Uuid,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Taken>, AppError> {
    sqlx::query_as!(
        Taken,
        r#"UPDATE webhook_deliveries d SET attempts = d.attempts + 1, epoch = d.epoch + 1, lease_until = $3
           FROM webhook_endpoints e
           WHERE e.id = d.endpoint_id AND d.id = (
               SELECT w.id FROM webhook_deliveries w JOIN webhook_endpoints o ON o.id = w.endpoint_id
               WHERE w.endpoint_id = $1 AND w.state = 'waiting' AND w.next_attempt_at <= $2
                   AND (w.lease_until IS NULL OR w.lease_until <= $2)
                   AND ((w.seq IS NULL AND o.state <> 'removed')
                        OR (o.state = 'active' AND (o.resting_until IS NULL OR o.resting_until <= $2)))
               ORDER BY w.next_attempt_at, w.number
               FOR UPDATE OF w SKIP LOCKED
               LIMIT 1
           )
           RETURNING d.id, d.endpoint_id, e.url, d.seq, d.body, d.attempts, d.epoch"#,
        endpoint,
        now.get(),
        lease_until.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("taking a delivery of a webhook")
}

/// What is noted of an attempt.
pub(in crate::webhooks) struct NewAttempt<'a> {
    pub(in crate::webhooks) at: Timestamp,
    pub(in crate::webhooks) duration_ms: i32,
    pub(in crate::webhooks) status: Option<i16>,
    pub(in crate::webhooks) problem: Option<&'a str>,
    pub(in crate::webhooks) answer: &'a str,
}

/// How a delivery goes on.
pub(in crate::webhooks) enum Next {
    /// It is tried again.
    At(Timestamp),
    /// It has ended: `delivered` or `failed`.
    Ended(&'static str, Timestamp),
}

/// Notes an attempt and how the delivery goes on. `false` when another worker has taken it since, or it is gone.
pub(in crate::webhooks) async fn note(
    conn: &mut PgConnection,
    taken: &Taken,
    attempt: &NewAttempt<'_>,
    next: &Next,
) -> Result<bool, AppError> {
    let (state, again_at, ended_at) = match next {
        Next::At(at) => ("waiting", *at, None),
        Next::Ended(state, at) => (*state, *at, Some(*at)),
    };
    let done = sqlx::query!(
        "UPDATE webhook_deliveries SET state = $3, next_attempt_at = $4, ended_at = $5, lease_until = NULL
         WHERE id = $1 AND epoch = $2 AND state = 'waiting'",
        taken.id,
        taken.epoch,
        state,
        again_at.get(),
        ended_at.map(Timestamp::get),
    )
    .execute(&mut *conn)
    .await
    .while_doing("noting what came of a delivery")?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query!(
        "INSERT INTO webhook_attempts (delivery_id, epoch, at, duration_ms, status, problem, answer)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        taken.id,
        taken.epoch,
        attempt.at.get(),
        attempt.duration_ms,
        attempt.status,
        attempt.problem,
        attempt.answer,
    )
    .execute(conn)
    .await
    .while_doing("noting an attempt")?;
    Ok(true)
}

/// Forgets what waits too long at endpoints that are paused, and everything of those that were removed, a batch of it. Answers
/// how many.
pub(in crate::webhooks) async fn forget_idle(
    db: &PgPool,
    before: Timestamp,
    limit: i64,
) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "DELETE FROM webhook_deliveries WHERE id IN (
             SELECT d.id FROM webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id
             WHERE e.state = 'removed' OR (e.state <> 'active' AND d.state = 'waiting' AND d.created_at < $1) LIMIT $2)",
        before.get(),
        limit,
    )
    .execute(db)
    .await
    .while_doing("forgetting deliveries of idle webhooks")?;
    Ok(done.rows_affected())
}

/// Forgets what ended before then, a batch of it. Answers how many.
pub(in crate::webhooks) async fn forget(db: &PgPool, before: Timestamp, limit: i64) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "DELETE FROM webhook_deliveries WHERE id IN (
             SELECT id FROM webhook_deliveries WHERE state <> 'waiting' AND ended_at < $1 ORDER BY ended_at LIMIT $2)",
        before.get(),
        limit,
    )
    .execute(db)
    .await
    .while_doing("forgetting old deliveries")?;
    Ok(done.rows_affected())
}
