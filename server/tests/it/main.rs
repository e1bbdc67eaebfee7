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
mod billing;
mod billing_usage;
mod bodies;
mod captcha;
mod client;
mod config;
mod cross_site;
mod data_export;
mod descriptions;
mod endpoints;
mod exports;
mod exports_csv;
mod federation;
mod federation_links;
mod federation_rules;
mod forms;
mod harness;
mod headers;
mod health;
mod idempotency;
mod impersonation;
mod organizations;
mod pages;
mod passkeys;
mod permissions;
mod provider;
mod slow;
#[path = "../../../domain/tests/it/soft_key.rs"]
#[allow(dead_code, reason = "it is shared with the tests of the rules, which need more of it")]
mod soft_key;
mod spend;
mod stopping;
mod stores;
mod stripe;
mod stripe_methods;
mod turnstile;
mod verifier;
mod webhooks;
mod wire;
