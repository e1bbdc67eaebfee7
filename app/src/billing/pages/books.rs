//! `/admin/billing`: what organizations owe, taxes, and what usage costs. Filter, page and the document that is open are in the address.

use domain::{
    access::{SiteAction, site_allows},
    billing::Invoice,
    identity::Viewer,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    billing::{
        admin_api::{list_all_invoices, list_tax_rates, list_usage_prices, read_any_invoice},
        parts::{INVOICES, Settling, books, check_card, opened, settle, taxes, usage_prices},
        words,
    },
    error::Problem,
    frame::{Inside, refused},
    ui::{Address, PageHeader, Skeleton, focus_follows},
};

/// What of the query is a filter or a place in the list.
const PARAMETERS: [&str; 3] = ["q", "state", "cursor"];

/// The books of the site.
#[component]
pub fn BooksPage() -> impl IntoView {
    let query = use_query_map();
    let address = Memo::new(move |_| query.with(|query| Address::of("/admin/billing", query, &PARAMETERS)));
    let chosen = Memo::new(move |_| query.with(|query| query.get("invoice")).filter(|text| !text.is_empty()));
    let settling = Settling::new();
    let changes = settling.changes();
    let invoices = Resource::new(
        move || (address.get(), changes.get()),
        |(address, _)| list_all_invoices(address.get("q"), address.get("state"), None, address.get("cursor")),
    );
    let invoice = Resource::new(move || (chosen.get(), changes.get()), |(id, _)| read_chosen(id));
    let rates = Resource::new(move || changes.get(), |_| list_tax_rates());
    let prices = Resource::new(move || changes.get(), |_| list_usage_prices());
    focus_follows(address, INVOICES);
    let page = move |viewer: Viewer| {
        let may_change = site_allows(&viewer.roles, SiteAction::ChangeBilling);
        let content = move || {
            let address = address.get();
            Suspend::new(async move {
                match (invoices.await, rates.await, prices.await, invoice.await) {
                    (Ok(invoices), Ok(rates), Ok(prices), invoice) => {
                        let panel = invoice.map(|invoice| match invoice {
                            Ok(invoice) => {
                                let acts = may_change.then(|| settle(&invoice.head, &settling));
                                opened(&invoice, acts, &address)
                            }
                            Err(problem) => refused(&problem),
                        });
                        view! {
                            {panel}
                            {books(invoices, &address)}
                            {taxes(rates.items, may_change, &settling)}
                            {usage_prices(prices.items, may_change, &settling)}
                            {check_card(&settling)}
                        }
                        .into_any()
                    }
                    (Err(problem), ..) | (_, Err(problem), ..) | (_, _, Err(problem), _) => refused(&problem),
                }
            })
        };
        view! {
            <PageHeader title="Invoices and taxes" lead=words::ADMIN_LEAD/>
            <div class="stack">
                {settling.said()} {settling.question(&viewer.step_up)}
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {content}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}

/// The document in the address, on whichever page of the list it is.
async fn read_chosen(id: Option<String>) -> Option<Result<Invoice, Problem>> {
    Some(read_any_invoice(id?).await)
}
