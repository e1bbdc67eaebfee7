//! What a person sees of their second factor.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{FieldIssue, Timestamp};

/// Everything needed to put a secret into an authenticator.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Setup {
    /// The secret in base32, for typing.
    pub secret: String,
    /// The same as an address an authenticator opens.
    pub otpauth_url: String,
    /// The same as a picture.
    pub qr_svg: String,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Setup(***)")
    }
}

/// Codes for the day the phone is gone; shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct RecoveryCodes {
    /// Ten codes, each for one sign-in.
    pub recovery_codes: Vec<String>,
}

impl std::fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCodes(***)")
    }
}

/// Where the second factor of an account stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct State {
    /// Whether sign-ins with the password ask for it.
    pub enabled: bool,
    /// Whether an authenticator is set up.
    pub authenticator: bool,
    /// How many passkeys there are.
    pub passkeys: i64,
    /// Whether this site can have passkeys: its public address needs a name.
    pub passkeys_possible: bool,
    /// How many recovery codes are left.
    pub recovery_codes_left: i64,
    /// The setup that waits for its first code; only after a fresh proof.
    pub setup: Option<Setup>,
}

/// By which ways a waiting sign-in can be finished. A recovery code always can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Ways {
    /// A code of the authenticator.
    pub code: bool,
    /// A passkey.
    pub passkey: bool,
}

/// A passkey in its owner's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Passkey {
    /// The passkey.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last proved something.
    pub last_used_at: Option<Timestamp>,
    /// When it was refused because its counter went back: there may be a copy of it.
    pub suspected_at: Option<Timestamp>,
}

/// What a browser is asked of its passkeys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Ceremony {
    /// Goes back with the answer.
    pub ceremony: Uuid,
    /// The options as WebAuthn writes them, for `PublicKeyCredential.parseCreationOptionsFromJSON` or
    /// `parseRequestOptionsFromJSON`.
    #[serde(rename = "publicKey")]
    pub public_key: serde_json::Value,
}

/// A passkey that was just added.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct PasskeyAdded {
    /// The passkey.
    pub passkey: Passkey,
    /// Ten codes for the day it is gone, when it is the first second factor of the account; shown once.
    pub recovery_codes: Option<Vec<String>>,
}

impl std::fmt::Debug for PasskeyAdded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasskeyAdded").field("passkey", &self.passkey).finish_non_exhaustive()
    }
}

/// What a person calls a passkey: 1 to 100 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasskeyName(String);

impl PasskeyName {
    /// The most characters.
    pub const MAX: u32 = 100;

    /// Reads what was typed.
    ///
    /// # Errors
    /// [`FieldIssue`] for nothing, too much, or control characters.
    pub fn parse(typed: &str) -> Result<Self, FieldIssue> {
        let name = typed.trim();
        if name.is_empty() {
            return Err(FieldIssue::Required);
        }
        if name.chars().count() > Self::MAX as usize {
            return Err(FieldIssue::TooLong { max: Self::MAX });
        }
        if name.chars().any(char::is_control) {
            return Err(FieldIssue::ControlCharacter);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name of a passkey that was given none: the browser it was made in.
    #[must_use]
    pub fn of_device(device: &str) -> Self {
        Self::parse(device).unwrap_or_else(|_| Self("Passkey".to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_has_a_name_of_one_line() {
        assert_eq!(PasskeyName::parse(" Blue key ").map(|name| name.0), Ok("Blue key".into()));
        assert_eq!(PasskeyName::parse("  "), Err(FieldIssue::Required));
        assert_eq!(PasskeyName::parse(&"ä".repeat(101)), Err(FieldIssue::TooLong { max: 100 }));
        assert_eq!(PasskeyName::parse("a\nb"), Err(FieldIssue::ControlCharacter));
        assert_eq!(PasskeyName::of_device("").as_str(), "Passkey");
    }
}
