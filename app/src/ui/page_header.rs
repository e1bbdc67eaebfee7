//! The title of a page, in the tab and on the page, and its one primary action.

use leptos::prelude::*;
use leptos_meta::Title;

/// The words of the browser's tab: `Sign in` becomes `Sign in · Gatehouse`.
#[component]
pub fn PageTitle(
    /// The title without the product's name.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <Title text=text/> }
}

/// The head of a page: sets the tab's title as well. The `<h1>` can be focused, because after a navigation in the
/// living page the focus goes there.
#[component]
pub fn PageHeader(
    /// The title.
    #[prop(into)]
    title: String,
    /// A sentence that says what the page is for.
    #[prop(optional, into)]
    lead: Option<String>,
    /// The page's actions, at most one of them primary.
    #[prop(optional, into)]
    actions: Option<AnyView>,
) -> impl IntoView {
    view! {
        <PageTitle text=title.clone()/>
        <header class="page-head">
            <div>
                // A name may be an address: without a place to break it would be wider than a telephone.
                <h1 class="page-title wrap-anywhere" tabindex="-1">
                    {title}
                </h1>
                {lead.map(|words| view! { <p class="page-lead">{words}</p> })}
            </div>
            {actions.map(|actions| view! { <div class="page-actions">{actions}</div> })}
        </header>
    }
}
