//! The last question before something is gone: type its name.

use leptos::prelude::*;

use super::{Field, SubmitButton, Weight, field::FieldState};

/// A field and a button for the end of a [`super::Form`]. The browser itself refuses anything but the expected text
/// (`pattern`), with and without wasm; the server compares once more.
#[component]
pub fn ConfirmByTyping(
    /// The name of the field in the API.
    name: &'static str,
    /// What has to be typed.
    #[prop(into)]
    expected: String,
    /// What the button says, such as `Delete organization`.
    #[prop(into)]
    action: String,
) -> impl IntoView {
    let label = format!("Type “{expected}” to confirm");
    view! {
        <Field name label>
            <Exactly expected/>
        </Field>
        <SubmitButton weight=Weight::Danger>{action}</SubmitButton>
    }
}

#[component]
fn Exactly(expected: String) -> impl IntoView {
    let field = FieldState::current();
    view! {
        <input
            class="input"
            type="text"
            id=field.id
            name=field.name
            pattern=literal_pattern(&expected)
            title="Exactly the text above"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            required
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.invalid.get()
        />
    }
}

/// A pattern that matches this text and nothing else. Browsers compile `pattern` with the `v` flag, under which an
/// escape is only valid in front of syntax characters: so exactly those are escaped.
fn literal_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"^$\.*+?()[]{}|/".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::literal_pattern;

    #[test]
    fn a_name_is_matched_literally() {
        assert_eq!(literal_pattern("a.b+c@example.com"), r"a\.b\+c@example\.com");
    }
}
