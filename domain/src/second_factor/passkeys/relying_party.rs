//! Who we are to a passkey, and the reading of what one answers. The checks of the standard are the library's.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::{AppError, FieldIssue, FieldProblem, platform::Platform};

/// What stands in the dialog of a browser.
const NAME: &str = "Gatehouse";

/// How long a device's name of a passkey is (WebAuthn §4, §7.1).
const CREDENTIAL_ID_BYTES: std::ops::RangeInclusive<usize> = 16..=1023;

/// This site to a passkey: the host of the public address, which a passkey is bound to for ever, and that one origin.
///
/// # Errors
/// [`AppError::Conflict`] where the public address has no name: browsers make no passkeys for numbers.
pub(super) fn site(platform: &Platform) -> Result<Webauthn, AppError> {
    let origin = origin(&platform.rules().public_url).ok_or_else(nameless)?;
    let host = origin.domain().ok_or_else(nameless)?;
    WebauthnBuilder::new(host, &origin)
        .and_then(|builder| builder.rp_name(NAME).build())
        .map_err(|error| broken(&error, "naming this site to passkeys"))
}

/// Whether passkeys can be made for this site at all.
pub(super) fn is_possible(platform: &Platform) -> bool {
    origin(&platform.rules().public_url).is_some()
}

/// The origin that a browser names. This machine has a name that passkeys can be made for; another address has none.
fn origin(public_url: &str) -> Option<Url> {
    let mut url = Url::parse(public_url).ok()?;
    let host = url.host_str()?;
    if matches!(host, "127.0.0.1" | "[::1]") {
        url.set_host(Some("localhost")).ok()?;
    }
    url.domain().is_some().then_some(url)
}

fn nameless() -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new("passkey", FieldIssue::SiteHasNoName)] }
}

/// A question to a browser: what it is asked, and what we remember of it.
pub(super) struct Question {
    /// For `navigator.credentials`.
    pub(super) options: Value,
    /// For the day the answer comes.
    pub(super) state: Value,
}

/// Asks for a new passkey. It can be found without an address, so that it is a whole sign-in, and its device always makes
/// sure of the person.
pub(super) fn ask_for_new(
    site: &Webauthn,
    user: Uuid,
    email: &str,
    called: &str,
    existing: Vec<CredentialID>,
) -> Result<Question, AppError> {
    let (options, state) = site
        .start_passkey_registration(user, email, called, Some(existing))
        .map_err(|error| broken(&error, "asking for a new passkey"))?;
    let mut options = inner(&options)?;
    if let Some(selection) = options.get_mut("authenticatorSelection").and_then(Value::as_object_mut) {
        selection.insert("residentKey".into(), "required".into());
        selection.insert("requireResidentKey".into(), true.into());
    }
    Ok(Question { options, state: written(&state)? })
}

/// Asks for one of these passkeys, or, with an empty list, for any that the browser knows for this site.
pub(super) fn ask_for_known(site: &Webauthn, known: &[Vec<u8>]) -> Result<Question, AppError> {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    let (options, state) =
        site.start_discoverable_authentication().map_err(|error| broken(&error, "asking for a passkey"))?;
    let mut options = inner(&options)?;
    let allowed: Vec<Value> = known
        .iter()
        .map(|id| serde_json::json!({ "type": "public-key", "id": BASE64_URL_SAFE_NO_PAD.encode(id) }))
        .collect();
    if let Some(options) = options.as_object_mut() {
        options.insert("allowCredentials".into(), allowed.into());
    }
    Ok(Question { options, state: written(&state)? })
}

/// What a browser answered, read but not believed.
pub(super) struct Answer(PublicKeyCredential);

impl Answer {
    /// Reads the JSON of a `PublicKeyCredential`.
    ///
    /// # Errors
    /// [`AppError::InvalidInput`] naming `field`.
    pub(super) fn read(field: &str, text: &str) -> Result<Self, AppError> {
        read(field, text).map(Self)
    }

    /// Which passkey it says to be of.
    pub(super) fn credential_id(&self) -> &[u8] {
        self.0.get_credential_id()
    }

    /// Whether it names somebody else as the owner of the passkey. Devices that were given a list name nobody.
    pub(super) fn names_another_than(&self, user: Uuid) -> bool {
        self.0.get_user_unique_id().is_some_and(|named| named != user.as_bytes())
    }
}

