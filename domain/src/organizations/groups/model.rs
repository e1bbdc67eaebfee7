//! Groups and who is in them. Shared with the browser.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::roles::GroupName;
use crate::Timestamp;

/// How many groups an organization can have, whatever its plan.
pub const MOST_GROUPS: u32 = 10_000;
/// How many groups above one are told of, the nearest.
pub const MOST_ABOVE: u8 = 8;

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

/// A group, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct FoundGroup {
    /// The group.
    pub id: Uuid,
    /// The group that it is in; null at the top.
    pub parent_id: Option<Uuid>,
    /// What it is called.
    pub name: String,
    /// How many members are in it, not counting those of the groups below.
    pub members: i64,
    /// How many groups are right below it.
    pub groups: i64,
    /// The groups above it, the highest first; where there are more than eight, the nearest eight.
    pub above: Vec<GroupName>,
}

impl FoundGroup {
    /// `Company › Engineering › Platform`; what is very deep begins with `…`.
    #[must_use]
    pub fn path(&self) -> String {
        let left_out = self.above.len().saturating_sub(usize::from(MOST_ABOVE) - 1);
        let begins = (left_out > 0).then_some("…");
        let above = self.above.iter().skip(left_out).map(|group| group.name.as_str());
        let names: Vec<&str> = begins.into_iter().chain(above).chain([self.name.as_str()]).collect();
        names.join(" › ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_what_is_above_and_stays_short_however_deep_the_group_is() {
        let name = |n: usize| GroupName { id: Uuid::nil(), name: n.to_string() };
        let path = |above: usize| {
            let found = FoundGroup {
                id: Uuid::nil(),
                parent_id: None,
                name: "g".into(),
                members: 0,
                groups: 0,
                above: (1..=above).map(name).collect(),
            };
            found.path()
        };
        assert_eq!(path(0), "g");
        assert_eq!(path(2), "1 › 2 › g");
        assert_eq!(path(7), "1 › 2 › 3 › 4 › 5 › 6 › 7 › g");
        assert_eq!(path(8), "… › 2 › 3 › 4 › 5 › 6 › 7 › 8 › g");
    }
}
