//! Secrets and signatures as Standard Webhooks has them: HMAC-SHA256 over `id.timestamp.body`.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Timestamp, platform::random};

/// How a secret begins, so that scanners know it.
const PREFIX: &str = "whsec_";

/// The secret of an endpoint: 256 random bits.
#[derive(Clone)]
pub(super) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// One that did not exist before.
    pub(super) fn fresh() -> Self {
        Self(Zeroizing::new(random::bytes::<32>().to_vec()))
    }

    /// What the vault has opened.
    pub(super) fn opened(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// What the vault seals.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text for whoever verifies.
    pub(super) fn reveal(&self) -> String {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(self.bytes()))
    }

    fn sign(&self, message: &str) -> String {
        let Ok(mut code) = Hmac::<Sha256>::new_from_slice(self.bytes()) else {
            // RFC 2104 §3 takes keys of any length.
            tracing::error!("a webhook could not be signed; ending the process");
            std::process::abort();
        };
        code.update(message.as_bytes());
        format!("v1,{}", BASE64_STANDARD.encode(code.finalize().into_bytes()))
    }
}

/// The headers of an attempt. While two secrets are good, both sign: a receiver takes either.
pub(super) fn headers(
    secrets: &[Secret],
    id: Uuid,
    at: Timestamp,
    body: &str,
) -> [(&'static str, String); 3] {
    let (id, at) = (id.to_string(), at.unix_seconds().to_string());
    let message = format!("{id}.{at}.{body}");
    let signatures: Vec<String> = secrets.iter().map(|secret| secret.sign(&message)).collect();
    [("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", signatures.join(" "))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(base64: &str) -> Secret {
        Secret::opened(Zeroizing::new(BASE64_STANDARD.decode(base64).expect("base64")))
    }

    #[test]
    fn a_secret_is_256_bits_behind_the_prefix_of_the_standard() {
        let text = Secret::fresh().reveal();
        let bytes = BASE64_STANDARD.decode(text.strip_prefix("whsec_").expect("the prefix")).expect("base64");
        assert_eq!(bytes.len(), 32);
        assert_ne!(text, Secret::fresh().reveal());
    }

    #[test]
    fn each_secret_signs_what_the_standard_says() {
        let (one, other) =
            (secret("C2FVsBQIhrscChlQIMV+b5sSYspob7oD"), secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        let at = Timestamp::parse("2021-01-30T23:33:51.25Z").expect("valid");
        let id = Uuid::from_u128(7);
        let body = r#"{"test": 2432232314}"#;
        let [id_header, at_header, both] = headers(&[one.clone(), other], id, at, body);
        assert_eq!(id_header, ("webhook-id", id.to_string()));
        assert_eq!(at_header, ("webhook-timestamp", "1612049631".to_owned()));
        let signatures: Vec<&str> = both.1.split(' ').collect();
        assert_eq!(signatures.len(), 2);
        // The same by another implementation of HMAC.
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, one.bytes());
        let tag = ring::hmac::sign(&key, format!("{id}.1612049631.{body}").as_bytes());
        assert_eq!(signatures[0], format!("v1,{}", BASE64_STANDARD.encode(tag)));
        assert_ne!(signatures[0], signatures[1]);
    }
}
