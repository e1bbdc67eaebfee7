//! Invoices of Stripe's among ours: each is frozen once it is final, and from then on only says how it ends.
//!
//! They keep the number that Stripe gave them, and take none of ours. What a customer finds at Stripe and here is one document, and
//! it is the same one whichever event came first, twice or not at all; a number of ours would go by the order in which events
//! come. So Stripe's numbers have no gaps because Stripe leaves none, and ours because none is taken.

mod frozen;

use uuid::Uuid;

use self::frozen::{Ending, Frozen, Parts};
use super::{
    super::{
        DocumentKind, Invoice, InvoiceState, Minor, Money, Party, PaymentProvider,
        store::{
            issuing::{self, Issued, NewDraft},
            provided::{self as store, Provided},
        },
        stripe::{
            self, customers,
            inbox::{self, Apply, Applying, Kind, Object},
        },
    },
    check::{same_lines, same_taxes},
    subscribed, terms,
};
use crate::{
    AppError,
    access::{Tx, hold_organization},
    audit::{self, BillingDeed},
    platform::{Platform, log::WhileDoing as _},
};

const VOIDED: &str = "It was declared void at Stripe.";

/// Keeps the invoices of our customers.
#[derive(Clone, Copy, Debug)]
pub(super) struct StripeInvoices;

impl Apply for StripeInvoices {
    fn apply<'a>(&'a self, platform: &'a Platform, tx: &'a mut Tx, object: &'a Object) -> Applying<'a> {
        Box::pin(async move {
            if object.kind != Kind::Invoice || object.is_deleted() {
                return Ok(());
            }
            keep(platform, tx, object).await
        })
    }
}

async fn keep(platform: &Platform, tx: &mut Tx, object: &Object) -> Result<(), AppError> {
    let invoice = read(object)?;
    let Some(organization) = owner(tx, &object.id, &invoice.customer).await? else { return Ok(()) };
    let Some(frozen) = Frozen::of(&invoice, &parts(tx, &invoice).await?)? else { return Ok(()) };
    tx.enter(organization).await?;
    let is_there = match hold_organization(tx).await {
        Ok(_) => true,
        // Its documents outlive an organization, and Stripe may still charge for its last month.
        Err(AppError::NotFound) => false,
        Err(problem) => return Err(problem),
    };
    match store::hold(tx.conn(), PaymentProvider::Stripe.name(), &object.id).await? {
        Some(held) => go_on(tx, &held, &frozen.ending).await,
        None => {
            let ours = if is_there { ours(tx).await? } else { Party::default() };
            freeze(platform, tx, &object.id, &frozen, ours).await
        }
    }
}

fn read(object: &Object) -> Result<stripe::Invoice, AppError> {
    object.read().while_doing("reading an invoice of Stripe's")
}

/// Whose an invoice is: the organization that has it already, or the one that its customer is.
async fn owner(tx: &mut Tx, id: &str, customer: &str) -> Result<Option<Uuid>, AppError> {
    match store::owner(tx.conn(), PaymentProvider::Stripe.name(), id).await? {
        Some(organization) => Ok(Some(organization)),
        None => customers::organization_of(tx.conn(), customer).await,
    }
}

async fn parts(tx: &mut Tx, invoice: &stripe::Invoice) -> Result<Parts, AppError> {
    let prices = invoice.lines.data.iter().filter_map(|line| line.price().map(str::to_owned));
    store::parts_of(tx.conn(), &prices.collect::<Vec<_>>()).await
}

/// To whom invoices of the organization are written at present.
async fn ours(tx: &mut Tx) -> Result<Party, AppError> {
    let row = subscribed(tx).await?;
    terms::customer(tx.conn(), &row).await
}

/// What Stripe does not say of a customer is what the organization says. An address and its country are one.
fn named(said: &Party, ours: Party) -> Party {
    let or = |said: &str, ours: String| if said.is_empty() { ours } else { said.to_owned() };
    let (address, country) = if said.address.is_empty() && said.country.is_empty() {
        (ours.address, ours.country)
    } else {
        (said.address.clone(), said.country.clone())
    };
    Party {
        name: or(&said.name, ours.name),
        address,
        country,
        tax_id: or(&said.tax_id, ours.tax_id),
        email: or(&said.email, ours.email),
        note: ours.note,
    }
}

