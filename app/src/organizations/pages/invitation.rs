//! `/invitations/:token`: what the letter of an invitation leads to. Opening it does nothing, because mail scanners open links.

use domain::{AppError, identity::Viewer, organizations::InvitationShown};
use leptos::prelude::*;
use leptos_router::{hooks::use_params_map, params::ParamsMap};

use crate::{
    error::Problem,
    frame::turned_away,
    identity::api::{SignOut, me},
    organizations::{
        member_api::{AcceptInvitation, read_invitation},
        words,
    },
    ui::{
        CenteredShell, Form, FormAction, Hidden, LinkButton, Skeleton, SubmitButton, TimeText, Weight,
        tell_time_as,
    },
};

/// The invitation, for whoever holds its letter: the one it was sent to, somebody who has to sign in first, or another one.
#[component]
pub fn InvitationPage() -> impl IntoView {
    let parameters = use_params_map();
    let token = Memo::new(move |_| parameters.with(|all| all.get("token")).unwrap_or_default());
    let accept = FormAction::<AcceptInvitation>::new();
    let sign_out = FormAction::<SignOut>::new();
    let viewer = Resource::new(|| (), |()| me());
    let invitation = Resource::new(move || token.get(), read_invitation);
    view! {
        <Suspense strict=true fallback=|| view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                let token = token.get_untracked();
                match (invitation.await, viewer.await) {
                    (Err(Problem(AppError::TokenRefused | AppError::InvalidInput { .. })), _) => worthless(),
                    (Err(problem), _) => turned_away(&problem),
                    (Ok(shown), Ok(viewer)) => known(shown, &viewer, token, accept, sign_out),
                    (Ok(shown), Err(Problem(AppError::SignInRequired))) => stranger(shown, &token),
                    (Ok(_), Err(problem)) => turned_away(&problem),
                }
            })}
        </Suspense>
    }
}

fn worthless() -> AnyView {
    view! {
        <CenteredShell title="This invitation works no more" lead=words::TOKEN_REFUSED>
            <div class="stack-actions">
                <LinkButton href="/">"To the start page"</LinkButton>
            </div>
        </CenteredShell>
    }
    .into_any()
}

/// What it is about.
fn about(shown: &InvitationShown) -> AnyView {
    let InvitationShown { email, role, invited_by, expires_at, .. } = shown.clone();
    view! {
        <p class="wrap-anywhere">
            {invited_by} " invites " <strong>{email}</strong> " to come in as " <strong>{role}</strong> "."
        </p>
        <p>"The invitation is good until " <TimeText at=expires_at/> "."</p>
    }
    .into_any()
}

fn title(shown: &InvitationShown) -> String {
    format!("Come into {}", shown.organization)
}

fn known(
    shown: InvitationShown,
    viewer: &Viewer,
    token: String,
    accept: FormAction<AcceptInvitation>,
    sign_out: FormAction<SignOut>,
) -> AnyView {
    tell_time_as(viewer.local_time.clone());
    if !viewer.email.eq_ignore_ascii_case(&shown.email) {
        return view! {
            <CenteredShell title="This invitation is not yours" lead=words::INVITED_ELSEWHERE>
                {about(&shown)} <p class="wrap-anywhere">"You are signed in as " {viewer.email.clone()} "."</p>
                <Form action=sign_out>
                    <SubmitButton weight=Weight::Secondary pending_words="Signing out…">
                        "Sign out"
                    </SubmitButton>
                </Form>
            </CenteredShell>
        }
        .into_any();
    }
    view! {
        <CenteredShell title=title(&shown)>
            {about(&shown)} <Form action=accept>
                <Hidden name="token" value=token/>
                <SubmitButton pending_words="Coming in…">"Accept the invitation"</SubmitButton>
            </Form>
        </CenteredShell>
    }
    .into_any()
}

/// Whoever is not in comes back here by way of the door.
fn stranger(shown: InvitationShown, token: &str) -> AnyView {
    let mut way_back = ParamsMap::new();
    way_back.insert_decoded("next", format!("/invitations/{token}"));
    let sign_in = format!("/login{}", way_back.to_query_string());
    view! {
        <CenteredShell title=title(&shown) lead=words::SIGN_IN_FIRST>
            {about(&shown)} <div class="stack-actions">
                <LinkButton href=sign_in weight=Weight::Primary>
                    "Sign in"
                </LinkButton>
                <LinkButton href="/register">"Create an account"</LinkButton>
            </div>
        </CenteredShell>
    }
    .into_any()
}
