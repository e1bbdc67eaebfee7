//! What the pages of this room stand in: the person, the title, and the way from one to the other.

use domain::identity::Viewer;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

use crate::{
    frame::Inside,
    ui::{PageHeader, Tab, Tabs},
};

/// A page about the money of the organization in the address (`/o/:slug/…`).
#[component]
pub fn SpendFrame(
    /// What the page is called.
    title: &'static str,
    /// What it is for.
    lead: &'static str,
    /// The page for this person. Make resources and actions outside of it.
    #[prop(into)]
    page: Callback<(Viewer,), AnyView>,
) -> impl IntoView {
    let slug = organization_in_address();
    let path = use_location().pathname;
    let current = Signal::derive(move || path.get().trim_end_matches('/').to_owned());
    let inner = move |viewer: Viewer| {
        let content = page.run((viewer,));
        let tabs = move || {
            let base = format!("/o/{}", slug.get());
            let tab = |below: &str, label: &str| Tab { href: format!("{base}/{below}"), label: label.to_owned() };
            let tabs = vec![tab("limits", "Budgets"), tab("usage", "Usage")];
            view! { <Tabs label="Money" tabs current/> }
        };
        view! {
            <PageHeader title lead/>
            <div class="stack">{tabs} {content}</div>
        }
        .into_any()
    };
    view! { <Inside page=inner/> }
}

/// The slug in the address of the page.
pub fn organization_in_address() -> Memo<String> {
    let parameters = use_params_map();
    Memo::new(move |_| parameters.with(|all| all.get("slug")).unwrap_or_default())
}
