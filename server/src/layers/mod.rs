//! What every request passes, one file for each rule; `router.rs` shows their order on one screen.
//!
//! Promise: a layer refuses by [`crate::answer::refuse`], and [`problems`] gives all refusals the same shape.

pub(crate) mod bearer;
pub(crate) mod body;
pub(crate) mod cache;
pub(crate) mod client;
pub(crate) mod compression;
pub(crate) mod cookies;
pub(crate) mod cross_site;
pub(crate) mod flash;
pub(crate) mod forms;
pub(crate) mod gate;
pub(crate) mod idempotency;
pub(crate) mod input;
pub(crate) mod panics;
pub(crate) mod problems;
pub(crate) mod rates;
pub(crate) mod request_id;
pub(crate) mod security_headers;
pub(crate) mod session;
pub(crate) mod timeout;
pub(crate) mod trace;
