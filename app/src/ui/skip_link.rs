//! The first thing the Tab key finds: past the navigation.

use leptos::prelude::*;

/// Leads to the content. Visible while it has the focus.
#[component]
pub fn SkipLink() -> impl IntoView {
    // `rel="external"` keeps the router away: the browser itself moves the focus along with a fragment.
    view! {
        <a class="skip-link" href="#main" rel="external">
            "Skip to content"
        </a>
    }
}
