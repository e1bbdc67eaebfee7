//! Signs and verifies by ECDSA on P-256 with SHA-256, which JWS calls ES256 (RFC 7518 §3.4).
//!
//! Promise: a private key is seen by the vault and by nothing else; no other algorithm can be asked for.

use std::fmt;

use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
        UnparsedPublicKey,
    },
};
use zeroize::Zeroizing;

use super::log::Cause;

/// The length of a signature: two numbers of 32 bytes.
pub const SIGNATURE: usize = 64;

/// Why a key cannot be made or used. Says nothing about the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SigningProblem {
    /// The operating system gave no randomness.
    #[error("the operating system has no randomness")]
    NoRandomness,
    /// The bytes are no private key on this curve.
    #[error("not a PKCS #8 key on P-256")]
    NotAKey,
}

impl Cause for SigningProblem {
    fn passes(&self) -> bool {
        false
    }
}

/// A key that signs.
pub struct SigningKey(EcdsaKeyPair);

impl SigningKey {
    /// A key that did not exist before, as PKCS #8, for the vault.
    ///
    /// # Errors
    /// [`SigningProblem::NoRandomness`].
    pub fn generate() -> Result<Zeroizing<Vec<u8>>, SigningProblem> {
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map(|document| Zeroizing::new(document.as_ref().to_vec()))
            .map_err(|_| SigningProblem::NoRandomness)
    }

    /// Reads what [`SigningKey::generate`] wrote.
    ///
    /// # Errors
    /// [`SigningProblem::NotAKey`].
    pub fn from_pkcs8(bytes: &[u8]) -> Result<Self, SigningProblem> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, bytes, &SystemRandom::new())
            .map(Self)
            .map_err(|_| SigningProblem::NotAKey)
    }

    /// The half that everybody may know.
    ///
    /// # Errors
    /// [`SigningProblem::NotAKey`] for a point that is not written in full, which this curve's keys always are.
    pub fn public(&self) -> Result<PublicKey, SigningProblem> {
        PublicKey::from_point(self.0.public_key().as_ref()).ok_or(SigningProblem::NotAKey)
    }

    /// The signature of a message.
    ///
    /// # Errors
    /// [`SigningProblem::NoRandomness`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningProblem> {
        self.0
            .sign(&SystemRandom::new(), message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| SigningProblem::NoRandomness)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

/// A key that verifies: a point on the curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its first coordinate, big endian.
    pub x: [u8; 32],
    /// Its second one.
    pub y: [u8; 32],
}

impl PublicKey {
    /// From the uncompressed form `04 | x | y` (SEC 1 §2.3.3).
    fn from_point(point: &[u8]) -> Option<Self> {
        let (x, y) = point.strip_prefix(&[4])?.split_at_checked(32)?;
        Some(Self { x: x.try_into().ok()?, y: y.try_into().ok()? })
    }

    /// Whether the key's owner signed this message.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let point = [&[4][..], &self.x, &self.y].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_message_and_its_key_alone() {
        let key = SigningKey::from_pkcs8(&SigningKey::generate().expect("generates")).expect("reads");
        let other = SigningKey::from_pkcs8(&SigningKey::generate().expect("generates")).expect("reads");
        let signature = key.sign(b"message").expect("signs");
        assert_eq!(signature.len(), SIGNATURE);
        let public = key.public().expect("a point");
        assert!(public.verifies(b"message", &signature));
        assert!(!public.verifies(b"massage", &signature));
        assert!(!public.verifies(b"message", &signature[..63]));
        assert!(!public.verifies(b"message", &[0; SIGNATURE]));
        assert!(!other.public().expect("a point").verifies(b"message", &signature));
    }

    #[test]
    fn debug_output_shows_no_key() {
        let key = SigningKey::from_pkcs8(&SigningKey::generate().expect("generates")).expect("reads");
        assert_eq!(format!("{key:?}"), "SigningKey(***)");
    }
}
