//! What has been used so far, and where a call stands on invoices.

use std::{collections::BTreeMap, time::Duration};

use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    super::{
        Minor, Money, OpenUsage, OpenUsageLine, UsageExplained, UsageState,
        lines::{included, too_much},
        store::{
            subscriptions::Row,
            usage::{self as store, Asked, Found},
        },
    },
    agreed_now, subscribed, terms,
    usage::{Meter, UsageSource},
};
use crate::{
    AppError,
    access::{Grant, Organization, Permission, Tx},
};

/// What is written in the moment in which somebody looks has happened before it.
const MOMENT: Duration = Duration::from_secs(1);

/// What an organization has used that is on no invoice yet, and what would be charged for it if its period ended now.
///
/// # Errors
/// [`AppError::NotFound`] for an organization that is gone.
pub async fn open_usage(grant: &Grant<Organization>, usage: &dyn UsageSource) -> Result<OpenUsage, AppError> {
    grant.demand(Permission::ReadBilling)?;
    let mut tx = grant.begin().await?;
    let now = agreed_now(&mut tx, grant.platform()).await?;
    let row = subscribed(&mut tx).await?;
    let plan = terms::present(tx.conn(), &row).await?.plan;
    let meter = Meter::look(usage);
    let open = (row.organization, row.usage_through);
    let metered = meter.read(tx.conn(), open, now + MOMENT, row.currency).await?;
    let has_prices = !store::prices(tx.conn(), row.currency).await?.is_empty();
    tx.commit().await?;
    let used = metered.sum()?;
    let money = |minor| Money::new(minor, row.currency);
    let to_charge = used.minus(included(used, plan.included_usage.minor)).ok_or_else(too_much)?;
    let lines = metered.charges.into_iter().map(|charge| OpenUsageLine {
        provider: charge.provider,
        item: charge.item,
        unit: charge.unit,
        quantity: charge.quantity,
        price: charge.price.price,
        per: charge.price.per,
        amount: money(charge.amount),
    });
    Ok(OpenUsage {
        period: row.span,
        has_prices,
        lines: lines.collect(),
        used: money(used),
        included: plan.included_usage,
        // Less than nothing is left for the next period.
        to_charge: money(to_charge.max(Minor::ZERO)),
    })
}

/// What an entry of the ledger says of a unit.
pub(crate) struct UsedUnit {
    /// The number of the entry.
    pub(crate) number: i64,
    pub(crate) unit: String,
    /// Less than nothing where it takes something back.
    pub(crate) quantity: i64,
    /// When it happened.
    pub(crate) at: OffsetDateTime,
}

/// With which change something was charged, at which price, and of which unit.
type Key<'a> = (Option<i32>, Option<Uuid>, &'a str);

/// Where the units of a call of a provider's item stand on the invoices of the organization that the transaction is in. What was
/// taken back on the invoice on which it was is on none.
pub(crate) async fn explain_usage(
    tx: &mut Tx,
    (provider, item): (&str, &str),
    used: &[UsedUnit],
) -> Result<Vec<UsageExplained>, AppError> {
    if used.is_empty() {
        return Ok(Vec::new());
    }
    let row = subscribed(tx).await?;
    let numbers: Vec<i64> = used.iter().map(|it| it.number).collect();
    let units: Vec<String> = used.iter().map(|it| it.unit.clone()).collect();
    let times: Vec<OffsetDateTime> = used.iter().map(|it| it.at).collect();
    let asked = Asked { numbers: &numbers, units: &units, times: &times };
    let found = store::find(tx.conn(), row.organization, row.currency, (provider, item), &asked).await?;
    let mut sums: BTreeMap<Key<'_>, (i64, &Found)> = BTreeMap::new();
    let mut order = Vec::new();
    for it in &found {
        let place = usize::try_from(it.place - 1).unwrap_or(usize::MAX);
        let Some(unit) = used.get(place) else { continue };
        let key: Key<'_> = (it.change, it.price, unit.unit.as_str());
        let sum = sums.entry(key).or_insert_with(|| {
            order.push((key, unit.number));
            (0, it)
        });
        sum.0 = sum.0.saturating_add(unit.quantity);
    }
    let told = order.into_iter().filter_map(|(key, number)| {
        let (quantity, found) = *sums.get(&key)?;
        (quantity != 0).then(|| told(&row, key.2, quantity, found, number))
    });
    Ok(told.collect())
}

fn told(row: &Row, unit: &str, quantity: i64, found: &Found, number: i64) -> UsageExplained {
    let (state, reason) = verdict(row, found, number);
    let is_on_a_line = matches!(state, UsageState::Billed | UsageState::Included);
    let invoice = found.invoice.clone().filter(|_| is_on_a_line);
    let line = found.line.filter(|_| invoice.is_some());
    UsageExplained { unit: unit.to_owned(), quantity, state, reason, invoice, line }
}

fn verdict(row: &Row, found: &Found, number: i64) -> (UsageState, String) {
    let Found { change, currency, price, is_charged, is_written, invoice, line, usage, .. } = found;
    if change.is_none() && number <= row.usage_through {
        let reason = "It was written down before usage was charged, and is not billed.";
        return (UsageState::Unpriced, reason.to_owned());
    }
    if price.is_none() {
        let reason = format!(
            "Whoever runs the site had no price in {currency} for it when it happened, so it is not billed."
        );
        return (UsageState::Unpriced, reason);
    }
    if change.is_none() {
        let reason = format!("It is not billed yet: its period ends on {}.", row.span.until);
        return (UsageState::Open, reason);
    }
    if !is_charged || !is_written {
        let reason = "All that was used in its period is included in the plan, or came to nothing.";
        return (UsageState::Included, reason.to_owned());
    }
    let (Some(invoice), Some(line)) = (invoice, line) else {
        return (UsageState::Open, "The invoice that it is on is not issued yet.".to_owned());
    };
    if *usage == Some(0) {
        let reason = format!(
            "It is in line {line} of invoice {invoice}; all that was used in its period is included in the plan."
        );
        return (UsageState::Included, reason);
    }
    (UsageState::Billed, format!("It is in line {line} of invoice {invoice}."))
}
