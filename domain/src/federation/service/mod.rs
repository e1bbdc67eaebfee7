//! The rules of this room: the way to a provider, the way back, and what is connected.

mod arrive;
mod back;
mod begin;
mod ways;

pub use arrive::{Arrived, link, prove, sign_in};
pub use back::{Answered, Errand, Returned, TurnedBack, come_back};
pub use begin::{Begun, begin_link, begin_proof, begin_sign_in};
pub(crate) use ways::{copy_of, disconnect_all, disconnect_since, is_way_in, proving};
pub use ways::{disconnect, offered, on_offer, sweep, ways};

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use sha2::{Digest as _, Sha256};

use super::ProviderRefusal;
use crate::{
    AppError,
    platform::{
        Platform,
        providers::{Provider, ProviderProblem},
    },
};

/// How long somebody may be away at a provider.
const AWAY_FOR: Duration = Duration::from_mins(10);

/// How old a sign-in at the provider may be that stands for a fresh proof, in seconds.
const PROOF_MAX_AGE_S: u32 = 300;

fn refused(reason: ProviderRefusal) -> AppError {
    AppError::ProviderRefused { reason }
}

fn find<'a>(platform: &'a Platform, id: &str) -> Result<&'a Provider, AppError> {
    platform.providers().find(id).ok_or(AppError::NotFound)
}

/// Where people return to: the same text at the beginning and at the end, and what the provider was told.
fn redirect_uri(platform: &Platform, provider: &Provider) -> String {
    format!("{}/auth/{}/callback", platform.rules().public_url, provider.settings().id)
}

/// What a browser's secret stands for. Nonce and verifier are made of it, so that a way back is good for nothing without
/// the cookie, and nothing of them has to be kept.
struct Secrets {
    nonce: String,
    verifier: String,
}

impl Secrets {
    fn of(browser: &str) -> Self {
        let part = |what: &str| digest(&format!("gatehouse-federation-{what}:{browser}"));
        Self { nonce: part("nonce"), verifier: part("verifier") }
    }

    /// RFC 7636 §4.2.
    fn challenge(&self) -> String {
        digest(&self.verifier)
    }
}

fn digest(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

/// Writes the cause down where it is met; the person learns what to do.
fn met(provider: &Provider, problem: ProviderProblem) -> AppError {
    let id = &provider.settings().id;
    if problem.passes() {
        tracing::warn!(provider.id = %id, "the provider {id} is away: {problem}");
        return refused(ProviderRefusal::Away);
    }
    tracing::warn!(provider.id = %id, "the provider {id} was refused: {problem}");
    refused(ProviderRefusal::Unproved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B.
        let secrets =
            Secrets { nonce: String::new(), verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into() };
        assert_eq!(secrets.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn what_the_provider_sees_does_not_show_what_it_must_not() {
        let secrets = Secrets::of("browser");
        assert_ne!(secrets.nonce, secrets.verifier);
        assert_ne!(secrets.nonce, secrets.challenge());
        assert_eq!(secrets.verifier.len(), 43, "RFC 7636 §4.1 asks for 43 to 128 characters");
        assert_ne!(Secrets::of("another").verifier, secrets.verifier);
    }
}
