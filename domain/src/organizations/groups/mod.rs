//! The groups of an organization, which stand in a tree: whoever is in one has its roles, and those of every group above it.
//!
//! Whatever changes the tree holds the organization (`Grant::hold`). Promise: no group is ever inside itself, whoever moves
//! what at the same time, and nobody gives or takes by a group what they have not themselves.

mod model;

#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use model::{FoundGroup, Group, GroupMember, MOST_ABOVE, MOST_GROUPS, MadeGroup};
