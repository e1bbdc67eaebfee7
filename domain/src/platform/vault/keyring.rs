//! The keys of the vault: one that seals, and older ones that still open.
//!
//! As text, one key a line, `id:base64`, with 32 bytes each. The highest id seals, unless a line `active:id`
//! names another: that lets every process of a deployment know a key before the first one uses it. Empty
//! lines and lines that begin with `#` are skipped.

use std::{collections::BTreeMap, fmt::Write as _};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use secrecy::{ExposeSecret as _, SecretBox};
use zeroize::Zeroizing;

use crate::platform::random;

/// Numbered keys of 256 bits, one of them active. There is always an active key.
pub struct Keyring {
    active: u32,
    active_key: SecretBox<[u8; 32]>,
    others: BTreeMap<u32, SecretBox<[u8; 32]>>,
}

/// Why a text is not a keyring. Names the line, never its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringProblem {
    /// Neither `id:base64` of 32 bytes, nor `active:id`.
    #[error("line {line} of the keyring is not `id:base64` with 32 bytes, nor `active:id`")]
    Unreadable {
        /// Counted from 1.
        line: usize,
    },
    /// An id, or `active`, is there twice.
    #[error("line {line} of the keyring repeats an earlier one")]
    Repeated {
        /// Counted from 1.
        line: usize,
    },
    /// No key at all, or `active` names one that is not there.
    #[error("the keyring has no active key")]
    NoActiveKey,
}

impl Keyring {
    /// A ring with one key.
    #[must_use]
    pub fn single(id: u32, key: [u8; 32]) -> Self {
        Self { active: id, active_key: SecretBox::new(Box::new(key)), others: BTreeMap::new() }
    }

    /// A ring with one new random key, whose id is 1.
    #[must_use]
    pub fn generate() -> Self {
        Self::single(1, random::bytes())
    }

    /// Reads a ring from its text.
    ///
    /// # Errors
    /// [`KeyringProblem`].
    pub fn parse(text: &str) -> Result<Self, KeyringProblem> {
        let mut chosen = None;
        let mut others = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines().map(str::trim)) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let unreadable = KeyringProblem::Unreadable { line: number };
            let (name, value) = line.split_once(':').ok_or(unreadable)?;
            let is_new = if name == "active" {
                chosen.replace(value.trim().parse().map_err(|_| unreadable)?).is_none()
            } else {
                let id = name.parse::<u32>().map_err(|_| unreadable)?;
                others.insert(id, read_key(value.trim()).ok_or(unreadable)?).is_none()
            };
            if !is_new {
                return Err(KeyringProblem::Repeated { line: number });
            }
        }
        let active =
            chosen.or_else(|| others.keys().next_back().copied()).ok_or(KeyringProblem::NoActiveKey)?;
        let active_key = others.remove(&active).ok_or(KeyringProblem::NoActiveKey)?;
        Ok(Self { active, active_key, others })
    }

    /// The text that [`Keyring::parse`] reads.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(format!("active:{}\n", self.active));
        let all = self.others.iter().map(|(id, key)| (*id, key)).chain([(self.active, &self.active_key)]);
        for (id, key) in all {
            let encoded = Zeroizing::new(BASE64_STANDARD.encode(key.expose_secret()));
            let _ = writeln!(text, "{id}:{}", *encoded);
        }
        text
    }

    pub(super) fn active(&self) -> u32 {
        self.active
    }

    pub(super) fn active_key(&self) -> &[u8; 32] {
        self.active_key.expose_secret()
    }

    pub(super) fn get(&self, id: u32) -> Option<&[u8; 32]> {
        if id == self.active {
            return Some(self.active_key());
        }
        self.others.get(&id).map(SecretBox::expose_secret)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let others = self.others.keys().collect::<Vec<_>>();
        f.debug_struct("Keyring")
            .field("active", &self.active)
            .field("others", &others)
            .finish_non_exhaustive()
    }
}

fn read_key(text: &str) -> Option<SecretBox<[u8; 32]>> {
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(text).ok()?);
    let key = <[u8; 32]>::try_from(bytes.as_slice()).ok()?;
    Some(SecretBox::new(Box::new(key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn the_highest_id_seals_unless_another_is_named() {
        let ring = format!("# keys of the vault\n\n1:{KEY}\n 7:{KEY}\n");
        assert_eq!(Keyring::parse(&ring).expect("valid").active(), 7);
        let ring = format!("{ring}active:1\n");
        let ring = Keyring::parse(&ring).expect("valid");
        assert_eq!(ring.active(), 1);
        assert!(ring.get(7).is_some() && ring.get(2).is_none());
    }

    #[test]
    fn a_ring_survives_being_written_down() {
        let ring = Keyring::generate();
        let again = Keyring::parse(&ring.text()).expect("valid");
        assert_eq!(again.active(), ring.active());
        assert_eq!(again.active_key(), ring.active_key());
    }

    #[test]
    fn a_wrong_line_is_named_without_being_quoted() {
        for (text, problem) in [
            ("hunter2".to_owned(), KeyringProblem::Unreadable { line: 1 }),
            ("1:hunter2".to_owned(), KeyringProblem::Unreadable { line: 1 }),
            ("1:AAAA".to_owned(), KeyringProblem::Unreadable { line: 1 }),
            (format!("x:{KEY}"), KeyringProblem::Unreadable { line: 1 }),
            (format!("1:{KEY}\n1:{KEY}"), KeyringProblem::Repeated { line: 2 }),
            (format!("1:{KEY}\nactive:2"), KeyringProblem::NoActiveKey),
            (String::new(), KeyringProblem::NoActiveKey),
        ] {
            let found = Keyring::parse(&text).expect_err("refused");
            assert_eq!(found, problem);
            assert!(!found.to_string().contains("hunter2"));
        }
    }
}
