//! The end of periods: what was used is charged, and the next one begins.
//!
//! A period ends in one transaction that holds the organization: the next one, the entry of the log and the draft are there
//! together or not at all, and the number of the change is a key. So it happens once, whatever is killed and however many
//! processes are at it, and a process that was away for months ends one period after the other, each at its own moment.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    super::{
        letters::{self, News},
        lines::{ChangeKind, Stand},
        periods,
        store::{
            documents, issuing, plans,
            subscriptions::{self as store, NewChange, Row},
        },
    },
    issue::{draft, issue_draft},
    stand::{self, Step},
    subscribed,
    usage::UsageSource,
};
use crate::{
    AppError,
    access::{Grant, System, Tx, hold_organization},
    audit::{self, BillingDeed},
    platform::Platform,
};

/// How often it is looked whether a period has ended.
const POLL: Duration = Duration::from_secs(30);
/// How many are looked for at a time.
const BATCH: i64 = 100;

/// Ends periods, issues drafts and tells of what is overdue, until told to stop.
pub async fn run(platform: Platform, usage: &'static dyn UsageSource, stop: CancellationToken) {
    while !stop.is_cancelled() {
        // What fails is in the log already, and the next look is not far.
        let _ = run_once(&platform, usage).await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Does everything that is due right now; answers how much that was. What fails for one organization is in the log, and
/// holds up no other.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn run_once(platform: &Platform, usage: &dyn UsageSource) -> Result<usize, AppError> {
    let grant = Grant::system(platform, "ending billing periods");
    let mut count = 0;
    loop {
        let mut done = 0;
        for organization in unbegun(&grant).await? {
            done += usize::from(late(&grant, organization).await == Ok(true));
        }
        for organization in due(&grant).await? {
            done += usize::from(roll(&grant, organization, usage).await == Ok(true));
        }
        for (draft, organization) in drafts(&grant).await? {
            done += usize::from(issue(&grant, draft, organization).await == Ok(true));
        }
        for (invoice, organization) in overdue(&grant).await? {
            done += usize::from(tell(&grant, invoice, organization).await == Ok(true));
        }
        count += done;
        if done == 0 {
            return Ok(count);
        }
    }
}

/// Organizations that the version before this one has made.
async fn unbegun(grant: &Grant<System>) -> Result<Vec<Uuid>, AppError> {
    let mut tx = grant.begin().await?;
    store::unbegun(tx.conn(), BATCH).await
}

async fn due(grant: &Grant<System>) -> Result<Vec<Uuid>, AppError> {
    let mut tx = grant.begin().await?;
    store::due(tx.conn(), grant.platform().now(), BATCH).await
}

async fn drafts(grant: &Grant<System>) -> Result<Vec<(Uuid, Uuid)>, AppError> {
    let mut tx = grant.begin().await?;
    issuing::drafts(tx.conn(), BATCH).await
}

async fn overdue(grant: &Grant<System>) -> Result<Vec<(Uuid, Uuid)>, AppError> {
    let mut tx = grant.begin().await?;
    issuing::overdue(tx.conn(), grant.platform().now(), BATCH).await
}

/// Enters an organization, and holds it with its subscription until the transaction ends.
async fn hold(tx: &mut Tx, organization: Uuid) -> Result<Row, AppError> {
    tx.enter(organization).await?;
    hold_organization(tx).await?;
    subscribed(tx).await
}

/// Begins the subscription of one that has none.
async fn late(grant: &Grant<System>, organization: Uuid) -> Result<bool, AppError> {
    let mut tx = grant.begin().await?;
    hold(&mut tx, organization).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends one period of an organization; answers whether there was one to end.
async fn roll(grant: &Grant<System>, organization: Uuid, usage: &dyn UsageSource) -> Result<bool, AppError> {
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    let row = hold(&mut tx, organization).await?;
    if row.span.until > platform.now() {
        return Ok(false);
    }
    next(&mut tx, platform, &row, usage).await?;
    tx.commit().await?;
    Ok(true)
}

/// Issues one draft; answers whether nobody else has.
async fn issue(grant: &Grant<System>, draft: Uuid, organization: Uuid) -> Result<bool, AppError> {
    let mut tx = grant.begin().await?;
    hold(&mut tx, organization).await?;
    let number = issue_draft(&mut tx, grant.platform(), draft).await?;
    tx.commit().await?;
    Ok(number.is_some())
}

/// Tells of one invoice that should have been paid; answers whether nobody else has.
async fn tell(grant: &Grant<System>, invoice: Uuid, organization: Uuid) -> Result<bool, AppError> {
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    let row = hold(&mut tx, organization).await?;
    if !issuing::note_overdue(tx.conn(), invoice, platform.now()).await? {
        return Ok(false);
    }
    let filter = documents::Filter { id: Some(invoice), limit: 1, ..documents::Filter::default() };
    let found = documents::list(tx.conn(), filter, platform.now()).await?.into_iter().next();
    let head = found.ok_or(AppError::NotFound)?.head(platform.now())?;
    letters::send(&mut tx, platform, &row, &head, News::Overdue).await?;
    audit::note(&mut tx, BillingDeed::OverdueTold { invoice, number: head.number }).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends every period that is due, one after the other, in the transaction of a change: what is changed is the present one.
pub(super) async fn catch_up(
    tx: &mut Tx,
    platform: &Platform,
    mut row: Row,
    usage: &dyn UsageSource,
) -> Result<Row, AppError> {
    while row.span.until <= platform.now() {
        next(tx, platform, &row, usage).await?;
        row = store::read(tx.conn(), row.organization).await?.ok_or(AppError::NotFound)?;
    }
    Ok(row)
}

/// Begins the period after the present one.
async fn next(tx: &mut Tx, platform: &Platform, row: &Row, usage: &dyn UsageSource) -> Result<(), AppError> {
    let before = stand::present(tx.conn(), row).await?;
    let (version, extra_seats) = row.next.unwrap_or((row.version, row.extra_seats));
    let span = periods::following(row.anchor, row.period + 1, row.span.until, &row.time_zone);
    let plan = plans::version(tx.conn(), version, row.currency).await?;
    let after = Stand { plan, extra_seats, period: span };
    let organization = row.organization;
    let step =
        Step { organization, kind: ChangeKind::Renewed, before: &before, after: &after, at: span.from };
    let lines = step.lines(tx.conn(), usage).await?;
    let change = NewChange {
        organization,
        no: row.changes + 1,
        at: span.from,
        kind: step.kind,
        version,
        currency: row.currency,
        extra_seats,
        anchor: row.anchor,
        period: row.period + 1,
        span,
    };
    store::apply(tx.conn(), &change).await?;
    draft(tx, platform, row, change.no, row.currency, &lines).await?;
    let deed = BillingDeed::Renewed { organization, plan: after.plan.plan.clone(), extra_seats };
    audit::note(tx, deed).await
}
