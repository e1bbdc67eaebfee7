//! Removes what is older than the operator keeps it, under a sealed checkpoint.
//!
//! Promises: the checkpoint, the removal and its entry in the trail are one transaction; what does not follow from its
//! predecessor is never removed, because it is evidence; nothing but this removes an entry.

use std::time::Duration;

use super::{
    super::{Deed, store},
    SITE, note,
    walk::{Walk, follow_apart, seal},
};
use crate::{
    AppError, Timestamp,
    access::{Grant, System, Tx},
    platform::Platform,
};

/// How many entries go in one transaction.
const BATCH: i64 = 10_000;
/// How many transactions one turn has, so that other housekeeping gets its turn as well.
const BATCHES: u32 = 50;
/// How often less than a whole batch goes. Each removal is an entry that gets old as well: a quiet site would otherwise
/// remove one and note it with every turn, for ever.
const SPARSELY: Duration = Duration::from_hours(24);

/// Removes old entries, if the operator wants that, and says how many. Safe on every replica at once.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn retain(platform: &Platform) -> Result<u64, AppError> {
    let Some(keep) = platform.rules().audit_retention else { return Ok(0) };
    let grant = Grant::system(platform, "removing old entries of the audit trail");
    let mut sum = 0;
    for _ in 0..BATCHES {
        let removed = remove(&grant, platform.now() - keep).await?;
        sum += removed;
        if removed < BATCH.unsigned_abs() {
            break;
        }
    }
    Ok(sum)
}

/// One batch of entries from before this moment.
async fn remove(grant: &Grant<System>, before: Timestamp) -> Result<u64, AppError> {
    let mut tx = grant.begin().await?;
    let removed = remove_in(&mut tx, grant.platform(), before).await?;
    // Also where nothing went: the hold on the retention ends now, not when the connection is next used.
    tx.commit().await?;
    Ok(removed)
}

async fn remove_in(tx: &mut Tx, platform: &Platform, before: Timestamp) -> Result<u64, AppError> {
    if !store::hold_retention(tx.conn()).await? {
        return Ok(0);
    }
    let checkpoint = store::checkpoint(tx.conn(), SITE).await?;
    let Ok(walk) = Walk::begin(platform, checkpoint.as_ref()) else {
        tracing::error!("the checkpoint of the audit trail is not ours; nothing is removed");
        return Ok(0);
    };
    let (last, _) = store::head(tx.conn(), SITE).await?;
    let mut rows = store::batch(tx.conn(), SITE, walk.at, last, BATCH).await?;
    rows.truncate(rows.iter().take_while(|row| Timestamp::from(row.at) < before).count());
    let count = rows.len() as u64;
    let rested = checkpoint.is_none_or(|checkpoint| checkpoint.at + SPARSELY <= platform.now());
    if rows.is_empty() || (count < BATCH.unsigned_abs() && !rested) {
        return Ok(0);
    }
    let (end, outcome) = follow_apart(walk, rows).await?;
    if outcome.is_err() {
        tracing::error!(
            seq = end.at + 1,
            "the audit chain is broken at entry {}; nothing is removed",
            end.at + 1
        );
        return Ok(0);
    }
    store::put_checkpoint(tx.conn(), SITE, &seal(platform, &end)).await?;
    let removed = store::forget(tx.conn(), SITE, end.at).await?;
    if removed != count {
        tracing::error!(
            count,
            removed,
            "the audit trail has other entries than were read; nothing is removed"
        );
        return Err(AppError::Internal);
    }
    note(tx, Deed::EntriesRemoved { through: end.at, count }).await?;
    Ok(removed)
}
