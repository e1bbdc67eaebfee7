//! What happened, by whom, in a chain that shows tampering.
//!
//! Each entry holds the SHA-256 of its content and of its predecessor: one chain for the site, one per organization.
//! An entry is written in the transaction of the act itself, so there is no act without an entry and no entry
//! without an act. What is older than the operator keeps it goes under a sealed checkpoint, from which the chain is
//! checked. Promise: an edit, a gap and a swap are each found, at the right place.

mod actions;
mod model;

#[cfg(feature = "server")]
mod chain;
#[cfg(feature = "server")]
mod deed;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use actions::{ACTIONS, action_rooms};
#[cfg(feature = "server")]
pub(crate) use deed::Target;
#[cfg(feature = "server")]
pub use deed::{
    BillingDeed, BillingSiteDeed, Chain, Deed, Factor, Noted, OrganizationDeed, Proof, Refusal, RoleDeed,
    SpendDeed,
};
pub use model::{ChainReport, Entry};
#[cfg(feature = "server")]
pub use service::note;
