//! Asks for the letter that confirms an address once more.

use leptos::{prelude::*, server::SharedValue};

use crate::{
    flash::{use_answer_of, use_flash_for},
    identity::{api::ResendVerification, words},
    ui::{Banner, Field, Form, FormAction, SubmitButton, TextInput, Tone, Weight},
};

/// Whether this page comes back from a plain post of the form below. What shows the form only after something else
/// has to show it then as well, or nobody learns what came of it.
pub fn letter_was_asked() -> bool {
    SharedValue::new(|| use_flash_for::<ResendVerification>().is_some()).into_inner()
}

/// The form, and after it what happens next. The answer is the same for an unknown address.
#[component]
pub fn ResendLetter(
    /// The address, where the page knows it.
    #[prop(optional_no_strip, into)]
    email: Option<String>,
) -> impl IntoView {
    let action = FormAction::<ResendVerification>::new();
    let answered = use_answer_of::<ResendVerification>().is_some();
    let is_sent = move || action.value().with(|value| value.as_ref().map_or(answered, Result::is_ok));
    view! {
        <div role="status" class="contents">
            {move || is_sent().then(|| view! { <Banner tone=Tone::Good title=words::LETTER_AGAIN/> })}
        </div>
        <Form action>
            <Field name="email" label="E-mail">
                <TextInput kind="email" autocomplete="email" required=true maxlength=254 value=email.unwrap_or_default()/>
            </Field>
            <SubmitButton weight=Weight::Secondary pending_words="Sending…">
                "Send a new letter"
            </SubmitButton>
        </Form>
    }
}
