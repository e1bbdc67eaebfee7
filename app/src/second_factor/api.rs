//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    identity::SignedIn,
    second_factor::{RecoveryCodes, Setup, State},
};
use leptos::{
    server,
    server_fn::codec::{GetUrl, PostUrl},
};

use crate::error::Problem;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::caller,
        endpoint::{Endpoint, Rate},
        sessions::cookie,
    },
    domain::{
        access::Need,
        identity::{self, SignInState},
        second_factor::service::{self, Trust},
    },
};

/// Where the caller's second factor stands.
#[server(prefix = "/api/v1", endpoint = "second-factor/state", input = GetUrl)]
pub async fn second_factor_state() -> Result<State, Problem> {
    let caller = caller()?;
    let proof = caller.stepped_up().ok();
    Ok(service::state(&caller.signed_in()?, proof.as_ref()).await?)
}

/// Makes a new secret for an authenticator.
#[server(prefix = "/api/v1", endpoint = "second-factor/start", input = PostUrl)]
pub async fn start_second_factor() -> Result<Setup, Problem> {
    let grant = caller()?.stepped_up()?;
    let viewer = identity::service::me(&grant.own()).await?;
    Ok(service::start(&grant, &viewer.email).await?)
}

/// Turns the second factor on by its first code.
#[server(prefix = "/api/v1", endpoint = "second-factor/confirm", input = PostUrl)]
pub async fn confirm_second_factor(#[server(default)] code: String) -> Result<RecoveryCodes, Problem> {
    let grant = caller()?.stepped_up()?;
    let (codes, session) = service::confirm(&grant, &code).await?;
    cookie::keep(&session);
    Ok(codes)
}

/// Finishes a sign-in with a code.
#[server(prefix = "/api/v1", endpoint = "second-factor/verify", input = PostUrl)]
pub async fn verify_second_factor(
    #[server(default)] code: String,
    #[server(default)] trust_device: bool,
) -> Result<SignedIn, Problem> {
    let grant = caller()?.half_way()?;
    let trust = if trust_device { Trust::ThisDevice } else { Trust::No };
    let (session, next) = service::verify(&grant, &code, trust).await?;
    cookie::keep(&session);
    cookie::follow_theme(identity::service::theme_at_the_door(&grant).await?);
    leptos_axum::redirect(next.as_deref().unwrap_or("/"), false);
    Ok(SignedIn { state: SignInState::SignedIn })
}

/// Finishes a sign-in with a recovery code.
#[server(prefix = "/api/v1", endpoint = "second-factor/recover", input = PostUrl)]
pub async fn recover_second_factor(#[server(default)] recovery_code: String) -> Result<SignedIn, Problem> {
    let grant = caller()?.half_way()?;
    let (session, next) = service::recover(&grant, &recovery_code).await?;
    cookie::keep(&session);
    cookie::follow_theme(identity::service::theme_at_the_door(&grant).await?);
    leptos_axum::redirect(next.as_deref().unwrap_or("/"), false);
    Ok(SignedIn { state: SignInState::SignedIn })
}

/// Turns the second factor off.
#[server(prefix = "/api/v1", endpoint = "second-factor/disable", input = PostUrl)]
pub async fn disable_second_factor() -> Result<(), Problem> {
    let grant = caller()?.stepped_up()?;
    let session = service::disable(&grant).await?;
    cookie::keep(&session);
    Ok(())
}

/// Replaces all recovery codes.
#[server(prefix = "/api/v1", endpoint = "second-factor/new-recovery-codes", input = PostUrl)]
pub async fn new_recovery_codes() -> Result<RecoveryCodes, Problem> {
    let grant = caller()?.stepped_up()?;
    Ok(service::new_recovery_codes(&grant).await?)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    use Need::{HalfWay, SignedIn as Session, SteppedUp};
    vec![
        Endpoint::of::<SecondFactorState, GetUrl>(
            Session,
            Rate::Read,
            "Where the caller's second factor stands; the waiting secret only after a fresh proof.",
        ),
        Endpoint::of::<StartSecondFactor, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Makes a new secret for an authenticator. It counts once a code of it was confirmed.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<ConfirmSecondFactor, PostUrl>(
            SteppedUp,
            Rate::SignIn,
            "Turns the second factor on by its first code. Answers ten recovery codes, once.",
        )
        .with_problems(&["code-refused", "conflict"])
        .in_browser(),
        Endpoint::of::<VerifySecondFactor, PostUrl>(
            HalfWay,
            Rate::SignIn,
            "Finishes a sign-in with a code. Each code works once.",
        )
        .with_problems(&["code-refused"]),
        Endpoint::of::<RecoverSecondFactor, PostUrl>(
            HalfWay,
            Rate::SignIn,
            "Finishes a sign-in with a recovery code. Each works once.",
        )
        .with_problems(&["code-refused"]),
        Endpoint::of::<DisableSecondFactor, PostUrl>(SteppedUp, Rate::Write, "Turns the second factor off.")
            .with_problems(&["conflict"])
            .in_browser(),
        Endpoint::of::<NewRecoveryCodes, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Replaces all recovery codes. Answers ten new ones, once.",
        )
        .with_problems(&["conflict"]),
    ]
}
