//! Computes every document anew from what was recorded, and compares.

use super::{
    super::{
        DocumentKind, Invoice, InvoiceLine, InvoiceReport, Minor, Money, TaxLine,
        lines::NewLine,
        store::{
            documents::{self as store, Filter, Origin},
            subscriptions,
        },
        taxes::NewTax,
    },
    credit,
    documents::one,
    issue::written,
    stand::{self, Step},
    usage::UsageSource,
};
use crate::{
    AppError, Timestamp,
    access::{Grant, Site, SiteAction, System, Tx},
    admin::service::hold_acting,
    audit::{self, BillingSiteDeed},
};

/// How many documents are looked at in one transaction.
const BATCH: i64 = 200;

/// Computes every issued document anew, and looks for numbers that are missing.
pub async fn check(grant: &Grant<Site>, usage: &dyn UsageSource) -> Result<InvoiceReport, AppError> {
    grant.demand(SiteAction::ReadBilling)?;
    let mut found = Found::default();
    while let Some(batch) = next(&mut grant.begin().await?, usage, &mut found).await? {
        found.count += batch;
    }
    let mut tx = grant.begin().await?;
    let report = found.report(&mut tx).await?;
    hold_acting(&mut tx, grant).await?;
    let deed = BillingSiteDeed::InvoicesChecked { documents: report.documents, ok: report.ok };
    audit::note(&mut tx, deed).await?;
    tx.commit().await?;
    Ok(report)
}

/// The same for the process itself; nothing is noted.
pub async fn check_all(grant: &Grant<System>, usage: &dyn UsageSource) -> Result<InvoiceReport, AppError> {
    let mut found = Found::default();
    while let Some(batch) = next(&mut grant.begin().await?, usage, &mut found).await? {
        found.count += batch;
    }
    found.report(&mut grant.begin().await?).await
}

/// What was found so far.
#[derive(Default)]
struct Found {
    count: i64,
    wrong: Vec<String>,
    last: Option<uuid::Uuid>,
}

impl Found {
    async fn report(self, tx: &mut Tx) -> Result<InvoiceReport, AppError> {
        let missing = store::missing(tx.conn()).await?;
        let missing: Vec<String> = missing
            .into_iter()
            .filter_map(|(kind, year, running)| Some(written(DocumentKind::parse(&kind)?, year, running)))
            .collect();
        let ok = self.wrong.is_empty() && missing.is_empty();
        Ok(InvoiceReport { documents: self.count, ok, wrong: self.wrong, missing })
    }
}

/// Looks at some documents; answers how many, and nothing at the end.
async fn next(tx: &mut Tx, usage: &dyn UsageSource, found: &mut Found) -> Result<Option<i64>, AppError> {
    let batch = store::origins(tx.conn(), found.last, BATCH).await?;
    let Some(last) = batch.last() else { return Ok(None) };
    found.last = Some(last.id);
    for origin in &batch {
        tx.enter(origin.organization_id).await?;
        if !is_right(tx, origin, usage).await? {
            tracing::error!(invoice.number = origin.number, "an invoice does not say what was recorded");
            found.wrong.push(origin.number.clone());
        }
    }
    Ok(Some(i64::try_from(batch.len()).unwrap_or(BATCH)))
}

async fn is_right(tx: &mut Tx, origin: &Origin, usage: &dyn UsageSource) -> Result<bool, AppError> {
    let at = Timestamp::from(origin.issued_at);
    let stored = one(tx, Filter { id: Some(origin.id), ..Filter::default() }, at).await?;
    let expected = match (origin.change_no, origin.credits) {
        (Some(no), _) => charged(tx, origin, no, &stored, usage).await?,
        (None, Some(credited)) => {
            let already = store::credited(tx.conn(), credited, Some((origin.year, origin.running))).await?;
            let invoice = one(tx, Filter { id: Some(credited), ..Filter::default() }, at).await?;
            let amount = Minor::new(-stored.head.total.minor.get());
            let parts = credit::parts(&invoice, already, amount)?;
            Some((parts.lines, parts.taxes))
        }
        (None, None) => None,
    };
    let Some((lines, taxes)) = expected else { return Ok(false) };
    let net = stand::net(&lines)?;
    let total = net.plus(stand::sum(&taxes)?);
    let sums = stored.net.minor == net && Some(stored.head.total.minor) == total;
    Ok(sums && same_lines(&stored, &lines) && same_taxes(&stored, &taxes))
}

/// What an invoice must say by the log of its subscription.
async fn charged(
    tx: &mut Tx,
    origin: &Origin,
    no: i32,
    stored: &Invoice,
    usage: &dyn UsageSource,
) -> Result<Option<(Vec<NewLine>, Vec<NewTax>)>, AppError> {
    let Some((earlier, change)) = subscriptions::logged(tx.conn(), origin.organization_id, no).await? else {
        return Ok(None);
    };
    let before = stand::logged(tx.conn(), &earlier).await?;
    let after = stand::logged(tx.conn(), &change).await?;
    let organization = origin.organization_id;
    let step = Step { organization, kind: change.kind, before: &before, after: &after, at: change.at };
    let lines = step.lines(tx.conn(), usage).await?;
    let parties = (&stored.supplier, &stored.customer);
    let taxes = stand::taxes_of(tx.conn(), parties, stand::net(&lines)?, origin.issued_at.into()).await?;
    Ok(Some((lines, taxes)))
}

fn same_lines(stored: &Invoice, lines: &[NewLine]) -> bool {
    let money = |minor| Money::new(minor, stored.net.currency);
    let same = |(stored, new): (&InvoiceLine, &NewLine)| {
        stored.kind == new.kind
            && stored.description == new.description
            && stored.quantity == new.quantity
            && stored.unit == new.unit.map(money)
            && stored.amount == money(new.amount)
            && stored.covers == new.covers
    };
    stored.lines.len() == lines.len() && stored.lines.iter().zip(lines).all(same)
}

fn same_taxes(stored: &Invoice, taxes: &[NewTax]) -> bool {
    let money = |minor| Money::new(minor, stored.net.currency);
    let same = |(stored, new): (&TaxLine, &NewTax)| {
        stored.name == new.name
            && stored.rate == new.rate
            && stored.base == money(new.base)
            && stored.amount == money(new.amount)
            && stored.note == new.note
    };
    stored.taxes.len() == taxes.len() && stored.taxes.iter().zip(taxes).all(same)
}
