//! The mark: an arch with an open way through it, and the name.

use leptos::prelude::*;

/// The product's mark as a link home. Drawn in place, because it is there before any other file.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <a class="brand" href="/">
            <svg class="brand-mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
                <path class="brand-arch" d="M3 29V16a13 13 0 0 1 26 0v13h-7V16a6 6 0 0 0-12 0v13z"></path>
                <path class="brand-way" d="M13.5 29v-6.5a2.5 2.5 0 0 1 5 0V29z"></path>
            </svg>
            <span>"Gatehouse"</span>
        </a>
    }
}
