//! The table `operation_log`.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::super::OperationEvent;
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// An entry that is about to be written.
pub(in crate::operations) struct NewEntry<'a> {
    pub(in crate::operations) operation: Uuid,
    pub(in crate::operations) at: Timestamp,
    pub(in crate::operations) event: OperationEvent,
    pub(in crate::operations) step: Option<&'a str>,
    pub(in crate::operations) attempt: i32,
}

/// An entry as its owner reads it.
pub(in crate::operations) struct LogRow {
    pub(in crate::operations) operation_id: Uuid,
    pub(in crate::operations) at: OffsetDateTime,
    pub(in crate::operations) event: String,
    pub(in crate::operations) step: Option<String>,
    pub(in crate::operations) attempt: i32,
}

/// Appends to the log of an operation whose row the transaction has changed, and so holds.
pub(in crate::operations) async fn append(
    conn: &mut PgConnection,
    entry: &NewEntry<'_>,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO operation_log (operation_id, seq, at, event, step, attempt)
         SELECT $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5 FROM operation_log WHERE operation_id = $1",
        entry.operation,
        entry.at.get(),
        entry.event.name(),
        entry.step,
        entry.attempt,
    )
    .execute(conn)
    .await
    .while_doing("writing the log of an operation")?;
    Ok(())
}

/// The last `most` entries of each of these operations, oldest first.
pub(in crate::operations) async fn logs(
    db: &PgPool,
    operations: &[Uuid],
    most: i64,
) -> Result<Vec<LogRow>, AppError> {
    sqlx::query_as!(
        LogRow,
        r#"SELECT l.operation_id, l.at, l.event, l.step, l.attempt
           FROM unnest($1::uuid[]) AS o (id)
           CROSS JOIN LATERAL (SELECT * FROM operation_log WHERE operation_id = o.id ORDER BY seq DESC LIMIT $2) l
           ORDER BY l.operation_id, l.seq"#,
        operations,
        most,
    )
    .fetch_all(db)
    .await
    .while_doing("reading the logs of operations")
}
