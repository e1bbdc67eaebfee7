//! What a network under suspicion has to give before it may try again: work, or patience.
//!
//! Nobody is shut out: a browser solves the puzzle by itself, a page without script waits for some seconds, a script
//! reads `docs/captcha.md`. No third party is asked, and nothing is measured about the person, unless the operator chose
//! Turnstile; while that is away, our own work is asked as everywhere else.
//! Promise: what was given is worth one try, whatever comes at once; to judge it costs the server microseconds.

mod model;

#[cfg(feature = "server")]
mod service;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod suspicion;
#[cfg(feature = "server")]
mod ticket;

#[cfg(all(test, feature = "server"))]
mod tests;

pub use model::{Challenge, Widget, Work};

#[cfg(feature = "server")]
pub use {
    service::{accept, issue},
    ticket::Difficulty,
};

#[cfg(feature = "server")]
pub(super) use {
    service::{demand, sweep},
    suspicion::{failed, suspicion},
};
