//! What is done in an organization and to it.

use uuid::Uuid;

use super::deeds;
use crate::Timestamp;

deeds! {
    /// What is done in an organization and to it. `batch` is what the lines of one pasted list have in common.
    OrganizationDeed, of an organization:
    /// An organization was made.
    Created { organization: Uuid, personal: bool }
        = "organizations.created" on "organization" organization { "personal": personal };
    /// Its name, slug or time zone was changed.
    Changed { organization: Uuid, fields: Vec<&'static str> }
        = "organizations.changed" on "organization" organization { "fields": fields };
    /// An owner wants it to be deleted.
    DeletionAsked { organization: Uuid, due_at: Timestamp }
        = "organizations.deletion-asked" on "organization" organization { "due_at": due_at };
    /// An owner keeps it after all.
    Kept { organization: Uuid } = "organizations.kept" on "organization" organization;
    /// It was deleted.
    Deleted { organization: Uuid } = "organizations.deleted" on "organization" organization;
    /// Somebody else is its owner from now on.
    Transferred { user: Uuid, from: Uuid } = "organizations.transferred" on "user" user { "from": from };
    /// Somebody was invited, or once more.
    Invited { invitation: Uuid, role: String, renewed: bool, batch: Option<Uuid> }
        = "organizations.invited" on "invitation" invitation { "role": role, "renewed": renewed, "batch": batch };
    /// An invitation was taken back.
    InvitationRevoked { invitation: Uuid } = "organizations.invitation-revoked" on "invitation" invitation;
    /// Somebody who was invited is a member.
    Joined { user: Uuid, invitation: Uuid, role: String }
        = "organizations.joined" on "user" user { "invitation": invitation, "role": role };
    /// A member left.
    Left { user: Uuid } = "organizations.left" on "user" user;
    /// A member was removed.
    MemberRemoved { user: Uuid, batch: Option<Uuid> }
        = "organizations.member-removed" on "user" user { "batch": batch };
    /// A member's account was deleted.
    MemberDeleted { user: Uuid } = "organizations.member-deleted" on "user" user;
    /// A member has other roles.
    RolesSet { user: Uuid, before: Vec<String>, after: Vec<String>, batch: Option<Uuid> }
        = "organizations.roles-set" on "user" user { "before": before, "after": after, "batch": batch };
    /// Old entries of the organization's trail were removed under a checkpoint.
    EntriesRemoved { through: i64, count: u64 }
        = "organizations.entries-removed" { "through": through, "count": count };
}
