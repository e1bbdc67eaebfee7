//! Several lines of text.

use leptos::prelude::*;

use super::field::FieldState;

/// Several lines of text inside a [`super::Field`].
#[component]
pub fn TextArea(
    /// How many lines are seen at once.
    #[prop(default = 6)]
    rows: u16,
    /// Whether the browser insists on it.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let field = FieldState::current();
    view! {
        <textarea
            class="input"
            rows=rows.to_string()
            id=field.id
            name=field.name
            required=required
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.invalid.get()
        >
            {field.typed.unwrap_or_default()}
        </textarea>
    }
}
