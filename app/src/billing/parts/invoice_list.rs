//! The documents of an organization.

use domain::{Page, billing::InvoiceHead};
use leptos::prelude::*;

use super::{Whose, invoice_table};
use crate::{
    billing::{api::list_of, words},
    ui::{Address, Card, EmptyState, Glyph},
};

/// The card with one page of them.
pub fn invoice_list(page: Page<InvoiceHead>, slug: &str, place: &Address) -> AnyView {
    let content = if page.items.is_empty() {
        view! { <EmptyState glyph=Glyph::List title="No invoices yet" text=words::NO_INVOICES/> }.into_any()
    } else {
        let (table, file) = (invoice_table(page, place, Whose::Organization(slug)), list_of(slug));
        view! {
            {table}
            <p>
                <a href=file rel="external" download="">
                    "All invoices as CSV"
                </a>
            </p>
        }
        .into_any()
    };
    view! {
        <Card title="Invoices">
            <div class="grid gap-4">{content}</div>
        </Card>
    }
    .into_any()
}
