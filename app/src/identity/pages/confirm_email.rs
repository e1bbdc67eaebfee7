//! `/confirm-email?token=`: makes another address the account's. Opening the page consumes nothing; its button does.

use domain::AppError;
use leptos::prelude::*;

use crate::{
    error::Problem,
    identity::{api::ConfirmEmail, words},
    ui::{CenteredShell, Form, FormAction, Hidden, LinkButton, SubmitButton, Watch, Watched, parameter},
};

/// One button; after it the server says where to go.
#[component]
pub fn ConfirmEmailPage() -> impl IntoView {
    let action = FormAction::<ConfirmEmail>::new();
    let Some(token) = parameter("token") else {
        return view! {
            <CenteredShell title="Open the letter to your new address again" lead=words::CONFIRM_EMAIL_REFUSED>
                {to_profile()}
            </CenteredShell>
        }
        .into_any();
    };
    let refusal = Watch::default();
    view! {
        <CenteredShell title="Confirm your new address" lead=words::CONFIRM_EMAIL_LEAD>
            <Form action>
                <Watched by=refusal/>
                <Hidden name="token" value=token/>
                // A refused link stays refused: the way on is below.
                <div hidden=move || refusal.saw(is_token_refused)>
                    <SubmitButton pending_words="Confirming…">"Use this address"</SubmitButton>
                </div>
            </Form>
            {move || {
                refusal
                    .saw(is_token_refused)
                    .then(|| {
                        view! {
                            <section class="grid grid-cols-1 gap-4" aria-label="What to do now">
                                <p>{words::CONFIRM_EMAIL_REFUSED}</p>
                                {to_profile()}
                            </section>
                        }
                    })
            }}
        </CenteredShell>
    }
    .into_any()
}

fn is_token_refused(problem: &Problem) -> bool {
    problem.0 == AppError::TokenRefused
}

fn to_profile() -> AnyView {
    view! {
        <div class="stack-actions">
            <LinkButton href="/account/profile">"See your profile"</LinkButton>
        </div>
    }
    .into_any()
}
