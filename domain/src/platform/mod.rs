//! The hands to the outside: database, cache, clock, randomness, vault, password hasher, letters.
//!
//! Time, randomness and network enter only here, so that tests can set them. Knows no room.
//! Promise: Redis may vanish at any moment; nothing is lost and nobody is let in.

pub mod bell;
pub mod clock;
pub mod db;
pub mod hasher;
pub mod letters;
pub mod limiter;
pub mod log;
pub mod random;
pub mod redis;
pub mod testing;
pub mod vault;

use std::{sync::Arc, time::Duration};

use sqlx::PgPool;
use uuid::Uuid;

use self::{clock::Clock, hasher::PasswordHasher, limiter::Limiter, redis::Redis, vault::Vault};
use crate::Timestamp;

/// Everything a service needs besides its grant. Cheap to clone.
#[derive(Clone)]
pub struct Platform(Arc<Parts>);

/// What a platform is put together from, once, at start-up.
pub struct Parts {
    /// The one authority.
    pub db: PgPool,
    /// Only remembers; may be away.
    pub redis: Redis,
    /// What time it is.
    pub clock: Clock,
    /// Seals secrets at rest.
    pub vault: Vault,
    /// Hashes passwords, a bounded number at a time.
    pub hasher: PasswordHasher,
    /// Counts tries.
    pub limiter: Limiter,
    /// What the operator decided.
    pub rules: Rules,
}

/// What the operator decided and rooms need to know.
#[derive(Clone, Debug)]
pub struct Rules {
    /// `https://gate.example.com`, without a slash at the end. Links in letters begin with it, never with `Host`.
    pub public_url: String,
    /// Whether site roles work only with a second factor on the account.
    pub staff_needs_second_factor: bool,
    /// A session ends when it was not used for so long.
    pub session_idle: Duration,
    /// A session ends after so long in any case.
    pub session_absolute: Duration,
    /// The same for people who asked to be remembered.
    pub session_remembered: Duration,
    /// How long entries of the audit trail are kept; for ever without it.
    pub audit_retention: Option<Duration>,
}

impl Platform {
    /// Puts a platform together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &PgPool {
        &self.0.db
    }

    /// The cache, which may be away.
    #[must_use]
    pub fn redis(&self) -> &Redis {
        &self.0.redis
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The clock itself, for workers that wait.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// A new id that sorts by age.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        random::id(self.now())
    }

    /// What seals secrets at rest.
    #[must_use]
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    /// What hashes passwords.
    #[must_use]
    pub fn hasher(&self) -> &PasswordHasher {
        &self.0.hasher
    }

    /// What counts tries.
    #[must_use]
    pub fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    /// What the operator decided.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }
}
