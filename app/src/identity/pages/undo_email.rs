//! `/undo-email?token=`: "this was not me", from a letter to the old address. Opening the page consumes nothing.

use domain::{
    AppError,
    identity::{UndoneEmail, UndoneState},
};
use leptos::prelude::*;

use crate::{
    error::Problem,
    flash::use_answer_of,
    identity::{api::UndoEmail, words},
    ui::{
        Banner, CenteredShell, Form, FormAction, Hidden, LinkButton, SubmitButton, Tone, Watch, Watched,
        Weight, parameter,
    },
};

/// One button. When the old address was put back, the server leads on to a new password.
#[component]
pub fn UndoEmailPage() -> impl IntoView {
    let action = FormAction::<UndoEmail>::new();
    let answered = use_answer_of::<UndoEmail>().is_some_and(|answer| is_cancelled(&answer));
    let Some(token) = parameter("token") else {
        return view! {
            <CenteredShell title="Open the letter to your old address again" lead=words::UNDO_EMAIL_REFUSED>
                {new_password(Weight::Secondary)}
            </CenteredShell>
        }
        .into_any();
    };
    let refusal = Watch::default();
    let is_done = move || {
        action
            .value()
            .with(|value| value.as_ref().map_or(answered, |value| value.as_ref().is_ok_and(is_cancelled)))
    };
    view! {
        <CenteredShell title="Keep your address" lead=words::UNDO_EMAIL_LEAD>
            <div role="status" class="contents">
                {move || {
                    is_done()
                        .then(|| {
                            view! {
                                <Banner tone=Tone::Good title="The change is stopped">
                                    <p>{words::UNDO_EMAIL_CANCELLED}</p>
                                </Banner>
                            }
                        })
                }}
            </div>
            <Form action>
                <Watched by=refusal/>
                <Hidden name="token" value=token/>
                // A link that was used or refused stays so: the way on is below.
                <div hidden=move || is_done() || refusal.saw(is_token_refused)>
                    <SubmitButton weight=Weight::Danger pending_words="Undoing it…">
                        "This was not me: undo it"
                    </SubmitButton>
                </div>
            </Form>
            {move || refusal.saw(is_token_refused).then(|| view! { <p>{words::UNDO_EMAIL_REFUSED}</p> })}
            {move || (is_done() || refusal.saw(is_token_refused)).then(|| new_password(Weight::Primary))}
        </CenteredShell>
    }
    .into_any()
}

fn is_cancelled(answer: &UndoneEmail) -> bool {
    answer.state == UndoneState::Cancelled
}

fn is_token_refused(problem: &Problem) -> bool {
    problem.0 == AppError::TokenRefused
}

fn new_password(weight: Weight) -> AnyView {
    view! {
        <div class="stack-actions">
            <LinkButton href="/forgot-password" weight>
                "Set a new password"
            </LinkButton>
        </div>
    }
    .into_any()
}
