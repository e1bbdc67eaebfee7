//! One provider: the address people are sent to, and what comes of the code they return with.

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::{
    ProviderKind, ProviderProblem, ProviderSettings,
    discovery::{Metadata, Proof},
    github,
    id_token::{Claims, Expected, Person, Unverified},
    kept::Kept,
    keys::Keys,
};
use crate::{
    Timestamp,
    platform::outbound::{Answer, Credentials, Outbound, OutboundProblem},
};

/// Any sign-in there is younger. Whoever is asked for an age has to say when it was (Core 1.0 §3.1.2.1), and asks nobody anew
/// for this one.
const ANY_AGE_S: u32 = 366 * 24 * 3600;
/// By how much the clock of a provider may differ, in seconds.
const LEEWAY_S: i64 = 60;

/// A provider and what is kept of its documents.
pub struct Provider {
    settings: ProviderSettings,
    pub(super) outbound: Outbound,
    metadata: Kept<Metadata>,
    keys: Kept<Keys>,
}

/// What a sign-in is begun with.
pub struct Attempt<'a> {
    /// Where people return to.
    pub redirect_uri: &'a str,
    /// What they bring back.
    pub state: &'a str,
    /// What the ID token brings back.
    pub nonce: &'a str,
    /// The hash of the verifier (RFC 7636 §4.2).
    pub challenge: &'a str,
    /// How old their sign-in at the provider may be, in seconds; `None` where any is good. One that says when it was does so in
    /// any case.
    pub max_age_s: Option<u32>,
}

/// What people return with, and what their sign-in was begun with.
pub struct Redemption<'a> {
    /// The code, which is good once.
    pub code: &'a str,
    /// The issuer that the answer names, if it names one (RFC 9207).
    pub issuer: Option<&'a str>,
    /// Where they returned to.
    pub redirect_uri: &'a str,
    /// What proves that the sign-in is the one that was begun here.
    pub verifier: &'a str,
    /// What the ID token has to bring back.
    pub nonce: &'a str,
    /// How old their sign-in at the provider may be, in seconds.
    pub max_age_s: Option<u32>,
    /// Now.
    pub now: Timestamp,
}

/// Who somebody is to a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Somebody {
    /// Their unchanging name there.
    pub subject: String,
    /// Their address, if the provider vouches for it.
    pub verified_email: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// When they signed in there, if the provider says so.
    pub signed_in_at: Option<Timestamp>,
}

impl Somebody {
    /// Whether they signed in there at most so many seconds ago. Where nobody says when, they did not.
    #[must_use]
    pub fn is_recent(&self, max_age_s: u32, now: Timestamp) -> bool {
        let Some(at) = self.signed_in_at.map(Timestamp::unix_seconds) else { return false };
        let now = now.unix_seconds();
        (now - i64::from(max_age_s) - LEEWAY_S..=now + LEEWAY_S).contains(&at)
    }
}

#[derive(Deserialize)]
pub(super) struct Tokens {
    pub(super) access_token: String,
    token_type: String,
    id_token: Option<String>,
}

#[derive(Deserialize)]
struct UserInfo {
    sub: String,
    #[serde(flatten)]
    person: Person,
}

impl Provider {
    pub(super) fn new(settings: ProviderSettings, outbound: Outbound) -> Self {
        Self { settings, outbound, metadata: Kept::default(), keys: Kept::default() }
    }

    /// What the operator said.
    #[must_use]
    pub fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    /// The address that somebody is sent to.
    ///
    /// # Errors
    /// [`ProviderProblem`].
    pub async fn door(&self, attempt: &Attempt<'_>, now: Timestamp) -> Result<String, ProviderProblem> {
        let is_github = self.settings.kind == ProviderKind::Github;
        let mut door = if is_github {
            github::Places::of(&self.settings)?.door
        } else {
            self.metadata(now).await?.authorization_endpoint.clone()
        };
        let mut query = door.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", attempt.redirect_uri)
            .append_pair("scope", &self.settings.scopes)
            .append_pair("state", attempt.state)
            .append_pair("code_challenge", attempt.challenge)
            .append_pair("code_challenge_method", "S256");
        if !is_github {
            query.append_pair("nonce", attempt.nonce);
        }
        if self.settings.kind.tells_when() {
            query.append_pair("max_age", &attempt.max_age_s.unwrap_or(ANY_AGE_S).to_string());
        }
        if !self.settings.acr.is_empty() {
            query.append_pair("acr_values", &self.settings.acr.join(" "));
        }
        drop(query);
        Ok(door.into())
    }

    /// Whether its configuration and keys can be used, for a diagnosis.
    ///
    /// # Errors
    /// [`ProviderProblem`].
    pub async fn look(&self, now: Timestamp) -> Result<(), ProviderProblem> {
        if self.settings.kind == ProviderKind::Github {
            // It publishes neither; that its door opens is enough.
            let door = github::Places::of(&self.settings)?.door;
            let answer = self.outbound.get(&door, &Credentials::None).await;
            return answer
                .map(drop)
                .map_err(|problem| ProviderProblem::Away { what: "sign-in page", problem });
        }
        let metadata = self.metadata(now).await?;
        Keys::read(&self.get("keys", &metadata.jwks_uri, &Credentials::None).await?).map(drop)
    }

    /// Who came back with a code.
    ///
    /// # Errors
    /// [`ProviderProblem`].
    pub async fn redeem(&self, back: &Redemption<'_>) -> Result<Somebody, ProviderProblem> {
        let somebody = match self.settings.kind {
            ProviderKind::Github => github::redeem(self, back).await?,
            ProviderKind::Oidc | ProviderKind::Google | ProviderKind::Gitlab => self.believe(back).await?,
        };
        if back.max_age_s.is_some_and(|max_age_s| !somebody.is_recent(max_age_s, back.now)) {
            return Err(ProviderProblem::Refused("the sign-in there is older than was asked for"));
        }
        Ok(somebody)
    }

