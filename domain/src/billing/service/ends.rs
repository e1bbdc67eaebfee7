//! Plans that end although nobody of the organization has cancelled them: because it is about to be deleted, because somebody
//! who looks after money says so, or because nobody pays.

use std::time::Duration;

use super::{
    super::{
        PaymentProvider, PlanChanged, When,
        lines::Terms,
        store::{
            issuing, plans,
            subscriptions::{self as store, Row},
        },
    },
    FREE, agreed_now,
    begin::{free, subscribed},
    conflict,
    paid::reason_of,
    pay::end_later,
    read_id, terms,
};
use crate::{
    AppError, FieldIssue, Timestamp,
    access::{Grant, Site, SiteAction, Tx, hold_organization},
    admin::service::hold_acting,
    audit::{self, BillingDeed},
    platform::Platform,
};

/// How long after its day an invoice is waited for. The next month is not one of a plan that costs something.
const PATIENCE: Duration = Duration::from_hours(30 * 24);
const DELETED: &str = "The organization is about to be deleted.";
const UNPAID: &str = "An invoice was not paid for 30 days.";

/// Ends the plan of the organization that the transaction is in, and that it holds, with the month that is paid for: it is about
/// to be deleted, and nobody could cancel it any more. Whoever keeps the organization can keep the plan as well.
pub(crate) async fn end_with_period(tx: &mut Tx, platform: &Platform) -> Result<(), AppError> {
    let now = agreed_now(tx, platform).await?;
    match end(tx, platform, now, DELETED).await {
        // Something is being done at Stripe; the worker there looks again.
        Err(AppError::Conflict { .. }) => Ok(()),
        other => other.map(drop),
    }
}

/// Ends the plan of an organization with its month.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] where it costs nothing, or ends already.
pub async fn end_plan(
    grant: &Grant<Site>,
    organization: &str,
    reason: &str,
) -> Result<PlanChanged, AppError> {
    grant.demand(SiteAction::CorrectBilling)?;
    let organization = read_id("organization_id", organization)?;
    let reason = reason_of(reason)?;
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    tx.enter(organization).await?;
    hold_organization(&mut tx).await?;
    let now = agreed_now(&mut tx, grant.platform()).await?;
    let at = end(&mut tx, grant.platform(), now, &reason).await?;
    let at = at.ok_or_else(|| conflict("organization_id", FieldIssue::AlreadyDone))?;
    tx.commit().await?;
    Ok(PlanChanged { when: When::PeriodEnd, at, invoice: None, continue_at: None })
}

/// Notes that what costs nothing comes next; answers when, and nothing where it comes already, or is there. A month that has
/// ended and is not followed by another one yet is followed by that.
async fn end(
    tx: &mut Tx,
    platform: &Platform,
    now: Timestamp,
    reason: &str,
) -> Result<Option<Timestamp>, AppError> {
    let row = subscribed(tx).await?;
    let present = terms::present(tx.conn(), &row).await?;
    if present.month()?.get() == 0 {
        return Ok(None);
    }
    let free = free(tx, row.currency, now).await?;
    let next = Some((free, 0));
    if row.next == next || ends_already(tx, &row).await? {
        return Ok(None);
    }
    match row.paid_by() {
        PaymentProvider::Invoice => store::schedule(tx.conn(), row.organization, next).await?,
        // What comes of it is learned from Stripe.
        PaymentProvider::Stripe => end_later(tx, platform, &row, free).await?,
    }
    let (organization, at, reason) = (row.organization, row.span.until, reason.to_owned());
    audit::note(tx, BillingDeed::PlanEnded { organization, plan: present.plan.plan, at, reason }).await?;
    Ok(Some(at))
}

/// Whether what costs nothing comes next, in whatever version.
async fn ends_already(tx: &mut Tx, row: &Row) -> Result<bool, AppError> {
    let Some((version, _)) = row.next else { return Ok(false) };
    Ok(plans::version(tx.conn(), version, row.currency).await?.plan == FREE)
}

/// Whether something of the organization that the transaction is in is not issued yet. Its documents outlive an organization, but
/// nobody issues a draft of one that is gone: whoever deletes it waits for the worker.
pub(crate) async fn has_drafts(tx: &mut Tx) -> Result<bool, AppError> {
    let organization = tx.organization()?;
    issuing::has_drafts(tx.conn(), organization).await
}

/// Why what somebody has does not go on with the next month.
pub(super) async fn why(tx: &mut Tx, row: &Row, present: &Terms) -> Result<Option<&'static str>, AppError> {
    if present.month()?.get() == 0 {
        return Ok(None);
    }
    if row.ends {
        return Ok(Some(DELETED));
    }
    let since = row.span.until - PATIENCE;
    Ok(issuing::is_unpaid_since(tx.conn(), row.organization, since).await?.then_some(UNPAID))
}