async fn freeze(
    platform: &Platform,
    tx: &mut Tx,
    name: &str,
    frozen: &Frozen,
    ours: Party,
) -> Result<(), AppError> {
    let (id, organization) = (platform.new_id(), tx.organization()?);
    let draft = NewDraft {
        id,
        organization,
        kind: DocumentKind::Invoice,
        provider: PaymentProvider::Stripe.name(),
        provider_ref: Some(name),
        change_no: None,
        credits: None,
        reason: None,
        currency: frozen.currency,
        now: frozen.created_at,
    };
    issuing::insert(tx.conn(), &draft, &frozen.lines).await?;
    issuing::insert_taxes(tx.conn(), id, organization, &frozen.taxes).await?;
    // How to pay ours is not how to pay this one.
    let supplier = Party { note: String::new(), ..terms::supplier(platform) };
    let issued = Issued {
        id,
        state: InvoiceState::Open,
        number: &frozen.number,
        year: None,
        running: None,
        now: frozen.issued_at,
        due_at: frozen.due_at,
        // Stripe writes to its customers itself.
        told_at: None,
        supplier: &supplier,
        customer: &named(&frozen.customer, ours),
        net: frozen.net,
        tax: frozen.tax,
        total: frozen.total,
    };
    issuing::issue(tx.conn(), &issued).await?;
    let (number, total) = (frozen.number.clone(), Money::new(frozen.total, frozen.currency));
    let held = Provided { id, number: number.clone(), state: InvoiceState::Open.name().to_owned() };
    audit::note(tx, BillingDeed::InvoiceIssued { invoice: id, number, total }).await?;
    go_on(tx, &held, &frozen.ending).await
}

/// Says how a document ends, where that is something new.
async fn go_on(tx: &mut Tx, held: &Provided, ending: &Ending) -> Result<(), AppError> {
    let Ending { state, ended_at, paid_at } = *ending;
    if held.state == state.name() {
        return Ok(());
    }
    let from = InvoiceState::parse(&held.state);
    let can_end = matches!(from, Some(InvoiceState::Open | InvoiceState::Uncollectible));
    let (invoice, number) = (held.id, held.number.clone());
    let deed = match state {
        InvoiceState::Paid if can_end => BillingDeed::InvoicePaid { invoice, number, reference: None },
        InvoiceState::Void if can_end => {
            BillingDeed::InvoiceVoided { invoice, number, reason: VOIDED.to_owned() }
        }
        InvoiceState::Uncollectible if can_end => BillingDeed::InvoiceGivenUp { invoice, number },
        _ => {
            // What is issued is never changed; the check of the books says that the two differ.
            tracing::error!(
                invoice.number = held.number,
                from = held.state,
                to = state.name(),
                "an invoice of Stripe's cannot go this way"
            );
            return Ok(());
        }
    };
    store::set_ending(tx.conn(), held.id, state, ended_at, paid_at).await?;
    audit::note(tx, deed).await
}

/// Whether a document says what Stripe told of it; where that is not known any more, whether it adds up.
pub(super) async fn is_right(tx: &mut Tx, name: &str, stored: &Invoice) -> Result<bool, AppError> {
    let Some(object) = inbox::known(tx, Kind::Invoice, name).await? else {
        let lines = Minor::sum(stored.lines.iter().map(|line| line.amount.minor));
        let total = stored.net.minor.plus(stored.tax().minor);
        return Ok(lines == Some(stored.net.minor) && total == Some(stored.head.total.minor));
    };
    let invoice = read(&object)?;
    let Some(frozen) = Frozen::of(&invoice, &parts(tx, &invoice).await?)? else { return Ok(false) };
    let sums = stored.net == Money::new(frozen.net, frozen.currency)
        && stored.head.total == Money::new(frozen.total, frozen.currency);
    let stands = stored.head.number == frozen.number && stored.head.state == frozen.ending.state;
    Ok(sums && stands && same_lines(stored, &frozen.lines) && same_taxes(stored, &frozen.taxes))
}
