//! GitHub speaks OAuth 2.0 without ID tokens: who somebody is, its own interface says.
//!
//! The same holds for a GitHub Enterprise server, whose interface is below its own address.

use serde::Deserialize;
use url::Url;

use super::{Provider, ProviderProblem, ProviderSettings, Redemption, Somebody, discovery::Proof};
use crate::platform::outbound::Credentials;

/// Where things are.
pub(super) struct Places {
    pub(super) door: Url,
    tokens: Url,
    user: Url,
    emails: Url,
}

#[derive(Deserialize)]
struct User {
    id: u64,
    login: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    email: String,
    primary: bool,
    verified: bool,
}

impl Places {
    pub(super) fn of(settings: &ProviderSettings) -> Result<Self, ProviderProblem> {
        let site = settings.issuer.trim_end_matches('/');
        let interface = match site {
            "https://github.com" => "https://api.github.com".to_owned(),
            own => format!("{own}/api/v3"),
        };
        let place = |text: String| {
            Url::parse(&text).map_err(|_| ProviderProblem::Refused("its issuer is no address"))
        };
        Ok(Self {
            door: place(format!("{site}/login/oauth/authorize"))?,
            tokens: place(format!("{site}/login/oauth/access_token"))?,
            user: place(format!("{interface}/user"))?,
            emails: place(format!("{interface}/user/emails"))?,
        })
    }
}

pub(super) async fn redeem(provider: &Provider, back: &Redemption<'_>) -> Result<Somebody, ProviderProblem> {
    let places = Places::of(provider.settings())?;
    if back.issuer.is_some_and(|issuer| !is_github(provider.settings(), issuer)) {
        return Err(ProviderProblem::Refused("the answer names another issuer"));
    }
    let tokens = provider.exchange(&places.tokens, Proof::Post, back).await?;
    let bearer = Credentials::Bearer(&tokens.access_token);
    let unreadable = |_| ProviderProblem::Refused("its user information cannot be read");
    let user = provider.get("user information", &places.user, &bearer).await?;
    let user: User = serde_json::from_slice(&user).map_err(unreadable)?;
    let emails = provider.get("addresses", &places.emails, &bearer).await?;
    let emails: Vec<Listed> = serde_json::from_slice(&emails).map_err(unreadable)?;
    let verified_email =
        emails.into_iter().find(|email| email.primary && email.verified).map(|email| email.email);
    // The number stays; names there can be changed, and taken by somebody else.
    let (subject, name) = (user.id.to_string(), user.name.or(Some(user.login)));
    // It does not say when somebody signed in there.
    Ok(Somebody { subject, verified_email, name, signed_in_at: None })
}

/// GitHub names its OAuth issuer with the path of its door.
fn is_github(settings: &ProviderSettings, issuer: &str) -> bool {
    let site = settings.issuer.trim_end_matches('/');
    issuer == site || issuer.strip_prefix(site) == Some("/login/oauth")
}
