//! Computes every document anew from what was recorded, and compares; and looks for what was recorded and is on no document.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        Currency, DocumentKind, Invoice, InvoiceLine, InvoiceReport, Minor, Money, TaxLine,
        lines::NewLine,
        store::{
            documents::{self as store, Filter, Origin},
            subscriptions::{self, Logged},
            usage as charges,
        },
        taxes::NewTax,
    },
    agreed_now, credit,
    documents::one,
    from_stripe,
    issue::written,
    terms::{self, Step},
    usage::{self, Metered, UsageSource},
};
use crate::{
    AppError, Timestamp,
    access::{Grant, Scope, Site, SiteAction, System, Tx},
    admin::service::hold_acting,
    audit::{self, BillingSiteDeed},
    platform::Platform,
};

/// How many documents, or changes, are looked at in one transaction.
const BATCH: i64 = 200;
/// How long a draft may wait to be issued before its change counts as not charged.
const WAITS: Duration = Duration::from_hours(1);

/// Computes every issued document anew, and looks for numbers that are missing and for changes that nobody was charged for.
pub async fn check(grant: &Grant<Site>, usage: &dyn UsageSource) -> Result<InvoiceReport, AppError> {
    grant.demand(SiteAction::ReadBilling)?;
    let report = compute(grant, usage).await?;
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    note(tx, &report).await?;
    Ok(report)
}

/// The same for the one who runs the machine.
pub async fn check_all(grant: &Grant<System>, usage: &dyn UsageSource) -> Result<InvoiceReport, AppError> {
    let report = compute(grant, usage).await?;
    note(grant.begin().await?, &report).await?;
    Ok(report)
}

async fn note(mut tx: Tx, report: &InvoiceReport) -> Result<(), AppError> {
    let deed = BillingSiteDeed::InvoicesChecked { documents: report.documents, ok: report.ok };
    audit::note(&mut tx, deed).await?;
    tx.commit().await
}

/// A transaction for each batch, so that nobody waits for all of it.
async fn compute<S: Scope>(grant: &Grant<S>, usage: &dyn UsageSource) -> Result<InvoiceReport, AppError> {
    let mut found = Findings::default();
    while documents(&mut grant.begin().await?, usage, &mut found).await? {}
    let mut last = (Uuid::nil(), 0);
    while let Some(end) =
        changes(&mut grant.begin().await?, grant.platform(), usage, last, &mut found).await?
    {
        last = end;
    }
    found.report(&mut grant.begin().await?).await
}

/// What was found so far.
#[derive(Default)]
struct Findings {
    count: i64,
    wrong: Vec<String>,
    uncharged: Vec<String>,
    last: Option<Uuid>,
}

impl Findings {
    async fn report(self, tx: &mut Tx) -> Result<InvoiceReport, AppError> {
        let Self { count, wrong, uncharged, .. } = self;
        let missing = store::missing(tx.conn()).await?;
        let missing: Vec<String> = missing
            .into_iter()
            .filter_map(|(kind, year, running)| Some(written(DocumentKind::parse(&kind)?, year, running)))
            .collect();
        let ok = wrong.is_empty() && missing.is_empty() && uncharged.is_empty();
        Ok(InvoiceReport { documents: count, ok, wrong, missing, uncharged })
    }
}

/// Looks at some documents; answers whether there were any.
async fn documents(tx: &mut Tx, usage: &dyn UsageSource, found: &mut Findings) -> Result<bool, AppError> {
    let batch = store::origins(tx.conn(), found.last, BATCH).await?;
    let Some(last) = batch.last() else { return Ok(false) };
    found.last = Some(last.id);
    for origin in &batch {
        tx.enter(origin.organization_id).await?;
        found.count += 1;
        if !is_right(tx, origin, usage).await? {
            tracing::error!(invoice.number = origin.number, "an invoice does not say what was recorded");
            found.wrong.push(origin.number.clone());
        }
    }
    Ok(true)
}

/// Looks at some changes of subscriptions that have no invoice; answers the last one.
async fn changes(
    tx: &mut Tx,
    platform: &Platform,
    usage: &dyn UsageSource,
    after: (Uuid, i32),
    found: &mut Findings,
) -> Result<Option<(Uuid, i32)>, AppError> {
    let since = agreed_now(tx, platform).await? - WAITS;
    let batch = subscriptions::without_invoice(tx.conn(), after, since, BATCH).await?;
    for (organization, no) in &batch {
        tx.enter(*organization).await?;
        let charged = charged(tx, *organization, *no, usage).await?;
        if charged.is_none_or(|charge| terms::net(&charge.lines) != Ok(Minor::ZERO)) {
            tracing::error!(organization.id = %organization, change = no, "a change was not charged");
            found.uncharged.push(format!("{organization} {no}"));
        }
    }
    Ok(batch.last().copied())
}

