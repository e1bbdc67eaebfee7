//! `/admin/billing`: what organizations owe, and taxes. Filter, page and the document that is open are in the address.

use domain::{
    access::{SiteAction, site_allows},
    identity::Viewer,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    billing::{
        admin_api::{list_all_invoices, list_tax_rates},
        parts::{RESULTS, Settling, books, check_card, settle, taxes},
        words,
    },
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
    let opened = Memo::new(move |_| query.with(|query| query.get("invoice")));
    let settling = Settling::new();
    let changes = settling.changes();
    let invoices = Resource::new(
        move || (address.get(), changes.get()),
        |(address, _)| list_all_invoices(address.get("q"), address.get("state"), None, address.get("cursor")),
    );
    let rates = Resource::new(move || changes.get(), |_| list_tax_rates());
    focus_follows(address, RESULTS);
    let page = move |viewer: Viewer| {
        let may_change = site_allows(&viewer.roles, SiteAction::ChangeBilling);
        let content = move || {
            let (address, opened) = (address.get(), opened.get());
            Suspend::new(async move {
                match (invoices.await, rates.await) {
                    (Ok(invoices), Ok(rates)) => {
                        let open =
                            invoices.items.iter().find(|it| Some(it.id.to_string()) == opened).cloned();
                        view! {
                            {open.filter(|_| may_change).map(|open| settle(&open, &settling))}
                            {books(invoices, &address)}
                            {taxes(rates.items, may_change, &settling)}
                            {check_card(&settling)}
                        }
                        .into_any()
                    }
                    (Err(problem), _) | (_, Err(problem)) => refused(&problem),
                }
            })
        };
        view! {
            <PageHeader title="Invoices and taxes" lead=words::ADMIN_LEAD/>
            <div class="stack">
                {settling.said()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {content}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}
