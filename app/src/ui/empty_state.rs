//! A list without rows: says why it is empty and what to do next.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// What stands where rows would. Nothing there yet and nothing found are different sentences.
#[component]
pub fn EmptyState(
    /// What kind of thing is missing.
    glyph: Glyph,
    /// What is empty.
    #[prop(into)]
    title: String,
    /// Why, and what would fill it.
    #[prop(into)]
    text: String,
    /// The next step: a link or a button.
    #[prop(optional, into)]
    action: Option<AnyView>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon">
                <Icon glyph/>
            </span>
            <p class="empty-title">{title}</p>
            <p class="empty-text">{text}</p>
            {action}
        </div>
    }
}
