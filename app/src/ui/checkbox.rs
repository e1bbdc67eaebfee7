//! A yes or no with its words beside it.

use leptos::prelude::*;

use super::FormState;

/// A checkbox with its label. Unlike an input it needs no [`super::Field`] around it.
#[component]
pub fn Checkbox(
    /// The name in the API.
    #[prop(into)]
    name: String,
    /// The words beside it.
    #[prop(into)]
    label: String,
    /// What is sent when it is on.
    #[prop(default = "true".to_owned(), into)]
    value: String,
    /// Whether it is on at first; what the person chose before comes first.
    #[prop(optional)]
    checked: bool,
    /// A sentence below the words.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    let form = FormState::current();
    let id = form.element_id(&format!("{name}-{value}"));
    let hint_id = hint.is_some().then(|| format!("{id}-hint"));
    let checked = checked || form.value_of(&kept_as(&name, &value)).is_some_and(|typed| typed == value);
    view! {
        <div class="check">
            <input
                type="checkbox"
                class="check-box"
                id=id.clone()
                name=name
                value=value
                checked=checked
                aria-describedby=hint_id.clone()
            />
            <div>
                <label class="check-label" for=id>
                    {label}
                </label>
                {hint
                    .map(|words| {
                        view! {
                            <p class="field-hint" id=hint_id>
                                {words}
                            </p>
                        }
                    })}
            </div>
        </div>
    }
}

/// Under which name a value is kept for the page that comes back without wasm. Of a list (`scopes[]`) every value has a
/// name of its own.
#[must_use]
pub fn kept_as(name: &str, value: &str) -> String {
    if name.ends_with("[]") { format!("{name}{value}") } else { name.to_owned() }
}
