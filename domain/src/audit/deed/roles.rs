//! What is done in an organization about who may do what: groups, roles, and its policy.

use uuid::Uuid;

use super::deeds;

deeds! {
    /// What is done in an organization about who may do what.
    RoleDeed, of an organization:
    /// A group was made.
    GroupMade { group: Uuid, parent: Option<Uuid> }
        = "organizations.group-made" on "group" group { "parent": parent };
    /// A group is called otherwise.
    GroupRenamed { group: Uuid } = "organizations.group-renamed" on "group" group;
    /// A group was put somewhere else in the tree.
    GroupMoved { group: Uuid, from: Option<Uuid>, to: Option<Uuid> }
        = "organizations.group-moved" on "group" group { "from": from, "to": to };
    /// A group was deleted; so many below it were lifted to where it was.
    GroupDeleted { group: Uuid, lifted: u64 }
        = "organizations.group-deleted" on "group" group { "lifted": lifted };
    /// Somebody was put into a group.
    GroupJoined { group: Uuid, user: Uuid }
        = "organizations.group-joined" on "group" group { "user": user };
    /// Somebody was taken out of a group.
    GroupLeft { group: Uuid, user: Uuid }
        = "organizations.group-left" on "group" group { "user": user };
    /// A role was made.
    RoleMade { role: Uuid, permissions: Vec<String> }
        = "organizations.role-made" on "role" role { "permissions": permissions };
    /// A role was changed.
    RoleChanged { role: Uuid, fields: Vec<&'static str>, before: Vec<String>, after: Vec<String> }
        = "organizations.role-changed" on "role" role { "fields": fields, "before": before, "after": after };
    /// A role was deleted; so many had it, members and groups.
    RoleDeleted { role: Uuid, assignments: u64 }
        = "organizations.role-deleted" on "role" role { "assignments": assignments };
    /// A role was given to a member or a group.
    RoleAssigned { role: String, user: Option<Uuid>, group: Option<Uuid> }
        = "organizations.role-assigned" on "role" role { "user": user, "group": group };
    /// A role was taken from a member or a group.
    RoleUnassigned { role: String, user: Option<Uuid>, group: Option<Uuid> }
        = "organizations.role-unassigned" on "role" role { "user": user, "group": group };
    /// The policy was changed.
    PolicyChanged { fields: Vec<&'static str> } = "organizations.policy-changed" { "fields": fields };
}
