//! Copies a text to the clipboard. Hidden until the page is hydrated: without wasm the text can still be selected.

use std::time::Duration;

use leptos::prelude::*;

use super::{Glyph, Icon, browser};

/// How long the button says that it copied.
const THANKS: Duration = Duration::from_secs(2);

/// Copies a text.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: String,
    /// What it is, such as `Copy the secret`.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let done = RwSignal::new(false);
    let copy = move |_| {
        browser::copy(&text);
        done.set(true);
        browser::after(THANKS, move || done.set(false));
    };
    view! {
        <button type="button" class="btn btn-secondary btn-small" data-needs-wasm on:click=copy>
            <Icon glyph=Glyph::Copy/>
            <span aria-live="polite">{move || if done.get() { "Copied".to_owned() } else { label.clone() }}</span>
        </button>
    }
}
