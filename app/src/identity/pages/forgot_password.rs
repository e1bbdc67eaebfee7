//! `/forgot-password`: sends a link to set a new password.

use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    identity::{api::ForgotPassword, words},
    ui::{Banner, Captcha, CenteredShell, Field, Form, FormAction, SubmitButton, TextInput, Tone},
};

/// The form, and after it the same sentence for every address.
#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    let action = FormAction::<ForgotPassword>::new();
    let answered = use_answer_of::<ForgotPassword>().is_some();
    let is_sent = move || action.value().with(|value| value.as_ref().map_or(answered, Result::is_ok));
    let below = view! {
        <p>"Remembered it? " <a href="/login">"Sign in"</a></p>
    };
    view! {
        <CenteredShell title="Forgot your password?" lead=words::FORGOT_LEAD below=below.into_any()>
            <div role="status" class="contents">
                {move || {
                    is_sent()
                        .then(|| {
                            view! {
                                <Banner tone=Tone::Good title="Check your mail">
                                    <p>{words::FORGOT_DONE}</p>
                                </Banner>
                            }
                        })
                }}
            </div>
            <Form action>
                <Captcha/>
                <Field name="email" label="E-mail">
                    <TextInput kind="email" autocomplete="email" required=true maxlength=254 autofocus=true/>
                </Field>
                <SubmitButton pending_words="Sending…">
                    "Send the link"
                </SubmitButton>
            </Form>
        </CenteredShell>
    }
}
