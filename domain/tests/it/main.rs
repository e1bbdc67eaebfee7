//! The rooms against a real database, each test in one of its own.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on says why")]

mod address;
mod admin;
mod administration;
mod audit;
mod breached;
mod captcha;
mod deletion;
mod house;
mod idempotency;
mod identity;
mod known_devices;
mod letter_requests;
mod lockout;
mod passkeys;
mod places;
mod platform_db;
mod platform_hasher;
mod platform_letters;
mod platform_redis;
mod platform_smtp;
mod races;
mod receiver;
mod refresh;
mod refresh_model;
mod reseal;
mod retention;
mod second_factor;
mod sessions;
mod sessions_model;
mod soft_key;
mod sweep;
mod timing;
mod tokens;
mod webhooks;
mod webhooks_sending;
