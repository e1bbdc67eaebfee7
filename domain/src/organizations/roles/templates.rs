//! What roles are often made of, to begin from. Pure, shared with the browser.

use serde::{Deserialize, Serialize};

use crate::access::{Permission, Permission as P};

/// A role to begin from, as an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Template {
    /// What it could be called.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it allows.
    pub permissions: Vec<String>,
}

/// Each with its name, what it is for, and what it allows.
pub const TEMPLATES: [(&str, &str, &[Permission]); 5] = [
    (
        "Auditor",
        "Sees everything, the trail and the policy among it, and changes nothing.",
        &[
            P::ReadOrganization,
            P::ReadMembers,
            P::ReadGroups,
            P::ReadRoles,
            P::ReadPolicy,
            P::ReadAudit,
            P::ReadBilling,
            P::ReadSpend,
        ],
    ),
    (
        "People",
        "Invites and removes people, and puts them into groups.",
        &[
            P::ReadOrganization,
            P::ReadMembers,
            P::InviteMembers,
            P::RemoveMembers,
            P::ReadGroups,
            P::UpdateGroups,
            P::ReadRoles,
        ],
    ),
    (
        "Groups",
        "Makes, moves and deletes groups.",
        &[
            P::ReadOrganization,
            P::ReadMembers,
            P::ReadGroups,
            P::CreateGroups,
            P::UpdateGroups,
            P::DeleteGroups,
            P::ReadRoles,
        ],
    ),
    (
        "Security",
        "Decides how members sign in, and reads the trail.",
        &[
            P::ReadOrganization,
            P::ReadMembers,
            P::ReadGroups,
            P::ReadRoles,
            P::ReadPolicy,
            P::UpdatePolicy,
            P::ReadAudit,
        ],
    ),
    (
        "Budgets",
        "Sees what is spent, and sets the budgets.",
        &[P::ReadOrganization, P::ReadMembers, P::ReadGroups, P::ReadBilling, P::ReadSpend, P::UpdateSpend],
    ),
];

/// The same as an answer.
#[must_use]
pub fn templates() -> Vec<Template> {
    let template = |(name, description, permissions): (&str, &str, &[Permission])| Template {
        name: name.to_owned(),
        description: description.to_owned(),
        permissions: permissions.iter().map(|it| it.name().to_owned()).collect(),
    };
    TEMPLATES.into_iter().map(template).collect()
}
