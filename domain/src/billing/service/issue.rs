//! Drafts, and what makes documents of them.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        Currency, DocumentKind, InvoiceState, Party,
        letters::{self, News},
        lines::{NewLine, too_much},
        store::{
            documents,
            issuing::{self, Issued, NewDraft},
            subscriptions::{self as store, Row},
        },
    },
    stand,
};
use crate::{
    AppError,
    access::Tx,
    audit::{self, BillingDeed},
    platform::Platform,
};

/// Writes the draft of an invoice for a change; none where it comes to nothing.
pub(super) async fn draft(
    tx: &mut Tx,
    platform: &Platform,
    row: &Row,
    change_no: i32,
    currency: Currency,
    lines: &[NewLine],
) -> Result<Option<Uuid>, AppError> {
    if stand::net(lines)?.get() == 0 {
        return Ok(None);
    }
    let draft = NewDraft {
        id: platform.new_id(),
        organization: row.organization,
        kind: DocumentKind::Invoice,
        provider: &row.provider,
        change_no: Some(change_no),
        credits: None,
        reason: None,
        currency,
        now: platform.now(),
    };
    issuing::insert(tx.conn(), &draft, lines).await?;
    Ok(Some(draft.id))
}

/// Makes a draft of the organization that the transaction is in an invoice: with taxes, a number, a day until which it is to
/// be paid, and a letter. Answers the number; nothing where somebody else has.
pub(super) async fn issue_draft(
    tx: &mut Tx,
    platform: &Platform,
    invoice: Uuid,
) -> Result<Option<String>, AppError> {
    let now = platform.now();
    let organization = tx.organization()?;
    let Some((_, net)) = issuing::hold_draft(tx.conn(), invoice).await? else { return Ok(None) };
    let row = store::read(tx.conn(), organization).await?.ok_or(AppError::NotFound)?;
    let customer = stand::customer(tx.conn(), &row).await?;
    let taxes = stand::taxes_of(tx.conn(), &customer, net, now).await?;
    issuing::insert_taxes(tx.conn(), invoice, organization, &taxes).await?;
    let tax = stand::sum(&taxes)?;
    let (number, year, running) = number(tx, platform, DocumentKind::Invoice).await?;
    let days = platform.rules().supplier.payment_days;
    let issued = Issued {
        id: invoice,
        state: InvoiceState::Open,
        number: &number,
        year,
        running,
        now,
        due_at: Some(now + Duration::from_hours(24 * u64::from(days))),
        supplier: &supplier(platform),
        customer: &customer,
        net,
        tax,
        total: net.plus(tax).ok_or_else(too_much)?,
    };
    issuing::issue(tx.conn(), &issued).await?;
    let filter = documents::Filter { id: Some(invoice), limit: 1, ..documents::Filter::default() };
    let found = documents::list(tx.conn(), filter, now).await?.into_iter().next();
    let head = found.ok_or(AppError::NotFound)?.head(now)?;
    letters::send(tx, platform, &row, &head, News::Issued).await?;
    audit::note(tx, BillingDeed::InvoiceIssued { invoice, number: number.clone(), total: head.total })
        .await?;
    Ok(Some(number))
}

/// The next number of this year, which is that of UTC: `2026-000001`, `CN-2026-000001`.
pub(super) async fn number(
    tx: &mut Tx,
    platform: &Platform,
    kind: DocumentKind,
) -> Result<(String, i32, i32), AppError> {
    let year = platform.now().get().year();
    let running = issuing::next_number(tx.conn(), kind, year).await?;
    Ok((written(kind, year, running), year, running))
}

/// A number as it is written.
pub(super) fn written(kind: DocumentKind, year: i32, running: i32) -> String {
    let mark = match kind {
        DocumentKind::Invoice => "",
        DocumentKind::CreditNote => "CN-",
    };
    format!("{mark}{year}-{running:06}")
}

/// Who writes invoices, as the operator has said.
fn supplier(platform: &Platform) -> Party {
    let said = platform.rules().supplier.clone();
    Party {
        name: said.name,
        address: said.address,
        country: said.country,
        tax_id: said.tax_id,
        email: said.email,
        note: said.how_to_pay,
    }
}
