//! The table `operations` as those who ask for them see it; what workers do with it, and the log, have files of their own.

mod copy;
mod log;
mod turns;

use sqlx::{PgConnection, PgExecutor, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

pub(super) use self::{
    copy::operations_of,
    log::{LogRow, NewEntry, append, logs},
    turns::{Taken, extend, fail, finish, finish_undo, put_off, take},
};
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    platform::log::{OnConstraint, WhileDoing},
};

/// What is asked for.
pub(super) struct NewRow<'a> {
    pub(super) id: Uuid,
    pub(super) kind: &'a str,
    pub(super) user: Uuid,
    pub(super) subject: Uuid,
    pub(super) steps: &'a [String],
    pub(super) now: Timestamp,
}

/// The operation that goes on with a subject.
pub(super) struct Current {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) is_new: bool,
    pub(super) is_cancelling: bool,
}

/// A row as its owner sees it.
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) steps: Vec<String>,
    pub(super) step: i32,
    pub(super) attempt: i32,
    pub(super) next_attempt_at: OffsetDateTime,
    pub(super) error: Option<String>,
    pub(super) created_at: OffsetDateTime,
    pub(super) ended_at: Option<OffsetDateTime>,
}

/// Begins an operation, or answers the one that goes on with the subject already: the index knows, even of two at once.
pub(super) async fn put(conn: &mut PgConnection, row: &NewRow<'_>) -> Result<Current, AppError> {
    sqlx::query_as!(
        Current,
        r#"INSERT INTO operations (id, kind, user_id, subject, steps, next_attempt_at, created_at)
           VALUES ($1, $2, $3, $4, $5, $6, $6)
           ON CONFLICT (subject) WHERE ended_at IS NULL DO UPDATE SET subject = operations.subject
           RETURNING id, kind, id = $1 AS "is_new!", state = 'cancelling' AS "is_cancelling!""#,
        row.id,
        row.kind,
        row.user,
        row.subject,
        row.steps,
        row.now.get(),
    )
    .fetch_one(conn)
    .await
    .while_doing("asking for an operation")
}

/// Those of a person, the newest first, before the one with this id.
pub(super) async fn list(
    db: &PgPool,
    user: Uuid,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, kind, state, steps, step, attempt, next_attempt_at, error, created_at, ended_at FROM operations
         WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        user,
        before,
        limit,
    )
    .fetch_all(db)
    .await
    .while_doing("listing operations")
}

pub(super) async fn find(
    db: impl PgExecutor<'_>,
    user: Uuid,
    operation: Uuid,
) -> Result<Option<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, kind, state, steps, step, attempt, next_attempt_at, error, created_at, ended_at FROM operations
         WHERE user_id = $1 AND id = $2",
        user,
        operation,
    )
    .fetch_optional(db)
    .await
    .while_doing("reading an operation")
}

/// The newest one of a kind.
pub(super) async fn newest(db: &PgPool, user: Uuid, kind: &str) -> Result<Option<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, kind, state, steps, step, attempt, next_attempt_at, error, created_at, ended_at FROM operations
         WHERE user_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1",
        user,
        kind,
    )
    .fetch_optional(db)
    .await
    .while_doing("reading the newest operation of a kind")
}

/// What is left to be told of an operation whose state was just changed by its owner.
pub(super) struct Changed {
    pub(super) kind: String,
    pub(super) attempt: i32,
}

/// Asks an operation to end: from now on nobody's step counts, and what was done waits to be cleared away.
pub(super) async fn ask_to_cancel(
    conn: &mut PgConnection,
    user: Uuid,
    operation: Uuid,
    now: Timestamp,
) -> Result<Option<Changed>, AppError> {
    sqlx::query_as!(
        Changed,
        "UPDATE operations SET state = 'cancelling', epoch = epoch + 1, attempt = 0, error = NULL, lease_until = NULL,
                next_attempt_at = $3
         WHERE user_id = $1 AND id = $2 AND state IN ('waiting', 'running') RETURNING kind, attempt",
        user,
        operation,
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("asking an operation to end")
}

/// Lets a failed operation go on at the step that failed.
///
/// # Errors
/// [`AppError::Conflict`] while another one goes on with its subject. One whose subject was asked for anew since is left alone:
/// what it had done may be cleared away.
pub(super) async fn retry(
    conn: &mut PgConnection,
    user: Uuid,
    operation: Uuid,
    now: Timestamp,
) -> Result<Option<Changed>, AppError> {
    let another = AppError::Conflict { errors: vec![FieldProblem::new("id", FieldIssue::MovedOn)] };
    sqlx::query_as!(
        Changed,
        "UPDATE operations SET state = 'waiting', attempt = 0, error = NULL, ended_at = NULL, next_attempt_at = $3
         WHERE user_id = $1 AND id = $2 AND state = 'failed'
             AND NOT EXISTS (SELECT FROM operations later WHERE later.subject = operations.subject AND later.id > operations.id)
         RETURNING kind, attempt",
        user,
        operation,
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .on_constraint("operations_one_at_a_time", another)
    .while_doing("trying an operation again")
}

/// Forgets what ended before this moment.
pub(super) async fn sweep(db: &PgPool, ended_before: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM operations WHERE ended_at < $1", ended_before.get())
        .execute(db)
        .await
        .while_doing("forgetting operations")?;
    Ok(done.rows_affected())
}
