//! `/reset-password?token=`: sets a new password by the link of a letter.

use domain::AppError;
use leptos::prelude::*;

use crate::{
    error::Problem,
    identity::{api::ResetPassword, parts::NewPasswordField, words},
    ui::{
        CenteredShell, Form, FormAction, Hidden, LinkButton, SubmitButton, Watch, Watched, Weight, parameter,
    },
};

/// The form; after it the server sends the browser to the sign-in page.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let action = FormAction::<ResetPassword>::new();
    let Some(token) = parameter("token") else {
        return view! {
            <CenteredShell title="Ask for a new link" lead=words::RESET_REFUSED>
                {new_link(Weight::Primary)}
            </CenteredShell>
        }
        .into_any();
    };
    let refusal = Watch::default();
    view! {
        <CenteredShell title="Set a new password" lead=words::RESET_LEAD>
            <Form action>
                <Watched by=refusal/>
                <Hidden name="token" value=token/>
                // A refused link stays refused: the way on is below.
                <div class="form" hidden=move || refusal.saw(is_token_refused)>
                    <NewPasswordField label="New password"/>
                    <SubmitButton pending_words="Saving…">"Set the password"</SubmitButton>
                </div>
            </Form>
            {move || {
                refusal
                    .saw(is_token_refused)
                    .then(|| {
                        view! {
                            <section class="grid grid-cols-1 gap-4" aria-label="A new link">
                                <p>{words::RESET_REFUSED}</p>
                                {new_link(Weight::Secondary)}
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

fn new_link(weight: Weight) -> AnyView {
    view! {
        <div class="stack-actions">
            <LinkButton href="/forgot-password" weight>
                "Ask for a new link"
            </LinkButton>
        </div>
    }
    .into_any()
}
