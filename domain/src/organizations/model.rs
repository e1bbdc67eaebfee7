//! What is told about organizations, their members and who is invited.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{FieldIssue, Timestamp, identity::DisplayName};

/// A role that somebody has, or can be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct RoleRef {
    /// How it is named in the API: `ADMIN`, or the id of a role that the organization has made.
    pub role: String,
    /// How people call it.
    pub name: String,
}

impl RoleRef {
    /// What somebody is told who is given a list of names: a role that every organization has by its name in the API, another
    /// one as people call it.
    #[must_use]
    pub fn shown(self) -> String {
        if Uuid::try_parse(&self.role).is_ok() { self.name } else { self.role }
    }
}

/// An organization in the list of somebody who belongs to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MyOrganization {
    /// The organization.
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is the caller's own from the beginning.
    pub personal: bool,
    /// The roles that the caller was given themselves.
    pub roles: Vec<RoleRef>,
    /// Since when the caller belongs to it.
    pub joined_at: Timestamp,
    /// When it is deleted, where an owner has asked for that.
    pub deletes_at: Option<Timestamp>,
}

/// An organization, as its members see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct OrganizationDetail {
    /// The organization.
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is somebody's own from the beginning.
    pub personal: bool,
    /// In whose months and days it counts: an IANA name.
    pub time_zone: String,
    /// Since when there is one.
    pub created_at: Timestamp,
    /// When it is deleted, where an owner has asked for that.
    pub deletes_at: Option<Timestamp>,
    /// How many belong to it.
    pub members: i64,
    /// The roles that the caller was given themselves.
    pub roles: Vec<RoleRef>,
    /// Everything the caller may do in it, such as `members:invite`.
    pub permissions: Vec<String>,
}

impl OrganizationDetail {
    /// Whether the caller may do this, such as `members:invite`, as far as their roles go.
    #[must_use]
    pub fn may(&self, permission: &str) -> bool {
        self.permissions.iter().any(|name| name == permission)
    }
}

/// An organization that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MadeOrganization {
    /// The organization.
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
}

/// A member in the list of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MemberRow {
    /// The account.
    pub user_id: Uuid,
    /// Its address.
    pub email: String,
    /// How the person wants to be called; may be empty.
    pub display_name: String,
    /// The roles that were given to the member themselves.
    pub roles: Vec<RoleRef>,
    /// Since when they belong to it.
    pub joined_at: Timestamp,
}

/// An invitation that nobody has taken yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct InvitationRow {
    /// The invitation.
    pub id: Uuid,
    /// To whom it was sent.
    pub email: String,
    /// What they will be.
    pub role: RoleRef,
    /// The address of who sent it last; null when the account is gone.
    pub invited_by: Option<String>,
    /// When it was sent for the first time.
    pub created_at: Timestamp,
    /// When it was sent last.
    pub sent_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// Whether that has passed.
    pub expired: bool,
}

/// An invitation that was just sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct InvitedPerson {
    /// The invitation.
    pub invitation_id: Uuid,
    /// Whether there was one already, whose link works no more.
    pub renewed: bool,
}

/// An invitation as whoever holds its letter sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct InvitationShown {
    /// The name of the organization.
    pub organization: String,
    /// To whom the letter was sent.
    pub email: String,
    /// What they will be.
    pub role: String,
    /// The address of who sent it.
    pub invited_by: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// The organization that somebody belongs to from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Joined {
    /// The organization.
    pub organization_id: Uuid,
    /// Its name in addresses.
    pub slug: String,
}

/// An organization in the list of those who look after the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct StaffOrganization {
    /// The organization.
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is somebody's own from the beginning.
    pub personal: bool,
    /// How many belong to it.
    pub members: i64,
    /// Who owns it.
    pub owners: Vec<Owner>,
    /// Since when there is one.
    pub created_at: Timestamp,
    /// When it is deleted, where an owner has asked for that.
    pub deletes_at: Option<Timestamp>,
}

/// Somebody who owns an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Owner {
    /// The account.
    pub user_id: Uuid,
    /// Its address.
    pub email: String,
}

/// Reads the name of an organization: as that of a person, but never empty.
///
/// # Errors
/// What is wrong with it.
pub fn organization_name(typed: &str) -> Result<String, FieldIssue> {
    let name = DisplayName::parse(typed)?;
    if name.as_str().is_empty() { Err(FieldIssue::Required) } else { Ok(name.as_str().to_owned()) }
}
