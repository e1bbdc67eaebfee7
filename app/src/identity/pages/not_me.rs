//! `/not-me?token=`: the owner of an account shuts everybody out. Opening the page does nothing, because mail scanners
//! open links.

use domain::AppError;
use leptos::prelude::*;

use crate::{
    error::Problem,
    identity::{api::NotMe, words},
    ui::{
        CenteredShell, Form, FormAction, Hidden, LinkButton, SubmitButton, Watch, Watched, Weight, parameter,
    },
};

const TITLE: &str = "Was this not you?";

/// One button; after it the server sends the browser to where a new password is set.
#[component]
pub fn NotMePage() -> impl IntoView {
    let action = FormAction::<NotMe>::new();
    let refusal = Watch::default();
    let below = view! {
        <p>"It was you? Then " <a href="/">"nothing needs to be done"</a></p>
    };
    let Some(token) = parameter("token") else { return refused() };
    view! {
        <CenteredShell title=TITLE lead=words::NOT_ME_LEAD below=below.into_any()>
            <Form action>
                <Watched by=refusal/>
                <Hidden name="token" value=token/>
                <div hidden=move || refusal.saw(is_token_refused)>
                    <SubmitButton weight=Weight::Danger pending_words="Signing everybody out…">
                        "Sign everybody out"
                    </SubmitButton>
                </div>
            </Form>
            {move || refusal.saw(is_token_refused).then(other_way)}
        </CenteredShell>
    }
    .into_any()
}

fn is_token_refused(problem: &Problem) -> bool {
    problem.0 == AppError::TokenRefused
}

fn refused() -> AnyView {
    view! { <CenteredShell title=TITLE lead=words::NOT_ME_REFUSED>{other_way()}</CenteredShell> }.into_any()
}

/// A new password shuts everybody out as well.
fn other_way() -> AnyView {
    view! {
        <div class="stack-actions">
            <LinkButton href="/forgot-password" weight=Weight::Primary>
                "Ask for a new password"
            </LinkButton>
        </div>
    }
    .into_any()
}
