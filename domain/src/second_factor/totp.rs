//! Time-based codes: RFC 6238 with SHA-1, six digits, steps of 30 s, one step of drift either way.

use totp_rs::{Builder, Secret, Totp};

use crate::{AppError, Timestamp};

/// 160 bits, the length of the hash (RFC 4226 §4).
pub(super) const SECRET_BYTES: usize = 20;

/// The authenticator of an account.
///
/// # Errors
/// [`AppError::Internal`] when the address cannot stand in an `otpauth` address.
pub(super) fn authenticator(secret: [u8; SECRET_BYTES], address: &str) -> Result<Totp, AppError> {
    // The clock of a phone drifts: accept the step before and the step after (RFC 6238 §5.2).
    Builder::new()
        .with_skew(1)
        .with_secret(Secret::new_stack(secret))
        .with_issuer(Some("Gatehouse"))
        .with_account_name(address)
        .build()
        .map_err(|error| {
            tracing::error!(%error, "building an authenticator");
            AppError::Internal
        })
}

/// The time step whose code was typed, or `None`. Spaces are how authenticators show codes.
pub(super) fn step_of(totp: &Totp, typed: &str, now: Timestamp) -> Option<i64> {
    let code: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let now = u64::try_from(now.unix_seconds()).ok()?;
    totp.check(&code, now).and_then(|step| i64::try_from(step).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::new(time::OffsetDateTime::from_unix_timestamp(seconds).expect("in range"))
    }

    #[test]
    fn the_vectors_of_rfc_6238_are_accepted() {
        let totp = authenticator(*b"12345678901234567890", "ann@example.com").expect("builds");
        // Appendix B, SHA-1; its eight digits end in our six.
        for (seconds, code, step) in [
            (59, "287082", 1),
            (1_111_111_109, "081804", 0x0235_23EC),
            (1_234_567_890, "005924", 0x0273_EF07),
            (20_000_000_000, "353130", 0x27BC_86AA),
        ] {
            assert_eq!(step_of(&totp, code, at(seconds)), Some(step), "{seconds}");
        }
    }

    #[test]
    fn one_step_of_drift_is_accepted_and_two_are_not() {
        let totp = authenticator(*b"12345678901234567890", "ann@example.com").expect("builds");
        assert_eq!(step_of(&totp, "287 082", at(59 + 30)), Some(1));
        assert_eq!(step_of(&totp, "287082", at(29)), Some(1));
        assert_eq!(step_of(&totp, "287082", at(59 + 61)), None);
    }

    #[test]
    fn what_is_no_code_is_refused() {
        let totp = authenticator(*b"12345678901234567890", "ann@example.com").expect("builds");
        for typed in ["", "28708", "2870822", "28708a", "\u{662}\u{668}\u{667}\u{660}\u{668}\u{662}"] {
            assert_eq!(step_of(&totp, typed, at(59)), None, "{typed:?}");
        }
    }
}
