//! Changes of plan: upwards at once, downwards with the end of what was paid for.

use std::time::Duration;

use super::{
    super::{
        Minor, Party, PaymentProvider, Plan, PlanChanged, When,
        lines::{ChangeKind, Terms},
        periods,
        store::{
            plans,
            subscriptions::{self as store, NewChange, Row},
            usage as charges,
        },
    },
    FREE, agreed_now, conflict, given,
    issue::{draft, issue_draft},
    read_id, renew, subscribed,
    terms::{self, Cost, Step},
    usage::{Meter, Metered, UsageSource},
};
use crate::{
    AppError, FieldIssue, Timestamp,
    access::{Grant, Organization, Permission, Tx},
    audit::{self, BillingDeed},
    platform::Platform,
};

/// More seats than that are sold by people.
const MOST_SEATS: i64 = 10_000;
/// For how long what was said about the cost of a change is good. The rest of a month becomes less meanwhile.
const SAID_FOR: Duration = Duration::from_hours(1);
/// By how many minor units two sums may differ of which each part is rounded for itself.
const ROUNDING: i64 = 2;

/// What somebody wants to have; as typed.
#[derive(Clone, Debug, Default)]
pub struct PlanRequest {
    /// A plan's name.
    pub plan: String,
    /// How many seats beside those of the plan. Where nobody says, none, and as many as before where the plan stays.
    pub extra_seats: Option<String>,
    /// Which version of it was seen. Another one is not what was meant.
    pub version_id: Option<String>,
    /// What it was said to cost at once, taxes included, such as `19.99`. Another sum is not what was agreed to.
    pub total: Option<String>,
    /// By what it shall be paid: `invoice` or `stripe`. Where nobody says, as what is there.
    pub provider: Option<String>,
}

/// How a change goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timing {
    /// A first period that costs something begins now.
    Start,
    /// The rest of the period is charged.
    Rest,
    /// With the period's end.
    Later,
    /// What was to come does not.
    Stay,
}

/// A change that is thought through.
pub(super) struct Decided {
    pub(super) row: Row,
    pub(super) before: Terms,
    pub(super) after: Terms,
    pub(super) timing: Timing,
    pub(super) at: Timestamp,
    /// By what it will be paid.
    pub(super) provider: PaymentProvider,
    anchor: time::PrimitiveDateTime,
}

impl Decided {
    /// What is charged for it at once.
    pub(super) fn step(&self) -> Option<Step<'_>> {
        let kind = match self.timing {
            Timing::Start => ChangeKind::Started,
            Timing::Rest => ChangeKind::Upgraded,
            Timing::Later | Timing::Stay => return None,
        };
        let Self { row, before, after, at, .. } = self;
        Some(Step { organization: row.organization, kind, before, after, at: *at })
    }

    /// What is charged for it at once, if it happens at a moment, with the taxes of now.
    pub(super) async fn cost(
        &self,
        tx: &mut Tx,
        supplier: &Party,
        at: Timestamp,
        meter: Meter<'_>,
    ) -> Result<Cost, AppError> {
        match self.step() {
            None => Ok(Cost::default()),
            Some(step) => {
                let step = Step { at, ..step };
                if self.provider == PaymentProvider::Stripe {
                    // Taxes are those that Stripe was told; what was used is on an invoice of ours.
                    return Cost::untaxed(step.lines(&Metered::default())?);
                }
                let metered = step.metered(tx.conn(), meter, self.row.usage_through).await?;
                let lines = step.lines(&metered)?;
                terms::cost(tx.conn(), (supplier, &self.row), lines, self.at).await
            }
        }
    }
}

/// Takes another plan, or other seats. What costs more is there at once, and charged for the rest of the period; what costs
/// less comes when the period ends. A plan that is taken already stays in the version it was taken in.
///
/// # Errors
/// [`AppError::InvalidInput`] for a plan that is not on offer or seats that it has not, and where taxes go by a country that
/// nobody has said; [`AppError::Conflict`] where nothing would be different, and where it is another version or sum than the one
/// that was agreed to.
pub async fn change(
    grant: &Grant<Organization>,
    usage: &dyn UsageSource,
    request: &PlanRequest,
) -> Result<PlanChanged, AppError> {
    grant.demand(Permission::UpdateBilling)?;
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    let (row, now, meter) = hold(grant, &mut tx, usage).await?;
    let decided = decide(&mut tx, &row, request, now).await?;
    is_on_invoice(&decided)?;
    if decided.step().is_some() {
        terms::demand_country(tx.conn(), &row).await?;
    }
    demand_agreed(&mut tx, platform, &decided, request, meter).await?;
    let made = make(&mut tx, platform, &decided, meter).await?;
    tx.commit().await?;
    Ok(made)
}

