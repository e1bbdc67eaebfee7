//! Access tokens: JWT (RFC 7519, with the profile of RFC 9068 for what has a meaning here), signed by ES256 and nothing
//! else.
//!
//! Promise: the header chooses nothing but one of our own keys; an algorithm, a key or an address of a key in it is not
//! even looked at, and a critical extension refuses the token (RFC 8725 §3.1, §3.10).

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Timestamp,
    platform::signing::{PublicKey, SigningKey, SigningProblem},
};

/// How long an access token works.
pub(super) const LIFETIME: Duration = Duration::from_mins(15);
/// By how much the clocks of two replicas may differ.
pub(super) const LEEWAY: Duration = Duration::from_secs(30);
/// RFC 9068 §2.1: no other kind of JWT can be taken for one of these.
const TYPE: &str = "at+jwt";
const ALGORITHM: &str = "ES256";
/// Ours have some 500 bytes; more is not even decoded.
const LONGEST: usize = 2048;

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    kid: Uuid,
    typ: String,
    /// Extensions that must be understood; none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    crit: Option<serde_json::Value>,
}

/// What an access token says. No permission is among it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claims {
    /// The site that made it.
    pub(super) iss: String,
    /// The site it is for: the same.
    pub(super) aud: String,
    /// The account.
    pub(super) sub: Uuid,
    /// The family it was made in.
    pub(super) sid: Uuid,
    /// The token itself.
    pub(super) jti: Uuid,
    /// When it was made, in seconds since 1970; so are the next two.
    pub(super) iat: i64,
    /// From when it works.
    pub(super) nbf: i64,
    /// Until when it works.
    pub(super) exp: i64,
}

impl Claims {
    /// What a token for this account and family says when it is made now.
    pub(super) fn new(site: &str, user: Uuid, family: Uuid, jti: Uuid, now: Timestamp) -> Self {
        let iat = now.unix_seconds();
        Self {
            iss: site.to_owned(),
            aud: site.to_owned(),
            sub: user,
            sid: family,
            jti,
            iat,
            nbf: iat,
            exp: (now + LIFETIME).unix_seconds(),
        }
    }

    /// Whether it is for this site and for now.
    fn hold(&self, site: &str, now: Timestamp) -> bool {
        let from = (now + LEEWAY).unix_seconds();
        let until = (now - LEEWAY).unix_seconds();
        self.iss == site && self.aud == site && self.nbf <= from && self.iat <= from && until < self.exp
    }
}

/// Writes and signs a token.
pub(super) fn write(key: &SigningKey, kid: Uuid, claims: &Claims) -> Result<String, SigningProblem> {
    let header = Header { alg: ALGORITHM.to_owned(), kid, typ: TYPE.to_owned(), crit: None };
    let message = format!("{}.{}", encode(&header), encode(claims));
    let signature = key.sign(message.as_bytes())?;
    Ok(format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature)))
}

/// A token that was taken apart, and not yet believed.
pub(super) struct Unverified<'a> {
    /// The key it says it is signed with.
    pub(super) kid: Uuid,
    message: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// `None` for what cannot be one of ours, whoever signed it.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let (message, signature) = text.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let header: Header = decode(header)?;
        let is_ours = header.alg == ALGORITHM && header.typ == TYPE && header.crit.is_none();
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        is_ours.then_some(Self { kid: header.kid, message, claims, signature })
    }

    /// What it says, when this key signed it and it is for this site and for now.
    pub(super) fn verify(&self, key: &PublicKey, site: &str, now: Timestamp) -> Option<Claims> {
        if !key.verifies(self.message.as_bytes(), &self.signature) {
            return None;
        }
        decode::<Claims>(self.claims).filter(|claims| claims.hold(site, now))
    }
}

