//! What an organization asks of its members beside their role: a second factor, a session that is young enough, certain ways
//! to sign in; and whose addresses may be invited.
//!
//! Where it is asked is `Caller::in_organization`, so that it holds for every endpoint and page, and for whatever shows a token.
//! Promise: nobody shuts themselves out by it.

mod model;

#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use model::{MethodOffer, Policy};
