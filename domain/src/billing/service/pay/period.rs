//! Periods that Stripe counts, in the log of a subscription: when Stripe says that one has ended, what was used in it is charged
//! here.
//!
//! A period ends in the transaction in which that is learned, once however often it is told: a stretch of the ledger ends where the
//! period did, and the next one begins there. What is told again, or back and forth, finds nothing left to charge.

use std::time::Duration;

use time::PrimitiveDateTime;

use super::super::{
    super::{
        PaymentProvider, Span,
        lines::{ChangeKind, Terms},
        periods,
        store::{
            plans,
            subscriptions::{self as store, Described, NewChange, Row},
            usage as charges,
        },
    },
    agreed_now,
    issue::draft,
    renew,
    terms::Step,
    usage::{Meter, UsageSource},
};
use crate::{
    AppError, Timestamp,
    access::Tx,
    platform::{Platform, zones},
};

/// By how much months that are counted from different days differ: those of February and their neighbours.
const ABOUT: Duration = Duration::from_hours(4 * 24);

/// What is there from now on, by whom it is paid, and since when on the clocks of the organization.
struct Entered<'a> {
    provider: PaymentProvider,
    described: &'a Described,
    anchor: PrimitiveDateTime,
    period: i32,
}

/// Makes true what follows from what Stripe says, and charges what was used until then. The transaction holds the organization, and
/// has noted nothing in its trail.
pub(super) async fn follow(
    tx: &mut Tx,
    platform: &Platform,
    row: &Row,
    (provider, described): (PaymentProvider, &Described),
    usage: &dyn UsageSource,
) -> Result<(), AppError> {
    let now = agreed_now(tx, platform).await?;
    let meter = Meter::close(tx, usage).await?;
    let begins = described.span.from;
    let mut row = row.clone();
    // What is counted here and has ended before comes first.
    while row.paid_by() == PaymentProvider::Invoice && row.span.until <= begins.min(now) {
        row = renew::next(tx, platform, &row, now, meter).await?;
    }
    while let Some(span) = missed(&row, begins) {
        let unheard = Described { span, ..row.described() };
        let (anchor, period) = (row.anchor, row.period + 1);
        let entered = Entered { provider: PaymentProvider::Stripe, described: &unheard, anchor, period };
        row = enter(tx, platform, &row, &entered, (now, meter)).await?;
    }
    let anchor = zones::wall_clock(&row.time_zone, begins);
    let entered = Entered { provider, described, anchor, period: 0 };
    enter(tx, platform, &row, &entered, (now, meter)).await?;
    Ok(())
}

/// The period after the present one, where nobody has told of it and it has ended before another began: what it includes is taken
/// off of what was used in it, as if it had been told in time.
fn missed(row: &Row, begins: Timestamp) -> Option<Span> {
    let next = periods::following(row.anchor, row.period + 1, row.span.until, &row.time_zone);
    let is_whole = next.from < next.until && next.until <= begins + ABOUT;
    (is_whole && row.paid_by() == PaymentProvider::Stripe).then_some(next)
}

/// Writes one of them into the log, with what was used before it; answers what the subscription is then.
async fn enter(
    tx: &mut Tx,
    platform: &Platform,
    row: &Row,
    &Entered { provider, described: it, anchor, period }: &Entered<'_>,
    (now, meter): (Timestamp, Meter<'_>),
) -> Result<Row, AppError> {
    let (organization, kind) = (row.organization, ChangeKind::Followed);
    let plan = plans::version(tx.conn(), row.version, it.currency).await?;
    let before = Terms { plan, extra_seats: row.extra_seats, period: row.span };
    let plan = plans::version(tx.conn(), it.version, it.currency).await?;
    let after = Terms { plan, extra_seats: it.extra_seats, period: it.span };
    let at = if row.span.from < it.span.from { it.span.from } else { now };
    let step = Step { organization, kind, before: &before, after: &after, at };
    let metered = step.metered(tx.conn(), meter, row.usage_through).await?;
    let lines = step.lines(&metered)?;
    let change = NewChange {
        organization,
        no: row.changes + 1,
        at,
        kind,
        version: it.version,
        currency: it.currency,
        extra_seats: it.extra_seats,
        anchor,
        period,
        span: it.span,
        usage: metered.stretch,
    };
    store::follow(tx.conn(), provider, &change, it.next).await?;
    charges::insert(tx.conn(), organization, change.no, &metered.charges).await?;
    draft(tx, platform, row, &change, now, &lines).await?;
    Ok(Row { provider: provider.name().to_owned(), next: it.next, ..row.changed(&change) })
}
