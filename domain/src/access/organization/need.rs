//! What a member lacks for the policy of an organization. Pure, shared with the browser.

use serde::{Deserialize, Serialize};

/// What the policy of an organization asks, and the caller has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PolicyNeed {
    /// A second factor on the account.
    SecondFactor,
    /// A session that was begun by another way.
    SignInMethod,
}
