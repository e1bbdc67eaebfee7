//! Text for a machine: a command, a token, recovery codes.

use leptos::prelude::*;

use super::CopyButton;

/// Text in fixed width with a button that copies it.
#[component]
pub fn CodeBlock(
    /// The text, line breaks included.
    #[prop(into)]
    text: String,
    /// What it is, for the button and for screen readers, such as `recovery codes`.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        // On a telephone the button goes below: beside it the text would be a few letters wide.
        <div class="code flex-col sm:flex-row">
            // It scrolls sideways, so the keyboard must be able to reach it.
            <pre class="code-text" tabindex="0" role="region" aria-label=what.clone()>
                <code>{text.clone()}</code>
            </pre>
            <div class="code-actions">
                <CopyButton text label=format!("Copy {what}")/>
            </div>
        </div>
    }
}
