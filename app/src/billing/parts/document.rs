//! One document, whole.

use domain::billing::{Invoice, InvoiceLine, InvoiceState, Party, TaxLine, percent};
use leptos::prelude::*;

use crate::{
    billing::{
        api::{csv_of, pdf_of},
        words,
    },
    ui::{Badge, Card, Cell, Column, Detail, DetailsList, Row, Table, TimeText},
};

/// Where it stands, who writes to whom, the lines and the sums, with a way back. `at` says where an invoice is by its number.
pub fn document(invoice: &Invoice, back: AnyView, at: impl Fn(&str) -> String) -> AnyView {
    let head = invoice.head.clone();
    let title = format!("{} {}", head.kind.title(), head.number);
    let (tone, text) = words::state(&head);
    let (pdf, csv) = (pdf_of(head.id), csv_of(head.id));
    let due = head.due_on().map(|day| view! { <Detail name="To be paid by">{day}</Detail> });
    let credits = invoice.credits.clone().map(|number| {
        let href = at(&number);
        view! { <Detail name="For invoice"><a href=href>{number}</a></Detail> }
    });
    let reason = invoice.reason.clone().map(|text| view! { <Detail name="Reason">{text}</Detail> });
    let reference = invoice.reference.clone().filter(|_| head.state != InvoiceState::Void);
    let reference = reference.map(|text| view! { <Detail name="Reference of the payment">{text}</Detail> });
    let ended = words::ended(head.state);
    let ended = invoice.ended_at.map(|at| view! { <Detail name=ended><TimeText at/></Detail> });
    // That it was paid is true also when all of it was taken back since.
    let paid = invoice.paid_at.filter(|_| head.state == InvoiceState::Credited);
    let paid = paid.map(|at| view! { <Detail name="Paid"><TimeText at/></Detail> });
    let provider = words::provider(&head).map(|name| view! { <Detail name="Paid through">{name}</Detail> });
    let credited = (head.credited.minor.get() != 0)
        .then(|| view! { <Detail name="Credited so far">{head.credited.to_string()}</Detail> });
    let (from, to) = (party("From", &invoice.supplier), party("To", &invoice.customer));
    let lines = lines(invoice);
    view! {
        <div class="stack">
            <div class="flex flex-wrap gap-3">
                <a class="btn btn-primary" href=pdf rel="external" download="">
                    "Download as PDF"
                </a>
                <a class="btn btn-secondary" href=csv rel="external" download="">
                    "Lines as CSV"
                </a>
                {back}
            </div>
            <Card title>
                <DetailsList>
                    <Detail name="State">
                        <Badge tone text/>
                    </Detail>
                    <Detail name="Issued">
                        <TimeText at=head.issued_at/>
                    </Detail>
                    {due}
                    {paid}
                    {provider}
                    {ended}
                    {reference}
                    {credits}
                    {credited}
                    {reason}
                </DetailsList>
            </Card>
            <div class="grid items-start gap-4 md:grid-cols-2">{from} {to}</div>
            {lines}
        </div>
    }
    .into_any()
}

fn party(title: &'static str, party: &Party) -> AnyView {
    let tax_id = Some(party.tax_id.clone()).filter(|text| !text.is_empty());
    let text = [party.name.clone(), party.address.clone(), party.country.clone(), party.note.clone()];
    let lines = text
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| view! { <p class="wrap-anywhere">{line.to_owned()}</p> }.into_any())
        .collect_view();
    view! {
        <Card title>
            {lines} {tax_id.map(|number| view! { <p>"Tax number " {number}</p> })}
        </Card>
    }
    .into_any()
}

fn lines(invoice: &Invoice) -> AnyView {
    let rows = invoice.lines.iter().map(row).collect_view();
    let columns = ["Description", "For", "Quantity", "Price", "Amount"].map(Column::new).to_vec();
    let taxes = invoice.taxes.iter().map(tax).collect_view();
    let notes = invoice.taxes.iter().filter_map(|tax| tax.note.clone());
    let notes = notes.map(|note| view! { <p>{note}</p> }.into_any()).collect_view();
    let (net, total) = (invoice.net.to_string(), invoice.head.total.to_string());
    view! {
        <Card title="Lines">
            <div class="grid gap-4">
                <Table caption="What it is for" columns>
                    {rows}
                </Table>
                <DetailsList>
                    <Detail name="Subtotal">{net}</Detail>
                    {taxes}
                    <Detail name="Total">
                        <strong>{total}</strong>
                    </Detail>
                </DetailsList>
                {notes}
            </div>
        </Card>
    }
    .into_any()
}

fn tax(tax: &TaxLine) -> AnyView {
    let name = format!("{} {}", tax.name, percent(tax.rate));
    let amount = tax.amount.to_string();
    view! { <Detail name>{amount}</Detail> }.into_any()
}

fn row(line: &InvoiceLine) -> AnyView {
    let covers = line.covers.map_or_else(
        || "—".into_any(),
        |span| {
            // Together, so that a narrow cell breaks between the two.
            view! { <span><TimeText at=span.from/> " to " <TimeText at=span.until/></span> }.into_any()
        },
    );
    let unit = line.unit.map_or_else(|| "—".to_owned(), |unit| unit.to_string());
    let (kind, quantity, amount) =
        (words::line(line.kind), line.quantity.to_string(), line.amount.to_string());
    let description = line.description.clone();
    view! {
        <Row>
            <Cell label="">
                <p class="table-main">{description}</p>
                <p class="table-sub">{kind}</p>
            </Cell>
            <Cell label="For">{covers}</Cell>
            <Cell label="Quantity">{quantity}</Cell>
            <Cell label="Price">{unit}</Cell>
            <Cell label="Amount">{amount}</Cell>
        </Row>
    }
    .into_any()
}