/// Ends what costs something with the end of what was paid for.
///
/// # Errors
/// [`AppError::Conflict`] where nothing is to end.
pub async fn cancel(grant: &Grant<Organization>, usage: &dyn UsageSource) -> Result<PlanChanged, AppError> {
    let request = PlanRequest { plan: FREE.into(), extra_seats: Some("0".into()), ..PlanRequest::default() };
    change(grant, usage, &request).await
}

/// Keeps what was to end with the period.
///
/// # Errors
/// [`AppError::Conflict`] where nothing was to end.
pub async fn resume(grant: &Grant<Organization>, usage: &dyn UsageSource) -> Result<PlanChanged, AppError> {
    grant.demand(Permission::UpdateBilling)?;
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    let (row, now, meter) = hold(grant, &mut tx, usage).await?;
    let before = terms::present(tx.conn(), &row).await?;
    let request = PlanRequest { plan: before.plan.plan, ..PlanRequest::default() };
    let decided = decide(&mut tx, &row, &request, now).await?;
    is_on_invoice(&decided)?;
    let made = make(&mut tx, platform, &decided, meter).await?;
    tx.commit().await?;
    Ok(made)
}

/// What Stripe looks after is changed there ([`super::pay`]).
fn is_on_invoice(decided: &Decided) -> Result<(), AppError> {
    match decided.provider {
        PaymentProvider::Invoice => Ok(()),
        PaymentProvider::Stripe => Err(conflict("provider", FieldIssue::PaidOtherwise)),
    }
}

/// The subscription as it is now, which nobody else changes until the transaction ends, what time that is, and what was used by
/// then.
pub(super) async fn hold<'a>(
    grant: &Grant<Organization>,
    tx: &mut Tx,
    usage: &'a dyn UsageSource,
) -> Result<(Row, Timestamp, Meter<'a>), AppError> {
    grant.hold(tx).await?;
    let now = agreed_now(tx, grant.platform()).await?;
    let row = subscribed(tx).await?;
    let meter = Meter::close(tx, usage).await?;
    Ok((renew::catch_up(tx, grant.platform(), row, now, meter).await?, now, meter))
}

/// Which way a request goes.
pub(super) async fn decide(
    tx: &mut Tx,
    row: &Row,
    request: &PlanRequest,
    now: Timestamp,
) -> Result<Decided, AppError> {
    let before = terms::present(tx.conn(), row).await?;
    let plan = wanted(tx, row, &before.plan, &request.plan, now).await?;
    let stays = plan.version_id == before.plan.version_id;
    let extra_seats = seats(request, &plan, if stays { before.extra_seats } else { 0 })?;
    let mut after = Terms { plan, extra_seats, period: before.period };
    let (old, new) = (before.month()?, after.month()?);
    let provider = provider(row, request, old)?;
    let timing = if stays && extra_seats == before.extra_seats {
        Timing::Stay
    } else if new < old {
        Timing::Later
    } else if old.get() == 0 {
        Timing::Start
    } else {
        Timing::Rest
    };
    let comes_already = match timing {
        Timing::Stay => row.next.is_none(),
        _ => row.next == Some((after.plan.version_id, extra_seats)),
    };
    if comes_already {
        return Err(conflict("plan", FieldIssue::Unchanged));
    }
    let mut anchor = row.anchor;
    if timing == Timing::Start {
        (anchor, after.period) = periods::first(now, &row.time_zone);
    }
    let at = if timing == Timing::Later { row.span.until } else { now };
    Ok(Decided { row: row.clone(), before, after, timing, at, provider, anchor })
}

/// By what it will be paid. While something is paid for, that stays.
fn provider(row: &Row, request: &PlanRequest, paid: Minor) -> Result<PaymentProvider, AppError> {
    let present = row.paid_by();
    let Some(name) = given(request.provider.as_deref()) else { return Ok(present) };
    let wanted = PaymentProvider::parse(name);
    let wanted = wanted.ok_or_else(|| AppError::invalid("provider", FieldIssue::NotAnOption))?;
    if wanted != present && paid != Minor::ZERO {
        return Err(conflict("provider", FieldIssue::PaidOtherwise));
    }
    Ok(wanted)
}

