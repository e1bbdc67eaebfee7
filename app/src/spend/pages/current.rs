//! `/account/limits`: leads to the budgets of the organization the person is in.

use domain::identity::Viewer;
use leptos::prelude::*;

use crate::{
    frame::{Inside, go_to},
    ui::{EmptyState, Glyph, LinkButton, PageHeader},
};

/// The way there.
#[component]
pub fn CurrentLimitsPage() -> impl IntoView {
    let page = move |viewer: Viewer| {
        let content = if let Some(organization) = viewer.organizations.first() {
            let (href, words) =
                (format!("/o/{}/limits", organization.slug), format!("Budgets of {}", organization.name));
            go_to(&href);
            view! { <LinkButton href>{words}</LinkButton> }.into_any()
        } else {
            let text = "Budgets belong to organizations, and you are in none.";
            view! { <EmptyState glyph=Glyph::Shield title="No organization" text/> }.into_any()
        };
        view! {
            <PageHeader title="Budgets"/>
            {content}
        }
        .into_any()
    };
    view! { <Inside page/> }
}
