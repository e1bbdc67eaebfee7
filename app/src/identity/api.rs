//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    identity::{
        ProofNeeded, Registered, RegistrationNotice, ResetLink, SignedIn, UndoneEmail, Viewer,
        captcha::Challenge,
    },
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
        ui::theme::Theme,
    },
    domain::{
        access::{Need, Purpose},
        identity::{SignInState, UndoneState, service},
        second_factor::passkeys::service as passkeys,
    },
};

/// Opens an account.
#[server(prefix = "/api/v1", endpoint = "identity/register", input = PostUrl)]
pub async fn register(
    #[server(default)] email: String,
    #[server(default)] password: String,
    display_name: Option<String>,
    captcha: Option<String>,
    invitation: Option<String>,
) -> Result<Registered, Problem> {
    let grant = caller()?.anonymous(Purpose::Register);
    let typed = service::Registration { email, password, display_name, captcha, invitation };
    Ok(service::register(&grant, typed).await?)
}

/// Whether anybody may open an account.
#[server(prefix = "/api/v1", endpoint = "identity/registration", input = GetUrl)]
pub async fn registration() -> Result<RegistrationNotice, Problem> {
    let grant = caller()?.anonymous(Purpose::Register);
    Ok(service::registration_notice(&grant).await?)
}

/// Sends the letter that confirms an address again.
#[server(prefix = "/api/v1", endpoint = "identity/resend-verification", input = PostUrl)]
pub async fn resend_verification(#[server(default)] email: String) -> Result<(), Problem> {
    let grant = caller()?.anonymous(Purpose::Letter);
    Ok(service::resend_verification(&grant, &email).await?)
}

/// Confirms an address by the link of a letter.
#[server(prefix = "/api/v1", endpoint = "identity/verify-email", input = PostUrl)]
pub async fn verify_email(#[server(default)] token: String) -> Result<(), Problem> {
    let grant = caller()?.anonymous(Purpose::Letter);
    service::verify_email(&grant, &token).await?;
    leptos_axum::redirect("/login?verified=1", false);
    Ok(())
}

/// Signs in with a password.
#[server(prefix = "/api/v1", endpoint = "identity/sign-in", input = PostUrl)]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] remember: bool,
    next: Option<String>,
    captcha: Option<String>,
) -> Result<SignedIn, Problem> {
    let caller = caller()?;
    let replaces = domain::sessions::service::of_actor(caller.actor());
    let grant = caller.anonymous(Purpose::SignIn);
    let typed = service::SignIn { email, password, remember, next, captcha, replaces };
    match service::sign_in(&grant, typed).await? {
        service::Outcome::SignedIn { session, next, theme } => {
            cookie::keep(&session);
            cookie::follow_theme(theme);
            leptos_axum::redirect(next.as_deref().unwrap_or("/"), false);
            Ok(SignedIn { state: SignInState::SignedIn })
        }
        service::Outcome::SecondFactor { pending } => {
            cookie::keep_pending(&pending);
            leptos_axum::redirect("/2fa/verify", false);
            Ok(SignedIn { state: SignInState::SecondFactor })
        }
    }
}

/// Shuts everybody out of the account of a letter that told of a sign-in.
#[server(prefix = "/api/v1", endpoint = "identity/not-me", input = PostUrl)]
pub async fn not_me(#[server(default)] token: String) -> Result<ResetLink, Problem> {
    let grant = caller()?.anonymous(Purpose::Letter);
    let reset = service::disown_sign_in(&grant, &token).await?;
    let link = ResetLink { token: reset.reveal() };
    leptos_axum::redirect(&format!("/reset-password?token={}", link.token), false);
    Ok(link)
}

/// What a script solves beforehand, or shows to a person.
#[server(prefix = "/api/v1", endpoint = "identity/captcha", input = GetUrl)]
pub async fn captcha() -> Result<Challenge, Problem> {
    let grant = caller()?.anonymous(Purpose::SignIn);
    Ok(service::challenge(&grant).await?)
}