/// Refuses what is not what somebody agreed to: another version of the plan, or a sum that it has not cost at any moment of the
/// last hour.
pub(super) async fn demand_agreed(
    tx: &mut Tx,
    platform: &Platform,
    decided: &Decided,
    request: &PlanRequest,
    meter: Meter<'_>,
) -> Result<(), AppError> {
    if let Some(version) = given(request.version_id.as_deref())
        && read_id("version_id", version)? != decided.after.plan.version_id
    {
        return Err(conflict("version_id", FieldIssue::MovedOn));
    }
    let Some(total) = given(request.total.as_deref()) else { return Ok(()) };
    let agreed = Minor::parse(total, decided.row.currency).map_err(|it| AppError::invalid("total", it))?;
    let supplier = terms::supplier(platform);
    let now = decided.cost(tx, &supplier, decided.at, meter).await?.total.get();
    let before = decided.cost(tx, &supplier, decided.at - SAID_FOR, meter).await?.total.get();
    let (least, most) = (now.min(before) - ROUNDING, now.max(before) + ROUNDING);
    if (least..=most).contains(&agreed.get()) { Ok(()) } else { Err(conflict("total", FieldIssue::MovedOn)) }
}

/// The plan that is meant: the version that is there already, or the one on offer.
async fn wanted(
    tx: &mut Tx,
    row: &Row,
    present: &Plan,
    typed: &str,
    now: Timestamp,
) -> Result<Plan, AppError> {
    let Some(name) = given(Some(typed)) else { return Err(AppError::invalid("plan", FieldIssue::Required)) };
    if name.eq_ignore_ascii_case(&present.plan) {
        return Ok(present.clone());
    }
    let offered = plans::offered(tx.conn(), row.currency, now).await?;
    let found = offered.into_iter().find(|plan| plan.plan.eq_ignore_ascii_case(name));
    found.ok_or_else(|| AppError::invalid("plan", FieldIssue::NotAnOption))
}

fn seats(request: &PlanRequest, plan: &Plan, present: i64) -> Result<i64, AppError> {
    let most = if plan.seat_price.is_some() { MOST_SEATS } else { 0 };
    let wrong = |issue| AppError::invalid("extra_seats", issue);
    let Some(typed) = given(request.extra_seats.as_deref()) else { return Ok(present) };
    let count: i64 = typed.parse().map_err(|_| wrong(FieldIssue::Unreadable))?;
    if (0..=most).contains(&count) {
        Ok(count)
    } else {
        Err(wrong(FieldIssue::OutOfRange { min: 0, max: most }))
    }
}

async fn make(
    tx: &mut Tx,
    platform: &Platform,
    decided: &Decided,
    meter: Meter<'_>,
) -> Result<PlanChanged, AppError> {
    let Decided { row, after, timing, at, .. } = decided;
    let (plan, extra_seats) = (after.plan.plan.clone(), after.extra_seats);
    let organization = row.organization;
    let deed = match timing {
        Timing::Stay => {
            store::schedule(tx.conn(), organization, None).await?;
            BillingDeed::PlanKept { organization, plan }
        }
        Timing::Later => {
            store::schedule(tx.conn(), organization, Some((after.plan.version_id, extra_seats))).await?;
            BillingDeed::PlanChangeScheduled { organization, plan, extra_seats, at: *at }
        }
        Timing::Start | Timing::Rest => BillingDeed::PlanChanged { organization, plan, extra_seats },
    };
    let invoice = match decided.step() {
        None => None,
        Some(step) => take_effect(tx, platform, decided, &step, meter).await?,
    };
    audit::note(tx, deed).await?;
    let when = if *timing == Timing::Later { When::PeriodEnd } else { When::Now };
    Ok(PlanChanged { when, at: *at, invoice, continue_at: None })
}

/// Makes it true, and charges it at once.
async fn take_effect(
    tx: &mut Tx,
    platform: &Platform,
    decided: &Decided,
    step: &Step<'_>,
    meter: Meter<'_>,
) -> Result<Option<String>, AppError> {
    let Decided { row, after, at, anchor, timing, .. } = decided;
    let metered = step.metered(tx.conn(), meter, row.usage_through).await?;
    let lines = step.lines(&metered)?;
    let change = NewChange {
        organization: row.organization,
        no: row.changes + 1,
        at: *at,
        kind: step.kind,
        version: after.plan.version_id,
        currency: step.currency(),
        extra_seats: after.extra_seats,
        anchor: *anchor,
        period: if *timing == Timing::Start { 0 } else { row.period },
        span: after.period,
        usage: metered.stretch,
    };
    store::apply(tx.conn(), &change).await?;
    charges::insert(tx.conn(), row.organization, change.no, &metered.charges).await?;
    // What takes effect at once has the moment of its decision.
    match draft(tx, platform, row, &change, *at, &lines).await? {
        None => Ok(None),
        Some(id) => issue_draft(tx, platform, id, *at).await,
    }
}
