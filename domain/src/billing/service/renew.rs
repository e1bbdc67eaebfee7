//! One period after another: what was used is charged, and the next one begins.

use std::time::Duration;

use super::{
    super::{
        PaymentProvider, Span,
        lines::{ChangeKind, Terms},
        periods,
        store::{
            plans,
            subscriptions::{self as store, NewChange, Row},
            usage as charges,
        },
    },
    begin::free,
    ends::why,
    issue::draft,
    terms::{self, Step},
    usage::Meter,
};
use crate::{
    AppError, Timestamp,
    access::Tx,
    audit::{self, BillingDeed},
    platform::Platform,
};

/// No period is shorter.
const MOMENT: Duration = Duration::from_secs(1);

/// Ends every period that is due, one after the other, in the transaction of a change: what is changed is the present one.
/// Periods that somebody else counts end when they say so.
pub(super) async fn catch_up(
    tx: &mut Tx,
    platform: &Platform,
    mut row: Row,
    now: Timestamp,
    meter: Meter<'_>,
) -> Result<Row, AppError> {
    while row.span.until <= now && row.paid_by() == PaymentProvider::Invoice {
        row = next(tx, platform, &row, now, meter).await?;
    }
    Ok(row)
}

/// What a subscription will be when the periods that are due have ended, which whoever only looks does not end.
pub(super) async fn as_of(
    tx: &mut Tx,
    mut row: Row,
    now: Timestamp,
    meter: Meter<'_>,
) -> Result<Row, AppError> {
    while row.span.until <= now && row.paid_by() == PaymentProvider::Invoice {
        let mut renewal = renewal(tx, &row).await?;
        renewal.change.usage = renewal.step().metered(tx.conn(), meter, row.usage_through).await?.stretch;
        row = row.changed(&renewal.change);
    }
    Ok(row)
}

/// Begins the period after the present one; answers what the subscription is then.
pub(super) async fn next(
    tx: &mut Tx,
    platform: &Platform,
    row: &Row,
    now: Timestamp,
    meter: Meter<'_>,
) -> Result<Row, AppError> {
    let renewal = renewal(tx, row).await?;
    begin_period(tx, platform, row, renewal, now, meter).await
}

/// Makes it true and charges it, with what was used until then.
pub(super) async fn begin_period(
    tx: &mut Tx,
    platform: &Platform,
    row: &Row,
    mut renewal: Renewal,
    now: Timestamp,
    meter: Meter<'_>,
) -> Result<Row, AppError> {
    let step = renewal.step();
    let metered = step.metered(tx.conn(), meter, row.usage_through).await?;
    let lines = step.lines(&metered)?;
    renewal.change.usage = metered.stretch;
    let Renewal { before, after, change, ends } = renewal;
    let (organization, extra_seats) = (row.organization, after.extra_seats);
    store::apply(tx.conn(), &change).await?;
    charges::insert(tx.conn(), organization, change.no, &metered.charges).await?;
    draft(tx, platform, row, &change, now, &lines).await?;
    if let Some(reason) = ends {
        let (plan, at, reason) = (before.plan.plan.clone(), change.at, reason.to_owned());
        audit::note(tx, BillingDeed::PlanEnded { organization, plan, at, reason }).await?;
    }
    // A month that costs nothing and follows one like it is nothing to remember.
    let is_the_same = after.plan.version_id == before.plan.version_id && extra_seats == before.extra_seats;
    if !lines.is_empty() || !is_the_same {
        let plan = after.plan.plan.clone();
        audit::note(tx, BillingDeed::Renewed { organization, plan, extra_seats }).await?;
    }
    Ok(row.changed(&change))
}

/// The change that begins the period after the present one.
pub(super) struct Renewal {
    before: Terms,
    after: Terms,
    change: NewChange,
    /// Why it is not what was to come.
    ends: Option<&'static str>,
}

impl Renewal {
    fn step(&self) -> Step<'_> {
        let Self { before, after, change, .. } = self;
        Step { organization: change.organization, kind: change.kind, before, after, at: change.at }
    }
}

async fn renewal(tx: &mut Tx, row: &Row) -> Result<Renewal, AppError> {
    let before = terms::present(tx.conn(), row).await?;
    let span = periods::following(row.anchor, row.period + 1, row.span.until, &row.time_zone);
    let to_come = row.next.unwrap_or((row.version, row.extra_seats));
    let why = why(tx, row, &before).await?;
    let (version, extra_seats) = match why {
        None => to_come,
        Some(_) => (free(tx, row.currency, span.from).await?, 0),
    };
    let ends = why.filter(|_| to_come != (version, extra_seats));
    let plan = plans::version(tx.conn(), version, row.currency).await?;
    let change = NewChange {
        organization: row.organization,
        no: row.changes + 1,
        at: span.from,
        kind: ChangeKind::Renewed,
        version,
        currency: row.currency,
        extra_seats,
        anchor: row.anchor,
        period: row.period + 1,
        span,
        usage: None,
    };
    Ok(Renewal { before, after: Terms { plan, extra_seats, period: span }, change, ends })
}

/// The change that ends the last period of an organization: what is left of the month costs nothing, and nothing is charged but
/// what was used. What is paid elsewhere goes on until somebody there says that it has ended.
pub(super) async fn last_period(tx: &mut Tx, row: &Row, now: Timestamp) -> Result<Renewal, AppError> {
    let before = terms::present(tx.conn(), row).await?;
    let left = NewChange {
        organization: row.organization,
        no: row.changes + 1,
        at: now,
        kind: ChangeKind::Followed,
        version: row.version,
        currency: row.currency,
        extra_seats: row.extra_seats,
        anchor: row.anchor,
        period: row.period,
        // One of which nobody has told the end is over all the same.
        span: Span::new(now, row.span.until.max(now + MOMENT)),
        usage: None,
    };
    let change = match row.paid_by() {
        PaymentProvider::Invoice => {
            let version = free(tx, row.currency, now).await?;
            NewChange { kind: ChangeKind::Renewed, version, extra_seats: 0, ..left }
        }
        PaymentProvider::Stripe => left,
    };
    let plan = plans::version(tx.conn(), change.version, row.currency).await?;
    let after = Terms { plan, extra_seats: change.extra_seats, period: change.span };
    Ok(Renewal { before, after, change, ends: None })
}
