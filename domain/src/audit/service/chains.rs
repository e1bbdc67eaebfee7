//! The chains of organizations, many at a time: most of them are short, and there is one for everybody.

use uuid::Uuid;

use super::{
    super::{
        ChainReport,
        store::{self, Ends, Row},
    },
    SITE,
    verify::check,
    walk::Walk,
};
use crate::{
    AppError,
    access::{Grant, Scope},
    platform::Platform,
};

/// How many chains are read at a time.
const CHAINS: i64 = 200;
/// Up to how many entries a chain is short.
const SHORT: i64 = 50;

/// Checks the chains of organizations after that of the site, whose report they go into.
pub(super) async fn check_others<S: Scope + Clone + Send + Sync + 'static>(
    grant: &Grant<S>,
    of_site: ChainReport,
) -> Result<ChainReport, AppError> {
    let (mut report, mut after) = (of_site, SITE);
    loop {
        let (page, rows) = read(grant, after).await?;
        let Some(last) = page.last() else { return Ok(report) };
        after = last.chain;
        for ends in &page {
            let mut entries = is_whole(grant.platform(), ends, of_chain(&rows, ends.chain));
            if entries.is_none() {
                // It is long, or was written meanwhile, or is broken.
                let one = check(grant, ends.chain).await?;
                if !one.ok {
                    let (chains, entries) = (report.chains + 1, report.entries + one.entries);
                    return Ok(ChainReport { chains, entries, ..one });
                }
                entries = Some(one.entries);
            }
            report.chains += 1;
            report.entries += entries.unwrap_or_default();
        }
    }
}

/// A page of chains, and the entries of the short ones.
async fn read<S: Scope>(grant: &Grant<S>, after: Uuid) -> Result<(Vec<Ends>, Vec<Row>), AppError> {
    let mut tx = grant.begin().await?;
    store::see_every_chain(tx.conn()).await?;
    let page = store::ends_after(tx.conn(), after, CHAINS).await?;
    let length = |ends: &Ends| ends.last - ends.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.seq);
    let short: Vec<Uuid> = page.iter().filter(|ends| length(ends) <= SHORT).map(|ends| ends.chain).collect();
    let rows = store::whole(tx.conn(), &short).await?;
    tx.commit().await?;
    Ok((page, rows))
}

fn of_chain(rows: &[Row], chain: Uuid) -> &[Row] {
    let from = rows.partition_point(|row| row.chain < chain);
    let to = rows.partition_point(|row| row.chain <= chain);
    rows.get(from..to).unwrap_or_default()
}

/// How many entries lead from the checkpoint to the head, where they do.
fn is_whole(platform: &Platform, ends: &Ends, rows: &[Row]) -> Option<i64> {
    let mut walk = Walk::begin(platform, ends.chain, ends.checkpoint.as_ref()).ok()?;
    walk.follow(rows).ok()?;
    (walk.at == ends.last && walk.hash == ends.hash).then_some(walk.entries)
}
