//! Seals secrets at rest: AES-256-GCM under a key that belongs to one record and one purpose.
//!
//! A sealed value is `version (1 byte) | key id (4 bytes, big endian) | nonce (12) | ciphertext and tag`. The
//! key is HKDF-SHA256 (RFC 5869) of a key of the ring, with the record's id as salt and the purpose as info;
//! purpose, record and the five header bytes are authenticated as well.
//! Promise: a ciphertext that was changed, or moved to another row or column, does not open.

mod keyring;
mod reseal;

use std::sync::Arc;

use aes_gcm::{
    Aes256Gcm, Nonce, Tag,
    aead::{AeadInOut as _, KeyInit as _},
};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use hkdf::Hkdf;
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

pub use self::{
    keyring::{Keyring, KeyringProblem},
    reseal::{Column, Resealed, reseal},
};
use super::random;

const VERSION: u8 = 1;
const HEADER: usize = 5;
const NONCE: usize = 12;
const TAG: usize = 16;

/// Why a sealed value does not open. Says nothing about keys or contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Too short, or of a version this program does not know.
    #[error("not a sealed value of a known version")]
    Unreadable,
    /// Sealed with a key that is not in the ring.
    #[error("sealed with key {0}, which is not in the ring")]
    UnknownKey(u32),
    /// Changed, moved from another row or column, or sealed with another key of the same id.
    #[error("the seal is broken")]
    Broken,
}

/// Seals and opens. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Vault(Arc<Keyring>);

impl Vault {
    /// A vault that seals with the ring's active key and opens with any of its keys.
    #[must_use]
    pub fn new(keys: Keyring) -> Self {
        Self(Arc::new(keys))
    }

    /// Seals `plain` for the one `record` and `purpose` (a column, such as `"totp-secret"`). Adds 33 bytes.
    #[must_use]
    pub fn seal(&self, purpose: &'static str, record: Uuid, plain: &[u8]) -> Vec<u8> {
        let place = Place { purpose, record };
        let id = self.0.active();
        let nonce = random::bytes::<NONCE>();
        let mut sealed = Vec::with_capacity(HEADER + NONCE + plain.len() + TAG);
        sealed.push(VERSION);
        sealed.extend_from_slice(&id.to_be_bytes());
        let aad = place.authenticated(&sealed);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let cipher = place.cipher(self.0.active_key());
        let body = sealed.get_mut(HEADER + NONCE..).unwrap_or_default();
        let Ok(tag) = cipher.encrypt_inout_detached(&Nonce::from(nonce), &aad, body.into()) else {
            // AES-GCM refuses only more than 64 GiB. To store such a value in clear is the one wrong answer.
            tracing::error!(
                purpose,
                bytes = plain.len(),
                "a value is too large to be sealed; ending the process"
            );
            std::process::abort();
        };
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// Opens what was sealed for the same record and purpose.
    ///
    /// # Errors
    /// [`VaultError`]; a moved or changed value is [`VaultError::Broken`].
    pub fn open(
        &self,
        purpose: &'static str,
        record: Uuid,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let parts = Parts::split(sealed).ok_or(VaultError::Unreadable)?;
        let key = self.0.get(parts.key_id).ok_or(VaultError::UnknownKey(parts.key_id))?;
        let place = Place { purpose, record };
        let mut plain = Zeroizing::new(parts.ciphertext.to_vec());
        place
            .cipher(key)
            .decrypt_inout_detached(
                &Nonce::from(parts.nonce),
                &place.authenticated(parts.header),
                plain.as_mut_slice().into(),
                &Tag::from(parts.tag),
            )
            .map_err(|_| VaultError::Broken)?;
        Ok(plain)
    }

    /// Seals a short value that has no row, such as the state in a cookie, as base64url text.
    #[must_use]
    pub fn seal_short(&self, purpose: &'static str, plain: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.seal(purpose, Uuid::nil(), plain))
    }

    /// Opens what [`Vault::seal_short`] sealed for the same purpose.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_short(&self, purpose: &'static str, text: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| VaultError::Unreadable)?;
        self.open(purpose, Uuid::nil(), &sealed)
    }
}

/// Where a value belongs.
struct Place {
    purpose: &'static str,
    record: Uuid,
}

