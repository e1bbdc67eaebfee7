//! What stands where a page cannot be shown: a way to the door, or a section that says why and what to do next.
//!
//! The status of the document says the same as the section, so that machines are not told "fine".

use domain::{AppError, access::PolicyNeed};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    error::Problem,
    ui::{CenteredShell, EmptyState, Glyph, LinkButton, Weight, confirm_path, sign_in_path},
};

/// Sends the whole document elsewhere, so that the next page is rendered for whoever asks then.
#[cfg(feature = "ssr")]
pub fn go_to(path: &str) {
    leptos_axum::redirect(path, false);
}

/// Sends the whole document elsewhere, so that the next page is rendered for whoever asks then.
#[cfg(not(feature = "ssr"))]
pub fn go_to(path: &str) {
    server_fn::redirect::call_redirect_hook(path);
}

#[cfg(feature = "ssr")]
fn answer_with(problem: &Problem) {
    let Some(response) = use_context::<leptos_axum::ResponseOptions>() else { return };
    let status =
        http::StatusCode::from_u16(problem.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
    response.set_status(status);
    if let AppError::Busy { retry_after_s } | AppError::TooManyRequests { retry_after_s } = problem.0 {
        response.insert_header(http::header::RETRY_AFTER, retry_after_s.into());
    }
}

/// In the browser the document was answered long ago.
#[cfg(not(feature = "ssr"))]
fn answer_with(_: &Problem) {}

/// Instead of a page for people who are in, for somebody who is not: they are sent to the door, and come back after.
pub fn turned_away(problem: &Problem) -> AnyView {
    match problem.0 {
        AppError::SignInRequired => {
            let path = sign_in_path();
            go_to(&path);
            way("Sign in first", "This page needs you to be signed in.", "Sign in", path)
        }
        AppError::SecondFactorRequired => {
            go_to("/2fa/verify");
            let lead = "Your password was right; the second factor is still missing.";
            way("One more proof", lead, "Give the second factor", "/2fa/verify".into())
        }
        AppError::StepUpRequired { .. } => {
            let path = confirm_path();
            go_to(&path);
            let lead = "You are signed in, but from another network or browser than before.";
            way("Confirm that it is you", lead, "Confirm", path)
        }
        AppError::DeletionPending { .. } => {
            go_to("/keep-account");
            let lead = "Until it is deleted you can keep it, and nothing else.";
            way("Your account is closed", lead, "Keep the account, or leave", "/keep-account".into())
        }
        _ => {
            let (title, text) = sentences(problem);
            answer_with(problem);
            view! {
                <CenteredShell title=title lead=text>
                    <div class="stack-actions">{try_again()}</div>
                </CenteredShell>
            }
            .into_any()
        }
    }
}

/// Inside the frame of a person who is in: why this part cannot be shown.
pub fn refused(problem: &Problem) -> AnyView {
    let (title, text) = sentences(problem);
    answer_with(problem);
    let (glyph, action) = match problem.0 {
        AppError::NotAllowed | AppError::NotFound => (Glyph::Lock, to_start()),
        AppError::SecondFactorRequired => {
            let link = view! {
                <LinkButton href="/2fa/setup" weight=Weight::Primary icon=Glyph::Shield>
                    "Set up the second factor"
                </LinkButton>
            };
            (Glyph::Shield, link.into_any())
        }
        AppError::OrganizationPolicy { needs: PolicyNeed::SecondFactor, .. } => {
            (Glyph::Shield, view! { <LinkButton href="/2fa/setup">"Set up the second factor"</LinkButton> }.into_any())
        }
        AppError::OrganizationPolicy { .. } => (Glyph::Lock, to_start()),
        AppError::StepUpRequired { .. } => {
            (Glyph::Lock, view! { <LinkButton href=confirm_path()>"Confirm that it is you"</LinkButton> }.into_any())
        }
        AppError::SignInRequired => {
            go_to(&sign_in_path());
            (Glyph::Lock, to_start())
        }
        AppError::InvalidInput { .. } | AppError::MalformedRequest => {
            let bare = use_location().pathname.get_untracked();
            (Glyph::Filter, view! { <LinkButton href=bare>"Start over"</LinkButton> }.into_any())
        }
        _ => (Glyph::Alert, try_again()),
    };
    view! { <EmptyState glyph title text action/> }.into_any()
}

fn sentences(problem: &Problem) -> (String, String) {
    let (title, text) = match &problem.0 {
        AppError::NotAllowed => (
            "Your role does not include this",
            "If you need it for your work, ask an administrator of this server, or an owner of the organization.",
        ),
        AppError::SecondFactorRequired => (
            "Set up the second factor first",
            "Whoever looks after other people’s accounts needs a second factor on this server. It takes a minute and a phone.",
        ),
        AppError::Busy { .. } | AppError::Unreachable => (
            "Busy at the moment",
            "Too much is going on, or a part of the server is away. Nothing was changed. Try again in a few seconds.",
        ),
        AppError::InvalidInput { .. } | AppError::MalformedRequest => (
            "This address cannot be read",
            "A filter or a page mark in the address is not one of ours. Clear the filters and start over.",
        ),
        _ => return (problem.title().to_owned(), problem.detail()),
    };
    (title.to_owned(), text.to_owned())
}

/// What is seen while the browser goes elsewhere, and where a redirect was not followed.
fn way(title: &'static str, lead: &'static str, action: &'static str, path: String) -> AnyView {
    view! {
        <CenteredShell title lead>
            <div class="stack-actions">
                <LinkButton href=path weight=Weight::Primary>
                    {action}
                </LinkButton>
            </div>
        </CenteredShell>
    }
    .into_any()
}

fn to_start() -> AnyView {
    view! { <LinkButton href="/">"To the start page"</LinkButton> }.into_any()
}

/// An empty address is the page itself; `external` keeps the router out of it, so it is loaded anew.
fn try_again() -> AnyView {
    view! {
        <a class="btn btn-primary" href="" rel="external">
            "Try again"
        </a>
    }
    .into_any()
}
