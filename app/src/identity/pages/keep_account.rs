//! `/keep-account`: what somebody sees who signs in to an account that is about to be deleted.

use domain::{AppError, Timestamp};
use leptos::prelude::*;

use crate::{
    error::Problem,
    frame::{go_to, turned_away},
    identity::{
        api::{KeepAccount, SignOut, me},
        words,
    },
    ui::{CenteredShell, Form, FormAction, LinkButton, Skeleton, SubmitButton, TimeText, Weight},
};

/// Two buttons: keep it, or leave. After either the server says where to go.
#[component]
pub fn KeepAccountPage() -> impl IntoView {
    let viewer = Resource::new(|| (), |()| me());
    let (keep, leave) = (FormAction::<KeepAccount>::new(), FormAction::<SignOut>::new());
    view! {
        <Suspense strict=true fallback=|| view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match viewer.await {
                    Err(Problem(AppError::DeletionPending { due_at })) => question(due_at, keep, leave),
                    Ok(_) => stays(),
                    Err(problem) => turned_away(&problem),
                }
            })}
        </Suspense>
    }
}

fn question(due_at: Timestamp, keep: FormAction<KeepAccount>, leave: FormAction<SignOut>) -> AnyView {
    view! {
        <CenteredShell title="Your account is closed" lead=words::KEEP_LEAD>
            <p>"It is deleted for good on " <strong><TimeText at=due_at/></strong> "."</p>
            <Form action=keep>
                <SubmitButton pending_words="Keeping it…">"Keep my account"</SubmitButton>
            </Form>
            <Form action=leave>
                <SubmitButton weight=Weight::Secondary pending_words="Signing out…">
                    "Sign out and let it go"
                </SubmitButton>
            </Form>
        </CenteredShell>
    }
    .into_any()
}

/// For somebody whose account nobody deletes.
fn stays() -> AnyView {
    go_to("/");
    view! {
        <CenteredShell title="Your account stays" lead="Nobody asked to delete it.">
            <div class="stack-actions">
                <LinkButton href="/">"To the start page"</LinkButton>
            </div>
        </CenteredShell>
    }
    .into_any()
}
