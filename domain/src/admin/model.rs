//! An account in the administrator's list.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Timestamp, access::SiteRole, audit::Entry, sessions::Device};

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

/// One account with everything that helps to help its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct UserDetail {
    /// The account.
    pub user: UserRow,
    /// How many recovery codes are left.
    pub recovery_codes_left: i64,
    /// Where it is signed in, the newest first.
    pub devices: Vec<Device>,
    /// What its owner did last and what was done to it, the newest first; empty for those who may not read the trail.
    pub entries: Vec<Entry>,
}

/// What came of one of several accounts that were to be locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct LockLine {
    /// The account, as it was named.
    pub user_id: String,
    /// What came of it.
    pub outcome: LockOutcome,
}

/// What came of an account that was to be locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LockOutcome {
    /// It is locked now.
    Locked,
    /// It was locked before.
    AlreadyLocked,
    /// It belongs to the one who asked.
    Yourself,
    /// Only an administrator may lock it.
    NotAllowed,
    /// There is none.
    NotFound,
    /// It could not be tried; nothing was changed.
    Failed,
}

/// What came of several accounts that were to be locked, in the order they were named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct LockReport {
    /// A line for each.
    pub items: Vec<LockLine>,
}

/// When somebody was here last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Within a day.
    Day,
    /// Within seven days.
    Week,
    /// Within thirty days.
    Month,
    /// Not for thirty days.
    Longer,
    /// Not at all.
    Never,
}

impl Seen {
    /// Every choice.
    pub const ALL: [Self; 5] = [Self::Day, Self::Week, Self::Month, Self::Longer, Self::Never];

    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Longer => "longer",
            Self::Never => "never",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|seen| seen.name() == name)
    }
}

/// Whether an account has a second factor, as a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// It has.
    On,
    /// It has none.
    Off,
}

impl Factor {
    /// Both.
    pub const ALL: [Self; 2] = [Self::On, Self::Off];

    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.name() == name)
    }
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
