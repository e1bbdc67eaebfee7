//! ID tokens (OpenID Connect Core 1.0 §3.1.3.7): signed by ES256 or RS256 with a key of the provider, and nothing else.
//!
//! Promise: the header chooses one of the provider's own keys and no more; `none` and every symmetric algorithm are
//! unknown here, and a key or an address of a key in it is not even looked at (RFC 8725 §3.1, §3.10).

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::{
    ProviderProblem,
    keys::{Algorithm, Keys},
};
use crate::Timestamp;

/// By how much the provider's clock may differ from ours.
const LEEWAY: Duration = Duration::from_mins(1);
/// A token that was made longer ago is of another sign-in.
const OLDEST: Duration = Duration::from_mins(10);
/// Real ones have one or two thousand bytes; more is not even decoded.
const LONGEST: usize = 16 * 1024;
/// The most characters of a subject (Core 1.0 §2).
const LONGEST_SUBJECT: usize = 255;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Extensions that must be understood; none is.
    crit: Option<Value>,
}

/// What a token says.
#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    iss: String,
    pub(super) sub: String,
    aud: Audience,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    nonce: Option<String>,
    at_hash: Option<String>,
    pub(super) auth_time: Option<i64>,
    pub(super) acr: Option<String>,
    #[serde(flatten)]
    pub(super) person: Person,
}

/// What an ID token or a `userinfo` document says of a person.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Person {
    pub(super) email: Option<String>,
    /// Only `true` counts; some providers write it as text, which could be any text.
    email_verified: Option<Value>,
    pub(super) name: Option<String>,
}

impl Person {
    /// Whether the provider vouches for the address.
    pub(super) fn is_verified(&self) -> bool {
        self.email_verified == Some(Value::Bool(true))
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// What a token has to be for.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) access_token: &'a str,
    pub(super) now: Timestamp,
}

/// A token that was taken apart, and not yet believed.
pub(super) struct Unverified<'a> {
    algorithm: Algorithm,
    key: Option<String>,
    message: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    /// Takes a token apart.
    pub(super) fn read(text: &'a str) -> Result<Self, ProviderProblem> {
        const UNREADABLE: ProviderProblem = ProviderProblem::Refused("its id token cannot be read");
        if text.len() > LONGEST {
            return Err(UNREADABLE);
        }
        let (message, signature) = text.rsplit_once('.').ok_or(UNREADABLE)?;
        let (header, claims) = message.split_once('.').ok_or(UNREADABLE)?;
        let header: Header = decode(header).ok_or(UNREADABLE)?;
        let algorithm = Algorithm::named(&header.alg)
            .ok_or(ProviderProblem::Refused("its id token is signed by neither ES256 nor RS256"))?;
        if header.crit.is_some() {
            return Err(ProviderProblem::Refused("its id token has extensions that are not known"));
        }
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).map_err(|_| UNREADABLE)?;
        Ok(Self { algorithm, key: header.kid, message, claims, signature })
    }

    /// What it says, where one of these keys signed it; `None` where its key is not among them.
    pub(super) fn verify(&self, keys: &Keys) -> Option<Result<Claims, ProviderProblem>> {
        let message = self.message.as_bytes();
        let verified = keys.verify(self.algorithm, self.key.as_deref(), message, &self.signature)?;
        if !verified {
            return Some(Err(ProviderProblem::Refused("the signature of its id token does not hold")));
        }
        Some(decode(self.claims).ok_or(ProviderProblem::Refused("its id token lacks a claim")))
    }
}

impl Claims {
    /// Refuses what is not for this sign-in.
    pub(super) fn hold(&self, expected: &Expected<'_>) -> Result<(), ProviderProblem> {
        let refused = |why| Err(ProviderProblem::Refused(why));
        let until = (expected.now - LEEWAY).unix_seconds();
        let from = (expected.now + LEEWAY).unix_seconds();
        if self.iss != expected.issuer {
            return refused("its id token is of another issuer");
        }
        if !self.is_for(expected.client_id) {
            return refused("its id token is for somebody else");
        }
        if self.exp <= until {
            return refused("its id token has expired");
        }
        if self.iat > from || self.nbf.is_some_and(|nbf| nbf > from) {
            return refused("its id token is from the future");
        }
        if self.iat < (expected.now - OLDEST - LEEWAY).unix_seconds() {
            return refused("its id token is old");
        }
        let nonce = self.nonce.as_deref().unwrap_or_default();
        if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
            return refused("its id token has another nonce");
        }
        if self.at_hash.as_ref().is_some_and(|hash| *hash != hash_of(expected.access_token)) {
            return refused("its id token is for another access token");
        }
        if self.sub.is_empty() || self.sub.len() > LONGEST_SUBJECT {
            return refused("its id token has no usable subject");
        }
        Ok(())
    }

    /// Whether we are the audience; where we are not alone, and wherever it is said, also the one it was made for.
    fn is_for(&self, client_id: &str) -> bool {
        let (is_meant, is_alone) = match &self.aud {
            Audience::One(only) => (only == client_id, true),
            Audience::Many(all) => (all.iter().any(|one| one == client_id), all.len() == 1),
        };
        is_meant && self.azp.as_deref().map_or(is_alone, |azp| azp == client_id)
    }
}

