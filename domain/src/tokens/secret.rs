//! The text of an API token: `gate_<public>_<secret><check>`, all in letters and digits, so that a double click takes
//! it whole.
//!
//! `public` finds the row. `secret` has 256 bits; only its SHA-256 is kept. `check` is the CRC-32 (ISO-HDLC, as in zlib) of
//! everything before it, so that a scanner of leaked secrets can tell a token from a look-alike without asking us.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::platform::random;

/// What every API token begins with.
const PREFIX: &str = "gate_";
/// 71 bits: enough that two tokens never share it.
const PUBLIC: usize = 12;
/// 62 to the power of 43 is more than 2 to the power of 256.
const SECRET: usize = 43;
/// 62 to the power of 6 is more than 2 to the power of 32.
const CHECK: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The SHA-256 of a secret.
#[derive(Clone, Copy, Debug)]
pub(super) struct SecretHash(pub(super) [u8; 32]);

impl SecretHash {
    fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Compares in constant time with what is stored.
    pub(super) fn is(&self, stored: &[u8]) -> bool {
        self.0.ct_eq(stored).into()
    }
}

/// A token as its owner gets it, and what is kept of it.
pub(super) struct Fresh {
    pub(super) public: String,
    pub(super) text: Zeroizing<String>,
    pub(super) hash: SecretHash,
}

/// A token that did not exist before; with a new secret for the same `public`, when there is one.
pub(super) fn fresh(public: Option<&str>) -> Fresh {
    let public = public.map_or_else(|| letters(PUBLIC), str::to_owned);
    let secret = Zeroizing::new(letters(SECRET));
    let body = Zeroizing::new(format!("{PREFIX}{public}_{}", secret.as_str()));
    let text = Zeroizing::new(format!("{}{}", body.as_str(), check(&body)));
    Fresh { hash: SecretHash::of(&secret), public, text }
}

/// How a token with this public part begins.
pub(super) fn beginning(public: &str) -> String {
    format!("{PREFIX}{public}_")
}

/// Whether somebody meant to send an API token, well written or not.
pub(super) fn looks_like(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// The public part and the hash of the secret; `None` for what was never a token.
pub(super) fn read(text: &str) -> Option<(&str, SecretHash)> {
    if text.len() != PREFIX.len() + PUBLIC + 1 + SECRET + CHECK || !text.is_ascii() {
        return None;
    }
    let (body, given) = text.split_at_checked(text.len() - CHECK)?;
    let (public, secret) = body.strip_prefix(PREFIX)?.split_once('_')?;
    let is_written_well = public.len() == PUBLIC
        && [public, secret].iter().all(|part| part.bytes().all(|b| b.is_ascii_alphanumeric()))
        && check(body) == given;
    is_written_well.then(|| (public, SecretHash::of(secret)))
}

/// Unpredictable letters and digits, each as likely as any other.
fn letters(count: usize) -> String {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let bytes = random::bytes::<64>();
        // 248 is the largest multiple of 62 in a byte: what is above would make some letters likelier.
        let fair = bytes.into_iter().filter(|byte| *byte < 248);
        text.extend(fair.map(|byte| char::from(letter(byte.into()))).take(count - text.len()));
    }
    text
}

/// The CRC-32 in six letters, the most significant first.
fn check(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut text = [b'0'; CHECK];
    for place in text.iter_mut().rev() {
        *place = letter(rest);
        rest /= 62;
    }
    text.iter().copied().map(char::from).collect()
}

fn letter(number: u32) -> u8 {
    ALPHABET.get(number as usize % ALPHABET.len()).copied().unwrap_or(b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_its_hash_is_that_of_its_secret() {
        let fresh = fresh(None);
        let (public, hash) = read(&fresh.text).expect("a token");
        assert_eq!(public, fresh.public);
        assert!(hash.is(&fresh.hash.0));
        assert!(fresh.text.starts_with(&beginning(public)));
    }

    #[test]
    fn a_new_secret_keeps_the_beginning() {
        let first = fresh(None);
        let second = fresh(Some(&first.public));
        assert_eq!(second.public, first.public);
        assert!(!second.hash.is(&first.hash.0));
    }

    #[test]
    fn no_letter_of_a_token_can_be_changed_or_left_out() {
        let text = fresh(None).text;
        for place in 0..text.len() {
            let mut other = text.as_bytes().to_vec();
            other[place] = if other[place] == b'x' { b'y' } else { b'x' };
            assert!(read(std::str::from_utf8(&other).expect("ascii")).is_none(), "place {place}");
            other.remove(place);
            assert!(read(std::str::from_utf8(&other).expect("ascii")).is_none(), "without {place}");
        }
        assert!(
            read(&format!("{}a", text.as_str())).is_none() && read("").is_none() && read("gate_é").is_none()
        );
    }

    #[test]
    fn the_check_is_the_one_every_library_computes() {
        // CRC-32 of "123456789" is 0xCBF43926 (the check value of CRC-32/ISO-HDLC); 3421780262 in base 62.
        assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
        assert_eq!(check("123456789"), "3jZRME");
    }
}
