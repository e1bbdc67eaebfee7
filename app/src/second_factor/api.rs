//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    identity::SignedIn,
    second_factor::{Ceremony, Passkey, PasskeyAdded, RecoveryCodes, Setup, State, Ways},
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
        AppError, FieldIssue,
        access::{Need, Purpose},
        identity::{self, SignInState, service::Outcome},
        second_factor::{
            passkeys::service::{self as passkeys, PasskeySignIn},
            service::{self, Trust},
        },
        sessions::NewSession,
    },
    uuid::Uuid,
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

/// By which ways the waiting sign-in can be finished.
#[server(prefix = "/api/v1", endpoint = "second-factor/ways", input = GetUrl)]
pub async fn second_factor_ways() -> Result<Ways, Problem> {
    let grant = caller()?.half_way()?;
    Ok(service::ways(&grant).await?)
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
    let theme = identity::service::theme_at_the_door(&grant).await?;
    Ok(let_in(&session, next.as_deref(), theme))
}

/// Finishes a sign-in with a recovery code.
#[server(prefix = "/api/v1", endpoint = "second-factor/recover", input = PostUrl)]
pub async fn recover_second_factor(#[server(default)] recovery_code: String) -> Result<SignedIn, Problem> {
    let grant = caller()?.half_way()?;
    let (session, next) = service::recover(&grant, &recovery_code).await?;
    let theme = identity::service::theme_at_the_door(&grant).await?;
    Ok(let_in(&session, next.as_deref(), theme))
}

/// Removes the authenticator.
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

/// The caller's passkeys.
#[server(prefix = "/api/v1", endpoint = "second-factor/passkeys", input = GetUrl)]
pub async fn list_passkeys() -> Result<Page<Passkey>, Problem> {
    let grant = caller()?.signed_in()?;
    // At most twenty: always one page.
    Ok(Page { items: passkeys::list(&grant).await?, next_cursor: None })
}

/// Asks the browser of the caller for a new passkey.
#[server(prefix = "/api/v1", endpoint = "second-factor/passkey-start", input = PostUrl)]
pub async fn start_passkey() -> Result<Ceremony, Problem> {
    let grant = caller()?.stepped_up()?;
    Ok(passkeys::start(&grant).await?)
}

/// Keeps a new passkey.
#[server(prefix = "/api/v1", endpoint = "second-factor/passkey-finish", input = PostUrl)]
pub async fn finish_passkey(
    #[server(default)] ceremony: String,
    #[server(default)] credential: String,
    #[server(default)] name: String,
) -> Result<PasskeyAdded, Problem> {
    let grant = caller()?.stepped_up()?;
    let (added, session) = passkeys::finish(&grant, &ceremony, &credential, &name).await?;
    cookie::keep(&session);
    Ok(added)
}

/// Gives a passkey another name.
#[server(prefix = "/api/v1", endpoint = "second-factor/passkey-rename", input = PostUrl)]
pub async fn rename_passkey(
    #[server(default)] id: String,
    #[server(default)] name: String,
) -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
    Ok(passkeys::rename(&grant, required_id(&id)?, &name).await?)
}

/// Removes a passkey.
#[server(prefix = "/api/v1", endpoint = "second-factor/passkey-remove", input = PostUrl)]
pub async fn remove_passkey(#[server(default)] id: String) -> Result<(), Problem> {
    let grant = caller()?.stepped_up()?;
    let session = passkeys::remove(&grant, required_id(&id)?).await?;
    cookie::keep(&session);
    Ok(())
}

/// Asks a browser for any passkey of this site.
#[server(prefix = "/api/v1", endpoint = "second-factor/passkey-sign-in-start", input = PostUrl)]
pub async fn start_passkey_sign_in() -> Result<Ceremony, Problem> {
    let grant = caller()?.anonymous(Purpose::SignIn);
    let (ceremony, secret) = passkeys::begin_sign_in(&grant, cookie::passkey_browser()).await?;
    if let Some(secret) = secret {
        cookie::keep_passkey_browser(&secret);
    }
    Ok(ceremony)
}

/// Signs in with a passkey alone.
#[server(prefix = "/api/v1", endpoint = "second-factor/passkey-sign-in-finish", input = PostUrl)]
pub async fn finish_passkey_sign_in(
    #[server(default)] ceremony: String,
    #[server(default)] credential: String,
    #[server(default)] remember: bool,
    next: Option<String>,
) -> Result<SignedIn, Problem> {
    let caller = caller()?;
    let replaces = domain::sessions::service::of_actor(caller.actor());
    let browser = cookie::passkey_browser();
    let typed = PasskeySignIn { ceremony, credential, browser, remember, next, replaces };
    match passkeys::sign_in(&caller.anonymous(Purpose::SignIn), typed).await? {
        Outcome::SignedIn { session, next, theme } => Ok(let_in(&session, next.as_deref(), theme)),
        // A passkey is both factors: nothing is left to be asked.
        Outcome::SecondFactor { .. } => Err(AppError::Internal.into()),
    }
}

/// Asks the browser of a waiting sign-in for one of the account's passkeys.
#[server(prefix = "/api/v1", endpoint = "second-factor/passkey-verify-start", input = PostUrl)]
pub async fn start_passkey_verify() -> Result<Ceremony, Problem> {
    let grant = caller()?.half_way()?;
    Ok(passkeys::begin_second_factor(&grant).await?)
}

