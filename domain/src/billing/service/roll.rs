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
        PaymentProvider,
        letters::{self, News},
        store::{
            documents,
            issuing::{self, Draft, Overdue},
            subscriptions::{self as store, Due, Row},
            usage as charges,
        },
    },
    agreed_now,
    issue::issue_draft,
    renew::{begin_period, last_period, next},
    subscribed,
    usage::{Meter, UsageSource},
};
use crate::{
    AppError, Timestamp,
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

/// Does everything that is due right now; answers how much that was. What fails for one organization is in the log, comes round
/// again, and holds up no other, however many fail.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn run_once(platform: &Platform, usage: &dyn UsageSource) -> Result<usize, AppError> {
    let grant = Grant::system(platform, "ending billing periods");
    let begun = begin_late(&grant).await?;
    let ended = end_periods(&grant, usage).await? + end_last_periods(&grant, usage).await?;
    let issued = issue_drafts(&grant).await?;
    Ok(begun + ended + issued + tell_of_overdue(&grant).await?)
}

/// Begins the subscriptions of organizations that the version before this one has made.
async fn begin_late(grant: &Grant<System>) -> Result<usize, AppError> {
    let (mut last, mut count) = (Uuid::nil(), 0);
    loop {
        let mut tx = grant.begin().await?;
        let found = store::unbegun(tx.conn(), last, BATCH).await?;
        drop(tx);
        let Some(end) = found.last() else { return Ok(count) };
        last = *end;
        for organization in found {
            count += usize::from(is_done(organization, late(grant, organization).await));
        }
    }
}

async fn end_periods(grant: &Grant<System>, usage: &dyn UsageSource) -> Result<usize, AppError> {
    let (mut last, mut count) = (Due::FIRST, 0);
    loop {
        let mut tx = grant.begin().await?;
        let now = agreed_now(&mut tx, grant.platform()).await?;
        let found = store::due(tx.conn(), now, last, BATCH).await?;
        drop(tx);
        let Some(end) = found.last() else { return Ok(count) };
        last = *end;
        for due in found {
            while is_done(due.organization, roll(grant, due.organization, usage).await) {
                count += 1;
            }
        }
    }
}

/// Ends the periods of organizations that go, so that what was used by them is charged before its ledger is gone.
async fn end_last_periods(grant: &Grant<System>, usage: &dyn UsageSource) -> Result<usize, AppError> {
    let (mut last, mut count) = (Uuid::nil(), 0);
    loop {
        let mut tx = grant.begin().await?;
        if !charges::are_there(tx.conn()).await? {
            return Ok(count);
        }
        let now = agreed_now(&mut tx, grant.platform()).await?;
        let found = store::leaving(tx.conn(), now, last, BATCH).await?;
        drop(tx);
        let Some(end) = found.last() else { return Ok(count) };
        last = *end;
        for organization in found {
            count += usize::from(is_done(organization, leave(grant, organization, usage).await));
        }
    }
}

async fn issue_drafts(grant: &Grant<System>) -> Result<usize, AppError> {
    let (mut last, mut count) = (Draft::FIRST, 0);
    loop {
        let mut tx = grant.begin().await?;
        let found = issuing::drafts(tx.conn(), last, BATCH).await?;
        drop(tx);
        let Some(end) = found.last() else { return Ok(count) };
        last = *end;
        for draft in found {
            count += usize::from(is_done(draft.organization, issue(grant, &draft).await));
        }
    }
}

async fn tell_of_overdue(grant: &Grant<System>) -> Result<usize, AppError> {
    let (mut last, mut count) = (Overdue::FIRST, 0);
    loop {
        let mut tx = grant.begin().await?;
        let now = agreed_now(&mut tx, grant.platform()).await?;
        let found = issuing::overdue(tx.conn(), now, last, BATCH).await?;
        drop(tx);
        let Some(end) = found.last() else { return Ok(count) };
        last = *end;
        for overdue in found {
            count += usize::from(is_done(overdue.organization, tell(grant, &overdue).await));
        }
    }
}

/// Whether something was done; why not is in the log, with whose it is.
fn is_done(organization: Uuid, outcome: Result<bool, AppError>) -> bool {
    match outcome {
        Ok(is_done) => is_done,
        // The organization has gone since it was found.
        Err(AppError::NotFound) => false,
        Err(error) => {
            tracing::error!(organization.id = %organization, %error, "what is due was not done; it is tried again");
            false
        }
    }
}

/// Enters an organization, and holds it with its subscription until the transaction ends; answers what time it is as well.
async fn hold(tx: &mut Tx, platform: &Platform, organization: Uuid) -> Result<(Row, Timestamp), AppError> {
    tx.enter(organization).await?;
    hold_organization(tx).await?;
    let now = agreed_now(tx, platform).await?;
    Ok((subscribed(tx).await?, now))
}

/// Begins the subscription of one that has none.
async fn late(grant: &Grant<System>, organization: Uuid) -> Result<bool, AppError> {
    let mut tx = grant.begin().await?;
    hold(&mut tx, grant.platform(), organization).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends one period of an organization; answers whether there was one to end.
async fn roll(grant: &Grant<System>, organization: Uuid, usage: &dyn UsageSource) -> Result<bool, AppError> {
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    let (row, now) = hold(&mut tx, platform, organization).await?;
    if row.span.until > now || row.paid_by() != PaymentProvider::Invoice {
        return Ok(false);
    }
    let meter = Meter::close(&mut tx, usage).await?;
    next(&mut tx, platform, &row, now, meter).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends the last period of an organization that goes; answers whether nobody else has.
async fn leave(grant: &Grant<System>, organization: Uuid, usage: &dyn UsageSource) -> Result<bool, AppError> {
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    let (row, now) = hold(&mut tx, platform, organization).await?;
    let is_due = row.goes_at.is_some_and(|goes_at| goes_at <= now && row.span.from < goes_at);
    // One that has ended by itself comes first, where nobody else has to say so.
    let has_ended = row.span.until <= now && row.paid_by() == PaymentProvider::Invoice;
    if !is_due || has_ended {
        return Ok(false);
    }
    let meter = Meter::close(&mut tx, usage).await?;
    let last = last_period(&mut tx, &row, now).await?;
    begin_period(&mut tx, platform, &row, last, now, meter).await?;
    tx.commit().await?;
    Ok(true)
}

/// Issues one draft; answers whether nobody else has.
async fn issue(grant: &Grant<System>, draft: &Draft) -> Result<bool, AppError> {
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    let (_, now) = hold(&mut tx, platform, draft.organization).await?;
    let number = issue_draft(&mut tx, platform, draft.id, now).await?;
    tx.commit().await?;
    Ok(number.is_some())
}

/// Tells of one invoice that should have been paid; answers whether nobody else has.
async fn tell(grant: &Grant<System>, overdue: &Overdue) -> Result<bool, AppError> {
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    let (row, now) = hold(&mut tx, platform, overdue.organization).await?;
    if !issuing::note_overdue(tx.conn(), overdue.id, now).await? {
        return Ok(false);
    }
    let head = documents::head(tx.conn(), overdue.id, now).await?;
    letters::send(&mut tx, platform, &row, &head, News::Overdue).await?;
    audit::note(&mut tx, BillingDeed::OverdueTold { invoice: overdue.id, number: head.number }).await?;
    tx.commit().await?;
    Ok(true)
}
