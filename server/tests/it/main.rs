//! The server as a client meets it: through the real router on a real port, with a database of its own.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests stand outside of the functions marked as tests, and fail in the same way"
)]

mod access_coverage;
mod account_life;
mod administration;
mod bearer;
mod bodies;
mod captcha;
mod client;
mod config;
mod cross_site;
mod descriptions;
mod endpoints;
mod exports;
mod forms;
mod harness;
mod headers;
mod health;
mod pages;
mod slow;
mod stopping;
mod stores;
