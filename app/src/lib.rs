//! Everything a person or a script can see or do: pages, parts and server functions, in rooms.
//!
//! Built twice: `ssr` renders pages and runs the functions, `hydrate` is what the browser gets. Arrows point one way:
//! `pages` → `parts` → `api` → the room's service in `domain`.
// A view is one type, as deep as its elements are nested: code generation follows it all the way down.
#![recursion_limit = "512"]

/// The top of the view tree.
pub mod app;
/// The cookies of the site.
pub mod cookies;
/// RFC 9457 problem details.
pub mod error;
/// What a form without wasm finds after its redirect.
pub mod flash;
/// What the pages of every room stand in.
pub mod frame;
/// The script that starts the browser half.
pub mod hydration;
/// Addresses and their pages.
pub mod routes;
/// The HTML document around every page.
pub mod shell;
/// Building blocks without opinions on features.
pub mod ui;

/// Finding people, locking and unlocking them.
pub mod admin;
/// What happened, by whom.
pub mod audit;
/// Plans, invoices and what is owed.
pub mod billing;
/// Signing in with providers.
pub mod federation;
/// Register, verify, sign in, reset, profile; the front page.
pub mod identity;
/// Long work: where it stands.
pub mod operations;
/// Organizations, who belongs to them, and what they may do.
pub mod organizations;
/// Authenticator and recovery codes.
pub mod second_factor;
/// Where a person is signed in.
pub mod sessions;
/// Budgets, prices, and what was spent.
pub mod spend;
/// What scripts show instead of a cookie.
pub mod tokens;
/// Where events are sent to.
pub mod webhooks;

/// The caller of a server function.
#[cfg(feature = "ssr")]
pub mod caller;
/// The declared list of endpoints.
#[cfg(feature = "ssr")]
pub mod endpoint;

pub use app::App;
pub use error::Problem;
pub use shell::shell;
