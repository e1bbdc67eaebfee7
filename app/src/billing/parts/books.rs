//! The documents of all organizations: filters, and what they leave.

use domain::{Page, billing::InvoiceHead};
use leptos::prelude::*;

use super::{Whose, invoice_table};
use crate::ui::{Address, Card, EmptyState, Field, FilterBar, Glyph, LinkButton, Select, TextInput};

/// The choices of the filter: names of the interface and what they are called.
const STATES: [(&str, &str); 8] = [
    ("", "All"),
    ("open", "Open"),
    ("overdue", "Overdue"),
    ("paid", "Paid"),
    ("void", "Void"),
    ("uncollectible", "Given up"),
    ("credited", "Credited"),
    ("issued", "Credit notes"),
];

/// Where this is.
const HERE: &str = "/admin/billing";

/// The card of one page of documents.
pub fn books(page: Page<InvoiceHead>, address: &Address) -> AnyView {
    let states = STATES.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let (q, state) = (address.get("q").unwrap_or_default(), address.get("state").unwrap_or_default());
    let reset = (!address.is_bare()).then(|| HERE.to_owned());
    let content =
        if page.items.is_empty() { nothing(address) } else { invoice_table(page, address, Whose::Everybody) };
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
    let text = "No invoice or credit note is in this state and has this number or customer.";
    view! { <EmptyState glyph=Glyph::Search title="No invoices found" text action/> }.into_any()
}