fn encode(part: &impl Serialize) -> String {
    // Structs of texts and numbers always can be written.
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).unwrap_or_default())
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const SITE: &str = "https://gate.example.com";
    const KID: Uuid = Uuid::from_u128(9);

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-21T12:00:00Z").expect("valid")
    }

    fn key() -> SigningKey {
        SigningKey::from_pkcs8(&SigningKey::generate().expect("generates")).expect("reads")
    }

    fn claims() -> Claims {
        Claims::new(SITE, Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3), now())
    }

    fn verified(text: &str, key: &SigningKey, at: Timestamp) -> Option<Claims> {
        Unverified::read(text)?.verify(&key.public().expect("a point"), SITE, at)
    }

    /// Signed by us with any header and any claims.
    fn forged(key: &SigningKey, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = key.sign(message.as_bytes()).expect("signs");
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn a_token_says_what_was_signed() {
        let key = key();
        let text = write(&key, KID, &claims()).expect("writes");
        assert_eq!(verified(&text, &key, now()), Some(claims()));
        assert_eq!(verified(&text, &super::tests::key(), now()), None, "another key");
        let parts: Vec<&str> = text.split('.').collect();
        let header: Value = decode(parts[0]).expect("json");
        assert_eq!(header, json!({ "alg": "ES256", "kid": KID, "typ": "at+jwt" }));
    }

    #[test]
    fn a_token_works_from_its_making_for_a_quarter_of_an_hour() {
        let key = key();
        let text = write(&key, KID, &claims()).expect("writes");
        let (second, edge) = (Duration::from_secs(1), LIFETIME + LEEWAY);
        assert!(verified(&text, &key, now() - LEEWAY).is_some());
        assert!(verified(&text, &key, now() - LEEWAY - second).is_none());
        assert!(verified(&text, &key, now() + edge - second).is_some());
        assert!(verified(&text, &key, now() + edge).is_none());
    }

    #[test]
    fn a_header_that_asks_for_anything_else_is_refused() {
        let key = key();
        let body = serde_json::to_value(claims()).expect("json");
        for (name, value) in [
            ("alg", json!("none")),
            ("alg", json!("HS256")),
            ("alg", json!("ES384")),
            ("alg", json!("es256")),
            ("typ", json!("JWT")),
            ("crit", json!(["b64"])),
            ("crit", json!([])),
            ("kid", json!("../../etc/passwd")),
        ] {
            let mut header = json!({ "alg": "ES256", "kid": KID, "typ": "at+jwt" });
            header[name] = value.clone();
            assert!(Unverified::read(&forged(&key, &header, &body)).is_none(), "{name}: {value}");
        }
    }

    #[test]
    fn a_key_that_the_token_brings_along_is_not_looked_at() {
        let (ours, theirs) = (key(), key());
        let header = json!({
            "alg": "ES256", "kid": KID, "typ": "at+jwt", "jku": "https://evil.example/keys",
            "jwk": { "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }, "x5u": "https://evil.example/cert",
        });
        let body = serde_json::to_value(claims()).expect("json");
        assert!(verified(&forged(&theirs, &header, &body), &ours, now()).is_none());
        assert!(verified(&forged(&ours, &header, &body), &ours, now()).is_some());
    }

    #[test]
    fn a_token_of_another_site_or_for_another_one_is_refused() {
        let key = key();
        let header = json!({ "alg": "ES256", "kid": KID, "typ": "at+jwt" });
        for (name, value) in [
            ("iss", json!("https://gate.example.com/")),
            ("aud", json!("https://other.example.com")),
            ("aud", json!([SITE, "https://other.example.com"])),
            ("exp", Value::Null),
            ("nbf", json!(now().unix_seconds() + 31)),
            ("sub", json!("ann")),
        ] {
            let mut body = serde_json::to_value(claims()).expect("json");
            body[name] = value.clone();
            assert!(verified(&forged(&key, &header, &body), &key, now()).is_none(), "{name}: {value}");
        }
    }

    #[test]
    fn no_letter_of_a_token_can_be_changed() {
        let key = key();
        let text = write(&key, KID, &claims()).expect("writes");
        for place in (0..text.len()).step_by(7) {
            let mut other = text.clone().into_bytes();
            other[place] = if other[place] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ascii");
            assert!(verified(&other, &key, now()).is_none(), "place {place}");
        }
        for wrong in ["", ".", "..", "a.b.c", &text[..text.len() - 4], &"a".repeat(5000)] {
            assert!(verified(wrong, &key, now()).is_none(), "{wrong}");
        }
    }
}
