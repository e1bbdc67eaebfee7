//! One of a few values: the native control, which every telephone shows in its own way.

use leptos::prelude::*;

use super::field::FieldState;

/// One of a few values inside a [`super::Field`].
#[component]
pub fn Select(
    /// Value and words of each choice.
    options: Vec<(String, String)>,
    /// The value chosen at first; what the person chose before comes first.
    #[prop(optional, into)]
    value: Option<String>,
    /// Runs with the value when it changes, in the living page.
    #[prop(optional, into)]
    on_change: Option<Callback<(String,)>>,
) -> impl IntoView {
    let field = FieldState::current();
    let chosen = field.typed.or(value).unwrap_or_default();
    let options = options
        .into_iter()
        .map(|(value, words)| {
            let selected = value == chosen;
            view! {
                <option value=value selected=selected>
                    {words}
                </option>
            }
        })
        .collect_view();
    view! {
        <select
            class="input select"
            id=field.id
            name=field.name
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.invalid.get()
            on:change=move |event| {
                if let Some(run) = on_change {
                    run.run((event_target_value(&event),));
                }
            }
        >
            {options}
        </select>
    }
}