/// What the checks of an answer came to.
pub(super) enum Verdict {
    /// It is right; the passkey as it is to be kept from now on.
    Right(Value),
    /// Everything is right but the counter, which went back.
    CounterWentBack,
    /// Something is wrong.
    Wrong,
}

/// Checks the answer of a passkey: type, challenge, origin, site, presence, the person made sure of, signature, counter.
pub(super) fn check(
    site: &Webauthn,
    answer: &Answer,
    state: Value,
    credential: Value,
) -> Result<Verdict, AppError> {
    let state: DiscoverableAuthentication = remembered(state)?;
    let mut passkey: Passkey = remembered(credential)?;
    match site.finish_discoverable_authentication_v2(&answer.0, state, &passkey) {
        Ok(result) => {
            passkey.update_credential(&result);
            Ok(Verdict::Right(written(&passkey)?))
        }
        Err(WebauthnError::CredentialPossibleCompromise) => Ok(Verdict::CounterWentBack),
        Err(error) => {
            tracing::info!(%error, "a passkey was refused");
            Ok(Verdict::Wrong)
        }
    }
}

/// A passkey that was just made.
pub(super) struct Made {
    /// What its device calls it.
    pub(super) credential_id: Vec<u8>,
    /// What is kept of it.
    pub(super) credential: Value,
}

/// Checks a new passkey.
///
/// # Errors
/// [`AppError::PasskeyRefused`] when anything about it is not as it was asked for.
pub(super) fn check_new(site: &Webauthn, answer: &NewAnswer, state: Value) -> Result<Made, AppError> {
    let state: PasskeyRegistration = remembered(state)?;
    let passkey = site.finish_passkey_registration(&answer.0, &state).map_err(|error| {
        tracing::info!(%error, "a new passkey was refused");
        AppError::PasskeyRefused
    })?;
    let credential_id = passkey.cred_id().clone();
    if !CREDENTIAL_ID_BYTES.contains(&credential_id.len()) {
        return Err(AppError::PasskeyRefused);
    }
    Ok(Made { credential_id, credential: written(&passkey)? })
}

/// What a browser answered to the question for a new passkey, read but not believed.
pub(super) struct NewAnswer(RegisterPublicKeyCredential);

impl NewAnswer {
    /// Reads the JSON of a `PublicKeyCredential`.
    ///
    /// # Errors
    /// [`AppError::InvalidInput`] naming `field`.
    pub(super) fn read(field: &str, text: &str) -> Result<Self, AppError> {
        read(field, text).map(Self)
    }
}

fn read<T: DeserializeOwned>(field: &str, text: &str) -> Result<T, AppError> {
    if text.trim().is_empty() {
        return Err(AppError::invalid(field, FieldIssue::Required));
    }
    serde_json::from_str(text).map_err(|_| AppError::invalid(field, FieldIssue::Unreadable))
}

/// The library wraps the options for a call of its own script; the browser's own reader takes what is inside.
fn inner(options: &impl Serialize) -> Result<Value, AppError> {
    let mut whole = written(options)?;
    whole.get_mut("publicKey").map(Value::take).ok_or_else(|| {
        tracing::error!("the options for a passkey are not where they were");
        AppError::Internal
    })
}

fn written(value: &impl Serialize) -> Result<Value, AppError> {
    serde_json::to_value(value).map_err(|error| broken(&error, "writing down a passkey"))
}

fn remembered<T: DeserializeOwned>(value: Value) -> Result<T, AppError> {
    serde_json::from_value(value).map_err(|error| broken(&error, "reading a passkey again"))
}

fn broken(error: &dyn std::fmt::Display, doing: &'static str) -> AppError {
    tracing::error!(%error, doing, "passkeys do not work");
    AppError::Internal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin_of(public_url: &str) -> Option<String> {
        origin(public_url).map(|url| url.origin().ascii_serialization())
    }

    #[test]
    fn the_public_address_is_the_one_origin() {
        assert_eq!(origin_of("https://gate.example.com").as_deref(), Some("https://gate.example.com"));
        assert_eq!(
            origin_of("https://gate.example.com:8443").as_deref(),
            Some("https://gate.example.com:8443")
        );
    }

    #[test]
    fn this_machine_is_called_localhost_and_other_numbers_have_no_name() {
        assert_eq!(origin_of("http://127.0.0.1:3000").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin_of("http://[::1]:3000").as_deref(), Some("http://localhost:3000"));
        assert_eq!(origin_of("https://192.0.2.7"), None);
        assert_eq!(origin_of("https://[2001:db8::1]"), None);
    }
}
