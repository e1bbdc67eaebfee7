//! What an organization has, as it follows from what Stripe has.
//!
//! Everything is computed from all objects of the customer that are known, and nothing from the one that was told: so the order
//! in which they were told does not matter, nor how often. Whoever is told holds the organization, and therefore sees what was
//! told before.

use serde_json::Value;
use uuid::Uuid;

use super::{
    super::{
        super::{
            PaymentProvider, Span, periods,
            store::{
                plans,
                subscriptions::{self as store, Described, Row},
            },
            stripe::{
                Schedule, ScheduleStatus, Subscription, SubscriptionStatus as Status,
                inbox::{self, Apply, Applying, Kind, Object},
                store::customers,
            },
        },
        FREE, UsageSource, agreed_now,
        begin::free,
        subscribed,
    },
    items, period,
};
use crate::{
    AppError, Timestamp,
    access::{Tx, hold_organization},
    audit::{self, BillingDeed},
    platform::Platform,
};

const ENDED: &str = "It has ended at Stripe.";

/// Keeps the plans of organizations that pay at Stripe.
#[derive(Clone, Copy)]
pub(super) struct Plans<'a> {
    pub(super) usage: &'a dyn UsageSource,
}

impl Apply for Plans<'_> {
    fn apply<'a>(&'a self, platform: &'a Platform, tx: &'a mut Tx, object: &'a Object) -> Applying<'a> {
        Box::pin(async move {
            let customer = match object.kind {
                Kind::Subscription | Kind::Schedule => object.state.get("customer").and_then(Value::as_str),
                // What was paid for begins with its subscription.
                Kind::Customer | Kind::PaymentMethod | Kind::Checkout | Kind::Invoice => None,
            };
            match customer {
                Some(customer) => follow(platform, tx, customer, self.usage).await,
                None => Ok(()),
            }
        })
    }
}

async fn follow(
    platform: &Platform,
    tx: &mut Tx,
    customer: &str,
    usage: &dyn UsageSource,
) -> Result<(), AppError> {
    let Some(organization) = customers::organization_of(tx.conn(), customer).await? else { return Ok(()) };
    tx.enter(organization).await?;
    let is_there = match hold_organization(tx).await {
        Ok(_) => true,
        Err(AppError::NotFound) => false,
        Err(problem) => return Err(problem),
    };
    let all = subscriptions(tx, customer).await?;
    let chosen = chosen(&all);
    let known = chosen.or_else(|| all.iter().find(|it| !has_ended(it)));
    customers::set_subscription(tx.conn(), organization, known.map(|it| it.id.as_str())).await?;
    if !is_there {
        // A worker ends what nobody has any more.
        return Ok(());
    }
    let row = subscribed(tx).await?;
    match chosen {
        Some(subscription) => take(platform, tx, &row, (customer, subscription), usage).await,
        None if row.paid_by() == PaymentProvider::Stripe => give_back(platform, tx, &row, &all, usage).await,
        None => Ok(()),
    }
}

async fn subscriptions(tx: &mut Tx, customer: &str) -> Result<Vec<Subscription>, AppError> {
    let found = inbox::objects_of(tx, customer, Kind::Subscription).await?;
    let read = found.iter().map(Object::read::<Subscription>).collect::<Result<Vec<_>, _>>();
    read.map_err(|problem| {
        tracing::error!(%problem, stripe.customer = customer, "a subscription at Stripe has a shape that is not known");
        AppError::Internal
    })
}

/// What gives a plan. A payment that failed is tried again for some time, which is for Stripe to decide.
fn is_good(subscription: &Subscription) -> bool {
    matches!(subscription.status, Status::Active | Status::Trialing | Status::PastDue)
}

fn has_ended(subscription: &Subscription) -> bool {
    matches!(subscription.status, Status::Canceled | Status::IncompleteExpired)
}

/// The one that counts: there is one, unless somebody made another in Stripe's dashboard. The oldest then.
fn chosen(all: &[Subscription]) -> Option<&Subscription> {
    let mut good = all.iter().filter(|it| is_good(it));
    let first = good.next();
    if let Some(more) = good.next() {
        tracing::error!(
            stripe.subscription = more.id,
            stripe.customer = more.customer,
            "a customer of Stripe's pays for more than one subscription, of which the oldest counts here"
        );
    }
    first
}

/// Keeps what a subscription says.
async fn take(
    platform: &Platform,
    tx: &mut Tx,
    row: &Row,
    (customer, it): (&str, &Subscription),
    usage: &dyn UsageSource,
) -> Result<(), AppError> {
    let Some(described) = described(tx, customer, it).await? else {
        tracing::error!(
            stripe.subscription = it.id,
            organization.id = %row.organization,
            "what is paid for at Stripe is no plan of ours, and changes nothing here"
        );
        return Ok(());
    };
    let before = row.described();
    let is_new = row.paid_by() != PaymentProvider::Stripe;
    if !is_new && before == described {
        return Ok(());
    }
    if !is_new && before == (Described { next: before.next, ..described }) {
        store::schedule(tx.conn(), row.organization, described.next).await?;
    } else {
        period::follow(tx, platform, row, (PaymentProvider::Stripe, &described), usage).await?;
    }
    note(tx, row, &before, &described).await
}

