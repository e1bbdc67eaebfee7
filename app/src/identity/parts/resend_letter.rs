//! Asks for the letter that confirms an address once more.

use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    identity::{api::ResendVerification, words},
    ui::{Banner, Field, Form, SubmitButton, TextInput, Tone, Weight},
};

/// The form, and after it what happens next. The answer is the same for an unknown address.
#[component]
pub fn ResendLetter(
    /// The address, where the page knows it.
    #[prop(optional_no_strip, into)]
    email: Option<String>,
) -> impl IntoView {
    let action = ServerAction::<ResendVerification>::new();
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