/// Ends the session that asks.
#[server(prefix = "/api/v1", endpoint = "identity/sign-out", input = PostUrl)]
pub async fn sign_out() -> Result<(), Problem> {
    let grant = caller()?.any_session()?;
    domain::sessions::service::sign_out(&grant).await?;
    cookie::forget();
    leptos_axum::redirect("/login", false);
    Ok(())
}

/// Who the caller is.
#[server(prefix = "/api/v1", endpoint = "identity/me", input = GetUrl)]
pub async fn me() -> Result<Viewer, Problem> {
    let grant = caller()?.signed_in()?;
    Ok(service::me(&grant).await?)
}

/// Sends a letter with a link to set a new password.
#[server(prefix = "/api/v1", endpoint = "identity/forgot-password", input = PostUrl)]
pub async fn forgot_password(
    #[server(default)] email: String,
    captcha: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.anonymous(Purpose::Letter);
    Ok(service::forgot_password(&grant, &email, captcha.as_deref()).await?)
}

/// Sets a new password by the link of a letter.
#[server(prefix = "/api/v1", endpoint = "identity/reset-password", input = PostUrl)]
pub async fn reset_password(
    #[server(default)] token: String,
    #[server(default)] password: String,
) -> Result<(), Problem> {
    let grant = caller()?.anonymous(Purpose::Letter);
    service::reset_password(&grant, &token, &password).await?;
    leptos_axum::redirect("/login?reset=1", false);
    Ok(())
}

/// Changes the password and ends the other sessions.
#[server(prefix = "/api/v1", endpoint = "identity/change-password", input = PostUrl)]
pub async fn change_password(
    #[server(default)] current_password: String,
    #[server(default)] password: String,
) -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
    let session = service::change_password(&grant, &current_password, &password).await?;
    cookie::keep(&session);
    Ok(())
}

/// Asks for another address.
#[server(prefix = "/api/v1", endpoint = "identity/change-email", input = PostUrl)]
pub async fn change_email(#[server(default)] email: String) -> Result<(), Problem> {
    let grant = caller()?.stepped_up()?;
    Ok(service::change_email(&grant, &email).await?)
}

/// Changes the address by the link of the letter to the new one.
#[server(prefix = "/api/v1", endpoint = "identity/confirm-email", input = PostUrl)]
pub async fn confirm_email(#[server(default)] token: String) -> Result<(), Problem> {
    let caller = caller()?;
    service::confirm_email(&caller.anonymous(Purpose::Letter), &token).await?;
    let is_in = caller.signed_in().is_ok();
    leptos_axum::redirect(if is_in { "/account/profile?moved=1" } else { "/login?moved=1" }, false);
    Ok(())
}

/// Undoes a change of the address by the link of the letter to the old one.
#[server(prefix = "/api/v1", endpoint = "identity/undo-email", input = PostUrl)]
pub async fn undo_email(#[server(default)] token: String) -> Result<UndoneEmail, Problem> {
    let grant = caller()?.anonymous(Purpose::Letter);
    let Some(way_in) = service::undo_email(&grant, &token).await? else {
        return Ok(UndoneEmail { state: UndoneState::Cancelled });
    };
    leptos_axum::redirect(&format!("/reset-password?token={}", way_in.reveal()), false);
    Ok(UndoneEmail { state: UndoneState::PutBack })
}

/// Closes the account and deletes it two weeks later.
#[server(prefix = "/api/v1", endpoint = "identity/delete-account", input = PostUrl)]
pub async fn delete_account(#[server(default)] confirm_email: String) -> Result<(), Problem> {
    let grant = caller()?.stepped_up()?;
    service::delete_account(&grant, &confirm_email).await?;
    cookie::forget();
    leptos_axum::redirect("/login?leaving=1", false);
    Ok(())
}

/// Keeps an account that is about to be deleted.
#[server(prefix = "/api/v1", endpoint = "identity/keep-account", input = PostUrl)]
pub async fn keep_account() -> Result<(), Problem> {
    let grant = caller()?.also_leaving()?;
    let session = service::keep_account(&grant).await?;
    cookie::keep(&session);
    leptos_axum::redirect("/", false);
    Ok(())
}

