//! Changes the password.

use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    identity::{api::ChangePassword, parts::NewPasswordField},
    ui::{Banner, Card, Field, Form, FormAction, PasswordInput, SubmitButton, Tone},
};

/// After the change this device stays signed in, and every other one is asked again.
const CHANGED: &str =
    "Your password is changed. This device stays signed in; every other one was signed out.";

/// The form for a new password.
#[component]
pub fn PasswordCard(
    /// The page's action: it lives longer than this form.
    action: FormAction<ChangePassword>,
    /// The account, so that a password manager knows which entry changes.
    email: String,
) -> impl IntoView {
    let answered = use_answer_of::<ChangePassword>().is_some();
    let is_changed = move || action.value().with(|value| value.as_ref().map_or(answered, Result::is_ok));
    view! {
        <Card title="Password" lead="Changing it signs you out everywhere else.">
            <div role="status" class="mb-4 empty:mb-0">
                {move || is_changed().then(|| view! { <Banner tone=Tone::Good title=CHANGED/> })}
            </div>
            <div class="max-w-md">
                <Form action>
                    <input type="text" name="username" autocomplete="username" value=email readonly hidden/>
                    <Field name="current_password" label="Current password">
                        <PasswordInput autocomplete="current-password"/>
                    </Field>
                    <NewPasswordField label="New password"/>
                    <SubmitButton pending_words="Changing…">"Change password"</SubmitButton>
                </Form>
            </div>
        </Card>
    }
}
