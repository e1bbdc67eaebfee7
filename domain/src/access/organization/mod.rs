//! What a member may do in an organization.
//!
//! [`Caller::in_organization`](super::Caller::in_organization) reads what somebody has: their own roles, those of their
//! groups, and those of the groups above. [`Member::may`] makes a [`Grant`](super::Grant) of it. The same query answers who
//! else may, and why. What the organization's policy asks of everybody (`Asks`) comes first. Promise: an organization one does not belong to looks like one that does not exist.

mod need;
mod permission;
mod role;

#[cfg(feature = "server")]
mod asks;
#[cfg(feature = "server")]
pub(crate) mod evaluator;
#[cfg(feature = "server")]
mod member;
#[cfg(feature = "server")]
mod store;

pub use need::PolicyNeed;
pub use permission::{Permission, Permissions};
pub use role::BuiltInRole;

#[cfg(feature = "server")]
pub(crate) use asks::Asks;
#[cfg(feature = "server")]
pub use member::Member;
#[cfg(feature = "server")]
pub(crate) use member::{enter_own, hold_organization, permissions_of};
