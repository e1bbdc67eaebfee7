//! Credit notes: what is taken back of an invoice, as a document of its own.

use uuid::Uuid;

use super::{
    super::{
        DocumentKind, Invoice, InvoiceState, LineKind, Minor,
        lines::{NewLine, too_much},
        store::{
            currency, documents,
            issuing::{self, Held, Issued, NewDraft},
        },
        taxes::{NewTax, taken_back},
    },
    agreed_now, conflict,
    documents::one,
    given, issue,
    paid::{begin, demand_ours, reason_of},
    read_id,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Site, SiteAction, Tx},
    audit::{self, BillingDeed},
    platform::Platform,
};

/// Takes back an amount of an invoice, taxes included, or all that is left of it. Answers the number of the credit note.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`] for an amount that is none, or more than is left;
/// [`AppError::Conflict`] for an invoice of which nothing is left, that is void, or that is one of Stripe's.
pub async fn credit(
    grant: &Grant<Site>,
    invoice: &str,
    amount: Option<&str>,
    reason: &str,
) -> Result<String, AppError> {
    let id = read_id("invoice_id", invoice)?;
    let reason = reason_of(reason)?;
    let (mut tx, held) = begin(grant, SiteAction::CorrectBilling, id).await?;
    demand_ours(&held)?;
    let already = documents::credited(tx.conn(), id, None).await?;
    let amount = checked(&held, already, amount)?;
    let number =
        write(&mut tx, grant.platform(), id, &held, Crediting { already, amount, reason: &reason }).await?;
    let deed = BillingDeed::InvoiceCredited { invoice: id, number: held.number, by: number.clone(), reason };
    audit::note(&mut tx, deed).await?;
    tx.commit().await?;
    Ok(number)
}

/// The amount that is taken back, if so much is left.
fn checked(held: &Held, already: Minor, amount: Option<&str>) -> Result<Minor, AppError> {
    let is_owed = [InvoiceState::Open, InvoiceState::Paid].iter().any(|state| held.state == state.name());
    if held.kind != DocumentKind::Invoice.name() || !is_owed {
        return Err(conflict("invoice_id", FieldIssue::MovedOn));
    }
    let left = Minor::new(held.total).minus(already).ok_or_else(too_much)?;
    if left.get() <= 0 {
        return Err(conflict("invoice_id", FieldIssue::AlreadyDone));
    }
    let amount = match given(amount) {
        None => left,
        Some(typed) => {
            let amount = Minor::parse(typed, currency(&held.currency)?);
            amount.map_err(|issue| AppError::invalid("amount", issue))?
        }
    };
    if amount.get() <= 0 || amount > left {
        return Err(AppError::invalid("amount", FieldIssue::OutOfRange { min: 1, max: left.get() }));
    }
    Ok(amount)
}

/// What is taken back, after what, and why.
struct Crediting<'a> {
    already: Minor,
    amount: Minor,
    reason: &'a str,
}

/// Writes the credit note, and ends the invoice where nothing is left of it.
async fn write(
    tx: &mut Tx,
    platform: &Platform,
    id: Uuid,
    held: &Held,
    back: Crediting<'_>,
) -> Result<String, AppError> {
    let (now, organization) = (agreed_now(tx, platform).await?, tx.organization()?);
    let credited = one(tx, documents::Filter { id: Some(id), ..documents::Filter::default() }, now).await?;
    let parts = parts(&credited, back.already, back.amount)?;
    let draft = NewDraft {
        id: platform.new_id(),
        organization,
        kind: DocumentKind::CreditNote,
        provider: &held.provider,
        provider_ref: None,
        change_no: None,
        credits: Some(id),
        reason: Some(back.reason),
        currency: credited.net.currency,
        now,
    };
    issuing::insert(tx.conn(), &draft, &parts.lines).await?;
    issuing::insert_taxes(tx.conn(), draft.id, organization, &parts.taxes).await?;
    let (number, year, running) = issue::number(tx, DocumentKind::CreditNote, now).await?;
    let issued = Issued {
        id: draft.id,
        state: InvoiceState::Issued,
        number: &number,
        year: Some(year),
        running: Some(running),
        now,
        due_at: None,
        told_at: None,
        // Those of the invoice: whoever reads both sees the same names.
        supplier: &held.supplier,
        customer: &held.customer,
        net: parts.net,
        tax: parts.tax,
        total: Minor::new(-back.amount.get()),
    };
    issuing::issue(tx.conn(), &issued).await?;
    if back.already.plus(back.amount) == Some(Minor::new(held.total)) {
        issuing::end(tx.conn(), id, InvoiceState::Credited, now, None).await?;
    }
    Ok(number)
}

/// What is on a credit note.
pub(super) struct Parts {
    pub(super) lines: Vec<NewLine>,
    pub(super) taxes: Vec<NewTax>,
    pub(super) net: Minor,
    pub(super) tax: Minor,
}

/// What of each tax, and of the rest, is taken back with an amount after some was already.
pub(super) fn parts(invoice: &Invoice, already: Minor, amount: Minor) -> Result<Parts, AppError> {
    let total = invoice.head.total.minor;
    let back = |part: Minor| Minor::new(-taken_back(part, total, already, amount).get());
    let mut taxes: Vec<NewTax> = invoice
        .taxes
        .iter()
        .map(|tax| NewTax {
            name: tax.name.clone(),
            rate: tax.rate,
            base: Minor::ZERO,
            amount: back(tax.amount.minor),
            note: tax.note.clone(),
        })
        .collect();
    let tax = super::terms::sum(&taxes)?;
    // The rest of the amount, so that nothing is rounded twice.
    let net = Minor::new(-amount.get()).minus(tax).ok_or_else(too_much)?;
    // Each tax of an invoice is one on all of it.
    for tax in &mut taxes {
        tax.base = net;
    }
    let lines = vec![NewLine {
        kind: LineKind::Credit,
        description: format!("Credit for invoice {}", invoice.head.number),
        quantity: 1,
        unit: Some(net),
        amount: net,
        covers: None,
    }];
    Ok(Parts { lines, taxes, net, tax })
}
