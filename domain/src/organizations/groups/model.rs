//! Groups and who is in them. Shared with the browser.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Group {
    /// The group.
    pub id: Uuid,
    /// The group that it is in; null at the top.
    pub parent_id: Option<Uuid>,
    /// What it is called. No other group beside it is called the same.
    pub name: String,
    /// How many members are in it, not counting those of the groups below.
    pub members: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A group that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MadeGroup {
    /// The group.
    pub id: Uuid,
}

/// Somebody in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct GroupMember {
    /// The account.
    pub user_id: Uuid,
    /// Its address.
    pub email: String,
    /// What they call themselves; empty where they have not said.
    pub display_name: String,
}
