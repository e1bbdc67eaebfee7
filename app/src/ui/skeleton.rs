//! The shape of what is on its way. Only for what the living page loads later: a page from the server is complete.

use leptos::prelude::*;

/// Grey lines in the shape of text.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 3)]
    lines: u8,
) -> impl IntoView {
    let lines = (0..lines).map(|_| view! { <span class="skeleton-line"></span> }).collect_view();
    view! {
        <div class="skeleton" role="status">
            <span class="sr-only">"Loading…"</span>
            {lines}
        </div>
    }
}
