//! Writes deliveries from the trail: for each endpoint a cursor walks along the chain.
//!
//! The cursor moves in the transaction that writes what lies before it, and whoever moves it holds the endpoint. So an entry
//! becomes one delivery, under one id, whatever is killed and however many processes are at it.

use uuid::Uuid;

use super::super::{
    Events, payload,
    store::{
        endpoints,
        queue::{self, NewDelivery},
    },
};
use crate::{
    AppError,
    access::{Grant, System},
    audit,
};

/// How many entries one transaction looks at.
const BATCH: i64 = 500;
/// How many transactions one turn has, so that the others get theirs.
const BATCHES: u32 = 10;

/// Writes what an endpoint has not got yet, some thousands at most. Answers whether it has come to the end.
pub(super) async fn catch_up(grant: &Grant<System>, endpoint: Uuid) -> Result<bool, AppError> {
    for _ in 0..BATCHES {
        if step(grant, endpoint).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One batch.
async fn step(grant: &Grant<System>, endpoint: Uuid) -> Result<bool, AppError> {
    let (platform, now) = (grant.platform(), grant.platform().now());
    let mut tx = grant.begin().await?;
    // Whoever holds it is at the same work, or changes it; the next look is not far.
    let Some(held) = endpoints::hold_if_free(tx.conn(), endpoint).await? else { return Ok(true) };
    let last = audit::service::last_number(tx.conn()).await?;
    if held.cursor >= last {
        return Ok(true);
    }
    let entries = audit::service::entries_after(&mut tx, held.cursor, last, BATCH).await?;
    let is_end = i64::try_from(entries.len()).is_ok_and(|count| count < BATCH);
    // What the retention has removed is gone; the cursor goes past it.
    let cursor = entries.last().filter(|_| !is_end).map_or(last, |entry| entry.seq);
    let events = Events::stored(held.actions);
    let rows: Vec<NewDelivery> = entries
        .iter()
        .filter(|entry| events.have(&entry.action))
        .map(|entry| NewDelivery {
            id: platform.new_id(),
            seq: Some(entry.seq),
            action: entry.action.clone(),
            body: payload::event(entry),
        })
        .collect();
    if !rows.is_empty() {
        queue::insert(tx.conn(), endpoint, &rows, now).await?;
    }
    endpoints::move_cursor(tx.conn(), endpoint, cursor).await?;
    tx.commit().await?;
    Ok(is_end)
}