impl Place {
    fn cipher(&self, key: &[u8; 32]) -> Aes256Gcm {
        let mut derived = Zeroizing::new([0; 32]);
        let info = [b"gatehouse ".as_slice(), self.purpose.as_bytes()];
        let hkdf = Hkdf::<Sha256>::new(Some(self.record.as_bytes()), key);
        if hkdf.expand_multi_info(&info, derived.as_mut_slice()).is_err() {
            // RFC 5869 §2.3 refuses only more than 255 blocks, and this is one.
            tracing::error!("a key could not be derived; ending the process");
            std::process::abort();
        }
        Aes256Gcm::new(&(*derived).into())
    }

    /// What the tag covers beside the ciphertext. Header and record have fixed lengths, so no two places
    /// share it.
    fn authenticated(&self, header: &[u8]) -> Vec<u8> {
        [header, self.record.as_bytes(), self.purpose.as_bytes()].concat()
    }
}

struct Parts<'a> {
    header: &'a [u8],
    key_id: u32,
    nonce: [u8; NONCE],
    ciphertext: &'a [u8],
    tag: [u8; TAG],
}

impl<'a> Parts<'a> {
    fn split(sealed: &'a [u8]) -> Option<Self> {
        let (header, rest) = sealed.split_at_checked(HEADER)?;
        let (version, key_id) = header.split_first()?;
        let (nonce, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        let key_id = u32::from_be_bytes(key_id.try_into().ok()?);
        (*version == VERSION).then_some(Self { header, key_id, nonce: *nonce, ciphertext, tag: *tag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMN: &str = "totp-secret";

    fn vault() -> Vault {
        Vault::new(Keyring::single(1, [7; 32]))
    }

    #[test]
    fn what_was_sealed_opens_for_the_same_row_and_column() {
        let (vault, row) = (vault(), Uuid::from_u128(1));
        for plain in [b"".as_slice(), b"JBSWY3DPEHPK3PXP"] {
            let sealed = vault.seal(COLUMN, row, plain);
            assert_eq!(sealed.len(), plain.len() + 33);
            assert_eq!(vault.open(COLUMN, row, &sealed).expect("opens").as_slice(), plain);
        }
    }

    #[test]
    fn a_ciphertext_moved_to_another_row_or_column_does_not_open() {
        let (vault, row) = (vault(), Uuid::from_u128(1));
        let sealed = vault.seal(COLUMN, row, b"secret");
        assert_eq!(vault.open(COLUMN, Uuid::from_u128(2), &sealed), Err(VaultError::Broken));
        assert_eq!(vault.open("recovery-codes", row, &sealed), Err(VaultError::Broken));
    }

    #[test]
    fn no_byte_of_a_sealed_value_can_be_changed_or_cut_off() {
        let (vault, row) = (vault(), Uuid::from_u128(1));
        let sealed = vault.seal(COLUMN, row, b"secret");
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(vault.open(COLUMN, row, &changed).is_err(), "byte {place}");
            assert!(vault.open(COLUMN, row, &sealed[..place]).is_err(), "length {place}");
        }
    }

    #[test]
    fn the_same_plaintext_never_looks_the_same_twice() {
        let (vault, row) = (vault(), Uuid::from_u128(1));
        assert_ne!(vault.seal(COLUMN, row, b"secret"), vault.seal(COLUMN, row, b"secret"));
    }

    #[test]
    fn after_a_rotation_the_old_value_opens_and_asks_to_be_sealed_again() {
        let row = Uuid::from_u128(1);
        let old = vault().seal(COLUMN, row, b"secret");
        let ring = format!("{}{}", *Keyring::single(1, [7; 32]).text(), *Keyring::single(2, [8; 32]).text());
        let rotated = Vault::new(Keyring::parse(ring.replace("active:1\n", "").as_str()).expect("valid"));
        assert_eq!(rotated.open(COLUMN, row, &old).expect("opens").as_slice(), b"secret");
        let new = rotated.seal(COLUMN, row, b"secret");
        assert_eq!(vault().open(COLUMN, row, &new), Err(VaultError::UnknownKey(2)));
    }

    #[test]
    fn a_cookie_sealed_for_one_purpose_does_not_open_for_another() {
        let vault = vault();
        let text = vault.seal_short("oauth-state", b"state");
        assert_eq!(vault.open_short("oauth-state", &text).expect("opens").as_slice(), b"state");
        assert_eq!(vault.open_short("captcha", &text), Err(VaultError::Broken));
        assert_eq!(vault.open_short("oauth-state", "?"), Err(VaultError::Unreadable));
    }

    #[test]
    fn debug_output_shows_no_key() {
        let text = format!("{:?}", Vault::new(Keyring::single(3, *b"0123456789abcdef0123456789abcdef")));
        assert!(text.contains('3') && !text.contains("48") && !text.contains("MDEy"), "{text}");
    }
}
