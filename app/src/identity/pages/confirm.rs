//! `/confirm?next=`: a fresh proof, before anything else, where a session has come to another browser or network.

use domain::{
    AppError,
    identity::{ProofNeeded, Viewer, safe_next},
};
use leptos::prelude::*;

use crate::{
    error::Problem,
    federation::parts::ProviderTrouble,
    frame::{ConfirmItIsYou, go_to, turned_away},
    identity::{
        api::{SignOut, StepUp, me, step_up_needs},
        words,
    },
    ui::{CenteredShell, Form, FormAction, Skeleton, SubmitButton, Weight, parameter},
};

/// The proof, and the way out for somebody whose session this is not.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let step_up = FormAction::<StepUp>::new();
    let sign_out = FormAction::<SignOut>::new();
    let next = parameter("next");
    let next = safe_next(next.as_deref()).unwrap_or("/").to_owned();
    let asked = Resource::new(|| (), |()| asked());
    view! {
        <Suspense strict=true fallback=|| view! { <Skeleton/> }>
            {
                let next = next.clone();
                move || {
                    let next = next.clone();
                    Suspend::new(async move {
                        match asked.await {
                            Ok(Asked::Proof(proof)) => form(step_up, sign_out, proof, next),
                            Ok(Asked::Nothing) => {
                                go_to(&next);
                                view! { <Skeleton/> }.into_any()
                            }
                            Err(problem) => turned_away(&problem),
                        }
                    })
                }
            }
        </Suspense>
    }
}

/// What this page has to ask.
#[derive(Clone, serde::Serialize, serde::Deserialize)]
enum Asked {
    Proof(ProofNeeded),
    Nothing,
}

async fn asked() -> Result<Asked, Problem> {
    match me().await {
        Ok(Viewer { .. }) => Ok(Asked::Nothing),
        Err(Problem(AppError::StepUpRequired { .. })) => Ok(Asked::Proof(step_up_needs().await?)),
        Err(problem) => Err(problem),
    }
}

fn form(
    step_up: FormAction<StepUp>,
    sign_out: FormAction<SignOut>,
    proof: ProofNeeded,
    next: String,
) -> AnyView {
    view! {
        <CenteredShell title="Is it still you?" lead=words::MOVED_LEAD>
            <ProviderTrouble/>
            <ConfirmItIsYou action=step_up proof on_success=move |()| go_to(&next)/>
            <Form action=sign_out>
                <SubmitButton weight=Weight::Secondary pending_words="Signing out…">"Sign out instead"</SubmitButton>
            </Form>
        </CenteredShell>
    }
    .into_any()
}
