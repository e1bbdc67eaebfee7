//! Why a call was billed, or why not: price, budgets, hold, ledger, and the line of the invoice.

use uuid::Uuid;

use super::{
    super::{
        BookLine, Explained, ExplainedBudget, ExplainedLine, Nano, Scope,
        store::{
            charged, explain as store, holds,
            ledger::{self, Names},
        },
    },
    read_name,
    usage::written,
};
use crate::{
    AppError,
    access::{Grant, Organization, Permission, Tx},
    billing::{
        UsageExplained,
        service::{UsedUnit, explain_usage},
    },
};

/// Explains a call by the name of its event, or of its request. Where calls of several kinds have the name, `settled`, `recorded` or
/// `leased` before it says which.
///
/// # Errors
/// [`AppError::NotFound`] for one that nothing is known of; [`AppError::InvalidInput`] without a name.
pub async fn explain(grant: &Grant<Organization>, event_id: &str) -> Result<Explained, AppError> {
    grant.demand(Permission::ReadSpend)?;
    let name = read_name("event_id", event_id, 200)?;
    let organization = grant.organization();
    let mut tx = grant.begin().await?;
    let mut names = Names::all_of(&name);
    names.push(name.clone());
    let event = ledger::event(tx.conn(), organization, &names).await?;
    let explained = match event {
        Some(event) => of_event(&mut tx, organization, event).await?,
        None => of_hold(&mut tx, organization, &name).await?,
    };
    tx.commit().await?;
    Ok(explained)
}

async fn of_event(tx: &mut Tx, organization: Uuid, event: ledger::Event) -> Result<Explained, AppError> {
    let hold = holds::find(tx.conn(), organization, event.hold_id).await?;
    let is_settled = hold.as_ref().is_some_and(|hold| hold.state == "settled");
    let kept = hold.map(|hold| Nano::new(hold.amount_nano)).filter(|kept| *kept > Nano::ZERO);
    let ratings = store::ratings(tx.conn(), organization, event.journal).await?;
    let lines = ratings.into_iter().map(|row| ExplainedLine {
        unit: row.unit,
        quantity: row.quantity,
        price_id: row.price_id,
        price: row.price_nano.map(Nano::new),
        per: row.per,
        amount: Nano::new(row.cost_nano),
    });
    let lines: Vec<_> = lines.collect();
    let entries =
        store::lines(tx.conn(), organization, &event.event_id).await?.into_iter().map(|row| BookLine {
            journal_id: row.journal_id,
            kind: row.kind,
            at: row.at.into(),
            account: row.account,
            amount: Nano::new(row.amount_nano),
        });
    let entries: Vec<_> = entries.collect();
    let charges = charges(tx, organization, &event).await?;
    let (verdict, reason) = verdict(&event, is_settled, Nano::new(event.overrun_nano));
    let event_id = event.name().to_owned();
    Ok(Explained {
        verdict: verdict.to_owned(),
        reason,
        occurred_at: Some(event.occurred_at.into()),
        provider: some(event.provider),
        item: some(event.item),
        amount: Nano::new(event.cost),
        held: kept,
        lines,
        budgets: budgets(tx, organization, event.hold_id).await?,
        entries,
        invoice_line: on_invoices(&charges),
        charges,
        event_id,
    })
}

/// Where each unit of a call stands on invoices.
async fn charges(
    tx: &mut Tx,
    organization: Uuid,
    event: &ledger::Event,
) -> Result<Vec<UsageExplained>, AppError> {
    let rows = charged::of_event(tx.conn(), organization, &event.event_id).await?;
    let used: Vec<UsedUnit> = rows
        .into_iter()
        .map(|row| UsedUnit { number: row.number, unit: row.unit, quantity: row.quantity, at: row.at })
        .collect();
    explain_usage(tx, (&event.provider, &event.item), &used).await
}

/// Every line that says something of it, once.
fn on_invoices(charges: &[UsageExplained]) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    for charge in charges {
        if let Some((invoice, line)) = charge.invoice.as_deref().zip(charge.line) {
            let told = format!("{invoice} line {line}");
            if !lines.contains(&told) {
                lines.push(told);
            }
        }
    }
    (!lines.is_empty()).then(|| lines.join(", "))
}

fn verdict(event: &ledger::Event, is_settled: bool, overrun: Nano) -> (&'static str, String) {
    let cost = Nano::new(event.cost);
    if !event.priced {
        let reason = "There is no price for all of it, so it is billed at what was held for it. Set the price, then correct it.";
        return ("unpriced", reason.to_owned());
    }
    if cost == Nano::ZERO {
        return ("free", "It has cost nothing by its prices.".to_owned());
    }
    let mut reason = match event.source.as_str() {
        "expired" if !is_settled => format!(
            "It was sent on and never settled, so it is billed at what was known of it: {}.",
            cost.told()
        ),
        _ if event.units.is_empty() => format!("It is billed at what its client said: {}.", cost.told()),
        _ => format!("It is billed by its prices at the time it happened: {}.", cost.told()),
    };
    if overrun > Nano::ZERO {
        reason += " When it was settled that was ";
        reason += &overrun.told();
        reason += " more than was held.";
    }
    ("billed", reason)
}

async fn of_hold(tx: &mut Tx, organization: Uuid, name: &str) -> Result<Explained, AppError> {
    let hold = holds::by_request(tx.conn(), organization, name).await?.filter(|hold| hold.kind == "call");
    let hold = hold.ok_or(AppError::NotFound)?;
    let (verdict, reason) = match hold.state.as_str() {
        "held" => ("held", "It is not settled yet: what it can cost at most is held."),
        "released" => ("released", "It was not billed: its client gave back what was held."),
        _ => ("expired", "It was not billed: nobody said that it was sent on, and its time was over."),
    };
    Ok(Explained {
        event_id: name.to_owned(),
        verdict: verdict.to_owned(),
        reason: reason.to_owned(),
        occurred_at: None,
        provider: some(hold.provider),
        item: some(hold.item),
        amount: Nano::ZERO,
        held: Some(Nano::new(hold.amount_nano)),
        lines: Vec::new(),
        budgets: budgets(tx, organization, hold.id).await?,
        entries: Vec::new(),
        charges: Vec::new(),
        invoice_line: None,
    })
}

async fn budgets(tx: &mut Tx, organization: Uuid, hold: Uuid) -> Result<Vec<ExplainedBudget>, AppError> {
    let parts = store::parts(tx.conn(), organization, hold).await?;
    let shown = parts.into_iter().map(|part| ExplainedBudget {
        id: part.budget_id,
        // The table knows no other.
        scope: Scope::parse(&part.scope).unwrap_or(Scope::Organization),
        subject: part.subject,
        window: written(part.starts_on),
    });
    Ok(shown.collect())
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
