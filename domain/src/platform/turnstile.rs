//! Cloudflare Turnstile, where the operator chose it: what its widget is told, and what a token of it is worth.
//!
//! Promise: nobody is shut out because it is away. It is asked once, for three seconds at most; when that leads nowhere,
//! it is left alone for a minute, in which other captchas are asked.

use std::{
    fmt,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;
use uuid::{Builder, Uuid};

use super::outbound::{Answer, Credentials, Outbound};
use crate::Timestamp;

/// How long it may take to answer: somebody waits for their sign-in meanwhile.
pub const PATIENCE: Duration = Duration::from_secs(3);
/// How long it is left alone after it could not be asked.
const REST: Duration = Duration::from_mins(1);
/// What its widgets are shown for. A token of another widget of the same site is not taken.
pub const ACTION: &str = "gatehouse";
/// Its tokens are no longer.
pub const LONGEST_TOKEN: usize = 2048;
/// Its tokens are good for so long, which it knows itself; and by how much its clock may differ from ours.
const OLDEST: Duration = Duration::from_mins(5);
const SKEW: Duration = Duration::from_secs(30);
/// What it says of a token that is none, that is too old, or that was shown to it before. Everything else it can say is
/// about the question or about itself, and nothing the person could mend.
const ABOUT_THE_TOKEN: [&str; 3] =
    ["missing-input-response", "invalid-input-response", "timeout-or-duplicate"];

/// What the operator said of it.
#[derive(Clone, Debug)]
pub struct TurnstileSettings {
    /// Who the site is to it; public.
    pub site_key: String,
    /// How the site proves that.
    pub secret: SecretString,
    /// The program that draws the widget.
    pub script_url: Url,
    /// Where tokens are verified.
    pub verify_url: Url,
    /// The host of the site, on whose pages alone tokens are made.
    pub hostname: String,
}

/// What somebody shows.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What the widget gave.
    pub token: &'a str,
    /// What the widget was told to put into it.
    pub bound_to: &'a str,
    /// Who shows it.
    pub address: IpAddr,
}

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// The token is good.
    Human,
    /// The token is wrong, old, used, or made elsewhere.
    Refused,
    /// Nobody knows.
    Away,
}

/// Whether it can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnstileState {
    /// The operator did not choose it.
    NotConfigured,
    /// As far as anybody knows.
    Up,
    /// It is left alone for a while.
    Away,
}

/// The way to it. Cheap to clone.
#[derive(Clone, Default)]
pub struct Turnstile(Option<Arc<Inner>>);

struct Inner {
    settings: TurnstileSettings,
    outbound: Outbound,
    /// Until when it is left alone, in seconds since 1970.
    rests_until: AtomicI64,
}

impl Turnstile {
    /// For these settings. Nothing is asked before the first token.
    #[must_use]
    pub fn new(settings: TurnstileSettings, outbound: Outbound) -> Self {
        Self(Some(Arc::new(Inner { settings, outbound, rests_until: AtomicI64::new(0) })))
    }

    /// What the operator said of it.
    #[must_use]
    pub fn settings(&self) -> Option<&TurnstileSettings> {
        self.0.as_ref().map(|inner| &inner.settings)
    }

    /// Whether it can be asked.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> TurnstileState {
        match &self.0 {
            None => TurnstileState::NotConfigured,
            Some(inner) if inner.rests(now) => TurnstileState::Away,
            Some(_) => TurnstileState::Up,
        }
    }

    /// Asks what a token is worth.
    pub async fn ask(&self, now: Timestamp, shown: Shown<'_>) -> Opinion {
        let Some(inner) = self.0.as_ref().filter(|inner| !inner.rests(now)) else { return Opinion::Away };
        let opinion = inner.ask(now, shown).await;
        let word = match opinion {
            Opinion::Human => "human",
            Opinion::Refused => "refused",
            Opinion::Away => "away",
        };
        metrics::counter!("captcha_turnstile_answers_total", "answer" => word).increment(1);
        opinion
    }

    /// Whether it answers, and takes our secret. Shows it a token that is none.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn look(&self) -> Result<(), String> {
        let Some(inner) = &self.0 else { return Ok(()) };
        let fields = [("secret", inner.settings.secret.expose_secret()), ("response", "none")];
        let said = inner.exchange(&fields).await?;
        if said.is_about_the_token() { Ok(()) } else { Err(said.trouble()) }
    }
}

impl fmt::Debug for Turnstile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Turnstile").field(&self.settings()).finish()
    }
}

impl Inner {
    /// A clock that was set back must not make the rest longer.
    fn rests(&self, now: Timestamp) -> bool {
        let left = self.rests_until.load(Ordering::Relaxed) - now.unix_seconds();
        0 < left && left.unsigned_abs() <= REST.as_secs()
    }

    async fn ask(&self, now: Timestamp, shown: Shown<'_>) -> Opinion {
        let key = idempotency_key(shown.token).to_string();
        let address = shown.address.to_string();
        let fields = [
            ("secret", self.settings.secret.expose_secret()),
            ("response", shown.token),
            ("remoteip", address.as_str()),
            ("idempotency_key", key.as_str()),
        ];
        let said = match self.exchange(&fields).await {
            Ok(said) if said.success || said.is_about_the_token() => said,
            Ok(said) => return self.leave_alone(now, &said.trouble()),
            Err(trouble) => return self.leave_alone(now, &trouble),
        };
        if said.vouches(now, shown.bound_to, &self.settings.hostname) {
            Opinion::Human
        } else {
            Opinion::Refused
        }
    }

