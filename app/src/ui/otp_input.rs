//! A one-time code: one input that takes typing, pasting and the suggestion of a telephone alike.

use leptos::prelude::*;

use super::field::FieldState;

/// A one-time code inside a [`super::Field`]. One input, not six: it can be pasted into (WCAG 3.3.8).
#[component]
pub fn OtpInput(
    /// Where the cursor starts. One per page.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let field = FieldState::current();
    // Spaces are allowed, because authenticators show `123 456` and people copy it so; the server drops them.
    view! {
        <input
            class="input input-otp"
            type="text"
            id=field.id
            name=field.name
            inputmode="numeric"
            autocomplete="one-time-code"
            pattern="[0-9 ]{6,8}"
            maxlength="8"
            placeholder="000000"
            title="Six digits"
            required
            autofocus=autofocus
            aria-describedby=move || field.described_by.get()
            aria-invalid=move || field.invalid.get()
        />
    }
}
