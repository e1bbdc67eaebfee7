//! Area `billing.stripe`: the account at Stripe, where the operator has one.

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::{parse::is_on_this_machine, reader::Reader};

/// The secret that signs events in development; production refuses it.
pub const DEVELOPMENT_WEBHOOK_SECRET: &str = "whsec_development";

/// What the operator said of Stripe.
#[derive(Clone, Debug)]
pub struct Stripe {
    /// Whose account it is; without it nothing is asked of Stripe.
    pub api_key: Option<SecretString>,
    /// What its events are signed with: several while it is changed. Without any, no event is taken.
    pub webhook_secrets: Vec<SecretString>,
    /// Where it is; nothing only while that is a problem.
    pub base_url: Option<Url>,
}

impl Stripe {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let api_key = reader.secret("billing.stripe.api_key");
        if api_key.as_ref().is_some_and(|key| !is_token(key, &["sk_", "rk_"])) {
            let remedy = "Take a secret or restricted key from Stripe's dashboard; it begins with sk_ or rk_";
            reader.wrong("billing.stripe.api_key", "is no key of Stripe's", remedy);
        }
        let written = reader.secret("billing.stripe.webhook_secrets");
        let is_laptop = !reader.profile.is_production();
        let written = written.or_else(|| is_laptop.then(|| DEVELOPMENT_WEBHOOK_SECRET.to_owned().into()));
        let webhook_secrets = written.as_ref().map(several).unwrap_or_default();
        if !webhook_secrets.iter().all(|secret| is_token(secret, &["whsec_"])) {
            let remedy = "Write what Stripe's dashboard shows for the endpoint; each begins with whsec_";
            reader.wrong(
                "billing.stripe.webhook_secrets",
                "has something that is no secret of Stripe's",
                remedy,
            );
        }
        Self { api_key, webhook_secrets, base_url: base_url(reader) }
    }
}

fn several(written: &SecretString) -> Vec<SecretString> {
    let parts = written.expose_secret().split([',', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(|part| SecretString::from(part.to_owned())).collect()
}

fn is_token(secret: &SecretString, beginnings: &[&str]) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'/' | b'=' | b'-');
    let text = secret.expose_secret();
    beginnings.iter().any(|it| text.len() > it.len() && text.starts_with(it)) && text.bytes().all(plain)
}

/// Plain HTTP is for a stand-in on this machine, and only in development: the key goes there.
fn base_url(reader: &mut Reader) -> Option<Url> {
    let expected = "an address such as https://api.stripe.com";
    let usual = "https://api.stripe.com".to_owned();
    let key = "billing.stripe.base_url";
    let text = reader.value(key, usual, expected, |text| plain(text).map(|_| text.to_owned()));
    let url = plain(&text)?;
    let is_laptop = !reader.profile.is_production() && is_on_this_machine(&text);
    if url.scheme() != "https" && !is_laptop {
        let wrong = format!("`{text}` is not protected by TLS");
        let remedy = "Use its https address; http is for a stand-in on this machine, and only in development";
        reader.wrong(key, wrong, remedy);
    }
    Some(url)
}

fn plain(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_plain.then_some(url)
}
