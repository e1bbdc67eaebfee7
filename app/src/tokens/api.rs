//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]
#![cfg_attr(
    feature = "ssr",
    allow(clippy::unused_async, reason = "a server function is async, even where it asks nobody")
)]

use domain::{
    Page,
    tokens::{ApiToken, MadeToken, ScopeOffer, ScriptSignIn, TokenPair},
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
        endpoint::{Endpoint, Rate, rooms},
    },
    domain::{
        AppError, FieldIssue,
        access::{Need, Purpose},
        tokens::service,
    },
    uuid::Uuid,
};

/// Signs a script in by address and password.
#[server(prefix = "/api/v1", endpoint = "tokens/issue", input = PostUrl)]
pub async fn issue_tokens(
    #[server(default)] email: String,
    #[server(default)] password: String,
    code: Option<String>,
    captcha: Option<String>,
) -> Result<TokenPair, Problem> {
    let grant = caller()?.anonymous(Purpose::SignIn);
    Ok(service::issue(&grant, service::Credentials { email, password, code, captcha }).await?)
}

/// Gets the next tokens for a refresh token.
#[server(prefix = "/api/v1", endpoint = "tokens/refresh", input = PostUrl)]
pub async fn refresh_tokens(#[server(default)] refresh_token: String) -> Result<TokenPair, Problem> {
    let grant = caller()?.anonymous(Purpose::Refresh);
    Ok(service::refresh(&grant, &refresh_token).await?)
}

/// Signs a script out.
#[server(prefix = "/api/v1", endpoint = "tokens/revoke", input = PostUrl)]
pub async fn revoke_tokens(#[server(default)] refresh_token: String) -> Result<(), Problem> {
    let grant = caller()?.anonymous(Purpose::Refresh);
    Ok(service::revoke(&grant, &refresh_token).await?)
}

/// The caller's API tokens.
#[server(prefix = "/api/v1", endpoint = "tokens/list", input = GetUrl)]
pub async fn list_tokens() -> Result<Page<ApiToken>, Problem> {
    let grant = caller()?.signed_in()?;
    // At most fifty: always one page.
    Ok(Page { items: service::list(&grant).await?, next_cursor: None })
}

/// Where scripts are signed in to the caller's account.
#[server(prefix = "/api/v1", endpoint = "tokens/sign-ins", input = GetUrl)]
pub async fn script_sign_ins() -> Result<Page<ScriptSignIn>, Problem> {
    let grant = caller()?.signed_in()?;
    // At most fifty: always one page.
    Ok(Page { items: service::sign_ins(&grant).await?, next_cursor: None })
}

/// Signs one of the caller's scripts out.
#[server(prefix = "/api/v1", endpoint = "tokens/end-sign-in", input = PostUrl)]
pub async fn end_script_sign_in(#[server(default)] id: String) -> Result<(), Problem> {
    let grant = caller()?.stepped_up()?;
    Ok(service::end_sign_in(&grant, read_id(&id)?).await?)
}

/// What an API token can be used for.
#[server(prefix = "/api/v1", endpoint = "tokens/scopes", input = GetUrl)]
pub async fn token_scopes() -> Result<Page<ScopeOffer>, Problem> {
    caller()?.signed_in()?;
    Ok(Page { items: service::offers(&rooms()), next_cursor: None })
}

/// Makes an API token.
#[server(prefix = "/api/v1", endpoint = "tokens/create", input = PostUrl)]
pub async fn create_token(
    #[server(default)] name: String,
    #[server(default)] scopes: Vec<String>,
    expires_at: Option<String>,
    expires_in_days: Option<String>,
) -> Result<MadeToken, Problem> {
    let grant = caller()?.stepped_up()?;
    let typed = service::NewApiToken { name, scopes, expires_at, expires_in_days };
    Ok(service::create(&grant, &typed, &rooms()).await?)
}

/// Gives an API token a new secret.
#[server(prefix = "/api/v1", endpoint = "tokens/rotate", input = PostUrl)]
pub async fn rotate_token(
    #[server(default)] id: String,
    overlap_s: Option<String>,
) -> Result<MadeToken, Problem> {
    let grant = caller()?.stepped_up()?;
    Ok(service::rotate(&grant, read_id(&id)?, overlap_s.as_deref()).await?)
}

/// Ends an API token.
#[server(prefix = "/api/v1", endpoint = "tokens/end", input = PostUrl)]
pub async fn end_token(#[server(default)] id: String) -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
    Ok(service::end(&grant, read_id(&id)?).await?)
}

#[cfg(feature = "ssr")]
fn read_id(id: &str) -> Result<Uuid, AppError> {
    if id.is_empty() {
        return Err(AppError::invalid("id", FieldIssue::Required));
    }
    id.parse().map_err(|_| AppError::MalformedRequest)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    use Need::{Nothing, SignedIn, SteppedUp};
    let door = &[
        "wrong-credentials",
        "email-not-verified",
        "captcha-required",
        "second-factor-required",
        "code-refused",
        "not-allowed",
    ];
    vec![
        Endpoint::of::<IssueTokens, PostUrl>(
            Nothing(Purpose::SignIn),
            Rate::SignIn,
            "Signs a script in, where the operator lets scripts do so by a password: an access token of 15 minutes, and a \
             refresh token that gets the next one.",
        )
        .with_problems(door),
        Endpoint::of::<RefreshTokens, PostUrl>(
            Nothing(Purpose::Refresh),
            Rate::Write,
            "Gets the next tokens. Shown again within 30 seconds, a refresh token gets the same answer; later it ends all.",
        )
        .with_problems(&["token-refused"]),
        Endpoint::of::<RevokeTokens, PostUrl>(
            Nothing(Purpose::Refresh),
            Rate::Write,
            "Signs a script out. A refresh token that has ended already is no problem.",
        )
        .with_problems(&["token-refused"]),
        Endpoint::of::<ScriptSignIns, GetUrl>(
            SignedIn,
            Rate::Read,
            "Where scripts are signed in by address and password, the newest first.",
        ),
        Endpoint::of::<EndScriptSignIn, PostUrl>(SteppedUp, Rate::Write, "Signs one of the caller's scripts out.")
            .with_problems(&["not-found"]),
        Endpoint::of::<ListTokens, GetUrl>(SignedIn, Rate::Read, "The caller's API tokens, the newest first."),
        Endpoint::of::<TokenScopes, GetUrl>(SignedIn, Rate::Read, "What an API token can be used for."),
        Endpoint::of::<CreateToken, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Makes an API token, which is told in this answer alone. Without an end it works until it is ended.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<RotateToken, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Gives an API token a new secret. The old one works overlap_s seconds more, a day when nobody says.",
        )
        .with_problems(&["not-found"]),
        Endpoint::of::<EndToken, PostUrl>(SignedIn, Rate::Write, "Ends an API token.")
            .with_problems(&["not-found"]),
    ]
}
