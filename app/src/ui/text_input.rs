//! One line of text.

use leptos::prelude::*;

use super::field::FieldState;

/// One line of text inside a [`super::Field`].
#[component]
pub fn TextInput(
    /// `text`, `email`, `search`, `url`, `number`, `date`, `datetime-local`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in, such as `username` or `name`.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// What it holds at first; what the person typed before comes first.
    #[prop(optional, into)]
    value: Option<String>,
    /// An example, never the only explanation.
    #[prop(optional)]
    placeholder: Option<&'static str>,
    /// Whether the browser insists on it.
    #[prop(optional)]
    required: bool,
    /// The most characters.
    #[prop(optional)]
    maxlength: Option<u16>,
    /// Where the cursor starts. One per page.
    #[prop(optional)]
    autofocus: bool,
    /// Runs with the text as it is typed, in the living page.
    #[prop(optional, into)]
    on_text: Option<Callback<(String,)>>,
) -> impl IntoView {
    let field = FieldState::current();
    // Nobody wants a mail address or a link corrected or capitalized.
    let plain = matches!(kind, "email" | "url");
    view! {
        <input
            class="input"
            type=kind
            id=field.id
            name=field.name
            value=field.typed.or(value)
            autocomplete=autocomplete
            autocapitalize=plain.then_some("none")
            spellcheck=plain.then_some("false")
            placeholder=placeholder
            required=required
            maxlength=maxlength
            autofocus=autofocus
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.invalid.get()
            on:input=move |event| {
                if let Some(run) = on_text {
                    run.run((event_target_value(&event),));
                }
            }
        />
    }
}
