//! `/welcome?token=`: the first administrator comes in. There is no default password anywhere.

use domain::AppError;
use leptos::prelude::*;

use crate::{
    error::Problem,
    identity::{api::Bootstrap, parts::NewPasswordField, words},
    ui::{
        CenteredShell, CodeBlock, Field, Form, FormAction, Hidden, SubmitButton, TextInput, Watch, Watched,
        parameter,
    },
};

/// The form; after it the administrator is in.
#[component]
pub fn BootstrapPage() -> impl IntoView {
    let action = FormAction::<Bootstrap>::new();
    let Some(token) = parameter("token") else {
        return view! {
            <CenteredShell title="This link is not complete" lead=words::BOOTSTRAP_REFUSED>
                <CodeBlock text=words::BOOTSTRAP_COMMAND what="command"/>
            </CenteredShell>
        }
        .into_any();
    };
    let refusal = Watch::default();
    view! {
        <CenteredShell title="Welcome to your Gatehouse" lead=words::BOOTSTRAP_LEAD>
            <Form action>
                <Watched by=refusal/>
                <Hidden name="token" value=token/>
                // A refused link stays refused: the way on is below.
                <div class="form" hidden=move || refusal.saw(is_token_refused)>
                    <Field name="email" label="E-mail" hint="Letters about this server come here.">
                        <TextInput kind="email" autocomplete="username" required=true maxlength=254/>
                    </Field>
                    <NewPasswordField/>
                    <SubmitButton pending_words="Setting up…">"Become the first administrator"</SubmitButton>
                </div>
            </Form>
            {move || {
                refusal
                    .saw(is_token_refused)
                    .then(|| {
                        view! {
                            <section class="grid grid-cols-1 gap-4" aria-label="A new link">
                                <p>{words::BOOTSTRAP_REFUSED}</p>
                                <CodeBlock text=words::BOOTSTRAP_COMMAND what="command"/>
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
