//! The hands to the outside: database, cache, clock, time zones, randomness, vault, signatures, password hasher, letters,
//! other servers.
//!
//! Time, randomness and network enter only here, so that tests can set them. Knows no room.
//! Promise: Redis may vanish at any moment; nothing is lost and nobody is let in.

pub mod bell;
pub mod breached;
pub mod clock;
pub mod courier;
pub mod db;
pub mod hasher;
pub mod letters;
pub mod limiter;
pub mod log;
pub mod outbound;
pub mod places;
pub mod providers;
pub mod random;
pub mod reach;
pub mod redis;
pub mod signing;
pub mod strikes;
pub mod testing;
pub mod turnstile;
pub mod vault;
pub mod zones;

use std::{fmt, sync::Arc, time::Duration};

use sqlx::PgPool;
use uuid::Uuid;

use self::{
    breached::Breached, clock::Clock, hasher::PasswordHasher, limiter::Limiter, places::Places,
    providers::Providers, reach::Reach, redis::Redis, strikes::Strikes, turnstile::Turnstile, vault::Vault,
};
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
    /// Counts failures.
    pub strikes: Strikes,
    /// Knows passwords that were seen in breaches.
    pub breached: Breached,
    /// Knows where addresses are.
    pub places: Places,
    /// Providers by which people sign in.
    pub providers: Providers,
    /// Another site's captcha, where the operator chose it.
    pub turnstile: Turnstile,
    /// What the operator decided.
    pub rules: Rules,
}

/// What a session is bound to besides its secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Binding {
    /// The browser family and the networks in which its owner has proved who they are.
    #[default]
    BrowserAndNetwork,
    /// The browser family.
    Browser,
    /// Nothing.
    Nothing,
}

impl Binding {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::BrowserAndNetwork, Self::Browser, Self::Nothing];
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BrowserAndNetwork => "browser-and-network",
            Self::Browser => "browser",
            Self::Nothing => "nothing",
        })
    }
}

/// What the operator decided and rooms need to know.
#[derive(Clone, Debug)]
pub struct Rules {
    /// `https://gate.example.com`, without a slash at the end. Links in letters begin with it, never with `Host`.
    pub public_url: String,
    /// Whether site roles work only with a second factor on the account.
    pub staff_needs_second_factor: bool,
    /// Whether scripts can sign in by address and password.
    pub tokens_by_password: bool,
    /// A session ends when it was not used for so long.
    pub session_idle: Duration,
    /// A session ends after so long in any case.
    pub session_absolute: Duration,
    /// The same for people who asked to be remembered.
    pub session_remembered: Duration,
    /// How long such a one may lie unused.
    pub session_remembered_idle: Duration,
    /// What a session is bound to.
    pub session_binding: Binding,
    /// How long entries of the audit trail are kept; for ever without it.
    pub audit_retention: Option<Duration>,
    /// How far webhooks are sent.
    pub webhook_reach: Reach,
    /// Who writes invoices.
    pub supplier: Supplier,
}

/// Who writes invoices, and how they are paid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Supplier {
    /// The name of a company or a person.
    pub name: String,
    /// Street, place and so on, in lines.
    pub address: String,
    /// Two letters of ISO 3166.
    pub country: String,
    /// The number by which tax offices know it.
    pub tax_id: String,
    /// An address for questions.
    pub email: String,
    /// What stands on invoices about paying them, such as a bank account.
    pub how_to_pay: String,
    /// How many days there are to pay.
    pub payment_days: u32,
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

    /// What counts failures.
    #[must_use]
    pub fn strikes(&self) -> &Strikes {
        &self.0.strikes
    }

    /// What knows passwords that were seen in breaches.
    #[must_use]
    pub fn breached(&self) -> &Breached {
        &self.0.breached
    }

    /// What knows where addresses are.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.0.places
    }

    /// Providers by which people sign in.
    #[must_use]
    pub fn providers(&self) -> &Providers {
        &self.0.providers
    }

    /// Another site's captcha, where the operator chose it.
    #[must_use]
    pub fn turnstile(&self) -> &Turnstile {
        &self.0.turnstile
    }

    /// What the operator decided.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.0.rules
    }
}
