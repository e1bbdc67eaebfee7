//! Randomness from the operating system: ids that sort by age, and tokens that nobody can guess.
//!
//! Promise: a token leaves this module once, towards its owner; what is stored is its hash.

use std::fmt;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::Timestamp;

/// The length of a token in characters: 32 bytes in base64 without padding.
const TOKEN_TEXT: usize = 43;

/// `N` unpredictable bytes.
///
/// Ends the process when the operating system has no randomness to give: to go on would mean guessable tokens
/// and repeated nonces, and no caller has a better answer.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "the operating system has no randomness; ending the process");
        std::process::abort();
    }
    bytes
}

/// A `UUIDv7` (RFC 9562 §5.7): the millisecond of `at`, and 74 random bits.
///
/// A moment before 1970 counts as 1970.
#[must_use]
pub fn id(at: Timestamp) -> Uuid {
    let millis = at.get().unix_timestamp_nanos() / 1_000_000;
    Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(0), &bytes()).into_uuid()
}

/// A secret of 256 random bits, such as the one in a cookie or in the link of a letter.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Token([u8; 32]);

impl Token {
    /// A token that did not exist before.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a default value that differs each time would mislead")]
    pub fn new() -> Self {
        Self(bytes())
    }

    /// The text for its owner: 43 characters of base64url (RFC 4648 §5) without padding.
    #[must_use]
    pub fn reveal(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What may be stored.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// The SHA-256 of a token's bytes.
///
/// A token has 256 bits, so a fast hash is enough (ASVS 6.5.2) and looking it up by equality tells nobody
/// anything: whoever measures the time learns about the hash, not about the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The hash of a token as its owner sent it. `None` for anything that was never a token: the length must
    /// be 43 characters and the encoding the one that [`Token::reveal`] gives, so that each token has one
    /// spelling.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        if text.len() != TOKEN_TEXT {
            return None;
        }
        let mut bytes = [0; 32];
        let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let hash = (length == bytes.len()).then(|| Self(Sha256::digest(bytes).into()));
        bytes.zeroize();
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_again_by_the_hash_of_its_text() {
        let token = Token::new();
        let text = token.reveal();
        assert_eq!(text.len(), TOKEN_TEXT);
        assert_eq!(TokenHash::of(&text), Some(token.hash()));
        assert_ne!(Token::new().hash(), token.hash());
    }

    #[test]
    fn text_that_was_never_a_token_has_no_hash() {
        let text = Token::new().reveal();
        for wrong in [
            String::new(),
            text[..42].to_owned(),
            format!("{text}A"),
            format!("{}=", &text[..42]),
            format!("{}+", &text[..42]),
            format!("{} ", &text[..42]),
            format!("{}é", &text[..41]),
            // The last character carries four bits; the two below must be zero.
            format!("{}B", &text[..42]),
        ] {
            assert_eq!(TokenHash::of(&wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn debug_output_hides_the_token() {
        assert_eq!(format!("{:?}", Token::new()), "Token(***)");
    }

    #[test]
    fn ids_sort_by_the_millisecond_they_were_made_at() {
        let at = Timestamp::parse("2026-11-21T12:00:00.001Z").expect("valid");
        let id = id(at);
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        let millis = u128::from_be_bytes(id.into_bytes()) >> 80;
        assert_eq!(i128::try_from(millis).ok(), Some(at.get().unix_timestamp_nanos() / 1_000_000));
        assert!(id < super::id(at + std::time::Duration::from_millis(1)));
        assert_ne!(id, super::id(at));
    }
}
