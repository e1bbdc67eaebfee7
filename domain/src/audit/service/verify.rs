//! Checks that each entry follows from its predecessor.

use tokio::sync::mpsc;

use super::{
    super::{
        ChainReport, Deed,
        store::{self, Row},
    },
    SITE, note,
    walk::{Forged, Walk, follow_apart},
};
use crate::{
    AppError,
    access::{Grant, Scope, Site, SiteAction, System},
};

/// How many entries are read at a time while a chain is checked.
const BATCH: i64 = 4_000;

/// Reads the chain of the site as it is when the check begins, and checks that each entry follows from its predecessor.
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
    let mut walk = match begin(grant).await? {
        Ok(walk) => walk,
        Err(Forged(seq)) => return conclude(grant, report(0, seq, Some(seq))).await,
    };
    let checkpoint = walk.at;
    let mut tx = grant.begin().await?;
    let (last, head) = store::head(tx.conn(), SITE).await?;
    drop(tx);
    if walk.at > last {
        return conclude(grant, report(0, checkpoint, Some(last + 1))).await;
    }
    loop {
        let (end, follows) = along(grant, walk, last).await?;
        if follows && (end.at > last || (end.at == last && end.hash == head)) {
            return conclude(grant, report(end.entries, checkpoint, None)).await;
        }
        walk = match begin(grant).await? {
            // What lay ahead was removed under a newer checkpoint meanwhile: from there it goes on.
            Ok(newer) if newer.at > end.at => Walk { entries: end.entries, ..newer },
            Ok(_) => return conclude(grant, report(end.entries, checkpoint, Some(end.at + 1))).await,
            Err(Forged(seq)) => return conclude(grant, report(end.entries, seq, Some(seq))).await,
        };
    }
}

async fn begin<S: Scope>(grant: &Grant<S>) -> Result<Result<Walk, Forged>, AppError> {
    let mut tx = grant.begin().await?;
    let checkpoint = store::checkpoint(tx.conn(), SITE).await?;
    drop(tx);
    Ok(Walk::begin(grant.platform(), checkpoint.as_ref()))
}

fn report(entries: i64, checkpoint: i64, broken: Option<i64>) -> ChainReport {
    let checkpoint_seq = (checkpoint > 0).then_some(checkpoint);
    ChainReport { entries, ok: broken.is_none(), first_broken_seq: broken, checkpoint_seq }
}

/// Walks as far as the entries follow, up to `last`. The next batch is read while one is hashed.
async fn along<S: Scope + Clone + Send + Sync + 'static>(
    grant: &Grant<S>,
    mut walk: Walk,
    last: i64,
) -> Result<(Walk, bool), AppError> {
    let (sender, mut batches) = mpsc::channel(1);
    tokio::spawn(read_ahead(grant.clone(), walk.at, last, sender));
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
    mut after: i64,
    last: i64,
    to: mpsc::Sender<Result<Vec<Row>, AppError>>,
) {
    loop {
        let batch = read(&grant, after, last).await;
        let end = batch.as_ref().ok().and_then(|rows| rows.last()).map(|row| row.seq);
        if to.send(batch).await.is_err() {
            return;
        }
        let Some(seq) = end else { return };
        after = seq;
    }
}

async fn read<S: Scope>(grant: &Grant<S>, after: i64, last: i64) -> Result<Vec<Row>, AppError> {
    let mut tx = grant.begin().await?;
    let rows = store::batch(tx.conn(), SITE, after, last, BATCH).await?;
    tx.commit().await?;
    Ok(rows)
}

/// Notes the result. Whatever stands behind the head by then was not appended by us.
async fn conclude<S: Scope>(grant: &Grant<S>, mut report: ChainReport) -> Result<ChainReport, AppError> {
    let mut tx = grant.begin().await?;
    let (last, _) = store::lock_head(tx.conn(), SITE).await?;
    if report.ok && store::is_longer(tx.conn(), SITE, last).await? {
        report = ChainReport { ok: false, first_broken_seq: Some(last + 1), ..report };
    }
    note(&mut tx, Deed::ChainVerified { entries: report.entries, ok: report.ok }).await?;
    tx.commit().await?;
    Ok(report)
}