/// Changes what is given of the profile.
#[server(prefix = "/api/v1", endpoint = "identity/update-profile", input = PostUrl)]
pub async fn update_profile(
    display_name: Option<String>,
    locale: Option<String>,
    theme: Option<String>,
    time_zone: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
    let chosen = theme.as_deref().and_then(Theme::parse);
    service::update_profile(&grant, display_name, locale, theme, time_zone).await?;
    // What is kept with the account is shown on this device at once, without wasm too.
    if let Some(theme) = chosen {
        cookie::keep_theme(theme);
    }
    Ok(())
}

/// The time zones that can be chosen.
#[allow(clippy::unused_async, reason = "every server function is asynchronous")]
#[server(prefix = "/api/v1", endpoint = "identity/time-zones", input = GetUrl)]
pub async fn list_time_zones() -> Result<Page<String>, Problem> {
    let grant = caller()?.signed_in()?;
    // As many as there are: always one page.
    Ok(Page { items: service::time_zones(&grant), next_cursor: None })
}

/// Which proof a step-up asks of the caller.
#[server(prefix = "/api/v1", endpoint = "identity/step-up-needs", input = GetUrl)]
pub async fn step_up_needs() -> Result<ProofNeeded, Problem> {
    let grant = caller()?.any_session()?;
    Ok(service::step_up_needs(&grant).await?)
}

/// Gives a fresh proof of identity.
#[server(prefix = "/api/v1", endpoint = "identity/step-up", input = PostUrl)]
pub async fn step_up(
    password: Option<String>,
    code: Option<String>,
    ceremony: Option<String>,
    credential: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.any_session()?;
    let session = match credential.filter(|credential| !credential.is_empty()) {
        Some(credential) => passkeys::step_up(&grant, &ceremony.unwrap_or_default(), &credential).await?,
        None => service::step_up(&grant, password, code).await?,
    };
    cookie::keep(&session);
    Ok(())
}

/// Makes the first administrator by the one-time link.
#[server(prefix = "/api/v1", endpoint = "identity/bootstrap", input = PostUrl)]
pub async fn bootstrap(
    #[server(default)] token: String,
    #[server(default)] email: String,
    #[server(default)] password: String,
) -> Result<SignedIn, Problem> {
    let grant = caller()?.anonymous(Purpose::Bootstrap);
    let session = service::bootstrap(&grant, &token, &email, &password).await?;
    cookie::keep(&session);
    leptos_axum::redirect("/", false);
    Ok(SignedIn { state: SignInState::SignedIn })
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [doors(), account(), account_life(), super::data_api::endpoints()].concat()
}

#[cfg(feature = "ssr")]
#[expect(clippy::too_many_lines, reason = "one row for each endpoint keeps the table readable")]
fn doors() -> Vec<Endpoint> {
    use Need::{AnySession, Nothing};
    let door = &["wrong-credentials", "email-not-verified", "captcha-required"];
    let captcha = &["captcha-required"];
    vec![
        Endpoint::of::<Register, PostUrl>(
            Nothing(Purpose::Register),
            Rate::SignIn,
            "Opens an account, where that needs an invitation with the token of its letter (`invitation`). The answer is the \
             same for an address that has one already; its owner gets a letter.",
        )
        .with_problems(&["conflict", "token-refused", "captcha-required"]),
        Endpoint::of::<Registration, GetUrl>(
            Nothing(Purpose::Register),
            Rate::Read,
            "Whether anybody may open an account (open, invited, closed).",
        ),
        Endpoint::of::<ResendVerification, PostUrl>(
            Nothing(Purpose::Letter),
            Rate::Letters,
            "Sends the letter that confirms an address again.",
        ),
        Endpoint::of::<VerifyEmail, PostUrl>(
            Nothing(Purpose::Letter),
            Rate::SignIn,
            "Confirms an address by the token of a letter.",
        )
        .with_problems(&["token-refused"]),
        Endpoint::of::<SignIn, PostUrl>(
            Nothing(Purpose::SignIn),
            Rate::SignIn,
            "Signs in with a password. Sets the session cookie, or the pending cookie when a second factor is asked.",
        )
        .with_problems(door),
        Endpoint::of::<Captcha, GetUrl>(
            Nothing(Purpose::SignIn),
            Rate::SignIn,
            "A challenge whose solution is taken as `captcha` where one is asked.",
        ),
        Endpoint::of::<NotMe, PostUrl>(
            Nothing(Purpose::Letter),
            Rate::SignIn,
            "Says by the token of a letter that a sign-in was not the owner's: ends every session, forgets every browser, \
             makes the password worthless, and answers the token that sets a new one.",
        )
        .with_problems(&["token-refused"]),
        Endpoint::of::<SignOut, PostUrl>(AnySession, Rate::Write, "Ends the session that asks.").in_browser(),
        Endpoint::of::<StepUpNeeds, GetUrl>(
            AnySession,
            Rate::Read,
            "Which proof `identity/step-up` asks of the caller.",
        )
        .in_browser(),
        Endpoint::of::<ForgotPassword, PostUrl>(
            Nothing(Purpose::Letter),
            Rate::Letters,
            "Sends a letter with a link to set a new password. The answer is the same for an unknown address.",
        )
        .with_problems(captcha),
        Endpoint::of::<ResetPassword, PostUrl>(
            Nothing(Purpose::Letter),
            Rate::SignIn,
            "Sets a new password by the token of a letter and ends every session.",
        )
        .with_problems(&["token-refused"]),
        Endpoint::of::<Bootstrap, PostUrl>(
            Nothing(Purpose::Bootstrap),
            Rate::SignIn,
            "Makes the first administrator by the one-time link of the command line, and signs them in.",
        )
        .with_problems(&["token-refused"]),
    ]
}

