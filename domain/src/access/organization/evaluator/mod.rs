//! The one question all others are made of: what do roles allow, and to whom?
//!
//! A member has what their own roles allow, those of their groups, and those of the groups above. `up` asks it of members,
//! `down` of a permission, and `dry_run` of roles that are not there yet. Where many are asked about, the groups are read once
//! (`tree`) and what they give is handed down in memory: a tree may be ten thousand groups deep, and a page has a hundred
//! members. A test compares all of it with a naive model.

mod down;
mod dry_run;
mod tree;
mod up;

use uuid::Uuid;

use super::{BuiltInRole, Permissions};

pub(crate) use down::{holders, member_at};
pub(crate) use dry_run::{Subject, Trial, try_out};
pub(crate) use tree::{Roles, Tree, own_roles};
pub(crate) use up::{of_group, of_member, of_members};

/// A role that was given to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// One that every organization has.
    BuiltIn(BuiltInRole),
    /// One of the organization's own.
    Made { id: Uuid, name: String, permissions: Permissions },
    /// One that this program does not know any more. It allows nothing.
    Unknown,
}

impl Given {
    pub(crate) fn permissions(&self) -> Permissions {
        match self {
            Self::BuiltIn(role) => role.permissions(),
            Self::Made { permissions, .. } => *permissions,
            Self::Unknown => Permissions::NONE,
        }
    }

    /// What a row of the table of assignments says, with the role it is joined to.
    fn read(built_in: Option<&str>, made: Option<(Uuid, String, Vec<String>)>) -> Self {
        match (built_in.and_then(BuiltInRole::parse), made) {
            (Some(role), _) => Self::BuiltIn(role),
            (None, Some((id, name, names))) => {
                Self::Made { id, name, permissions: Permissions::named(names.iter().map(String::as_str)) }
            }
            (None, None) => Self::Unknown,
        }
    }
}
