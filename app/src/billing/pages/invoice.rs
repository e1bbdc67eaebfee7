//! `/o/<organization>/billing/invoices/<number>`: one document.

use domain::{billing::Invoice, identity::Viewer};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    billing::{api::read_invoice, parts::document},
    frame::{Inside, refused},
    ui::{LinkButton, PageHeader, Skeleton, Weight},
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
                    Ok(invoice) => whole(&invoice, &slug),
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

fn whole(invoice: &Invoice, slug: &str) -> AnyView {
    let title = format!("{} {}", invoice.head.kind.title(), invoice.head.number);
    let list = format!("/o/{slug}/billing");
    let back = view! {
        <LinkButton href=list weight=Weight::Quiet>
            "All invoices"
        </LinkButton>
    };
    let at = |number: &str| format!("/o/{slug}/billing/invoices/{number}");
    view! {
        <PageHeader title/>
        {document(invoice, back.into_any(), at)}
    }
    .into_any()
}
