//! Who may do what; the only room that decides.
//!
//! A service demands a [`Grant`]; a grant has private fields and is minted only here, from the [`Caller`] of a
//! request. `grant.begin()` is the only way to a transaction that changes something, and it tells Postgres who
//! asks and for which organization, so that row-level security repeats the rule.
//! Promise: a rule that was forgotten does not compile, and what a caller may not know of answers 404.

mod method;
mod organization;
mod policy;
mod role;
mod scopes;

#[cfg(feature = "server")]
mod actor;
#[cfg(feature = "server")]
mod caller;
#[cfg(feature = "server")]
mod grant;
#[cfg(feature = "server")]
pub mod idempotency;
#[cfg(feature = "server")]
mod network;
#[cfg(feature = "server")]
mod tx;

pub use method::SignInMethod;
pub use organization::{BuiltInRole, Permission, Permissions, PolicyNeed};
pub use policy::{SiteAction, site_allows};
pub use role::SiteRole;
pub use scopes::{Scopes, Verb};

#[cfg(feature = "server")]
pub use actor::{Actor, HalfWay, Impersonating, Impersonation, Person, Place, RequestFacts, Sitting, Via};
#[cfg(feature = "server")]
pub use caller::{Caller, Need, Purpose, STEP_UP_MAX_AGE};
#[cfg(feature = "server")]
pub use grant::{
    Anonymous, Grant, HalfWayScope, Impersonated, Organization, Own, Scope, Site, SiteRows, SteppedUp, System,
};
#[cfg(feature = "server")]
pub use network::Network;
#[cfg(feature = "server")]
pub use organization::Member;
#[cfg(feature = "server")]
pub(crate) use organization::{Asks, enter_own, evaluator, hold_organization, permissions_of};
#[cfg(feature = "server")]
pub use tx::Tx;
