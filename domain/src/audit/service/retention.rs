//! Removes what is older than the operator keeps it, under a sealed checkpoint.
//!
//! Promises: the checkpoint, the removal and its entry in the trail are one transaction; what does not follow from its
//! predecessor is never removed, because it is evidence; nothing but this removes an entry.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{Deed, OrganizationDeed, store},
    SITE, note, open,
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
/// How many chains of organizations are looked for at a time.
const CHAINS: i64 = 200;
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
    let before = platform.now() - keep;
    let mut sum = shorten(&grant, SITE, before).await?;
    let mut after = SITE;
    loop {
        let chains = aged(&grant, after, before).await?;
        let Some(last) = chains.last() else { return Ok(sum) };
        after = *last;
        for chain in chains {
            sum += shorten(&grant, chain, before).await?;
        }
    }
}

/// A page of the chains of organizations in which something is old.
async fn aged(grant: &Grant<System>, after: Uuid, before: Timestamp) -> Result<Vec<Uuid>, AppError> {
    let mut tx = grant.begin().await?;
    store::see_every_chain(tx.conn()).await?;
    let rested = grant.platform().now() - SPARSELY;
    let chains = store::aged_after(tx.conn(), after, before, rested, CHAINS).await?;
    tx.commit().await?;
    Ok(chains)
}

/// What is old of one chain, as far as one turn goes.
async fn shorten(grant: &Grant<System>, chain: Uuid, before: Timestamp) -> Result<u64, AppError> {
    let mut sum = 0;
    for _ in 0..BATCHES {
        let removed = remove(grant, chain, before).await?;
        sum += removed;
        if removed < BATCH.unsigned_abs() {
            break;
        }
    }
    Ok(sum)
}

/// One batch of entries from before this moment.
async fn remove(grant: &Grant<System>, chain: Uuid, before: Timestamp) -> Result<u64, AppError> {
    let mut tx = open(grant, chain).await?;
    let removed = remove_in(&mut tx, grant.platform(), chain, before).await?;
    // Also where nothing went: the hold on the retention ends now, not when the connection is next used.
    tx.commit().await?;
    Ok(removed)
}

async fn remove_in(
    tx: &mut Tx,
    platform: &Platform,
    chain: Uuid,
    before: Timestamp,
) -> Result<u64, AppError> {
    if !store::hold_retention(tx.conn()).await? {
        return Ok(0);
    }
    let checkpoint = store::checkpoint(tx.conn(), chain).await?;
    let Ok(walk) = Walk::begin(platform, chain, checkpoint.as_ref()) else {
        tracing::error!(%chain, "the checkpoint of the audit trail is not ours; nothing is removed");
        return Ok(0);
    };
    let (last, _) = store::head(tx.conn(), chain).await?;
    let mut rows = store::batch(tx.conn(), chain, walk.at, last, BATCH).await?;
    rows.truncate(rows.iter().take_while(|row| Timestamp::from(row.at) < before).count());
    let count = rows.len() as u64;
    let rested = checkpoint.is_none_or(|checkpoint| checkpoint.at + SPARSELY <= platform.now());
    if rows.is_empty() || (count < BATCH.unsigned_abs() && !rested) {
        return Ok(0);
    }
    let (end, outcome) = follow_apart(walk, rows).await?;
    if outcome.is_err() {
        tracing::error!(
            %chain,
            seq = end.at + 1,
            "the audit chain is broken at entry {}; nothing is removed",
            end.at + 1
        );
        return Ok(0);
    }
    store::put_checkpoint(tx.conn(), chain, &seal(platform, chain, &end)).await?;
    let removed = store::forget(tx.conn(), chain, end.at).await?;
    if removed != count {
        tracing::error!(
            count,
            removed,
            "the audit trail has other entries than were read; nothing is removed"
        );
        return Err(AppError::Internal);
    }
    let through = end.at;
    if chain == SITE {
        note(tx, Deed::EntriesRemoved { through, count }).await?;
    } else {
        note(tx, OrganizationDeed::EntriesRemoved { through, count }).await?;
    }
    Ok(removed)
}
