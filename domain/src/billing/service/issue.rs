//! Drafts, and what makes documents of them.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        DocumentKind, InvoiceState, PaymentProvider,
        letters::{self, News},
        lines::{NewLine, too_much},
        store::{
            documents,
            issuing::{self, Issued, NewDraft},
            subscriptions::{NewChange, Row},
        },
    },
    subscribed, terms,
};
use crate::{
    AppError, Timestamp,
    access::Tx,
    audit::{self, BillingDeed},
    platform::Platform,
};

/// For how long after a letter about an invoice there is none about another one: who changes back and forth gets an invoice for
/// each change, and not a letter.
const QUIET: Duration = Duration::from_hours(1);

/// Writes the draft of an invoice for a change; none where it comes to nothing.
pub(super) async fn draft(
    tx: &mut Tx,
    platform: &Platform,
    row: &Row,
    change: &NewChange,
    now: Timestamp,
    lines: &[NewLine],
) -> Result<Option<Uuid>, AppError> {
    if terms::net(lines)?.get() == 0 {
        return Ok(None);
    }
    let draft = NewDraft {
        id: platform.new_id(),
        organization: row.organization,
        kind: DocumentKind::Invoice,
        // Also where somebody else takes the money for the plan: what is charged here is paid here.
        provider: PaymentProvider::Invoice.name(),
        provider_ref: None,
        change_no: Some(change.no),
        credits: None,
        reason: None,
        currency: change.currency,
        now,
    };
    issuing::insert(tx.conn(), &draft, lines).await?;
    Ok(Some(draft.id))
}

/// Makes a draft of the organization that the transaction is in an invoice: with taxes, a number, a day until which it is to
/// be paid, and a letter if there was none just now. Answers the number; nothing where somebody else has.
pub(super) async fn issue_draft(
    tx: &mut Tx,
    platform: &Platform,
    invoice: Uuid,
    now: Timestamp,
) -> Result<Option<String>, AppError> {
    let organization = tx.organization()?;
    let Some(net) = issuing::hold_draft(tx.conn(), invoice).await? else { return Ok(None) };
    let row = subscribed(tx).await?;
    let (supplier, customer) = (terms::supplier(platform), terms::customer(tx.conn(), &row).await?);
    let taxes = terms::taxes_of(tx.conn(), (&supplier, &customer), net, now).await?;
    issuing::insert_taxes(tx.conn(), invoice, organization, &taxes).await?;
    let tax = terms::sum(&taxes)?;
    let (number, year, running) = number(tx, DocumentKind::Invoice, now).await?;
    let days = platform.rules().supplier.payment_days;
    let is_told = !issuing::is_told_since(tx.conn(), organization, now - QUIET).await?;
    let issued = Issued {
        id: invoice,
        state: InvoiceState::Open,
        number: &number,
        year: Some(year),
        running: Some(running),
        now,
        due_at: Some(overdue_from(now, days)),
        told_at: is_told.then_some(now),
        supplier: &supplier,
        customer: &customer,
        net,
        tax,
        total: net.plus(tax).ok_or_else(too_much)?,
    };
    issuing::issue(tx.conn(), &issued).await?;
    let head = documents::head(tx.conn(), invoice, now).await?;
    if is_told {
        letters::send(tx, platform, &row, &head, News::Issued).await?;
    }
    audit::note(tx, BillingDeed::InvoiceIssued { invoice, number: number.clone(), total: head.total })
        .await?;
    Ok(Some(number))
}

/// The midnight after the last of so many days to pay, in UTC: whoever pays on that day pays in time, at whatever hour the
/// invoice was issued.
fn overdue_from(now: Timestamp, days: u32) -> Timestamp {
    let days = time::Duration::days(i64::from(days) + 1);
    Timestamp::new(now.get().date().saturating_add(days).midnight().assume_utc())
}

/// The next number of the year in which a document is issued, which is that of UTC: `2026-000001`, `CN-2026-000001`. Others may
/// be waited for, over New Year as well: the moment is that of the document, whatever time it is by then.
pub(super) async fn number(
    tx: &mut Tx,
    kind: DocumentKind,
    now: Timestamp,
) -> Result<(String, i32, i32), AppError> {
    let year = now.get().year();
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
