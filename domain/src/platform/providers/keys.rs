//! The public keys of a provider (RFC 7517): RSA for RS256 and P-256 for ES256, and no others.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde::Deserialize;
use serde_json::Value;

use super::ProviderProblem;
use crate::platform::signing::PublicKey;

/// How a token may be signed. A list of its own, because the header of a token must not be able to choose more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Es256,
    Rs256,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "RS256" => Some(Self::Rs256),
            _ => None,
        }
    }
}

/// The keys of a provider.
pub(super) struct Keys(Vec<Key>);

struct Key {
    id: Option<String>,
    material: Material,
}

enum Material {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    P256(PublicKey),
}

/// A key as it is written; what is not known of it is not looked at.
#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl Keys {
    /// Reads a document; keys of kinds that are not known are left out (RFC 7517 §5).
    pub(super) fn read(body: &[u8]) -> Result<Self, ProviderProblem> {
        let document: Document =
            serde_json::from_slice(body).map_err(|_| ProviderProblem::Refused("its keys cannot be read"))?;
        let written = document.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        Ok(Self(written.filter_map(Key::of).collect()))
    }

    /// Whether one of them signed the message; `None` where none of them is the one that is named.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        id: Option<&str>,
        message: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let mut fitting =
            self.0.iter().filter(|key| key.fits(algorithm) && (id.is_none() || key.id.as_deref() == id));
        let key = fitting.next()?;
        // Without a name there must be no choice (OpenID Connect Core 1.0 §10.1).
        if id.is_none() && fitting.next().is_some() {
            return Some(false);
        }
        Some(key.material.verifies(message, signature))
    }
}

impl Key {
    fn of(written: Written) -> Option<Self> {
        if written.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let material = match (written.kty.as_str(), written.crv.as_deref()) {
            ("RSA", _) => Material::Rsa { modulus: number(written.n)?, exponent: number(written.e)? },
            ("EC", Some("P-256")) => {
                Material::P256(PublicKey { x: coordinate(written.x)?, y: coordinate(written.y)? })
            }
            _ => return None,
        };
        let key = Self { id: written.kid, material };
        let is_for_this = written.alg.is_none_or(|alg| Algorithm::named(&alg).is_some_and(|it| key.fits(it)));
        is_for_this.then_some(key)
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        matches!(
            (&self.material, algorithm),
            (Material::Rsa { .. }, Algorithm::Rs256) | (Material::P256(_), Algorithm::Es256)
        )
    }
}

impl Material {
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            // Keys of less than 2048 bits are refused.
            Self::Rsa { modulus: n, exponent: e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Self::P256(key) => key.verifies(message, signature),
        }
    }
}

/// A number without zeros in front, which some write.
fn number(text: Option<String>) -> Option<Vec<u8>> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text?).ok()?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    bytes.get(first..).map(<[u8]>::to_vec)
}

fn coordinate(text: Option<String>) -> Option<[u8; 32]> {
    BASE64_URL_SAFE_NO_PAD.decode(text?).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const MESSAGE: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    fn verified(key: &Value, algorithm: Algorithm, message: &str) -> Option<bool> {
        let keys = Keys::read(json!({ "keys": [key] }).to_string().as_bytes()).expect("readable");
        let signature = BASE64_URL_SAFE_NO_PAD.decode(SIGNATURE).expect("base64");
        keys.verify(algorithm, None, message.as_bytes(), &signature)
    }

    #[test]
    fn the_example_of_the_standard_verifies() {
        // RFC 7515, appendix A.2.
        let key = json!({ "kty": "RSA", "n": MODULUS, "e": "AQAB" });
        assert_eq!(verified(&key, Algorithm::Rs256, MESSAGE), Some(true));
        assert_eq!(verified(&key, Algorithm::Rs256, &MESSAGE.replace("eyJ", "eyK")), Some(false));
        assert_eq!(verified(&key, Algorithm::Es256, MESSAGE), None, "an RSA key signs no ES256");
    }

    #[test]
    fn a_key_for_something_else_is_left_out() {
        for (name, value) in [
            ("use", json!("enc")),
            ("alg", json!("RS512")),
            ("alg", json!("ES256")),
            ("kty", json!("oct")),
            ("n", json!("AA")),
            ("n", Value::Null),
        ] {
            let mut key = json!({ "kty": "RSA", "n": MODULUS, "e": "AQAB" });
            key[name] = value.clone();
            assert_eq!(verified(&key, Algorithm::Rs256, MESSAGE), None, "{name}: {value}");
        }
        let short = json!({ "kty": "RSA", "n": &MODULUS[..168], "e": "AQAB" });
        assert_eq!(verified(&short, Algorithm::Rs256, MESSAGE), Some(false), "of less than 2048 bits");
    }
}
