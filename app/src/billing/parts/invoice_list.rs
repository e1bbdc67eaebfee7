//! The documents of an organization.

use domain::{Page, billing::InvoiceHead};
use leptos::prelude::*;

use crate::{
    billing::words,
    ui::{Address, Badge, Card, Cell, Column, EmptyState, Glyph, Pagination, Row, Table, TimeText},
};

/// The id of the line that says how many there are; on another page the focus goes there.
pub const INVOICES: &str = "invoice-results";

/// The card with one page of them.
pub fn invoice_list(page: Page<InvoiceHead>, slug: &str, place: &Address) -> AnyView {
    if page.items.is_empty() {
        return view! {
            <Card title="Invoices">
                <EmptyState glyph=Glyph::List title="No invoices yet" text=words::NO_INVOICES/>
            </Card>
        }
        .into_any();
    }
    let summary = match page.items.len() {
        1 => "1 document on this page".to_owned(),
        many => format!("{many} documents on this page"),
    };
    let first = place.get("cursor").map(|_| place.with("cursor", "").href());
    let next = page.next_cursor.map(|cursor| place.with("cursor", &cursor).href());
    let rows = page.items.into_iter().map(|head| row(head, slug)).collect_view();
    let columns = ["Number", "State", "Issued", "Due", "Total", "File"].map(Column::new).to_vec();
    view! {
        <Card title="Invoices">
            <div class="grid gap-4">
                <p class="sr-only" id=INVOICES tabindex="-1">
                    {summary.clone()}
                </p>
                <Table caption=format!("Invoices and credit notes: {summary}") columns>
                    {rows}
                </Table>
                <Pagination first next summary/>
            </div>
        </Card>
    }
    .into_any()
}

fn row(head: InvoiceHead, slug: &str) -> AnyView {
    let (tone, text) = words::state(&head);
    let href = format!("/o/{slug}/billing/invoices/{}", head.number);
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
