//! Asking for operations, looking at them, and working on them, one file for each.

mod copy;
mod own;
mod turn;
mod worker;

pub(crate) use copy::copy_of;
pub use own::{cancel, get, list, retry};
pub use turn::{Doing, Done, Trouble, Turn, Work, Works};
pub use worker::{work, work_once};

use std::time::Duration;

use uuid::Uuid;

use super::{
    LogEntry, Operation, OperationEvent, OperationFailure, OperationState,
    store::{self, LogRow, NewEntry, NewRow, Row},
};
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::Tx,
    platform::{Platform, bell},
};

/// The channel that wakes the workers.
const CHANNEL: &str = "operations";
/// How long an operation is remembered after its end.
const MEMORY: Duration = Duration::from_hours(24 * 30);
/// How many events of an operation are told.
const TOLD: i64 = 50;

/// An operation that is asked for, or the one that does the same already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The operation.
    pub id: Uuid,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// Asks for an operation, in the transaction of what it follows from: it begins when that is committed.
///
/// # Errors
/// [`AppError::Conflict`] while an operation of another kind goes on with the subject.
pub async fn ask(
    tx: &mut Tx,
    platform: &Platform,
    work: &dyn Work,
    user: Uuid,
    subject: Uuid,
) -> Result<Asked, AppError> {
    let steps: Vec<String> = work.steps().iter().map(|step| (*step).to_owned()).collect();
    let (id, now) = (platform.new_id(), platform.now());
    let row = NewRow { id, kind: work.kind(), user, subject, steps: &steps, now };
    let current = store::put(tx.conn(), &row).await?;
    // One that is being cleared away comes to nothing.
    if current.kind != work.kind() || current.is_cancelling {
        return Err(moved_on());
    }
    if current.is_new {
        let entry = NewEntry { operation: id, at: now, event: OperationEvent::Asked, step: None, attempt: 0 };
        store::append(tx.conn(), &entry).await?;
        bell::ring(tx.conn(), CHANNEL).await?;
    }
    Ok(Asked { id: current.id, is_new: current.is_new })
}

/// The newest operation of a kind that a person asked for, for the room of that kind.
pub(crate) async fn newest(
    platform: &Platform,
    work: &dyn Work,
    user: Uuid,
) -> Result<Option<Operation>, AppError> {
    let Some(row) = store::newest(platform.db(), user, work.kind()).await? else { return Ok(None) };
    Ok(shown(platform, vec![row]).await?.pop())
}

/// Forgets operations that ended a month ago, with all that hangs on them. Safe on every replica at once.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    store::sweep(platform.db(), platform.now() - MEMORY).await
}

/// What stands in the way where an operation is not any more what the caller saw.
fn moved_on() -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new("id", FieldIssue::MovedOn)] }
}

async fn shown(platform: &Platform, rows: Vec<Row>) -> Result<Vec<Operation>, AppError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut logs = store::logs(platform.db(), &ids, TOLD).await?;
    let shown = rows.into_iter().map(|row| {
        let (own, others) = logs.drain(..).partition(|entry| entry.operation_id == row.id);
        logs = others;
        one(row, own)
    });
    Ok(shown.collect())
}

fn one(row: Row, log: Vec<LogRow>) -> Operation {
    // The database knows no other; to an unknown one nothing can be done.
    let state = OperationState::parse(&row.state).unwrap_or(OperationState::Failed);
    let done = usize::try_from(row.step).unwrap_or_default();
    let percent = (done * 100).checked_div(row.steps.len()).unwrap_or_default();
    let is_put_off = state == OperationState::Waiting && row.error.is_some();
    Operation {
        id: row.id,
        kind: row.kind,
        state,
        step: row.steps.get(done).cloned(),
        steps: row.steps,
        attempt: count(row.attempt),
        progress: u8::try_from(percent).unwrap_or(100),
        created_at: row.created_at.into(),
        next_attempt_at: is_put_off.then(|| row.next_attempt_at.into()),
        ended_at: row.ended_at.map(Into::into),
        error: row.error.map(|name| OperationFailure::parse(&name).unwrap_or(OperationFailure::Internal)),
        log: log.into_iter().filter_map(told).collect(),
    }
}

/// An event that this version has no word for is left out.
fn told(row: LogRow) -> Option<LogEntry> {
    let event = OperationEvent::parse(&row.event)?;
    Some(LogEntry { at: row.at.into(), event, step: row.step, attempt: count(row.attempt) })
}

fn count(attempt: i32) -> u32 {
    u32::try_from(attempt).unwrap_or_default()
}
