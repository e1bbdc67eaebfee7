//! The signature of a webhook of Stripe's: `t=…,v1=…`, HMAC-SHA256 of `time.body` under the whole secret.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::Timestamp;

/// How far the moment of signing may be from ours, before and after.
const TOLERANCE: Duration = Duration::from_mins(5);
/// More of a header is not read.
const LONGEST: usize = 4096;

/// Whether one of the secrets signed this body, not too long ago.
pub(super) fn is_good(header: &str, body: &[u8], secrets: &[SecretString], now: Timestamp) -> bool {
    let Some((at, signatures)) = parts(header) else { return false };
    if now.unix_seconds().abs_diff(at) > TOLERANCE.as_secs() {
        return false;
    }
    let mut is_good = false;
    for secret in secrets {
        for signature in &signatures {
            let Some(code) = code(secret.expose_secret(), at, body) else { continue };
            // In constant time, and to the end of both lists.
            is_good |= code.verify_slice(signature).is_ok();
        }
    }
    is_good
}

fn code(secret: &str, at: i64, body: &[u8]) -> Option<Hmac<Sha256>> {
    // RFC 2104 §3 takes keys of any length.
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    code.update(format!("{at}.").as_bytes());
    code.update(body);
    Some(code)
}

/// The moment, and every signature of the scheme `v1`; other schemes are passed over.
fn parts(header: &str) -> Option<(i64, Vec<[u8; 32]>)> {
    if header.len() > LONGEST {
        return None;
    }
    let pairs = || header.split(',').filter_map(|pair| pair.trim().split_once('='));
    let at = pairs().find(|(name, _)| *name == "t")?.1.parse().ok()?;
    Some((at, pairs().filter(|(name, _)| *name == "v1").filter_map(|(_, hex)| bytes(hex)).collect()))
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    /// The header that Stripe would send.
    fn sign(secret: &str, at: i64, body: &[u8]) -> String {
        let code = code(secret, at, body).expect("a key of any length").finalize().into_bytes();
        let hex = code.iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        format!("t={at},v1={hex}")
    }

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-21T12:00:00Z").expect("valid")
    }

    fn secrets(names: &[&str]) -> Vec<SecretString> {
        names.iter().map(|name| SecretString::from((*name).to_owned())).collect()
    }

    fn is_good(header: &str, body: &[u8], known: &[&str]) -> bool {
        super::is_good(header, body, &secrets(known), now())
    }

    fn signed(secret: &str, late: i64) -> String {
        sign(secret, now().unix_seconds() - late, BODY)
    }

    #[test]
    fn the_code_is_that_of_another_implementation() {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"whsec_one");
        let tag = ring::hmac::sign(&key, &[&b"1795262400."[..], BODY].concat());
        let hex = tag.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        assert_eq!(sign("whsec_one", 1_795_262_400, BODY), format!("t=1795262400,v1={hex}"));
    }

    #[test]
    fn during_a_rotation_either_secret_is_good_and_no_other() {
        let (old, new) = (signed("whsec_old", 0), signed("whsec_new", 0));
        assert!(is_good(&old, BODY, &["whsec_new", "whsec_old"]));
        assert!(is_good(&new, BODY, &["whsec_new", "whsec_old"]));
        assert!(!is_good(&old, BODY, &["whsec_new"]) && !is_good(&old, BODY, &[]));
        // Stripe signs by both of its own while it rolls.
        let code = new.split_once("v1=").expect("a code").1;
        assert!(is_good(&format!("{old},v1={code},v0=00"), BODY, &["whsec_new"]));
    }

    #[test]
    fn what_is_stale_altered_or_no_signature_is_refused() {
        let good = signed("whsec_one", 0);
        assert!(is_good(&good, BODY, &["whsec_one"]));
        for late in [-300, 300] {
            assert!(is_good(&signed("whsec_one", late), BODY, &["whsec_one"]), "{late}");
        }
        for late in [-301, 301, i64::from(u32::MAX)] {
            assert!(!is_good(&signed("whsec_one", late), BODY, &["whsec_one"]), "{late}");
        }
        assert!(!is_good(&good, b"{\"id\":\"evt_2\"}", &["whsec_one"]));
        assert!(!is_good(&good, &[BODY, &b" "[..]].concat(), &["whsec_one"]));
        let at = now().unix_seconds();
        let code = good.split_once("v1=").expect("a code").1;
        for odd in [
            String::new(),
            format!("v1={code}"),
            format!("t={at}"),
            format!("t={at},v0={code}"),
            format!("t={at},v1={}", &code[1..]),
            format!("t={},v1={code}", at + 1),
            format!("t=x,v1={code}"),
            format!("t={at},v1=é{}", &code[2..]),
            format!("{},v1={code}", "t=1".repeat(2000)),
        ] {
            assert!(!is_good(&odd, BODY, &["whsec_one"]), "{odd}");
        }
    }
}
