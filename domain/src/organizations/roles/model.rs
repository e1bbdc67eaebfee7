//! Roles, who has them, and why. Shared with the browser.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::RoleRef;
use crate::{Timestamp, access::BuiltInRole};

/// How many roles of its own an organization can have, whatever its plan.
pub const MOST_ROLES: u32 = 100;

/// A role that can be given in the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Role {
    /// What it is named by in requests: `ADMIN`, or the id of one that the organization has made.
    pub role: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it allows, such as `members:invite`.
    pub permissions: Vec<String>,
    /// Whether every organization has it, and nobody can change it.
    pub built_in: bool,
    /// Grows with every change; goes back with the next one.
    pub version: i64,
    /// How many members have it themselves.
    pub members: i64,
    /// How many groups have it.
    pub groups: i64,
}

/// A role that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MadeRole {
    /// The role.
    pub id: Uuid,
}

/// A group, named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct GroupName {
    /// The group.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
}

/// A member, named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MemberName {
    /// The account.
    pub user_id: Uuid,
    /// Its address.
    pub email: String,
    /// What they call themselves; empty where they have not said.
    pub display_name: String,
}

impl MemberName {
    /// The name, or the address where there is none.
    #[must_use]
    pub fn called(&self) -> &str {
        if self.display_name.is_empty() { &self.email } else { &self.display_name }
    }
}

/// To whom a role is given: a member, or a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Assignment {
    /// The member; null for a group.
    pub member: Option<MemberName>,
    /// The group; null for a member.
    pub group: Option<GroupName>,
    /// Since when.
    pub assigned_at: Timestamp,
}

/// A row of the matrix: what a member may do, whatever it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MemberPermissions {
    /// Who.
    pub member: MemberName,
    /// What.
    pub permissions: Vec<String>,
}

/// Why a member may do something: a role of their own, or one of a group at or above one of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Chain {
    /// The role that allows it.
    pub role: RoleRef,
    /// From the group they are in up to the one that has the role; empty for a role of their own. Of more than thirty the
    /// middle is left out.
    pub groups: Vec<GroupName>,
}

/// Somebody who may do something, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Holder {
    /// Who.
    pub member: MemberName,
    /// Why, at most twenty ways of it.
    pub ways: Vec<Chain>,
}

/// Why somebody may do something, or may not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// Who.
    pub member: MemberName,
    /// What.
    pub permission: String,
    /// Whether they may.
    pub allowed: bool,
    /// Why they may, at most twenty ways of it.
    pub ways: Vec<Chain>,
    /// Where they may not: the roles that would allow it, as far as the caller may see them.
    pub roles: Vec<RoleRef>,
    /// Where they may not: some who could give them such a role, as far as the caller may see them.
    pub ask: Vec<MemberName>,
}

/// What a change of a role would come to. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Preview {
    /// How many members would gain something.
    pub gaining: i64,
    /// How many members would lose something.
    pub losing: i64,
    /// One page of them.
    pub items: Vec<RoleChange>,
    /// What to send as `cursor` for the next page.
    pub next_cursor: Option<String>,
}

/// What would be different for a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct RoleChange {
    /// Who.
    pub member: MemberName,
    /// What they could do, and cannot now.
    pub gains: Vec<String>,
    /// What they could not do any more.
    pub loses: Vec<String>,
}

/// What a role of every organization is called, and what it is for.
#[must_use]
pub fn title(role: BuiltInRole) -> (&'static str, &'static str) {
    match role {
        BuiltInRole::Owner => ("Owner", "May do everything. There is always one."),
        BuiltInRole::Admin => ("Admin", "May do everything but delete the organization or give it away."),
        BuiltInRole::Developer => ("Developer", "Works in it, and spends within the budgets."),
        BuiltInRole::Billing => ("Billing", "Sees to plan, invoices and budgets."),
        BuiltInRole::Viewer => ("Viewer", "Sees what there is, and changes nothing."),
    }
}
