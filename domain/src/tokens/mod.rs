//! What scripts show instead of a cookie: API tokens, access tokens and their refresh tokens.
//!
//! An API token is made by a person and good for its scopes until it is ended. An access token is a JWT of 15 minutes; its
//! refresh token gets the next one, and carries a counter, so that a stolen one shows itself.
//! Promise: a token says who asks and never what they may do, which is read from the database on each request; ending it is
//! true at once; a refresh that was repeated or raced signs nobody out.

mod model;

#[cfg(feature = "server")]
mod family;
#[cfg(feature = "server")]
mod jwt;
#[cfg(feature = "server")]
mod secret;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use model::{ApiToken, MadeToken, ScopeOffer, ScriptSignIn, TokenName, TokenPair};

#[cfg(feature = "server")]
pub use family::{Decision, Family, decide};
