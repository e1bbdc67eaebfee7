//! A document that was opened, and what can be done about it: a card for each act.

use domain::billing::{DocumentKind, Invoice, InvoiceHead, InvoiceState, Minor, Money};
use leptos::prelude::*;

use super::{Settling, document};
use crate::{
    billing::words,
    ui::{Address, Card, Field, Form, Hidden, LinkButton, SubmitButton, TextInput, Weight, browser},
};

/// The id of the panel; the focus goes there when a document was opened.
const PANEL: &str = "document-panel";

/// The document, and below it what can be done. `address` is the list from which it was opened.
pub fn opened(invoice: &Invoice, acts: Option<AnyView>, address: &Address) -> AnyView {
    browser::focus_soon(PANEL.into());
    let label = format!("{} {}", invoice.head.kind.title(), invoice.head.number);
    let close = view! {
        <LinkButton href=address.href() weight=Weight::Quiet>
            "Close"
        </LinkButton>
    };
    // By its number the list shows the invoice that a credit note is for.
    let list = address.with("state", "").with("cursor", "");
    let document = document(invoice, close.into_any(), |number| list.with("q", number).href());
    view! {
        <section id=PANEL tabindex="-1" aria-label=label class="stack">
            {document} {acts}
        </section>
    }
    .into_any()
}

/// The cards for a document; none for one that has ended, and a sentence for one that somebody else looks after.
pub fn settle(head: &InvoiceHead, settling: &Settling) -> AnyView {
    if words::provider(head).is_some() {
        return view! { <p>{words::AT_STRIPE}</p> }.into_any();
    }
    let is_invoice = head.kind == DocumentKind::Invoice;
    let is_open = is_invoice && head.state == InvoiceState::Open;
    let is_owed = is_open || is_invoice && head.state == InvoiceState::Paid;
    let paid = is_open.then(|| paid(head, settling));
    let void = (is_open && head.credited.minor == Minor::ZERO).then(|| void(head, settling));
    let credit = is_owed.then(|| credit(head, settling));
    let end = is_owed.then(|| end(head, settling));
    view! {
        <div class="grid items-start gap-4 md:grid-cols-2 empty:hidden">{paid} {credit} {void} {end}</div>
    }
    .into_any()
}

fn paid(head: &InvoiceHead, settling: &Settling) -> AnyView {
    let (action, id) = (settling.paid, head.id.to_string());
    view! {
        <Card title=format!("{} is paid", head.number) lead=head.total.to_string()>
            <Form action>
                <Hidden name="invoice_id" value=id/>
                <Field name="reference" label="Reference of the payment (optional)">
                    <TextInput maxlength=200 autocomplete="off"/>
                </Field>
                <SubmitButton pending_words="Noting…">"Mark as paid"</SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn credit(head: &InvoiceHead, settling: &Settling) -> AnyView {
    let (action, id) = (settling.credit, head.id.to_string());
    let left = head.total.minor.minus(head.credited.minor).unwrap_or_default();
    let left = Money::new(left, head.total.currency);
    view! {
        <Card title=format!("Credit for {}", head.number) lead="A credit note over a part or all of it, with its taxes.">
            <Form action>
                <Hidden name="invoice_id" value=id/>
                <Field name="amount" label=format!("Amount in {}", left.currency)>
                    <TextInput value=left.digits() autocomplete="off"/>
                </Field>
                <Field name="reason" label="Reason" hint="It stands on the credit note.">
                    <TextInput maxlength=200 required=true autocomplete="off"/>
                </Field>
                <SubmitButton weight=Weight::Secondary pending_words="Issuing…">
                    "Issue a credit note"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn void(head: &InvoiceHead, settling: &Settling) -> AnyView {
    let (action, id) = (settling.void, head.id.to_string());
    view! {
        <Card title=format!("{} was a mistake", head.number) lead="It keeps its number, and nobody owes it.">
            <Form action>
                <Hidden name="invoice_id" value=id/>
                <Field name="reason" label="Reason">
                    <TextInput maxlength=200 required=true autocomplete="off"/>
                </Field>
                <SubmitButton weight=Weight::Danger pending_words="Noting…">
                    "Declare it void"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

/// Where somebody does not pay, and nobody of theirs cancels.
fn end(head: &InvoiceHead, settling: &Settling) -> AnyView {
    let (action, organization) = (settling.end, head.organization_id.to_string());
    view! {
        <Card title=format!("The plan of {}", head.customer) lead="It ends with the month that is paid for. Then the free plan begins.">
            <Form action>
                <Hidden name="organization_id" value=organization/>
                <Field name="reason" label="Reason" hint="It stands in the trail of the organization.">
                    <TextInput maxlength=200 required=true autocomplete="off"/>
                </Field>
                <SubmitButton weight=Weight::Danger pending_words="Ending…">
                    "End the plan"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}
