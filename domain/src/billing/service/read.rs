//! Plans, and what an organization has of them.

use super::{
    super::{
        Currency, Entitlement, Plan, Scheduled, Subscription, Used,
        lines::too_much,
        store::{plans as offers, subscriptions::Row},
    },
    counts::{Counts, count},
    given, subscribed, terms,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Organization, Own, Permission, Tx},
};

/// What is on offer, the smallest plan first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a currency that is none.
pub async fn plans(grant: &Grant<Own>, currency: Option<&str>) -> Result<Vec<Plan>, AppError> {
    let currency = match given(currency) {
        None => Currency::EUR,
        Some(code) => {
            Currency::parse(code).ok_or_else(|| AppError::invalid("currency", FieldIssue::NotAnOption))?
        }
    };
    let mut tx = grant.begin().await?;
    let plans = offers::offered(tx.conn(), currency, grant.platform().now()).await?;
    tx.commit().await?;
    Ok(plans)
}

/// What an organization has, what becomes of it, and how much of it is used, which `rooms` count.
///
/// # Errors
/// [`AppError::NotFound`] for an organization that is gone.
pub async fn subscription(
    grant: &Grant<Organization>,
    rooms: &[&dyn Counts],
) -> Result<Subscription, AppError> {
    grant.demand(Permission::ReadBilling)?;
    let mut tx = grant.begin().await?;
    let row = subscribed(&mut tx).await?;
    let shown = shown(&mut tx, rooms, row).await?;
    tx.commit().await?;
    Ok(Subscription { may_change: grant.permissions().has(Permission::UpdateBilling), ..shown })
}

async fn shown(tx: &mut Tx, rooms: &[&dyn Counts], row: Row) -> Result<Subscription, AppError> {
    let present = terms::present(tx.conn(), &row).await?;
    let next = match row.next {
        None => None,
        Some((version, extra_seats)) => {
            let plan = offers::version(tx.conn(), version, row.currency).await?;
            Some(Scheduled { plan: plan.plan, title: plan.title, extra_seats, at: row.span.until })
        }
    };
    let usage = used(tx, rooms, &present.plan, row.extra_seats).await?;
    Ok(Subscription {
        organization_id: row.organization,
        slug: row.slug,
        organization: row.name,
        monthly_price: present.plan.month(row.extra_seats).ok_or_else(too_much)?,
        plan: present.plan,
        extra_seats: row.extra_seats,
        period: row.span,
        next,
        provider: row.provider,
        takes_cards: false,
        usage,
        may_change: false,
    })
}

/// What there is of everything that a plan limits.
pub(super) async fn used(
    tx: &mut Tx,
    rooms: &[&dyn Counts],
    plan: &Plan,
    extra_seats: i64,
) -> Result<Vec<Used>, AppError> {
    let mut all = Vec::new();
    for entitlement in Entitlement::ALL {
        let limit = plan.with_seats(entitlement, extra_seats);
        let used = count(tx, rooms, entitlement).await?;
        all.push(Used { limit, used });
    }
    Ok(all)
}
