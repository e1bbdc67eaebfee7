//! What the tables of this room hold about somebody, for the copy of their data.

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Every operation that somebody asked for, with what happened to it.
pub(in crate::operations) async fn operations_of(
    conn: &mut PgConnection,
    user: Uuid,
) -> Result<Vec<Value>, AppError> {
    let rows = sqlx::query!(
        "SELECT id, kind, state, steps, step, attempt, error, created_at, ended_at FROM operations
         WHERE user_id = $1 ORDER BY created_at, id",
        user,
    )
    .fetch_all(&mut *conn)
    .await
    .while_doing("copying operations")?;
    let events = sqlx::query!(
        "SELECT l.operation_id, l.at, l.event, l.step, l.attempt
         FROM operation_log l JOIN operations o ON o.id = l.operation_id
         WHERE o.user_id = $1 ORDER BY l.operation_id, l.seq",
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying what happened to operations")?;
    let log = |id: Uuid| {
        let own = events.iter().filter(|event| event.operation_id == id);
        let told = own.map(|event| {
            json!({
                "at": Timestamp::from(event.at),
                "event": event.event,
                "step": event.step,
                "attempt": event.attempt,
            })
        });
        told.collect::<Vec<_>>()
    };
    let told = rows.into_iter().map(|row| {
        json!({
            "id": row.id,
            "kind": row.kind,
            "state": row.state,
            "steps": row.steps,
            "steps_done": row.step,
            "attempt": row.attempt,
            "error": row.error,
            "created_at": Timestamp::from(row.created_at),
            "ended_at": row.ended_at.map(Timestamp::from),
            "log": log(row.id),
        })
    });
    Ok(told.collect())
}
