//! What workers do with the table `operations`. Every statement but the first names the number of the turn: whoever lost
//! theirs changes nothing.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::super::OperationFailure;
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// An operation that belongs to a worker until its lease ends.
pub(in crate::operations) struct Taken {
    pub(in crate::operations) id: Uuid,
    pub(in crate::operations) kind: String,
    pub(in crate::operations) user_id: Uuid,
    pub(in crate::operations) subject: Uuid,
    pub(in crate::operations) is_cancelling: bool,
    pub(in crate::operations) steps: Vec<String>,
    pub(in crate::operations) step: i32,
    pub(in crate::operations) attempt: i32,
    pub(in crate::operations) epoch: i64,
}

/// Takes the operation that is due the longest, of those kinds that this worker knows.
pub(in crate::operations) async fn take(
    conn: &mut PgConnection,
    kinds: &[String],
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Taken>, AppError> {
    sqlx::query_as!(
        Taken,
        r#"UPDATE operations SET state = CASE state WHEN 'waiting' THEN 'running' ELSE state END,
                  attempt = attempt + 1, epoch = epoch + 1, lease_until = $2
           WHERE id = (
               SELECT id FROM operations
               WHERE ended_at IS NULL AND next_attempt_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
                   AND kind = ANY ($3)
               ORDER BY next_attempt_at
               FOR UPDATE SKIP LOCKED
               LIMIT 1
           )
           RETURNING id, kind, user_id, subject, state = 'cancelling' AS "is_cancelling!", steps, step, attempt, epoch"#,
        now.get(),
        lease_until.get(),
        kinds,
    )
    .fetch_optional(conn)
    .await
    .while_doing("taking an operation")
}

/// Keeps an operation for longer; `false` when it is somebody else's by now.
pub(in crate::operations) async fn extend(
    db: &PgPool,
    id: Uuid,
    epoch: i64,
    lease_until: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE operations SET lease_until = $3 WHERE id = $1 AND epoch = $2 AND state IN ('running', 'cancelling')",
        id,
        epoch,
        lease_until.get(),
    )
    .execute(db)
    .await
    .while_doing("keeping an operation for longer")?;
    Ok(done.rows_affected() == 1)
}

/// Notes that the present step is done, and begins the next one; with the last step the operation has succeeded.
pub(in crate::operations) async fn finish(
    conn: &mut PgConnection,
    id: Uuid,
    epoch: i64,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE operations SET step = step + 1, error = NULL,
                state = CASE WHEN step + 1 = cardinality(steps) THEN 'succeeded' ELSE state END,
                ended_at = CASE WHEN step + 1 = cardinality(steps) THEN $3::timestamptz END,
                lease_until = CASE WHEN step + 1 < cardinality(steps) THEN $4::timestamptz END,
                attempt = CASE WHEN step + 1 < cardinality(steps) THEN 1 ELSE attempt END
         WHERE id = $1 AND epoch = $2 AND state = 'running'",
        id,
        epoch,
        now.get(),
        lease_until.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting that a step is done")?;
    Ok(done.rows_affected() == 1)
}

/// Notes that everything is cleared away.
pub(in crate::operations) async fn finish_undo(
    conn: &mut PgConnection,
    id: Uuid,
    epoch: i64,
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE operations SET state = 'cancelled', ended_at = $3, lease_until = NULL, error = NULL
         WHERE id = $1 AND epoch = $2 AND state = 'cancelling'",
        id,
        epoch,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting that an operation is cleared away")?;
    Ok(done.rows_affected() == 1)
}

/// Gives an operation back, to be taken again at `again_at`. `error` stays empty where nothing failed.
pub(in crate::operations) async fn put_off(
    conn: &mut PgConnection,
    id: Uuid,
    epoch: i64,
    error: Option<OperationFailure>,
    again_at: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE operations SET state = CASE state WHEN 'running' THEN 'waiting' ELSE state END, lease_until = NULL,
                attempt = CASE WHEN $3::text IS NULL THEN attempt - 1 ELSE attempt END, error = $3, next_attempt_at = $4
         WHERE id = $1 AND epoch = $2 AND state IN ('running', 'cancelling')",
        id,
        epoch,
        error.map(OperationFailure::name),
        again_at.get(),
    )
    .execute(conn)
    .await
    .while_doing("putting an operation off")?;
    Ok(done.rows_affected() == 1)
}

/// Ends an operation that failed too often.
pub(in crate::operations) async fn fail(
    conn: &mut PgConnection,
    id: Uuid,
    epoch: i64,
    error: OperationFailure,
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE operations SET state = 'failed', ended_at = $4, lease_until = NULL, error = $3
         WHERE id = $1 AND epoch = $2 AND state = 'running'",
        id,
        epoch,
        error.name(),
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting that an operation has failed")?;
    Ok(done.rows_affected() == 1)
}
