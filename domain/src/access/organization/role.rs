//! The roles that every organization has.

use serde::{Deserialize, Serialize};

use super::{Permission, Permissions};

/// A role that every organization has and none can change. Others are made by organizations for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BuiltInRole {
    /// May do everything; there is always one.
    Owner,
    /// May do everything but delete the organization or give it away.
    Admin,
    /// Works in it, and spends.
    Developer,
    /// Sees to plan, invoices and budgets.
    Billing,
    /// Sees what there is.
    Viewer,
}

impl BuiltInRole {
    /// Every role, the strongest first.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Admin, Self::Developer, Self::Billing, Self::Viewer];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Owner => "OWNER",
            Self::Admin => "ADMIN",
            Self::Developer => "DEVELOPER",
            Self::Billing => "BILLING",
            Self::Viewer => "VIEWER",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// What it allows.
    #[must_use]
    pub fn permissions(self) -> Permissions {
        use Permission as P;
        let viewer = [P::ReadOrganization, P::ReadMembers, P::ReadGroups, P::ReadRoles, P::ReadSpend];
        match self {
            Self::Owner => Permissions::all(),
            Self::Admin => Permissions::all()
                .without([P::DeleteOrganization, P::TransferOrganization].into_iter().collect()),
            Self::Developer => viewer.into_iter().chain([P::ReserveSpend]).collect(),
            Self::Billing => {
                viewer.into_iter().chain([P::ReadBilling, P::UpdateBilling, P::UpdateSpend]).collect()
            }
            Self::Viewer => viewer.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_in_an_organization_sees_it_and_only_owners_may_end_it() {
        for role in BuiltInRole::ALL {
            assert_eq!(BuiltInRole::parse(role.name()), Some(role));
            assert!(role.permissions().has(Permission::ReadOrganization), "{role:?}");
            for ends in [Permission::DeleteOrganization, Permission::TransferOrganization] {
                assert_eq!(role.permissions().has(ends), role == BuiltInRole::Owner, "{role:?}");
            }
        }
    }

    #[test]
    fn viewers_change_nothing() {
        assert!(BuiltInRole::Viewer.permissions().iter().all(|permission| permission.verb() == "read"));
    }
}
