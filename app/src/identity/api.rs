//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::identity::{Registered, SignedIn, Viewer};
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
        identity::{SignInState, service},
    },
};

/// Opens an account.
#[server(prefix = "/api/v1", endpoint = "identity/register", input = PostUrl)]
pub async fn register(
    #[server(default)] email: String,
    #[server(default)] password: String,
    display_name: Option<String>,
) -> Result<Registered, Problem> {
    let grant = caller()?.anonymous(Purpose::Register);
    let typed = service::Registration { email, password, display_name };
    Ok(service::register(&grant, typed).await?)
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
) -> Result<SignedIn, Problem> {
    let caller = caller()?;
    let replaces = domain::sessions::service::of_actor(caller.actor());
    let grant = caller.anonymous(Purpose::SignIn);
    let typed = service::SignIn { email, password, remember, next, replaces };
    match service::sign_in(&grant, typed).await? {
        service::Outcome::SignedIn { session, next } => {
            cookie::keep(&session);
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

/// Ends the session that asks.
#[server(prefix = "/api/v1", endpoint = "identity/sign-out", input = PostUrl)]
pub async fn sign_out() -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
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
pub async fn forgot_password(#[server(default)] email: String) -> Result<(), Problem> {
    let grant = caller()?.anonymous(Purpose::Letter);
    Ok(service::forgot_password(&grant, &email).await?)
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

/// Changes what is given of the profile.
#[server(prefix = "/api/v1", endpoint = "identity/update-profile", input = PostUrl)]
pub async fn update_profile(
    display_name: Option<String>,
    locale: Option<String>,
    theme: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
    let chosen = theme.as_deref().and_then(Theme::parse);
    service::update_profile(&grant, display_name, locale, theme).await?;
    // What is kept with the account is shown on this device at once, without wasm too.
    if let Some(theme) = chosen {
        cookie::keep_theme(theme);
    }
    Ok(())
}

/// Gives a fresh proof of identity.
#[server(prefix = "/api/v1", endpoint = "identity/step-up", input = PostUrl)]
pub async fn step_up(password: Option<String>, code: Option<String>) -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
    let session = service::step_up(&grant, password, code).await?;
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
    use Need::{Nothing, SignedIn};
    let door = &["wrong-credentials", "email-not-verified"];
    vec![
        Endpoint::of::<Register, PostUrl>(
            Nothing(Purpose::Register),
            Rate::SignIn,
            "Opens an account. The answer is the same for an address that has one already; its owner gets a letter.",
        )
        .with_problems(&["conflict"]),
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
        Endpoint::of::<SignOut, PostUrl>(SignedIn, Rate::Write, "Ends the session that asks."),
        Endpoint::of::<Me, GetUrl>(SignedIn, Rate::Read, "Who the caller is."),
        Endpoint::of::<ForgotPassword, PostUrl>(
            Nothing(Purpose::Letter),
            Rate::Letters,
            "Sends a letter with a link to set a new password. The answer is the same for an unknown address.",
        ),
        Endpoint::of::<ResetPassword, PostUrl>(
            Nothing(Purpose::Letter),
            Rate::SignIn,
            "Sets a new password by the token of a letter and ends every session.",
        )
        .with_problems(&["token-refused"]),
        Endpoint::of::<ChangePassword, PostUrl>(
            SignedIn,
            Rate::SignIn,
            "Changes the password and ends the other sessions.",
        ),
        Endpoint::of::<UpdateProfile, PostUrl>(SignedIn, Rate::Write, "Changes what is given of the profile."),
        Endpoint::of::<StepUp, PostUrl>(
            SignedIn,
            Rate::SignIn,
            "Gives a fresh proof of identity: the code where there is a second factor, else the password.",
        )
        .with_problems(&["code-refused"]),
        Endpoint::of::<Bootstrap, PostUrl>(
            Nothing(Purpose::Bootstrap),
            Rate::SignIn,
            "Makes the first administrator by the one-time link of the command line, and signs them in.",
        )
        .with_problems(&["token-refused"]),
    ]
}
