//! Lists of breached passwords: lines of `SHA1:count`, as Have I Been Pwned offers them, or plain passwords.

use std::io::{self, BufRead};

use sha1::{Digest as _, Sha1};
use unicode_normalization::UnicodeNormalization as _;

use super::variants::each_variant;

/// What a plain password stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variants {
    /// Itself alone.
    None,
    /// Itself, and what people make of it when a rule asks for more: capitals, a year, a number, a sign, twice.
    Common,
}

/// The first 64 bits of the SHA-1: what the public lists are made of. Nothing is protected by this hash.
pub(super) fn key_of(password: &[u8]) -> u64 {
    first_bits(&Sha1::digest(password))
}

fn first_bits(hash: &[u8]) -> u64 {
    hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

/// The keys of a list, in any order. Lines with a count below `seen` are left out; a line of 40 hexadecimal digits is taken
/// for a hash.
///
/// # Errors
/// What the system says while the list is read.
pub fn keys_of(list: impl BufRead, seen: u64, variants: Variants) -> io::Result<Vec<u64>> {
    let mut keys = Vec::new();
    for line in list.split(b'\n') {
        let line = line?;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        match hash_and_count(line) {
            Some((key, count)) if count >= seen => keys.push(key),
            Some(_) => {}
            None if line.is_empty() => {}
            None => plain(line, variants, &mut keys),
        }
    }
    Ok(keys)
}

fn plain(line: &[u8], variants: Variants, keys: &mut Vec<u64>) {
    // Typed passwords are compared in this form; a line that is no text stays as it is.
    let Ok(text) = std::str::from_utf8(line) else { return keys.push(key_of(line)) };
    let text: String = text.nfc().collect();
    keys.push(key_of(text.as_bytes()));
    if variants == Variants::Common {
        each_variant(&text, |variant| keys.push(key_of(variant.as_bytes())));
    }
}

/// `SHA1` or `SHA1:count`; a hash without a count was seen as often as anybody asks.
fn hash_and_count(line: &[u8]) -> Option<(u64, u64)> {
    let (hash, rest) = line.split_at_checked(40)?;
    if !hash.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let key = u64::from_str_radix(std::str::from_utf8(hash).ok()?.get(..16)?, 16).ok()?;
    if rest.is_empty() {
        return Some((key, u64::MAX));
    }
    let count = std::str::from_utf8(rest.strip_prefix(b":")?).ok()?;
    Some((key, count.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_with_its_count_and_the_plain_password_are_the_same_key() {
        // The SHA-1 of "password", as the public lists have it.
        let list = b"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:10434004\r\n5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8\npassword\n\n";
        let keys = keys_of(&list[..], 1, Variants::None).expect("reads");
        assert_eq!(keys, [key_of(b"password"); 3]);
    }

    #[test]
    fn what_was_seen_too_rarely_is_left_out() {
        let list =
            b"5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9\n7C4A8D09CA3762AF61E59520943DC26494F8941B:10\n";
        assert_eq!(keys_of(&list[..], 10, Variants::None).expect("reads").len(), 1);
    }

    #[test]
    fn the_two_unicode_forms_of_a_password_are_one_key() {
        let list = "cafe\u{301} au lait\ncaf\u{e9} au lait\n";
        let keys = keys_of(list.as_bytes(), 1, Variants::None).expect("reads");
        assert_eq!(keys[0], keys[1]);
    }
}
