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
    /// What it holds at first; what the person typed before comes first.
    #[prop(optional, into)]
    value: Option<String>,
    /// What the browser may fill in, such as `street-address`.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The most characters.
    #[prop(optional)]
    maxlength: Option<u16>,
) -> impl IntoView {
    let field = FieldState::current();
    view! {
        <textarea
            class="input"
            rows=rows.to_string()
            id=field.id
            name=field.name
            required=required
            maxlength=maxlength
            autocomplete=autocomplete
            autocapitalize="none"
            spellcheck="false"
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.invalid.get()
        >
            {field.typed.or(value).unwrap_or_default()}
        </textarea>
    }
}
