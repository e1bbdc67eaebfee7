//! Some lines of text.

use leptos::prelude::*;

use super::field::FieldState;

/// Some lines of text inside a [`super::Field`].
#[component]
pub fn TextArea(
    /// What it holds at first; what the person typed before comes first.
    #[prop(optional, into)]
    value: Option<String>,
    /// What the browser may fill in, such as `street-address`.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// The most characters.
    #[prop(optional)]
    maxlength: Option<u16>,
    /// How many lines are seen.
    #[prop(default = 4)]
    rows: u8,
) -> impl IntoView {
    let field = FieldState::current();
    view! {
        <textarea
            class="input"
            id=field.id
            name=field.name
            rows=rows.to_string()
            autocomplete=autocomplete
            maxlength=maxlength
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.invalid.get()
        >
            {field.typed.or(value).unwrap_or_default()}
        </textarea>
    }
}
