//! How an invoice ends, where a person says so: it is paid, or was never owed.

use uuid::Uuid;

use super::{
    super::{
        DocumentKind, InvoiceState, Minor, PaymentProvider,
        store::{
            documents,
            issuing::{self, Held},
        },
    },
    agreed_now, conflict, given, line, read_id,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Site, SiteAction, Tx, hold_organization},
    admin::service::hold_acting,
    audit::{self, BillingDeed},
};

/// The longest reference or reason, in characters.
pub(super) const LONGEST: u32 = 200;

/// Notes that an invoice is paid, with the reference of the payment.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for one that is not open, that somebody else ends, or that is one of Stripe's.
pub async fn mark_paid(grant: &Grant<Site>, invoice: &str, reference: Option<&str>) -> Result<(), AppError> {
    let id = read_id("invoice_id", invoice)?;
    let reference = given(reference).map(|text| line("reference", text, LONGEST)).transpose();
    let reference = reference.map_err(|problem| AppError::InvalidInput { errors: vec![problem] })?;
    let (mut tx, held) = begin(grant, SiteAction::ChangeBilling, id).await?;
    is_open(&held)?;
    let now = agreed_now(&mut tx, grant.platform()).await?;
    issuing::end(tx.conn(), id, InvoiceState::Paid, now, reference.as_deref()).await?;
    audit::note(&mut tx, BillingDeed::InvoicePaid { invoice: id, number: held.number, reference }).await?;
    tx.commit().await
}

/// Notes that an invoice was issued by mistake. It keeps its number, so that none is missing.
///
/// # Errors
/// As [`mark_paid`]; [`AppError::Conflict`] also where something of it was taken back already.
pub async fn void(grant: &Grant<Site>, invoice: &str, reason: &str) -> Result<(), AppError> {
    let id = read_id("invoice_id", invoice)?;
    let reason = reason_of(reason)?;
    let (mut tx, held) = begin(grant, SiteAction::CorrectBilling, id).await?;
    is_open(&held)?;
    let now = agreed_now(&mut tx, grant.platform()).await?;
    if documents::credited(tx.conn(), id, None).await? != Minor::ZERO {
        return Err(conflict("invoice_id", FieldIssue::MovedOn));
    }
    // Why stands in the trail: on the document it would be taken for the reference of a payment.
    issuing::end(tx.conn(), id, InvoiceState::Void, now, None).await?;
    audit::note(&mut tx, BillingDeed::InvoiceVoided { invoice: id, number: held.number, reason }).await?;
    tx.commit().await
}

/// Why; it stands on the document or in the trail.
pub(super) fn reason_of(typed: &str) -> Result<String, AppError> {
    let reason = line("reason", typed, LONGEST);
    let reason = reason.map_err(|problem| AppError::InvalidInput { errors: vec![problem] })?;
    if reason.is_empty() { Err(AppError::invalid("reason", FieldIssue::Required)) } else { Ok(reason) }
}

/// Begins a transaction in the organization of a document, which nobody else changes until it ends.
pub(super) async fn begin(grant: &Grant<Site>, action: SiteAction, id: Uuid) -> Result<(Tx, Held), AppError> {
    grant.demand(action)?;
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    let organization = documents::owner(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    tx.enter(organization).await?;
    match hold_organization(&mut tx).await {
        // It may be gone; its documents stay.
        Ok(_) | Err(AppError::NotFound) => {}
        Err(problem) => return Err(problem),
    }
    let held = issuing::hold(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    Ok((tx, held))
}

fn is_open(held: &Held) -> Result<(), AppError> {
    demand_ours(held)?;
    let is_open = held.kind == DocumentKind::Invoice.name() && held.state == InvoiceState::Open.name();
    if is_open { Ok(()) } else { Err(conflict("invoice_id", FieldIssue::MovedOn)) }
}

/// Refuses what somebody else looks after: what is noted here would move no money there.
pub(super) fn demand_ours(held: &Held) -> Result<(), AppError> {
    let by_hand = PaymentProvider::parse(&held.provider).is_some_and(PaymentProvider::is_paid_by_hand);
    if by_hand { Ok(()) } else { Err(conflict("invoice_id", FieldIssue::AtStripe)) }
}