    /// Who an ID token names.
    async fn believe(&self, back: &Redemption<'_>) -> Result<Somebody, ProviderProblem> {
        let metadata = self.metadata(back.now).await?;
        if !metadata.is_answer_of(back.issuer) {
            return Err(ProviderProblem::Refused("the answer names another issuer"));
        }
        let tokens = self.exchange(&metadata.token_endpoint, metadata.proof(), back).await?;
        let text = tokens.id_token.as_deref().ok_or(ProviderProblem::Refused("it gave no id token"))?;
        let claims = self.verified(&metadata, text, back.now).await?;
        claims.hold(&Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: back.nonce,
            access_token: &tokens.access_token,
            now: back.now,
        })?;
        self.is_strong(&claims)?;
        let Claims { sub: subject, person, auth_time, .. } = claims;
        let person = match (&person.email, &metadata.userinfo_endpoint) {
            (None, Some(place)) => self.ask_about(place, &tokens, &subject).await?,
            _ => person,
        };
        let verified_email = person.email.clone().filter(|_| person.is_verified());
        let signed_in_at = auth_time.and_then(Timestamp::from_unix_seconds);
        Ok(Somebody { subject, verified_email, name: person.name, signed_in_at })
    }

    /// Where the operator asks for a strength, the provider has to name it: what it was asked for it may leave undone.
    fn is_strong(&self, claims: &Claims) -> Result<(), ProviderProblem> {
        let wanted = &self.settings.acr;
        if wanted.is_empty() || claims.acr.as_ref().is_some_and(|acr| wanted.contains(acr)) {
            return Ok(());
        }
        Err(ProviderProblem::Refused("the sign-in there was not as strong as was asked for"))
    }

    async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, ProviderProblem> {
        let fetch = async {
            let place = Metadata::address(&self.settings.issuer)
                .ok_or(ProviderProblem::Refused("its issuer is no address"))?;
            Metadata::read(&self.get("configuration", &place, &Credentials::None).await?, &self.settings)
        };
        self.metadata.get(now, fetch).await
    }

    /// What a token says, by the keys that are kept, or else by those of another look: providers change their keys.
    async fn verified(
        &self,
        metadata: &Metadata,
        text: &str,
        now: Timestamp,
    ) -> Result<Claims, ProviderProblem> {
        let fetch = || async { Keys::read(&self.get("keys", &metadata.jwks_uri, &Credentials::None).await?) };
        let token = Unverified::read(text)?;
        let keys = self.keys.get(now, fetch()).await?;
        if let Some(verified) = token.verify(&keys) {
            return verified;
        }
        let keys = self.keys.anew(now, &keys, fetch()).await?;
        token
            .verify(&keys)
            .unwrap_or(Err(ProviderProblem::Refused("its id token is signed by an unknown key")))
    }

    /// Exchanges the code for tokens (RFC 6749 §4.1.3).
    pub(super) async fn exchange(
        &self,
        place: &Url,
        proof: Proof,
        back: &Redemption<'_>,
    ) -> Result<Tokens, ProviderProblem> {
        let (id, secret) = (self.settings.client_id.as_str(), self.settings.client_secret.expose_secret());
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", back.code),
            ("redirect_uri", back.redirect_uri),
            ("code_verifier", back.verifier),
        ];
        // Both are written as in a form before they go into the header (RFC 6749 §2.3.1).
        let (written_id, written_secret) = (encoded(id), encoded(secret));
        let credentials = match proof {
            Proof::Basic => Credentials::Basic(&written_id, &written_secret),
            Proof::Post => {
                fields.extend([("client_id", id), ("client_secret", secret)]);
                Credentials::None
            }
        };
        let answer = self.outbound.post(place, &credentials, &fields).await;
        let body = well("token endpoint", answer)?;
        let tokens: Tokens =
            serde_json::from_slice(&body).map_err(|_| ProviderProblem::Refused("it refused the code"))?;
        if !tokens.token_type.eq_ignore_ascii_case("bearer") {
            return Err(ProviderProblem::Refused("its access token is of an unknown kind"));
        }
        Ok(tokens)
    }

    /// What else a provider knows, where the ID token has no address.
    async fn ask_about(
        &self,
        place: &Url,
        tokens: &Tokens,
        subject: &str,
    ) -> Result<Person, ProviderProblem> {
        let body = self.get("user information", place, &Credentials::Bearer(&tokens.access_token)).await?;
        let info: UserInfo = serde_json::from_slice(&body)
            .map_err(|_| ProviderProblem::Refused("its user information cannot be read"))?;
        // Core 1.0 §5.3.2: it may be somebody else's.
        if info.sub != subject {
            return Err(ProviderProblem::Refused("its user information is about somebody else"));
        }
        Ok(info.person)
    }

    pub(super) async fn get(
        &self,
        what: &'static str,
        place: &Url,
        credentials: &Credentials<'_>,
    ) -> Result<Vec<u8>, ProviderProblem> {
        well(what, self.outbound.get(place, credentials).await)
    }
}

/// The body of a good answer. A redirect is none.
fn well(what: &'static str, answer: Result<Answer, OutboundProblem>) -> Result<Vec<u8>, ProviderProblem> {
    let Answer { status, body } = answer.map_err(|problem| ProviderProblem::Away { what, problem })?;
    match status {
        200 => Ok(body),
        400 | 401 if what == "token endpoint" => Err(ProviderProblem::Refused("it refused the code")),
        status => Err(ProviderProblem::Unwell { what, status }),
    }
}

/// Text as forms write it.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
