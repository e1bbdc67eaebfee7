//! `/account/billing`: leads to the billing of the organization the person is in.

use domain::identity::Viewer;
use leptos::prelude::*;

use crate::{
    frame::{Inside, go_to},
    ui::{EmptyState, Glyph, LinkButton, PageHeader},
};

/// The way there.
#[component]
pub fn CurrentBillingPage() -> impl IntoView {
    let page = move |viewer: Viewer| {
        let content = if let Some(organization) = viewer.organizations.first() {
            let (href, words) =
                (format!("/o/{}/billing", organization.slug), format!("Billing of {}", organization.name));
            go_to(&href);
            view! { <LinkButton href>{words}</LinkButton> }.into_any()
        } else {
            let text = "Plans and invoices belong to organizations, and you are in none.";
            view! { <EmptyState glyph=Glyph::List title="No organization" text/> }.into_any()
        };
        view! {
            <PageHeader title="Billing"/>
            {content}
        }
        .into_any()
    };
    view! { <Inside page/> }
}
