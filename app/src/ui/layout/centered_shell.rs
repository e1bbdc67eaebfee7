//! The frame of the doors: the mark, one card in the middle, and a few links below.

use leptos::prelude::*;

use super::Brand;
use crate::ui::{PageTitle, Routing, ThemeToggle};

/// One card in the middle of the page.
#[component]
pub fn CenteredShell(
    /// The title of page and tab.
    #[prop(into)]
    title: String,
    /// A sentence below the title.
    #[prop(optional, into)]
    lead: Option<String>,
    /// Below the card, such as "New here? Create an account".
    #[prop(optional, into)]
    below: Option<AnyView>,
    /// The content of the card.
    children: Children,
) -> impl IntoView {
    let busy = move || Routing::is_under_way().then_some("true");
    view! {
        <div class="door">
            <header class="door-head">
                <Brand/>
            </header>
            <main id="main" class="door-main" tabindex="-1" aria-busy=busy>
                <PageTitle text=title.clone()/>
                <div class="door-card">
                    <div class="door-title">
                        <h1 class="page-title" tabindex="-1">
                            {title}
                        </h1>
                        {lead.map(|words| view! { <p class="page-lead">{words}</p> })}
                    </div>
                    {children()}
                </div>
                {below.map(|below| view! { <div class="door-below">{below}</div> })}
            </main>
            <footer class="door-foot">
                <a href="/api">"API"</a>
                <ThemeToggle/>
            </footer>
        </div>
    }
    .into_any()
}
