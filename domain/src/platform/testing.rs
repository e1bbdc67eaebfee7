//! A platform for the tests of every crate: a clock that stands still, cheap hashes, no Redis.
//!
//! Compiled always, because tests of other crates cannot see what is only compiled for the tests of this one.
//! The server never calls it.

use std::time::Duration;

use sqlx::PgPool;

use super::{
    Binding, Parts, Platform, Rules, Supplier,
    breached::Breached,
    clock::Clock,
    hasher::{HasherSettings, PasswordHasher},
    limiter::Limiter,
    places::Places,
    providers::Providers,
    reach::Reach,
    redis::Redis,
    strikes::Strikes,
    turnstile::Turnstile,
    vault::{Keyring, Vault},
};
use crate::Timestamp;

/// A platform whose clock stands at the present moment until it is advanced.
#[must_use]
pub fn platform(db: PgPool) -> Platform {
    platform_at(db, Clock::system().now())
}

/// A platform whose clock stands at `at` until it is advanced.
#[must_use]
pub fn platform_at(db: PgPool, at: Timestamp) -> Platform {
    Platform::new(parts(db, at))
}

/// The parts of such a platform, for a test that changes one of them.
#[must_use]
pub fn parts(db: PgPool, at: Timestamp) -> Parts {
    let clock = Clock::fixed(at);
    let redis = Redis::absent();
    let cheap = HasherSettings { workers: 1, queue: 64, memory_kib: 256, iterations: 1, lanes: 1 };
    Parts {
        db,
        redis: redis.clone(),
        clock: clock.clone(),
        vault: Vault::new(Keyring::single(1, [42; 32])),
        hasher: PasswordHasher::new(cheap),
        limiter: Limiter::new(redis.clone(), clock.clone(), 1),
        strikes: Strikes::new(redis, clock, 1),
        breached: Breached::bundled(),
        places: Places::default(),
        providers: Providers::default(),
        turnstile: Turnstile::default(),
        rules: rules(),
    }
}

/// What an operator of a machine of their own would decide.
#[must_use]
pub fn rules() -> Rules {
    Rules {
        public_url: "http://127.0.0.1:3000".to_owned(),
        staff_needs_second_factor: false,
        tokens_by_password: true,
        session_idle: Duration::from_mins(30),
        session_absolute: Duration::from_hours(24),
        session_remembered: Duration::from_hours(24 * 30),
        session_remembered_idle: Duration::from_hours(24 * 7),
        session_binding: Binding::default(),
        audit_retention: None,
        webhook_reach: Reach::default(),
        supplier: Supplier {
            name: "Gatehouse Example Ltd".to_owned(),
            address: "1 Lantern Street\n10115 Berlin".to_owned(),
            country: "DE".to_owned(),
            tax_id: "DE999999999".to_owned(),
            email: "billing@example.com".to_owned(),
            how_to_pay: "IBAN DE02 1203 0000 0000 2020 51".to_owned(),
            payment_days: 14,
        },
    }
}
