//! What is told of tokens, and the name somebody gives one. Shared with the browser.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{FieldIssue, Timestamp};

/// The answer to a sign-in by a script.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TokenPair {
    /// A JWT, for the header `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// For how many seconds the access token works.
    pub expires_in: u32,
    /// Gets the next pair; use it once and keep the new one.
    pub refresh_token: String,
}

impl std::fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenPair(***)")
    }
}

/// A place where a script is signed in by address and password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ScriptSignIn {
    /// The family of its tokens.
    pub id: Uuid,
    /// The program, as it called itself.
    pub program: String,
    /// The network address it signed in from.
    pub address: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it last got new tokens.
    pub refreshed_at: Timestamp,
    /// When it has to sign in again in any case.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// An API token in its owner's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ApiToken {
    /// The token.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// How it begins, to find the file it lies in.
    pub starts_with: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its newest secret was made.
    pub rotated_at: Timestamp,
    /// Until when the secret before works, if it still does.
    pub previous_until: Option<Timestamp>,
    /// When it stops working; never, when there is no such moment.
    pub expires_at: Option<Timestamp>,
    /// Whether that moment has come.
    pub expired: bool,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// A token that was just made. It is told here and nowhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MadeToken {
    /// The token's id.
    pub id: Uuid,
    /// The whole token.
    pub token: String,
}

impl std::fmt::Debug for MadeToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeToken").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A scope that can be given to a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ScopeOffer {
    /// Its name, such as `audit:read`.
    pub name: String,
    /// What it allows, in words.
    pub allows: String,
}

/// What a person calls a token: 1 to 100 characters on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenName(String);

impl TokenName {
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
    fn a_name_is_one_line_of_at_most_a_hundred_characters() {
        assert_eq!(TokenName::parse(" backup ").map(|name| name.0), Ok("backup".into()));
        assert_eq!(TokenName::parse("  "), Err(FieldIssue::Required));
        assert_eq!(TokenName::parse(&"ä".repeat(101)), Err(FieldIssue::TooLong { max: 100 }));
        assert!(TokenName::parse(&"ä".repeat(100)).is_ok());
        assert_eq!(TokenName::parse("a\nb"), Err(FieldIssue::ControlCharacter));
    }
}