#[cfg(feature = "ssr")]
fn account() -> Vec<Endpoint> {
    use Need::{AnySession, SignedIn};
    vec![
        Endpoint::of::<Me, GetUrl>(SignedIn, Rate::Read, "Who the caller is."),
        Endpoint::of::<ChangePassword, PostUrl>(
            SignedIn,
            Rate::SignIn,
            "Changes the password and ends the other sessions.",
        )
        .in_browser(),
        Endpoint::of::<UpdateProfile, PostUrl>(
            SignedIn,
            Rate::Write,
            "Changes what is given of the profile.",
        ),
        Endpoint::of::<ListTimeZones, GetUrl>(
            SignedIn,
            Rate::Read,
            "The time zones that can be chosen, by their IANA names.",
        ),
        Endpoint::of::<StepUp, PostUrl>(
            AnySession,
            Rate::SignIn,
            "Gives a fresh proof of identity: the code where there is an authenticator, or the answer of a passkey with the \
             ceremony of `second-factor/passkey-step-up-start`; the password where there is neither. A connected provider \
             proves it at `/auth/<id>/start?prove=1`.",
        )
        .with_problems(&["code-refused", "passkey-refused", "conflict"])
        .in_browser(),
    ]
}

#[cfg(feature = "ssr")]
fn account_life() -> Vec<Endpoint> {
    use Need::{AlsoLeaving, Nothing, SteppedUp};
    vec![
        Endpoint::of::<ChangeEmail, PostUrl>(
            SteppedUp,
            Rate::Letters,
            "Asks for another address: a letter to it confirms the change, a letter to the old one undoes it. The answer is \
             the same for an address that has an account; its owner gets a letter.",
        ),
        Endpoint::of::<ConfirmEmail, PostUrl>(
            Nothing(Purpose::Letter),
            Rate::SignIn,
            "Changes the address by the token of the letter to the new one.",
        )
        .with_problems(&["token-refused"]),
        Endpoint::of::<UndoEmail, PostUrl>(
            Nothing(Purpose::Letter),
            Rate::SignIn,
            "Cancels a change of the address by the token of a letter to the old one, or puts the old address back: then \
             every session ends and a new password is needed.",
        )
        .with_problems(&["token-refused"]),
        Endpoint::of::<DeleteAccount, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Closes the account, ends every session, and deletes it for good after 14 days.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<KeepAccount, PostUrl>(
            AlsoLeaving,
            Rate::Write,
            "Keeps an account that is about to be deleted.",
        )
        .in_browser()
        .with_problems(&["conflict"]),
    ]
}
