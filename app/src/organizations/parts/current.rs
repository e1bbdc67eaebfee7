//! The way from one's own account to a page of the organization one is in.

use domain::identity::Viewer;
use leptos::prelude::*;

use crate::{
    frame::{Inside, go_to},
    ui::{EmptyState, Glyph, LinkButton, PageHeader},
};

/// Leads to a page of the first of the person's organizations.
#[component]
pub fn CurrentOrganization(
    /// What the page is called.
    title: &'static str,
    /// What comes behind the address of an organization.
    below: &'static str,
    /// Why there is none for somebody who is in no organization.
    nowhere: &'static str,
) -> impl IntoView {
    let page = move |viewer: Viewer| {
        let content = if let Some(organization) = viewer.organizations.first() {
            let (href, words) =
                (format!("/o/{}{below}", organization.slug), format!("{title} of {}", organization.name));
            go_to(&href);
            view! { <LinkButton href>{words}</LinkButton> }.into_any()
        } else {
            view! { <EmptyState glyph=Glyph::Users title="No organization" text=nowhere/> }.into_any()
        };
        view! {
            <PageHeader title/>
            {content}
        }
        .into_any()
    };
    view! { <Inside page/> }
}
