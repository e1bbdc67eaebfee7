//! `/verify-email?token=`: confirms an address. Opening the page consumes nothing, because mail scanners open links.

use domain::AppError;
use leptos::prelude::*;

use crate::{
    error::Problem,
    identity::{
        api::VerifyEmail,
        parts::{ResendLetter, letter_was_asked},
        words,
    },
    ui::{CenteredShell, Form, FormAction, Hidden, SubmitButton, Watch, Watched, parameter},
};

/// One button; after it the server sends the browser to the sign-in page.
#[component]
pub fn VerifyEmailPage() -> impl IntoView {
    let action = FormAction::<VerifyEmail>::new();
    let below = view! {
        <p>"Confirmed already? " <a href="/login">"Sign in"</a></p>
    };
    let Some(token) = parameter("token") else {
        return view! {
            <CenteredShell title="Ask for a new letter" lead=words::VERIFY_WITHOUT_TOKEN below=below.into_any()>
                <ResendLetter/>
            </CenteredShell>
        }
        .into_any();
    };
    let refusal = Watch::default();
    let asked = letter_was_asked();
    view! {
        <CenteredShell title="Confirm your address" lead=words::VERIFY_LEAD below=below.into_any()>
            <Form action>
                <Watched by=refusal/>
                <Hidden name="token" value=token/>
                // A refused link stays refused: the way on is below.
                <div hidden=move || asked || refusal.saw(is_token_refused)>
                    <SubmitButton pending_words="Confirming…">"Confirm address"</SubmitButton>
                </div>
            </Form>
            {move || (asked || refusal.saw(is_token_refused)).then(new_letter)}
        </CenteredShell>
    }
    .into_any()
}

fn is_token_refused(problem: &Problem) -> bool {
    problem.0 == AppError::TokenRefused
}

fn new_letter() -> AnyView {
    view! {
        <section class="grid grid-cols-1 gap-4" aria-label="A new letter">
            <p>{words::VERIFY_REFUSED}</p>
            <ResendLetter/>
        </section>
    }
    .into_any()
}
