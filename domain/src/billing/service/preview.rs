//! What a change of plan would do, said before it is made.

use super::{
    super::{
        Money, PlanPreview, PreviewLine, Used, When,
        lines::{Terms, too_much},
    },
    agreed_now,
    change::{Decided, PlanRequest, Timing, decide},
    counts::Counts,
    read, renew, subscribed,
    terms::{self, Cost},
    usage::{Meter, UsageSource},
};
use crate::{
    AppError,
    access::{Grant, Organization, Permission},
};

/// What a change would cost now and later, and of what there would be too much, which `rooms` count. Changes nothing.
///
/// # Errors
/// As [`change`](super::change).
pub async fn preview(
    grant: &Grant<Organization>,
    usage: &dyn UsageSource,
    rooms: &[&dyn Counts],
    request: &PlanRequest,
) -> Result<PlanPreview, AppError> {
    grant.demand(Permission::ReadBilling)?;
    let mut tx = grant.begin().await?;
    // It holds nothing, so that looking makes nobody wait: the change itself decides anew.
    let now = agreed_now(&mut tx, grant.platform()).await?;
    let row = subscribed(&mut tx).await?;
    let meter = Meter::look(usage);
    let row = renew::as_of(&mut tx, row, now, meter).await?;
    let decided = decide(&mut tx, &row, request, now).await?;
    let supplier = terms::supplier(grant.platform());
    let cost = decided.cost(&mut tx, &supplier, decided.at, meter).await?;
    let used = read::used(&mut tx, rooms, &decided.after.plan, decided.after.extra_seats).await?;
    tx.commit().await?;
    told(&decided, cost, used)
}

fn told(decided: &Decided, cost: Cost, used: Vec<Used>) -> Result<PlanPreview, AppError> {
    let Decided { after, timing, at, .. } = decided;
    let currency = after.plan.price.currency;
    let money = |minor| Money::new(minor, currency);
    let Terms { plan, extra_seats, period } = after;
    let is_later = *timing == Timing::Later;
    let lines = cost.lines.into_iter();
    Ok(PlanPreview {
        plan: plan.plan.clone(),
        title: plan.title.clone(),
        extra_seats: *extra_seats,
        when: if is_later { When::PeriodEnd } else { When::Now },
        at: *at,
        lines: lines
            .map(|line| PreviewLine { description: line.description, amount: money(line.amount) })
            .collect(),
        net: money(cost.net),
        tax: money(cost.tax),
        total: money(cost.total),
        monthly_price: plan.month(*extra_seats).ok_or_else(too_much)?,
        next_at: if is_later { *at } else { period.until },
        exceeded: used.into_iter().filter(|used| used.is_exceeded()).collect(),
    })
}
