//! Signing in with Google, GitHub, GitLab and any OpenID Connect issuer.
//!
//! The ways to a provider and back are routes of the server, because they lead to another site: `/auth/<provider>/start`
//! and `/auth/<provider>/callback`. What came of them is left for the next page under [`WAY`].

pub mod api;
pub mod parts;
pub(crate) mod words;

/// The name under which a way back leaves what came of it, in place of an endpoint's path.
pub const WAY: &str = "/auth";
