//! Where the copy of everything the site holds about somebody stands. Shared with the browser.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, operations::Operation};

/// Where the copy of everything the site holds about somebody stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct DataExport {
    /// The newest operation that makes or made one.
    pub operation: Option<Operation>,
    /// The copy that can be taken away at `/exports/account.json`.
    pub ready: Option<ReadyExport>,
    /// Whether the last proof of identity is fresh enough to ask for one, or to take it away.
    pub is_proved: bool,
}

/// A copy that waits to be taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ReadyExport {
    /// When it was made.
    pub made_at: Timestamp,
    /// Until when it is kept.
    pub expires_at: Timestamp,
    /// How long it is.
    pub bytes: u64,
}
