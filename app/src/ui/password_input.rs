//! A password: paste is welcome, it can be shown, and where one is chosen its strength is measured while typing.

use leptos::prelude::*;

use super::{Glyph, Icon, field::FieldState};

/// How a password would hold, as a page's own pure rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strength {
    /// From 0 (not acceptable) to 4 (strong).
    pub score: u8,
    /// The same in words: colour is never the only sign.
    pub words: &'static str,
}

/// A password inside a [`super::Field`]. It is never filled in by the server.
#[component]
pub fn PasswordInput(
    /// `current-password` or `new-password`, so that password managers know.
    autocomplete: &'static str,
    /// Measures what is typed; without it there is no meter. Pure: it runs at every key in the browser.
    #[prop(optional)]
    measure: Option<fn(&str) -> Strength>,
    /// The fewest characters, checked by the browser as well.
    #[prop(optional)]
    minlength: Option<u16>,
    /// Where the cursor starts. One per page.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let field = FieldState::current();
    let shown = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let meter_id = format!("{}-strength", field.id);
    let toggled = field.id.clone();
    let words = move || if shown.get() { "Hide password" } else { "Show password" };
    view! {
        <div class="input-group">
            <input
                class="input"
                type=move || if shown.get() { "text" } else { "password" }
                id=field.id
                name=field.name
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                required
                minlength=minlength
                maxlength="1024"
                autofocus=autofocus
                aria-describedby=move || field.described_by.get()
                aria-invalid=move || field.invalid.get()
                on:input=move |event| typed.set(event_target_value(&event))
            />
            <button
                type="button"
                class="input-button"
                data-needs-wasm
                aria-controls=toggled
                aria-label=words
                title=words
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                <span class="show-when-off" hidden=move || shown.get()>
                    <Icon glyph=Glyph::Eye/>
                </span>
                <span class="show-when-on" hidden=move || !shown.get()>
                    <Icon glyph=Glyph::EyeOff/>
                </span>
            </button>
        </div>
        {measure.map(|measure| meter(meter_id, typed, measure))}
    }
}

/// Hidden before hydration: it could not move. A native `<meter>` needs no width from a `style` attribute.
fn meter(id: String, typed: RwSignal<String>, measure: fn(&str) -> Strength) -> AnyView {
    let strength = Memo::new(move |_| typed.with(|t| (!t.is_empty()).then(|| measure(t))));
    let score = move || strength.get().map_or(0, |s| s.score.min(4));
    let words = move || strength.get().map_or("", |s| s.words);
    view! {
        <div class="strength" data-needs-wasm data-score=score>
            <meter id=id min="0" max="4" low="2" high="3" optimum="4" value=score aria-label="Password strength"></meter>
            <span class="strength-words" aria-live="polite">
                {words}
            </span>
        </div>
    }
    .into_any()
}
