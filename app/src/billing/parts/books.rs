//! The documents of all organizations: filters, the table, the way to the next page.

use domain::{Page, billing::InvoiceHead};
use leptos::prelude::*;

use crate::{
    billing::words,
    ui::{
        Address, Badge, Card, Cell, Column, EmptyState, Field, FilterBar, Glyph, LinkButton, Pagination, Row,
        Select, Table, TextInput, TimeText,
    },
};

/// The choices of the filter: names of the interface and what they are called.
const STATES: [(&str, &str); 7] = [
    ("", "All"),
    ("open", "Open"),
    ("overdue", "Overdue"),
    ("paid", "Paid"),
    ("void", "Void"),
    ("credited", "Credited"),
    ("issued", "Credit notes"),
];

/// Where this is.
const HERE: &str = "/admin/billing";
/// The id of the line that says how many there are; after a filter the focus goes there.
pub const RESULTS: &str = "book-results";

/// The card of one page of documents.
pub fn books(page: Page<InvoiceHead>, address: &Address) -> AnyView {
    let states = STATES.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let (q, state) = (address.get("q").unwrap_or_default(), address.get("state").unwrap_or_default());
    let reset = (!address.is_bare()).then(|| HERE.to_owned());
    let content = if page.items.is_empty() { nothing(address) } else { table(page, address) };
    view! {
        <Card title="Invoices and credit notes">
            <div class="grid gap-4">
                <FilterBar action=HERE label="Invoices" reset>
                    <Field name="q" label="Number or customer">
                        <TextInput kind="search" value=q maxlength=200/>
                    </Field>
                    <Field name="state" label="State">
                        <Select options=states value=state/>
                    </Field>
                </FilterBar>
                {content}
            </div>
        </Card>
    }
    .into_any()
}

fn nothing(address: &Address) -> AnyView {
    if address.is_bare() {
        let text = "The first one is issued when an organization takes a plan that costs something.";
        return view! { <EmptyState glyph=Glyph::List title="No invoices yet" text/> }.into_any();
    }
    let action = view! { <LinkButton href=HERE>"Show everything"</LinkButton> }.into_any();
    let text = "No document is in this state and has this number or customer.";
    view! { <EmptyState glyph=Glyph::Search title="No documents found" text action/> }.into_any()
}

fn table(page: Page<InvoiceHead>, address: &Address) -> AnyView {
    let summary = match page.items.len() {
        1 => "1 document on this page".to_owned(),
        many => format!("{many} documents on this page"),
    };
    let first = address.get("cursor").map(|_| address.with("cursor", "").href());
    let next = page.next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let rows = page.items.into_iter().map(|head| row(head, address)).collect_view();
    let columns = ["Number", "Customer", "State", "Issued", "Due", "Total", "File"].map(Column::new).to_vec();
    view! {
        <p class="sr-only" id=RESULTS tabindex="-1">
            {summary.clone()}
        </p>
        <Table caption=format!("Documents: {summary}") columns>
            {rows}
        </Table>
        <Pagination first next summary/>
    }
    .into_any()
}

fn row(head: InvoiceHead, address: &Address) -> AnyView {
    let (tone, text) = words::state(&head);
    let href = address.with("invoice", &head.id.to_string()).href();
    let pdf = format!("/exports/invoices/{}.pdf", head.id);
    let label = format!("PDF of {}", head.number);
    let due = head.due_at.map_or_else(|| "—".into_any(), |at| view! { <TimeText at/> }.into_any());
    view! {
        <Row>
            <Cell label="">
                <p class="table-main">
                    <a href=href>{head.number}</a>
                </p>
            </Cell>
            <Cell label="Customer">
                <span class="wrap-anywhere">{head.customer}</span>
            </Cell>
            <Cell label="State">
                <Badge tone text/>
            </Cell>
            <Cell label="Issued">
                <TimeText at=head.issued_at/>
            </Cell>
            <Cell label="Due">{due}</Cell>
            <Cell label="Total">{head.total.to_string()}</Cell>
            <Cell label="File">
                <a href=pdf rel="external" download="" aria-label=label>
                    "PDF"
                </a>
            </Cell>
        </Row>
    }
    .into_any()
}
