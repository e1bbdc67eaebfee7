//! A passing word that something was done. Never the only place where an error appears.

use std::time::Duration;

use leptos::prelude::*;

use super::browser;

/// How long a word stays. Long enough to be read twice; it holds nothing that cannot be found elsewhere.
const STAY: Duration = Duration::from_secs(6);

/// What is being said at the moment.
#[derive(Clone, Copy, Debug)]
pub struct Toasts(RwSignal<Vec<(u32, String)>>, StoredValue<u32>);

impl Toasts {
    /// Says something for a few seconds.
    pub fn show(&self, words: impl Into<String>) {
        let Self(said, last) = *self;
        last.update_value(|n| *n = n.wrapping_add(1));
        let id = last.get_value();
        said.update(|all| all.push((id, words.into())));
        browser::after(STAY, move || said.update(|all| all.retain(|(other, _)| *other != id)));
    }
}

/// Makes [`use_toasts`] work below. Called once, by the top component.
pub fn provide_toasts() {
    provide_context(Toasts(RwSignal::new(Vec::new()), StoredValue::new(0)));
}

/// What to say things with.
#[must_use]
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(|| Toasts(RwSignal::new(Vec::new()), StoredValue::new(0)))
}

/// Where the words appear. Always in the page, so that screen readers know it before it speaks.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let Toasts(said, _) = use_toasts();
    view! {
        <div class="toasts" role="status">
            <For each=move || said.get() key=|(id, _)| *id let((_, words))>
                <p class="toast">{words}</p>
            </For>
        </div>
    }
}
