//! What somebody does with the operations they asked for.

use uuid::Uuid;

use super::{
    super::{Operation, OperationEvent, store},
    CHANNEL, moved_on, shown,
};
use crate::{
    AppError, FieldIssue, Page,
    access::{Grant, Own, Tx},
    audit::{self, Deed},
    platform::bell,
    sessions,
    values::{PAGE_DEFAULT, PAGE_MAX},
};

/// The caller's operations, the newest first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a limit or cursor that cannot be read.
pub async fn list(
    grant: &Grant<Own>,
    limit: Option<u16>,
    cursor: Option<&str>,
) -> Result<Page<Operation>, AppError> {
    let limit = limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(AppError::invalid("limit", FieldIssue::OutOfRange { min: 1, max: PAGE_MAX.into() }));
    }
    let before = match cursor.map(str::trim).filter(|cursor| !cursor.is_empty()) {
        None => None,
        Some(text) => {
            Some(Uuid::parse_str(text).map_err(|_| AppError::invalid("cursor", FieldIssue::Unreadable))?)
        }
    };
    let platform = grant.platform();
    let mut rows = store::list(platform.db(), grant.user(), before, i64::from(limit) + 1).await?;
    let is_more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let next_cursor = if is_more { rows.last().map(|row| row.id.to_string()) } else { None };
    Ok(Page { items: shown(platform, rows).await?, next_cursor })
}

/// One of the caller's operations.
///
/// # Errors
/// [`AppError::NotFound`] for one that is forgotten or somebody else's.
pub async fn get(grant: &Grant<Own>, operation: Uuid) -> Result<Operation, AppError> {
    let platform = grant.platform();
    let row = store::find(platform.db(), grant.user(), operation).await?.ok_or(AppError::NotFound)?;
    shown(platform, vec![row]).await?.pop().ok_or(AppError::NotFound)
}

/// Asks one of the caller's operations to end. What it has done so far is cleared away by a worker; whoever works on it now
/// cannot finish.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for one that has ended, or is about to.
pub async fn cancel(grant: &Grant<Own>, operation: Uuid) -> Result<(), AppError> {
    let (user, now) = (grant.user(), grant.platform().now());
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let changed = store::ask_to_cancel(tx.conn(), user, operation, now).await?;
    let kind = tell(&mut tx, grant, operation, changed, OperationEvent::CancelAsked).await?;
    audit::note(&mut tx, Deed::OperationCancelAsked { user, operation, kind }).await?;
    tx.commit().await
}

/// Lets one of the caller's operations go on that has failed, at the step that failed.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for one that has not failed, or while another one does the same.
pub async fn retry(grant: &Grant<Own>, operation: Uuid) -> Result<(), AppError> {
    let (user, now) = (grant.user(), grant.platform().now());
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let changed = store::retry(tx.conn(), user, operation, now).await?;
    let kind = tell(&mut tx, grant, operation, changed, OperationEvent::Retried).await?;
    audit::note(&mut tx, Deed::OperationRetried { user, operation, kind }).await?;
    tx.commit().await
}

/// Writes what happened into the log and wakes a worker; answers the kind. Nothing was changed where the operation is
/// missing, or in another state than the caller thought.
async fn tell(
    tx: &mut Tx,
    grant: &Grant<Own>,
    operation: Uuid,
    changed: Option<store::Changed>,
    event: OperationEvent,
) -> Result<String, AppError> {
    let Some(changed) = changed else {
        let is_there = store::find(tx.conn(), grant.user(), operation).await?.is_some();
        return Err(if is_there { moved_on() } else { AppError::NotFound });
    };
    let at = grant.platform().now();
    let entry = store::NewEntry { operation, at, event, step: None, attempt: changed.attempt };
    store::append(tx.conn(), &entry).await?;
    bell::ring(tx.conn(), CHANNEL).await?;
    Ok(changed.kind)
}
