//! A place where a person is signed in, as they see it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Device {
    /// The session.
    pub id: Uuid,
    /// Browser and system, such as `Firefox on Linux`.
    pub device: String,
    /// The network address it was begun from.
    pub address: String,
    /// Where that address is, when the operator installed a place database.
    pub place: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A browser that skips the second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TrustedDevice {
    /// The browser.
    pub id: Uuid,
    /// Browser and system, such as `Firefox on Linux`.
    pub device: String,
    /// When its owner first signed in there.
    pub created_at: Timestamp,
    /// When they last did.
    pub last_used_at: Timestamp,
    /// Until when it skips the second factor.
    pub trusted_until: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}
