//! Checks that each entry follows from its predecessor, in the chain of the site and in that of every organization.

use tokio::sync::mpsc;
use uuid::Uuid;

use super::{
    super::{
        ChainReport, Deed,
        store::{self, Row},
    },
    SITE, chains, note, open,
    walk::{Forged, Walk, follow_apart},
};
use crate::{
    AppError,
    access::{Grant, Scope, Site, SiteAction, System},
};

/// How many entries are read at a time while a chain is checked.
const BATCH: i64 = 4_000;

/// Reads every chain as it is when its check begins, the site's first, and checks that each entry follows from its
/// predecessor. Ends at the first that is broken.
///
/// Nobody who appends waits for it: what comes later is not read, and each batch is a statement of its own.
pub async fn verify_chain(grant: &Grant<Site>) -> Result<ChainReport, AppError> {
    grant.demand(SiteAction::VerifyAudit)?;
    verify(grant).await
}

/// The same for the one who runs the machine.
pub async fn verify_chain_of_the_site(grant: &Grant<System>) -> Result<ChainReport, AppError> {
    verify(grant).await
}

async fn verify<S: Scope + Clone + Send + Sync + 'static>(grant: &Grant<S>) -> Result<ChainReport, AppError> {
    let of_site = check(grant, SITE).await?;
    let report = if of_site.ok { chains::check_others(grant, of_site).await? } else { of_site };
    let mut tx = grant.begin().await?;
    let deed =
        Deed::ChainVerified { entries: report.entries, ok: report.ok, organization: report.organization_id };
    note(&mut tx, deed).await?;
    tx.commit().await?;
    Ok(report)
}

/// One chain, however long it is.
pub(super) async fn check<S: Scope + Clone + Send + Sync + 'static>(
    grant: &Grant<S>,
    chain: Uuid,
) -> Result<ChainReport, AppError> {
    let report = |entries, checkpoint: i64, broken: Option<i64>| ChainReport {
        chains: 1,
        entries,
        ok: broken.is_none(),
        organization_id: (broken.is_some() && chain != SITE).then_some(chain),
        first_broken_seq: broken,
        checkpoint_seq: (checkpoint > 0).then_some(checkpoint),
    };
    let mut walk = match begin(grant, chain).await? {
        Ok(walk) => walk,
        Err(Forged(seq)) => return Ok(report(0, seq, Some(seq))),
    };
    let checkpoint = walk.at;
    let mut tx = open(grant, chain).await?;
    let (last, head) = store::head(tx.conn(), chain).await?;
    drop(tx);
    if walk.at > last {
        return Ok(report(0, checkpoint, Some(last + 1)));
    }
    loop {
        let (end, follows) = along(grant, chain, walk, last).await?;
        if follows && (end.at > last || (end.at == last && end.hash == head)) {
            return Ok(report(end.entries, checkpoint, behind(grant, chain).await?));
        }
        walk = match begin(grant, chain).await? {
            // What lay ahead was removed under a newer checkpoint meanwhile: from there it goes on.
            Ok(newer) if newer.at > end.at => Walk { entries: end.entries, ..newer },
            Ok(_) => return Ok(report(end.entries, checkpoint, Some(end.at + 1))),
            Err(Forged(seq)) => return Ok(report(end.entries, seq, Some(seq))),
        };
    }
}

async fn begin<S: Scope>(grant: &Grant<S>, chain: Uuid) -> Result<Result<Walk, Forged>, AppError> {
    let mut tx = open(grant, chain).await?;
    let checkpoint = store::checkpoint(tx.conn(), chain).await?;
    drop(tx);
    Ok(Walk::begin(grant.platform(), chain, checkpoint.as_ref()))
}

/// Walks as far as the entries follow, up to `last`. The next batch is read while one is hashed.
async fn along<S: Scope + Clone + Send + Sync + 'static>(
    grant: &Grant<S>,
    chain: Uuid,
    mut walk: Walk,
    last: i64,
) -> Result<(Walk, bool), AppError> {
    let (sender, mut batches) = mpsc::channel(1);
    tokio::spawn(read_ahead(grant.clone(), chain, walk.at, last, sender));
    while let Some(rows) = batches.recv().await {
        let (walked, outcome) = follow_apart(walk, rows?).await?;
        walk = walked;
        if outcome.is_err() {
            return Ok((walk, false));
        }
    }
    Ok((walk, true))
}

/// Reads batch after batch until nobody wants them any more. A gap makes the next entry stand where another is expected.
async fn read_ahead<S: Scope>(
    grant: Grant<S>,
    chain: Uuid,
    mut after: i64,
    last: i64,
    to: mpsc::Sender<Result<Vec<Row>, AppError>>,
) {
    loop {
        let batch = read(&grant, chain, after, last).await;
        let end = batch.as_ref().ok().and_then(|rows| rows.last()).map(|row| row.seq);
        if to.send(batch).await.is_err() {
            return;
        }
        let Some(seq) = end else { return };
        after = seq;
    }
}

async fn read<S: Scope>(grant: &Grant<S>, chain: Uuid, after: i64, last: i64) -> Result<Vec<Row>, AppError> {
    let mut tx = open(grant, chain).await?;
    let rows = store::batch(tx.conn(), chain, after, last, BATCH).await?;
    tx.commit().await?;
    Ok(rows)
}

/// The number of an entry behind the head: nothing of ours has appended it.
async fn behind<S: Scope>(grant: &Grant<S>, chain: Uuid) -> Result<Option<i64>, AppError> {
    let mut tx = open(grant, chain).await?;
    let (last, _) = store::lock_head(tx.conn(), chain).await?;
    let is_longer = store::is_longer(tx.conn(), chain, last).await?;
    tx.commit().await?;
    Ok(is_longer.then_some(last + 1))
}