async fn is_right(tx: &mut Tx, origin: &Origin, usage: &dyn UsageSource) -> Result<bool, AppError> {
    let at = Timestamp::from(origin.issued_at);
    let stored = one(tx, Filter { id: Some(origin.id), ..Filter::default() }, at).await?;
    if let Some(name) = &origin.provider_ref {
        return from_stripe::is_right(tx, name, &stored).await;
    }
    // Without one it is counted among ours.
    let Some((year, running)) = origin.year.zip(origin.running) else { return Ok(false) };
    let expected = match (origin.change_no, origin.credits) {
        (Some(no), _) => match charged(tx, origin.organization_id, no, usage).await? {
            None => None,
            Some(charge) => {
                let parties = (&stored.supplier, &stored.customer);
                let net = terms::net(&charge.lines)?;
                let taxes = terms::taxes_of(tx.conn(), parties, net, at).await?;
                Some((charge.currency, charge.lines, taxes))
            }
        },
        (None, Some(credited)) => {
            let already = store::credited(tx.conn(), credited, Some((year, running))).await?;
            let invoice = one(tx, Filter { id: Some(credited), ..Filter::default() }, at).await?;
            let amount = Minor::new(-stored.head.total.minor.get());
            let parts = credit::parts(&invoice, already, amount)?;
            Some((invoice.net.currency, parts.lines, parts.taxes))
        }
        (None, None) => None,
    };
    let Some((currency, lines, taxes)) = expected else { return Ok(false) };
    let net = terms::net(&lines)?;
    let total = net.plus(terms::sum(&taxes)?);
    let sums = stored.net == Money::new(net, currency) && Some(stored.head.total.minor) == total;
    let number = written(stored.head.kind, year, running) == origin.number;
    Ok(sums && number && same_lines(&stored, &lines) && same_taxes(&stored, &taxes))
}

/// What a change costs without taxes.
struct Charge {
    currency: Currency,
    lines: Vec<NewLine>,
}

/// What was to be charged for a change by the log of its subscription; nothing where the log does not know it.
async fn charged(
    tx: &mut Tx,
    organization: Uuid,
    no: i32,
    usage: &dyn UsageSource,
) -> Result<Option<Charge>, AppError> {
    let Some((earlier, change)) = subscriptions::logged(tx.conn(), organization, no).await? else {
        return Ok(None);
    };
    let before = terms::logged(tx.conn(), &earlier, change.currency).await?;
    let after = terms::logged(tx.conn(), &change, change.currency).await?;
    let step = Step { organization, kind: change.kind, before: &before, after: &after, at: change.at };
    let metered =
        Metered { stretch: change.usage, charges: charges::of_change(tx.conn(), organization, no).await? };
    if !is_what_was_used(tx, (organization, no), &change, &metered, usage).await? {
        tracing::error!(organization.id = %organization, change = no, "a change charges what was not used");
        return Ok(None);
    }
    Ok(Some(Charge { currency: step.currency(), lines: step.lines(&metered)? }))
}

/// Whether what a change has charged for usage is what the ledger says of its stretch, which begins where the one before it has
/// ended. The ledger of an organization that is gone says nothing any more.
async fn is_what_was_used(
    tx: &mut Tx,
    (organization, no): (Uuid, i32),
    change: &Logged,
    metered: &Metered,
    source: &dyn UsageSource,
) -> Result<bool, AppError> {
    let Some(stretch) = metered.stretch else { return Ok(metered.charges.is_empty()) };
    if !subscriptions::follows(tx.conn(), stretch, no).await? {
        return Ok(false);
    }
    if subscriptions::made(tx.conn(), organization).await?.is_none() {
        return Ok(true);
    }
    Ok(usage::charges(tx.conn(), source, stretch, change.currency).await? == metered.charges)
}

/// Whether a document has these lines.
pub(super) fn same_lines(stored: &Invoice, lines: &[NewLine]) -> bool {
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

/// Whether a document has these taxes.
pub(super) fn same_taxes(stored: &Invoice, taxes: &[NewTax]) -> bool {
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