/// The left half of the hash of an access token (Core 1.0 §3.1.3.6); both algorithms hash by SHA-256.
fn hash_of(access_token: &str) -> String {
    let hash = Sha256::digest(access_token.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or_default())
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::platform::signing::SigningKey;

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-21T12:00:00Z").expect("valid")
    }

    fn encode(part: &Value) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(part.to_string())
    }

    fn key() -> SigningKey {
        SigningKey::from_pkcs8(&SigningKey::generate().expect("generates")).expect("reads")
    }

    fn published(keys: &[(&str, &SigningKey)]) -> Keys {
        let keys: Vec<Value> = keys
            .iter()
            .map(|(id, key)| {
                let public = key.public().expect("a point");
                let [x, y] = [public.x, public.y].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
                json!({ "kty": "EC", "crv": "P-256", "kid": id, "x": x, "y": y })
            })
            .collect();
        Keys::read(json!({ "keys": keys }).to_string().as_bytes()).expect("readable")
    }

    fn header() -> Value {
        json!({ "alg": "ES256", "kid": "a" })
    }

    fn claims() -> Value {
        let now = now().unix_seconds();
        json!({
            "iss": "https://id.example.com", "sub": "ann", "aud": "gate", "exp": now + 300, "iat": now,
            "nonce": "n", "at_hash": hash_of("access"), "email": "ann@example.com", "email_verified": true,
        })
    }

    fn signed(key: &SigningKey, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = key.sign(message.as_bytes()).expect("signs");
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn accepted(text: &str, keys: &Keys) -> Result<Claims, ProviderProblem> {
        let claims = Unverified::read(text)?
            .verify(keys)
            .unwrap_or(Err(ProviderProblem::Refused("an unknown key")))?;
        let expected = Expected {
            issuer: "https://id.example.com",
            client_id: "gate",
            nonce: "n",
            access_token: "access",
            now: now(),
        };
        claims.hold(&expected).map(|()| claims)
    }

    #[test]
    fn a_token_for_this_sign_in_says_who_it_is() {
        let key = key();
        let keys = published(&[("a", &key)]);
        let claims = accepted(&signed(&key, &header(), &claims()), &keys).expect("accepted");
        assert_eq!(claims.sub, "ann");
        assert_eq!(claims.person.email.as_deref(), Some("ann@example.com"));
        assert!(claims.person.is_verified());
    }

    #[test]
    fn each_claim_is_compared() {
        let key = key();
        let keys = published(&[("a", &key)]);
        let moment = now().unix_seconds();
        for (name, value) in [
            ("iss", json!("https://id.example.com/")),
            ("iss", json!("https://evil.example")),
            ("aud", json!("other")),
            ("aud", json!(["gate", "other"])),
            ("aud", json!([])),
            ("azp", json!("other")),
            ("exp", json!(moment - 60)),
            ("exp", Value::Null),
            ("iat", json!(moment + 61)),
            ("iat", json!(moment - 661)),
            ("nbf", json!(moment + 61)),
            ("nonce", json!("m")),
            ("nonce", Value::Null),
            ("at_hash", json!(hash_of("another"))),
            ("sub", json!("")),
            ("sub", json!("a".repeat(256))),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            assert!(accepted(&signed(&key, &header(), &claims), &keys).is_err(), "{name}: {value}");
        }
        for (name, value) in [
            ("aud", json!(["gate"])),
            ("azp", json!("gate")),
            ("exp", json!(moment - 59)),
            ("iat", json!(moment + 60)),
        ] {
            let mut claims = claims();
            claims[name] = value.clone();
            assert!(accepted(&signed(&key, &header(), &claims), &keys).is_ok(), "{name}: {value}");
        }
        let mut several = claims();
        several["aud"] = json!(["gate", "other"]);
        several["azp"] = json!("gate");
        assert!(accepted(&signed(&key, &header(), &several), &keys).is_ok(), "made for us among others");
    }

    #[test]
    fn no_other_algorithm_and_no_foreign_key_signs() {
        let (ours, theirs) = (key(), key());
        let keys = published(&[("a", &ours)]);
        for header in [
            json!({ "alg": "none", "kid": "a" }),
            json!({ "alg": "HS256", "kid": "a" }),
            json!({ "alg": "RS256", "kid": "a" }),
            json!({ "alg": "ES256", "kid": "b" }),
            json!({ "alg": "ES256", "kid": "a", "crit": ["b64"] }),
            json!({ "alg": "es256", "kid": "a" }),
            json!({ "kid": "a" }),
        ] {
            assert!(accepted(&signed(&ours, &header, &claims()), &keys).is_err(), "{header}");
        }
        let bringing = json!({ "alg": "ES256", "kid": "a", "jku": "https://evil.example/keys" });
        assert!(accepted(&signed(&theirs, &bringing, &claims()), &keys).is_err(), "signed by somebody else");
        let unsigned = format!("{}.{}.", encode(&header()), encode(&claims()));
        assert!(accepted(&unsigned, &keys).is_err());
    }

    #[test]
    fn a_token_without_a_key_id_is_taken_where_there_is_no_choice() {
        let (one, other) = (key(), key());
        let token = signed(&one, &json!({ "alg": "ES256" }), &claims());
        assert!(accepted(&token, &published(&[("a", &one)])).is_ok());
        assert!(accepted(&token, &published(&[("a", &one), ("b", &other)])).is_err());
    }

    #[test]
    fn an_address_is_verified_only_by_a_plain_yes() {
        for (value, verified) in
            [(json!(true), true), (json!(false), false), (json!("true"), false), (json!(1), false)]
        {
            let person: Person = serde_json::from_value(json!({ "email_verified": value })).expect("valid");
            assert_eq!(person.is_verified(), verified, "{value}");
        }
        assert!(!Person::default().is_verified());
    }
}