/// What a subscription means here; nothing where it is no plan of ours.
async fn described(tx: &mut Tx, customer: &str, it: &Subscription) -> Result<Option<Described>, AppError> {
    let Some((plan, extra_seats)) = items::meant(&items::of(tx.conn(), it).await?) else { return Ok(None) };
    let Some(span) = span(it) else { return Ok(None) };
    let currency = plan.currency;
    let next = if it.cancel_at_period_end || it.cancel_at.is_some() {
        Some((free(tx, currency, span.from).await?, 0))
    } else {
        planned(tx, customer, it, span).await?
    };
    let next = next.filter(|next| *next != (plan.version, extra_seats));
    Ok(Some(Described { version: plan.version, currency, extra_seats, span, next }))
}

/// The period that is paid for.
fn span(it: &Subscription) -> Option<Span> {
    let first = it.items.data.first()?;
    let from = Timestamp::from_unix_seconds(first.current_period_start)?;
    let until = Timestamp::from_unix_seconds(first.current_period_end)?;
    (from < until).then(|| Span::new(from, until))
}

/// What a schedule brings after the present period.
async fn planned(
    tx: &mut Tx,
    customer: &str,
    it: &Subscription,
    span: Span,
) -> Result<Option<(Uuid, i64)>, AppError> {
    let Some(id) = &it.schedule else { return Ok(None) };
    let known = inbox::objects_of(tx, customer, Kind::Schedule).await?;
    let Some(schedule) = known.iter().find(|object| object.id == *id) else { return Ok(None) };
    let Ok(schedule) = schedule.read::<Schedule>() else { return Ok(None) };
    if !matches!(schedule.status, ScheduleStatus::Active | ScheduleStatus::NotStarted) {
        return Ok(None);
    }
    let until = span.until.unix_seconds();
    let Some(phase) = schedule.phases.iter().find(|phase| phase.start_date >= until) else { return Ok(None) };
    let found = items::meant(&items::of_phase(tx.conn(), &phase.items).await?);
    Ok(found.map(|(plan, seats)| (plan.version, seats)))
}

async fn note(tx: &mut Tx, row: &Row, before: &Described, now: &Described) -> Result<(), AppError> {
    let (organization, is_new) = (row.organization, row.paid_by() != PaymentProvider::Stripe);
    let plan = plans::version(tx.conn(), now.version, now.currency).await?.plan;
    let is_other = (before.version, before.extra_seats) != (now.version, now.extra_seats);
    let extra_seats = now.extra_seats;
    if is_new || is_other {
        audit::note(tx, BillingDeed::PlanChanged { organization, plan: plan.clone(), extra_seats }).await?;
    } else if before.span != now.span {
        audit::note(tx, BillingDeed::Renewed { organization, plan: plan.clone(), extra_seats }).await?;
    }
    match now.next {
        next if next == before.next => Ok(()),
        Some((version, extra_seats)) => {
            let plan = plans::version(tx.conn(), version, now.currency).await?.plan;
            let at = now.span.until;
            audit::note(tx, BillingDeed::PlanChangeScheduled { organization, plan, extra_seats, at }).await
        }
        // What was to come is there, or does not come.
        None if is_new || is_other => Ok(()),
        None => audit::note(tx, BillingDeed::PlanKept { organization, plan }).await,
    }
}

/// Nothing is paid for at Stripe any more: what costs nothing begins when that ended.
async fn give_back(
    platform: &Platform,
    tx: &mut Tx,
    row: &Row,
    all: &[Subscription],
    usage: &dyn UsageSource,
) -> Result<(), AppError> {
    let now = agreed_now(tx, platform).await?;
    let ended = all.iter().filter_map(ended_at).max().and_then(Timestamp::from_unix_seconds);
    let at = ended.unwrap_or(now).min(now);
    let version = free(tx, row.currency, at).await?;
    let (_, span) = periods::first(at, &row.time_zone);
    let (organization, currency) = (row.organization, row.currency);
    let plan = plans::version(tx.conn(), row.version, currency).await?.plan;
    let described = Described { version, currency, extra_seats: 0, span, next: None };
    period::follow(tx, platform, row, (PaymentProvider::Invoice, &described), usage).await?;
    tracing::info!(organization.id = %organization, "{FREE} follows what was paid at Stripe");
    audit::note(tx, BillingDeed::PlanEnded { organization, plan, at, reason: ENDED.to_owned() }).await
}

/// When a subscription ended; one that nobody pays for any more ended with its last period that was.
fn ended_at(it: &Subscription) -> Option<i64> {
    it.ended_at.or_else(|| it.items.data.first().map(|item| item.current_period_start))
}
