//! Chooses light, dark or as the device says: a plain form; in the living page without a reload.

use leptos::{ev::SubmitEvent, prelude::*};

use super::{Glyph, Icon, browser, theme::Theme};

/// Three buttons. Without wasm the form posts to `/theme`, which sets the cookie and comes back.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let chosen = RwSignal::new(Theme::current());
    let on_submit = move |event: SubmitEvent| {
        if let Some(theme) = browser::submitter_value(&event).and_then(|value| Theme::parse(&value)) {
            event.prevent_default();
            chosen.set(theme);
            browser::choose_theme(theme);
        }
    };
    let buttons = Theme::ALL.map(|theme| {
        let (glyph, words) = match theme {
            Theme::System => (Glyph::Monitor, "Like the device"),
            Theme::Light => (Glyph::Sun, "Light"),
            Theme::Dark => (Glyph::Moon, "Dark"),
        };
        view! {
            <button
                type="submit"
                class="theme-button"
                name="theme"
                value=theme.name()
                aria-label=words
                title=words
                aria-pressed=move || if chosen.get() == theme { "true" } else { "false" }
            >
                <Icon glyph/>
            </button>
        }
    });
    view! {
        <form method="post" action="/theme" class="theme" on:submit=on_submit>
            <div class="theme-group" role="group" aria-label="Colours">
                {buttons.into_iter().collect_view()}
            </div>
        </form>
    }
    .into_any()
}
