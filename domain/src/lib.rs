//! The rules of Gatehouse: who may do what, what happens when they do it, and how it is kept.
//!
//! The crate is built twice. Without a feature it is the words both sides share: types, parsing and small pure
//! rules that also run in the browser. With `server` it is everything. Rooms call each other's `service`, never
//! each other's `store`; `access` and `platform` know no room.

pub mod error;
#[cfg(feature = "server")]
mod typed;
pub mod values;

/// Who may do what; the only room that decides.
pub mod access;
/// Finding people, locking and unlocking them.
pub mod admin;
/// What happened, by whom, in a chain that shows tampering.
pub mod audit;
/// What an organization has taken, and what it owes for that.
pub mod billing;
/// Signing in with Google, GitHub, GitLab and any OpenID Connect issuer.
pub mod federation;
/// Register, verify, sign in, reset, profile.
pub mod identity;
/// Long work that goes on whatever process dies.
pub mod operations;
/// Organizations, who belongs to them, who is invited, and who may do what.
pub mod organizations;
/// The hands to the outside: database, cache, clock, randomness, vault, letters.
#[cfg(feature = "server")]
pub mod platform;
/// The second proof of a sign-in: codes from an authenticator, recovery codes.
pub mod second_factor;
/// Where a person is signed in, and how that ends.
pub mod sessions;
/// What may be spent, what was spent, and what happens at the line.
pub mod spend;
/// What scripts show instead of a cookie: API tokens, access tokens and their refresh tokens.
pub mod tokens;
/// What happens, told to other programs.
pub mod webhooks;

pub use error::{AppError, FieldIssue, FieldProblem};
pub use values::{Page, Timestamp};
