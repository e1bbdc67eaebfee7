//! Refresh tokens: which one of a family was shown, and what follows.
//!
//! A token is `gater_` and base64url of `version (1) | family (16) | counter (8) | code (16) | check (4)`. The code is
//! HMAC-SHA256 under a key of the family, cut to 128 bits; the check is the CRC-32 of all before it. Nothing of a token
//! is stored: the row of the family holds the counter of the newest one.
//! Promise: a token shown twice within the grace, as by two processes of one script at once, gets the same answer twice; a
//! token from before that can only be a copy, and ends the family.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use crate::Timestamp;

/// How long a family lives, however much it is used.
pub(super) const ABSOLUTE: Duration = Duration::from_hours(24 * 30);
/// How long it lives unused.
pub(super) const IDLE: Duration = Duration::from_hours(24 * 7);
/// How long the token before the newest one is taken for a repetition.
pub(super) const GRACE: Duration = Duration::from_secs(30);

const PREFIX: &str = "gater_";
const VERSION: u8 = 1;
const CODE: usize = 16;
const SIGNED: usize = 1 + 16 + 8;
const LENGTH: usize = SIGNED + CODE + 4;

/// What is known of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// The number in the newest token.
    pub counter: u64,
    /// When that one was made.
    pub rotated_at: Timestamp,
    /// When the family ends in any case.
    pub expires_at: Timestamp,
}

/// What follows when a token of a family is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is the newest: the one with the next number takes its place.
    Rotate {
        /// The next number.
        counter: u64,
    },
    /// It was the newest a moment ago: the newest is told again, and nothing changes.
    Again,
    /// The family has ended.
    Over,
    /// It is from the past: somebody has a copy. The family ends.
    Stolen,
    /// We never made it, though its code is right: the database is older than the token.
    Unknown,
}

/// Decides; the whole rule, without a database.
#[must_use]
pub fn decide(family: &Family, shown: u64, now: Timestamp) -> Decision {
    if now >= family.expires_at || now >= family.rotated_at + IDLE {
        return Decision::Over;
    }
    match family.counter.checked_sub(shown) {
        Some(0) => Decision::Rotate { counter: family.counter.saturating_add(1) },
        Some(1) if now < family.rotated_at + GRACE => Decision::Again,
        Some(_) => Decision::Stolen,
        None => Decision::Unknown,
    }
}

/// A token as it was shown. Its code is not checked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) family: Uuid,
    pub(super) counter: u64,
    code: [u8; CODE],
}

impl Shown {
    /// `None` for what was never a token.
    pub(super) fn read(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
        let (body, check) = bytes.split_last_chunk::<4>()?;
        let (version, rest) = body.split_first()?;
        let (family, rest) = rest.split_first_chunk::<16>()?;
        let (counter, code) = rest.split_first_chunk::<8>()?;
        let is_ours = *version == VERSION && crc32fast::hash(body).to_be_bytes() == *check;
        let (family, counter) = (Uuid::from_bytes(*family), u64::from_be_bytes(*counter));
        Some(Self { family, counter, code: code.try_into().ok()? }).filter(|_| is_ours)
    }

    /// Whether the family's key made it. Compares in constant time.
    pub(super) fn is_genuine(&self, key: &[u8]) -> bool {
        mac(key, &signed(self.family, self.counter))
            .is_some_and(|mac| mac.verify_truncated_left(&self.code).is_ok())
    }
}

/// The token with this number; `None` for a key that is none.
pub(super) fn write(key: &[u8], family: Uuid, counter: u64) -> Option<String> {
    let mut bytes = signed(family, counter).to_vec();
    let code = mac(key, &bytes)?.finalize().into_bytes();
    bytes.extend_from_slice(code.get(..CODE)?);
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
    Some(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)))
}

fn signed(family: Uuid, counter: u64) -> [u8; SIGNED] {
    let mut bytes = [0; SIGNED];
    bytes[0] = VERSION;
    bytes[1..17].copy_from_slice(family.as_bytes());
    bytes[17..].copy_from_slice(&counter.to_be_bytes());
    bytes
}

fn mac(key: &[u8], message: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];
    const FAMILY: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);

    #[test]
    fn a_token_names_its_family_and_its_number() {
        let text = write(&KEY, FAMILY, 41).expect("writes");
        let shown = Shown::read(&text).expect("a token");
        assert_eq!((shown.family, shown.counter), (FAMILY, 41));
        assert!(shown.is_genuine(&KEY));
        assert!(!shown.is_genuine(&[8; 32]));
    }

    #[test]
    fn nobody_can_count_on_by_themselves() {
        let text = write(&KEY, FAMILY, 41).expect("writes");
        let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(&text[PREFIX.len()..]).expect("base64");
        bytes[SIGNED - 1] += 1;
        let check = crc32fast::hash(&bytes[..LENGTH - 4]).to_be_bytes();
        bytes[LENGTH - 4..].copy_from_slice(&check);
        let forged = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(&bytes));
        let shown = Shown::read(&forged).expect("looks like a token");
        assert_eq!(shown.counter, 42);
        assert!(!shown.is_genuine(&KEY));
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        let text = write(&KEY, FAMILY, 1).expect("writes");
        let cut = &text[..text.len() - 1];
        for wrong in ["", "gater_", "gate_x", cut, &format!("{text}A"), &text.replacen("gater_", "gate_", 1)]
        {
            assert_eq!(Shown::read(wrong), None, "{wrong:?}");
        }
        let changed = text.replacen("gater_A", "gater_B", 1);
        assert_ne!(changed, text);
        assert_eq!(Shown::read(&changed), None, "the check finds a typing mistake");
    }
}