/// Finishes a sign-in with a passkey.
#[server(prefix = "/api/v1", endpoint = "second-factor/passkey-verify-finish", input = PostUrl)]
pub async fn finish_passkey_verify(
    #[server(default)] ceremony: String,
    #[server(default)] credential: String,
    #[server(default)] trust_device: bool,
) -> Result<SignedIn, Problem> {
    let grant = caller()?.half_way()?;
    let trust = if trust_device { Trust::ThisDevice } else { Trust::No };
    let (session, next) = passkeys::finish_second_factor(&grant, &ceremony, &credential, trust).await?;
    let theme = identity::service::theme_at_the_door(&grant).await?;
    Ok(let_in(&session, next.as_deref(), theme))
}

/// Asks the browser of the caller for one of their passkeys, as a fresh proof.
#[server(prefix = "/api/v1", endpoint = "second-factor/passkey-step-up-start", input = PostUrl)]
pub async fn start_passkey_step_up() -> Result<Ceremony, Problem> {
    let grant = caller()?.any_session()?;
    Ok(passkeys::begin_step_up(&grant).await?)
}

/// Keeps the session of somebody who has proved everything, and leads them on.
#[cfg(feature = "ssr")]
fn let_in(session: &NewSession, next: Option<&str>, theme: identity::Theme) -> SignedIn {
    cookie::keep(session);
    cookie::follow_theme(theme);
    leptos_axum::redirect(next.unwrap_or("/"), false);
    SignedIn { state: SignInState::SignedIn }
}

#[cfg(feature = "ssr")]
fn required_id(id: &str) -> Result<Uuid, AppError> {
    if id.is_empty() {
        return Err(AppError::invalid("id", FieldIssue::Required));
    }
    id.parse().map_err(|_| AppError::MalformedRequest)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [factor_endpoints(), passkey_endpoints(), passkey_doors()].concat()
}

#[cfg(feature = "ssr")]
fn factor_endpoints() -> Vec<Endpoint> {
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
        .with_problems(&["conflict"])
        .without_keys(),
        Endpoint::of::<ConfirmSecondFactor, PostUrl>(
            SteppedUp,
            Rate::SignIn,
            "Turns the second factor on by its first code. Answers ten recovery codes, once.",
        )
        .with_problems(&["code-refused", "conflict"])
        .in_browser(),
        Endpoint::of::<SecondFactorWays, GetUrl>(
            HalfWay,
            Rate::Read,
            "By which ways the waiting sign-in can be finished.",
        ),
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
        Endpoint::of::<DisableSecondFactor, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Removes the authenticator. Without a passkey the second factor is off.",
        )
        .with_problems(&["conflict"])
        .in_browser(),
        Endpoint::of::<NewRecoveryCodes, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Replaces all recovery codes. Answers ten new ones, once.",
        )
        .with_problems(&["conflict"])
        .without_keys(),
    ]
}

#[cfg(feature = "ssr")]
fn passkey_endpoints() -> Vec<Endpoint> {
    use Need::{SignedIn as Session, SteppedUp};
    vec![
        Endpoint::of::<ListPasskeys, GetUrl>(Session, Rate::Read, "The caller's passkeys, the newest first."),
        Endpoint::of::<StartPasskey, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Asks for a new passkey: `publicKey` is for `navigator.credentials.create()`, good for five minutes.",
        )
        .with_problems(&["conflict"])
        .in_browser(),
        Endpoint::of::<FinishPasskey, PostUrl>(
            SteppedUp,
            Rate::SignIn,
            "Keeps a new passkey. `credential` is the JSON text of what the browser made. Answers ten recovery codes, once, \
             when it is the first second factor of the account.",
        )
        .with_problems(&["passkey-refused", "conflict"])
        .in_browser(),
        Endpoint::of::<RenamePasskey, PostUrl>(Session, Rate::Write, "Gives a passkey another name.")
            .with_problems(&["not-found"]),
        Endpoint::of::<RemovePasskey, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Removes a passkey. With the last second factor the recovery codes go as well. The last way to sign in stays.",
        )
        .with_problems(&["not-found", "conflict"])
        .in_browser(),
    ]
}

#[cfg(feature = "ssr")]
fn passkey_doors() -> Vec<Endpoint> {
    use Need::{AnySession, HalfWay, Nothing};
    vec![
        // Each visit of the sign-in page asks once, so that the browser can offer what it has.
        Endpoint::of::<StartPasskeySignIn, PostUrl>(
            Nothing(Purpose::SignIn),
            Rate::Write,
            "Asks for any passkey of this site: `publicKey` is for `navigator.credentials.get()`, good for five minutes in \
             this browser.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<FinishPasskeySignIn, PostUrl>(
            Nothing(Purpose::SignIn),
            Rate::SignIn,
            "Signs in with a passkey alone. `credential` is the JSON text of what the browser answered. Sets the session \
             cookie.",
        )
        .with_problems(&["passkey-refused", "email-not-verified", "conflict"]),
        Endpoint::of::<StartPasskeyVerify, PostUrl>(
            HalfWay,
            Rate::Write,
            "Asks for a passkey of the account whose sign-in waits.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<FinishPasskeyVerify, PostUrl>(
            HalfWay,
            Rate::SignIn,
            "Finishes a sign-in with a passkey.",
        )
        .with_problems(&["passkey-refused", "conflict"]),
        Endpoint::of::<StartPasskeyStepUp, PostUrl>(
            AnySession,
            Rate::Write,
            "Asks for a passkey of the caller, whose answer `identity/step-up` takes.",
        )
        .with_problems(&["conflict"])
        .in_browser(),
    ]
}
