//! Recovery codes: 120 random bits each, in Crockford's base 32 so that they survive being read aloud.

use sha2::{Digest, Sha256};

use crate::platform::random;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// How many codes a person gets.
pub(super) const COUNT: usize = 10;
/// Characters of a code; five bits each.
const LENGTH: usize = 24;

/// New codes, `xxxx-xxxx-xxxx-xxxx-xxxx-xxxx`.
pub(super) fn generate() -> Vec<String> {
    (0..COUNT).map(|_| one(random::bytes())).collect()
}

fn one(random: [u8; LENGTH]) -> String {
    let mut code = String::with_capacity(LENGTH + 5);
    for (i, byte) in random.iter().enumerate() {
        if i > 0 && i % 4 == 0 {
            code.push('-');
        }
        // 256 is a multiple of 32, so the low five bits are as even as the byte.
        code.push(char::from(ALPHABET[usize::from(byte & 31)]));
    }
    code
}

/// The hash under which a code is kept; `None` for what cannot be a code. Reads `O` as 0 and `I`, `L` as 1.
pub(super) fn hash(typed: &str) -> Option<[u8; 32]> {
    let mut plain = String::with_capacity(LENGTH);
    for c in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let c = match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            c => c,
        };
        if plain.len() >= LENGTH || !c.is_ascii() || !ALPHABET.contains(&(c as u8)) {
            return None;
        }
        plain.push(c);
    }
    (plain.len() == LENGTH).then(|| Sha256::digest(plain.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_different_codes_of_120_bits() {
        let codes = generate();
        assert_eq!(codes.len(), 10);
        let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), 10);
        assert!(codes.iter().all(|code| code.len() == 29));
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = one([0; LENGTH]);
        assert_eq!(code, "0000-0000-0000-0000-0000-0000");
        assert_eq!(hash(&code), hash(" OOOO oooo 0000-0000 0000-0000 "));
        assert_eq!(hash("0000"), None);
        assert_eq!(hash(&"0".repeat(25)), None);
        assert_eq!(hash("uuuu-uuuu-uuuu-uuuu-uuuu-uuuu"), None);
    }
}
