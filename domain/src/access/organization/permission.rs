//! What somebody may do in an organization: a verb on a resource. Pure, shared with the browser.

/// Declares every permission once: its variant, its name, and what it allows.
macro_rules! permissions {
    ($($variant:ident $resource:literal $verb:literal $allows:literal),* $(,)?) => {
        /// A verb on a resource of an organization, such as `members:invite`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $(#[doc = $allows] $variant),*
        }

        impl Permission {
            /// Every permission, in the order of resources.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the API and the database.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => concat!($resource, ":", $verb)),* }
            }

            /// What it is done to.
            #[must_use]
            pub fn resource(self) -> &'static str {
                match self { $(Self::$variant => $resource),* }
            }

            /// What is done.
            #[must_use]
            pub fn verb(self) -> &'static str {
                match self { $(Self::$variant => $verb),* }
            }

            /// What it allows, in a few words.
            #[must_use]
            pub fn allows(self) -> &'static str {
                match self { $(Self::$variant => $allows),* }
            }
        }
    };
}

permissions! {
    ReadOrganization "organization" "read" "See the organization and what it is called.",
    UpdateOrganization "organization" "update" "Change its name, address and time zone.",
    DeleteOrganization "organization" "delete" "Delete it, and keep it before it is deleted.",
    TransferOrganization "organization" "transfer" "Make somebody else its owner.",
    ReadMembers "members" "read" "See who belongs to it, and who is invited.",
    InviteMembers "members" "invite" "Invite people, and take invitations back.",
    RemoveMembers "members" "remove" "Remove people from it.",
    ReadGroups "groups" "read" "See its groups and who is in them.",
    CreateGroups "groups" "create" "Make groups.",
    UpdateGroups "groups" "update" "Rename and move groups, and put people into them.",
    DeleteGroups "groups" "delete" "Delete groups.",
    ReadRoles "roles" "read" "See roles, who has them, and why somebody may do something.",
    CreateRoles "roles" "create" "Make roles.",
    UpdateRoles "roles" "update" "Change roles.",
    DeleteRoles "roles" "delete" "Delete roles.",
    AssignRoles "roles" "assign" "Give and take roles, none above their own.",
    ReadPolicy "policy" "read" "See how members must sign in.",
    UpdatePolicy "policy" "update" "Decide how members must sign in.",
    ReadAudit "audit" "read" "Read what happened in the organization.",
    ReadBilling "billing" "read" "See plan and invoices.",
    UpdateBilling "billing" "update" "Change the plan and how it is paid.",
    ReadSpend "spend" "read" "See budgets, prices and what was spent.",
    UpdateSpend "spend" "update" "Set budgets and prices.",
    ReserveSpend "spend" "reserve" "Spend, within the budgets.",
}

impl Permission {
    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.name() == name)
    }

    /// Whether the last proof of identity must be fresh: what it opens stays open when the session has ended.
    #[must_use]
    pub fn needs_fresh_proof(self) -> bool {
        matches!(self, Self::DeleteOrganization | Self::TransferOrganization | Self::UpdatePolicy)
    }

    fn bit(self) -> u64 {
        1 << (self as u32)
    }
}

// Each has its bit.
const _: () = assert!(Permission::ALL.len() <= 64, "the set needs more bits");

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Permissions(u64);

impl Permissions {
    /// None.
    pub const NONE: Self = Self(0);

    /// Every one.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.iter().copied().collect()
    }

    /// Those with these names; unknown ones allow nothing.
    #[must_use]
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        names.into_iter().filter_map(Permission::parse).collect()
    }

    /// Whether one is in it.
    #[must_use]
    pub fn has(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether all of `others` are in it.
    #[must_use]
    pub fn include(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }

    /// What is in either.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// What is in it and not in `others`.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Its members, in the order of resources.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.iter().copied().filter(move |permission| self.has(*permission))
    }

    /// Their names, as the database keeps them.
    #[must_use]
    pub fn names(self) -> Vec<String> {
        self.iter().map(|permission| permission.name().to_owned()).collect()
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_no_two_are_the_same() {
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.name()), Some(*permission));
        }
        for name in ["", "members", "members:", ":read", "Members:read", "members:read ", "members:fly"] {
            assert_eq!(Permission::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_set_holds_what_was_put_in_and_nothing_else() {
        let set = Permissions::named(["members:read", "members:fly", "spend:update", "members:read"]);
        assert_eq!(set.names(), ["members:read", "spend:update"]);
        assert!(set.has(Permission::ReadMembers) && !set.has(Permission::InviteMembers));
        assert!(
            Permissions::all().include(set)
                && !set.include(Permissions::all())
                && set.include(Permissions::NONE)
        );
        assert_eq!(set.without(Permissions::named(["members:read"])).names(), ["spend:update"]);
        assert_eq!(Permissions::all().iter().count(), Permission::ALL.len());
    }
}
