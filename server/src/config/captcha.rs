//! Area `captcha`: by whom a network under suspicion is looked at, besides our own proof of work.

use domain::platform::turnstile::TurnstileSettings;
use secrecy::SecretString;
use url::Url;

use super::{parse::is_on_this_machine, reader::Reader};

/// Area `captcha`.
#[derive(Clone, Debug)]
pub struct Captcha {
    /// Cloudflare Turnstile; without it our own proof of work is all that is asked.
    pub turnstile: Option<Turnstile>,
}

/// What the operator said of Cloudflare Turnstile.
#[derive(Clone, Debug)]
pub struct Turnstile {
    /// Who the site is to it; public.
    pub site_key: String,
    /// How the site proves that.
    pub secret: SecretString,
    /// The program that draws the widget.
    pub script_url: Url,
    /// Where tokens are verified.
    pub verify_url: Url,
}

impl Captcha {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let script = "https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit";
        let verify = "https://challenges.cloudflare.com/turnstile/v0/siteverify";
        let key = "letters, digits, hyphens and underscores, as its dashboard shows them";
        let site_key = reader.optional("captcha.turnstile_site_key", key, site_key);
        let secret = reader.secret("captcha.turnstile_secret");
        let script_url = address(reader, "captcha.turnstile_script_url", script);
        let verify_url = address(reader, "captcha.turnstile_verify_url", verify);
        if site_key.is_some() != secret.is_some() {
            let (missing, remedy) = match secret {
                None => ("captcha.turnstile_secret", "Set both, or neither"),
                Some(_) => ("captcha.turnstile_site_key", "Set both, or neither"),
            };
            // A problem that is already told, such as an unreadable file, is the better explanation.
            if !reader.problems.iter().any(|problem| problem.key == missing) {
                reader.wrong(missing, "site key and secret go together", remedy);
            }
        }
        let parts = (site_key, secret, script_url, verify_url);
        let (Some(site_key), Some(secret), Some(script_url), Some(verify_url)) = parts else {
            return Self { turnstile: None };
        };
        Self { turnstile: Some(Turnstile { site_key, secret, script_url, verify_url }) }
    }
}

impl Turnstile {
    /// The same for the platform of a site with this public address.
    #[must_use]
    pub fn settings(&self, public_url: &str) -> TurnstileSettings {
        let hostname = Url::parse(public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
        TurnstileSettings {
            site_key: self.site_key.clone(),
            secret: self.secret.clone(),
            script_url: self.script_url.clone(),
            verify_url: self.verify_url.clone(),
            hostname: hostname.unwrap_or_default(),
        }
    }
}

fn site_key(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (!text.is_empty() && text.len() <= 100 && text.bytes().all(plain)).then(|| text.to_owned())
}

/// An address that a page brings a program from, or that is shown a secret. Plain HTTP is for a stand-in on this machine,
/// and only in development.
fn address(reader: &mut Reader, key: &str, usual: &str) -> Option<Url> {
    let expected = "an address such as https://challenges.cloudflare.com/turnstile/v0/api.js";
    let text = reader.value(key, usual.to_owned(), expected, |text| plain(text).map(|_| text.to_owned()));
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
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    is_plain.then_some(url)
}