    async fn exchange(&self, fields: &[(&str, &str)]) -> Result<Said, String> {
        let answer = self.outbound.post(&self.settings.verify_url, &Credentials::None, fields).await;
        Said::read(&answer.map_err(|problem| problem.to_string())?)
    }

    fn leave_alone(&self, now: Timestamp, trouble: &str) -> Opinion {
        let until = now + REST;
        self.rests_until.store(until.unix_seconds(), Ordering::Relaxed);
        tracing::warn!(trouble, "Turnstile cannot be asked; for a minute other captchas are");
        Opinion::Away
    }
}

/// The same token is the same question, also where the answer to the first was lost.
fn idempotency_key(token: &str) -> Uuid {
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(Sha256::digest(token)) {
        *byte = hashed;
    }
    Builder::from_random_bytes(bytes).into_uuid()
}

/// What it says of a token.
#[derive(Debug, Default, Deserialize)]
struct Said {
    success: bool,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
    challenge_ts: Option<String>,
    hostname: Option<String>,
    action: Option<String>,
    cdata: Option<String>,
}

impl Said {
    fn read(answer: &Answer) -> Result<Self, String> {
        if answer.status != 200 {
            return Err(format!("answered {}", answer.status));
        }
        serde_json::from_slice(&answer.body).map_err(|_| "said something that cannot be read".to_owned())
    }

    fn is_about_the_token(&self) -> bool {
        !self.success
            && !self.error_codes.is_empty()
            && self.error_codes.iter().all(|code| ABOUT_THE_TOKEN.contains(&code.as_str()))
    }

    /// Its own words are codes such as `invalid-input-secret`; what is none is not written down.
    fn trouble(&self) -> String {
        let is_code = |code: &&String| code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let codes: Vec<&str> = self.error_codes.iter().filter(is_code).take(3).map(String::as_str).collect();
        format!("refused to say: {}", codes.join(", "))
    }

    /// Whether the token is good, and was made by our widget, for this very question, a moment ago.
    fn vouches(&self, now: Timestamp, bound_to: &str, hostname: &str) -> bool {
        self.success
            && self.hostname.as_deref() == Some(hostname)
            && self.action.as_deref() == Some(ACTION)
            && self.cdata.as_deref() == Some(bound_to)
            && self
                .challenge_ts
                .as_deref()
                .and_then(Timestamp::parse)
                .is_some_and(|made| made <= now + SKEW && now <= made + (OLDEST + SKEW))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-11-21T12:00:00Z";

    fn now() -> Timestamp {
        Timestamp::parse(NOW).expect("valid")
    }

    fn said() -> Said {
        Said {
            success: true,
            challenge_ts: Some("2026-11-21T11:59:30.096Z".into()),
            hostname: Some("gate.example.com".into()),
            action: Some(ACTION.into()),
            cdata: Some("ticket".into()),
            ..Said::default()
        }
    }

    fn vouches(said: &Said) -> bool {
        said.vouches(now(), "ticket", "gate.example.com")
    }

    #[test]
    fn every_part_of_what_it_says_is_compared() {
        assert!(vouches(&said()));
        let other = || Some("other".to_owned());
        let at = |text: &str| Said { challenge_ts: Some(text.into()), ..said() };
        for wrong in [
            Said { success: false, ..said() },
            Said { hostname: other(), ..said() },
            Said { hostname: None, ..said() },
            Said { action: other(), ..said() },
            Said { action: None, ..said() },
            Said { cdata: other(), ..said() },
            Said { cdata: None, ..said() },
            Said { challenge_ts: other(), ..said() },
            Said { challenge_ts: None, ..said() },
            at("2026-11-21T11:54:29Z"),
            at("2026-11-21T12:00:31Z"),
        ] {
            assert!(!vouches(&wrong), "{wrong:?}");
        }
        assert!(vouches(&at("2026-11-21T11:54:30Z")) && vouches(&at("2026-11-21T12:00:30Z")));
    }

    #[test]
    fn only_codes_about_the_token_are_held_against_whoever_shows_it() {
        let refused = |codes: &[&str]| Said {
            error_codes: codes.iter().map(|code| (*code).to_owned()).collect(),
            ..Said::default()
        };
        for about in ABOUT_THE_TOKEN {
            assert!(refused(&[about]).is_about_the_token(), "{about}");
        }
        for other in ["invalid-input-secret", "missing-input-secret", "bad-request", "internal-error", "new"]
        {
            assert!(!refused(&[other]).is_about_the_token(), "{other}");
            assert!(!refused(&[other, "invalid-input-response"]).is_about_the_token(), "{other}");
        }
        assert!(!refused(&[]).is_about_the_token());
    }

    #[test]
    fn what_is_written_down_is_a_code_and_nothing_else() {
        let codes = ["internal-error".to_owned(), "a secret=\"x\"".to_owned()].to_vec();
        assert_eq!(
            Said { error_codes: codes, ..Said::default() }.trouble(),
            "refused to say: internal-error"
        );
    }

    #[test]
    fn the_same_token_is_the_same_question_and_another_is_not() {
        assert_eq!(idempotency_key("a"), idempotency_key("a"));
        assert_ne!(idempotency_key("a"), idempotency_key("b"));
        assert_eq!(idempotency_key("a").get_version_num(), 4);
    }
}
