//! Changes the password.

use leptos::prelude::*;

use crate::{
    federation::words,
    flash::use_answer_of,
    identity::{api::ChangePassword, parts::NewPasswordField},
    ui::{Banner, Card, Field, Form, FormAction, LinkButton, PasswordInput, SubmitButton, Tone},
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
    /// What there is to change: a provider or a passkey may sign them in instead.
    has_password: bool,
) -> AnyView {
    let answered = use_answer_of::<ChangePassword>().is_some();
    let is_changed = move || action.value().with(|value| value.as_ref().map_or(answered, Result::is_ok));
    if !has_password {
        return set_one();
    }
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
    .into_any()
}

fn set_one() -> AnyView {
    view! {
        <Card title="Password" lead=words::NO_PASSWORD>
            <div class="grid justify-items-start gap-4">
                <p>{words::SET_PASSWORD}</p>
                <LinkButton href="/forgot-password">"Set a password"</LinkButton>
            </div>
        </Card>
    }
    .into_any()
}
