//! One page of documents as a table, with the way to the next one.

use domain::{Page, billing::InvoiceHead};
use leptos::prelude::*;

use crate::{
    billing::{api::pdf_of, words},
    ui::{Address, Badge, Cell, Column, Pagination, Row, Table, TimeText},
};

/// The id of the line that says how many there are; on another page, or after a filter, the focus goes there.
pub const INVOICES: &str = "invoice-results";

/// Whose documents a table has.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Those of the organization with this name in addresses. Each leads to its page.
    Organization(&'a str),
    /// Those of everybody, with the customer. Each is opened above the list.
    Everybody,
}

/// The table of a page of them; `address` is the page's own.
pub fn invoice_table(page: Page<InvoiceHead>, address: &Address, whose: Whose<'_>) -> AnyView {
    let summary = format!("{} on this page", page.items.len());
    let first = address.get("cursor").map(|_| address.with("cursor", "").href());
    let next = page.next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let rows = page.items.into_iter().map(|head| row(head, address, whose)).collect_view();
    let mut columns = vec!["Number", "State", "Issued", "Due", "Total", "File"];
    if matches!(whose, Whose::Everybody) {
        columns.insert(1, "Customer");
    }
    let columns: Vec<_> = columns.into_iter().map(Column::new).collect();
    view! {
        <p class="sr-only" id=INVOICES tabindex="-1">
            {summary.clone()}
        </p>
        <Table caption=format!("Invoices and credit notes: {summary}") columns>
            {rows}
        </Table>
        <Pagination first next summary/>
    }
    .into_any()
}

fn row(head: InvoiceHead, address: &Address, whose: Whose<'_>) -> AnyView {
    let (tone, text) = words::state(&head);
    let (pdf, label) = (pdf_of(head.id), format!("PDF of {}", head.number));
    let due = head.due_on().unwrap_or_else(|| "—".to_owned());
    let provider = words::provider(&head).map(|name| view! { <p class="table-sub">{name}</p> });
    let (href, customer) = match whose {
        Whose::Organization(slug) => (format!("/o/{slug}/billing/invoices/{}", head.number), None),
        Whose::Everybody => (address.with("invoice", &head.id.to_string()).href(), Some(head.customer)),
    };
    let customer = customer.map(|name| {
        view! {
            <Cell label="Customer">
                <span class="wrap-anywhere">{name}</span>
            </Cell>
        }
    });
    let (number, total) = (head.number, head.total.to_string());
    view! {
        <Row>
            <Cell label="">
                <p class="table-main">
                    <a href=href>{number}</a>
                </p>
                {provider}
            </Cell>
            {customer}
            <Cell label="State">
                <Badge tone text/>
            </Cell>
            <Cell label="Issued">
                <TimeText at=head.issued_at/>
            </Cell>
            <Cell label="Due">{due}</Cell>
            <Cell label="Total">{total}</Cell>
            <Cell label="File">
                <a href=pdf rel="external" download="" aria-label=label>
                    "PDF"
                </a>
            </Cell>
        </Row>
    }
    .into_any()
}
