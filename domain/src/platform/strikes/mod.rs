//! Counts failures: so many in a while, and then a lock.
//!
//! A strike is taken *before* the try and forgiven after a success, so that of a hundred tries at the same moment no more
//! get through than one after the other. Promise: nobody waits inside a request; whoever is locked out is told until when.
//! While Redis is away each process counts by itself.

mod local;
mod shared;

use std::{sync::Arc, time::Duration};

use self::local::Local;
use super::{clock::Clock, limiter::digest, redis::Redis};

/// How many failures one key may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What is counted, such as `"password"`; different names never share a count.
    pub name: &'static str,
    /// The strike that locks. A rule that only counts has none.
    pub most: Option<u32>,
    /// How long a strike is remembered after the first.
    pub window: Duration,
    /// How long the lock lasts, from the strike that caused it.
    pub lock: Duration,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Strikes in the current window.
    pub strikes: u32,
    /// For how long it is still locked.
    pub locked_for: Option<Duration>,
}

/// Counts failures. Cheap to clone.
#[derive(Clone)]
pub struct Strikes(Arc<Inner>);

struct Inner {
    redis: Redis,
    clock: Clock,
    factor: u32,
    local: Local,
}

/// A rule in the terms of the counting; times are microseconds.
#[derive(Clone, Copy)]
struct Terms {
    /// The strike that locks; 0 for none.
    most: i64,
    window: i64,
    lock: i64,
}

/// What happened to a key; times are microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tally {
    strikes: i64,
    locked_for: i64,
}

/// What is done to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Look,
    Take,
    GiveBack,
    Forgive,
}

impl Act {
    fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Take => "take",
            Self::GiveBack => "give-back",
            Self::Forgive => "forgive",
        }
    }
}

impl Strikes {
    /// `factor` multiplies the strikes of every rule: 1 where it matters, 100 in development.
    #[must_use]
    pub fn new(redis: Redis, clock: Clock, factor: u32) -> Self {
        Self(Arc::new(Inner { redis, clock, factor: factor.max(1), local: Local::new() }))
    }

    /// What is known of a key, without changing it.
    pub async fn look(&self, rule: &Rule, key: &str) -> Count {
        self.act(Act::Look, rule, key).await
    }

    /// Takes a strike; answers the strikes with this one. A key that is locked takes none, and says for how long.
    pub async fn take(&self, rule: &Rule, key: &str) -> Count {
        self.act(Act::Take, rule, key).await
    }

    /// Gives one strike back, and with it the lock that it may have caused: the try was none.
    pub async fn give_back(&self, rule: &Rule, key: &str) {
        self.act(Act::GiveBack, rule, key).await;
    }

    /// Forgets every strike of a key.
    pub async fn forgive(&self, rule: &Rule, key: &str) {
        self.act(Act::Forgive, rule, key).await;
    }

    /// By how much the operator multiplies; for rules that compare a count by themselves.
    #[must_use]
    pub fn factor(&self) -> u32 {
        self.0.factor
    }

    async fn act(&self, act: Act, rule: &Rule, key: &str) -> Count {
        let terms = Terms::of(rule, self.0.factor);
        let key = digest(rule.name, key);
        let tally = match shared::act(&self.0.redis, rule.name, &key, act, terms).await {
            Some(tally) => tally,
            None => self.0.local.act(key, act, terms, self.0.clock.now()),
        };
        tally.count()
    }
}

impl Terms {
    fn of(rule: &Rule, factor: u32) -> Self {
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let most = rule.most.map_or(0, |most| i64::from(most.saturating_mul(factor)));
        Self { most, window: micros(rule.window), lock: micros(rule.lock) }
    }
}

impl Tally {
    fn count(self) -> Count {
        Count {
            strikes: u32::try_from(self.strikes).unwrap_or(u32::MAX),
            locked_for: u64::try_from(self.locked_for).ok().filter(|us| *us > 0).map(Duration::from_micros),
        }
    }
}
