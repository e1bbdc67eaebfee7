//! `/o/<organization>/billing/invoices/<number>`: one document.

use domain::{billing::Invoice, identity::Viewer, organizations::OrganizationDetail};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    billing::{api::read_invoice, parts::document, words},
    frame::refused,
    organizations::parts::{OrganizationFrame, organization_in_address},
    ui::{LinkButton, Skeleton, Weight},
};

/// One document, as it was issued.
#[component]
pub fn InvoicePage() -> impl IntoView {
    let (slug, parameters) = (organization_in_address(), use_params_map());
    let number = Memo::new(move |_| parameters.with(|all| all.get("number")).unwrap_or_default());
    let invoice =
        Resource::new(move || (slug.get(), number.get()), |(slug, number)| read_invoice(slug, number));
    let title = Signal::derive(move || number.with(|number| words::titled(number)));
    let page = move |_: Viewer, organization: OrganizationDetail| {
        let content = move || {
            let slug = organization.slug.clone();
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
    view! { <OrganizationFrame title page/> }
}

fn whole(invoice: &Invoice, slug: &str) -> AnyView {
    let list = format!("/o/{slug}/billing");
    let back = view! {
        <LinkButton href=list weight=Weight::Quiet>
            "All invoices"
        </LinkButton>
    };
    document(invoice, back.into_any(), |number| format!("/o/{slug}/billing/invoices/{number}"))
}
