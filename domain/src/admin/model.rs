//! An account in the administrator's list.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Timestamp, access::SiteRole};

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct UserRow {
    /// The account.
    pub id: Uuid,
    /// The address it signs in with.
    pub email: String,
    /// How the person wants to be called; may be empty.
    pub display_name: String,
    /// Whether it can sign in.
    pub status: Status,
    /// Site roles.
    pub roles: Vec<SiteRole>,
    /// Whether an authenticator is set up.
    pub second_factor: bool,
    /// When it is deleted, if its owner asked for that.
    pub deletion_due_at: Option<Timestamp>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Option<Timestamp>,
}

/// Whether an account can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It can.
    Active,
    /// Its address was never confirmed.
    Unverified,
    /// An administrator locked it.
    Locked,
    /// Its owner asked for its deletion.
    Leaving,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Active, Self::Unverified, Self::Locked, Self::Leaving];

    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unverified => "unverified",
            Self::Locked => "locked",
            Self::Leaving => "leaving",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// In which order accounts are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sort {
    /// The newest first.
    #[default]
    Newest,
    /// By address.
    Email,
    /// The last seen first.
    LastSeen,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::Newest, Self::Email, Self::LastSeen];

    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Email => "email",
            Self::LastSeen => "last-seen",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.name() == name)
    }
}
