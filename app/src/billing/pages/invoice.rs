//! `/o/<organization>/billing/invoices/<number>`: one document.

use domain::identity::Viewer;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    billing::{api::read_invoice, parts::document},
    frame::{Inside, refused},
    ui::Skeleton,
};

/// One document, as it was issued.
#[component]
pub fn InvoicePage() -> impl IntoView {
    let parameters = use_params_map();
    let named = Memo::new(move |_| {
        parameters.with(|all| (all.get("slug").unwrap_or_default(), all.get("number").unwrap_or_default()))
    });
    let invoice = Resource::new(move || named.get(), |(slug, number)| read_invoice(slug, number));
    let page = move |_: Viewer| {
        let content = move || {
            let (slug, _) = named.get();
            Suspend::new(async move {
                match invoice.await {
                    Ok(invoice) => document(invoice, &slug),
                    Err(problem) => refused(&problem),
                }
            })
        };
        view! {
            <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                {content}
            </Transition>
        }
        .into_any()
    };
    view! { <Inside page/> }
}
