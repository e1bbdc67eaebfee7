//! Whose everything is: organizations, who belongs to them, who is invited, and how they end.
//!
//! Everybody has one of their own from the moment their account is theirs; others are made, joined by a letter, given away and
//! left. Promise: an organization has an owner at every moment; nobody gives more than they have; an invitation is good once,
//! for a week, and for the address it was sent to; what is deleted can be kept for two weeks.

mod bulk;
pub mod groups;
mod model;
pub mod policy;
pub mod roles;
mod slug;

#[cfg(feature = "server")]
mod letters;
#[cfg(feature = "server")]
mod lines;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use bulk::{BULK_MAX, BulkAction, BulkLine, BulkMode, BulkReport};
pub use model::{
    InvitationRow, InvitationShown, InvitedPerson, Joined, MadeOrganization, MemberRow, MyOrganization,
    OrganizationDetail, Owner, RoleRef, StaffOrganization, organization_name,
};
pub use slug::{RESERVED, Slug};
