//! Many members at once: what is pasted, and what came of each line.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How many lines are done at once.
pub const BULK_MAX: u32 = 500;

/// What is done with each line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkAction {
    /// The address is invited.
    Invite,
    /// The member gets the role in place of those they have.
    SetRole,
    /// The member is removed.
    Remove,
}

impl BulkAction {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Invite, Self::SetRole, Self::Remove];

    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::SetRole => "set-role",
            Self::Remove => "remove",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// What becomes of the good lines beside bad ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BulkMode {
    /// Nothing is done unless every line is good.
    #[default]
    AllOrNothing,
    /// Each line is done or refused on its own.
    Each,
}

impl BulkMode {
    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AllOrNothing => "all-or-nothing",
            Self::Each => "each",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::AllOrNothing, Self::Each].into_iter().find(|mode| mode.name() == name)
    }
}

/// What came of a pasted list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct BulkReport {
    /// What its entries in the trail have in common.
    pub batch_id: Uuid,
    /// Whether anything was done.
    pub applied: bool,
    /// How many lines are good, and done where `applied`.
    pub good: u32,
    /// How many were refused.
    pub refused: u32,
    /// Each line that was not empty, in their order.
    pub lines: Vec<BulkLine>,
}

/// What came of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct BulkLine {
    /// Its number, from 1, empty ones counted.
    pub line: u32,
    /// The address in it, as it was written; cut where it is longer than an address can be.
    pub email: String,
    /// The stable name of what is wrong with it; null for a good one.
    pub problem: Option<String>,
    /// The sentence for people; null for a good one.
    pub message: Option<String>,
}
