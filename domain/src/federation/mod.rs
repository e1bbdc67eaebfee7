//! Signing in with Google, GitHub, GitLab and any OpenID Connect issuer.
//!
//! Promise: an account is connected only by somebody who is signed in to it and has just proved it; an address counts
//! only where the provider vouches for it, and even then it opens no account that somebody else has confirmed; an answer
//! is good once, and only in the browser that asked; nobody can take away their last way in.

mod model;

#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use model::{Identity, Offered, ProviderRefusal, Ways};
