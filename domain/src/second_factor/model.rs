//! What a person sees of their second factor.

use serde::{Deserialize, Serialize};

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
    /// Whether sign-ins ask for it.
    pub enabled: bool,
    /// How many recovery codes are left.
    pub recovery_codes_left: i64,
    /// The setup that waits for its first code; only after a fresh proof.
    pub setup: Option<Setup>,
}
