//! Counts tries: so many in a while, per address or account, for all processes together.
//!
//! The counting is the generic cell rate algorithm: one moment per key, the "theoretical arrival time", tells
//! how much of the allowance is used up. A full allowance may be used at once and comes back evenly.
//! Promise: an answer is always given, and given at once. While Redis is away each process counts by itself,
//! so that an attacker gains one more allowance per process, not a free hand.

mod local;
mod shared;

use std::{sync::Arc, time::Duration};

use sha2::{Digest as _, Sha256};

use self::local::Local;
use super::{clock::Clock, redis::Redis};

/// How much of something one key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// What is counted, such as `"sign-in"`; different names never share a count.
    pub name: &'static str,
    /// How often it may happen at once.
    pub count: u32,
    /// After how long all of it is there again.
    pub per: Duration,
}

/// The answer to one try; what the headers `RateLimit` and `Retry-After` say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the try is counted and may go on.
    pub allowed: bool,
    /// How many there are in all.
    pub limit: u32,
    /// How many are left after this one.
    pub remaining: u32,
    /// After how long all of them are there again.
    pub reset_after: Duration,
    /// After how long a try can succeed; only when this one was refused.
    pub retry_after: Option<Duration>,
}

/// Counts tries. Cheap to clone.
#[derive(Clone)]
pub struct Limiter(Arc<Inner>);

struct Inner {
    redis: Redis,
    clock: Clock,
    factor: u32,
    local: Arc<Local>,
}

/// An allowance in the terms of the algorithm; times are microseconds.
#[derive(Clone, Copy)]
struct Rate {
    /// How many tries may come at once.
    burst: u32,
    /// After how long one more is allowed.
    interval: i64,
}

/// Whether a try counts, or is only thought about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Take,
    Look,
}

/// What the algorithm says about one try; times are microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Outcome {
    allowed: bool,
    remaining: i64,
    reset: i64,
    retry: i64,
}

impl Limiter {
    /// `factor` multiplies every allowance: 1 where it matters, 100 in development.
    #[must_use]
    pub fn new(redis: Redis, clock: Clock, factor: u32) -> Self {
        Self(Arc::new(Inner { redis, clock, factor: factor.max(1), local: Arc::new(Local::new()) }))
    }

    /// The same counts without the factor, for what is strict in development too.
    #[must_use]
    pub fn exact(&self) -> Self {
        let Inner { redis, clock, local, .. } = &*self.0;
        Self(Arc::new(Inner {
            redis: redis.clone(),
            clock: clock.clone(),
            factor: 1,
            local: Arc::clone(local),
        }))
    }

    /// Takes one from the allowance of `key`, an address or the id of an account. A refused try costs
    /// nothing.
    pub async fn take(&self, allowance: &Allowance, key: &str) -> Verdict {
        self.count(allowance, key, Act::Take).await
    }

    /// What [`Limiter::take`] would say, taking nothing.
    pub async fn look(&self, allowance: &Allowance, key: &str) -> Verdict {
        self.count(allowance, key, Act::Look).await
    }

    async fn count(&self, allowance: &Allowance, key: &str, act: Act) -> Verdict {
        let rate = Rate::of(allowance, self.0.factor);
        let key = digest(allowance.name, key);
        let outcome = match shared::count(&self.0.redis, allowance.name, &key, rate, act).await {
            Some(outcome) => outcome,
            None => self.0.local.count(key, rate, act, self.0.clock.now()),
        };
        outcome.verdict(rate)
    }
}

impl Rate {
    fn of(allowance: &Allowance, factor: u32) -> Self {
        let burst = allowance.count.saturating_mul(factor).max(1);
        let per = i64::try_from(allowance.per.as_micros()).unwrap_or(i64::MAX);
        Self { burst, interval: (per / i64::from(burst)).max(1) }
    }

    /// How long a full allowance takes to come back.
    fn whole(self) -> i64 {
        self.interval.saturating_mul(i64::from(self.burst))
    }
}

impl Outcome {
    fn verdict(self, rate: Rate) -> Verdict {
        let duration = |micros: i64| Duration::from_micros(u64::try_from(micros).unwrap_or(0));
        Verdict {
            allowed: self.allowed,
            limit: rate.burst,
            remaining: u32::try_from(self.remaining).unwrap_or(0),
            reset_after: duration(self.reset),
            retry_after: (!self.allowed).then(|| duration(self.retry)),
        }
    }
}

/// The name a key is counted under: no address is in clear in Redis, its log of slow commands, or our memory.
///
/// A hash of something as small as an address can be searched for, so this keeps it from being read in
/// passing, and is no anonymity.
pub(super) fn digest(name: &str, key: &str) -> [u8; 16] {
    let hash: [u8; 32] =
        Sha256::new().chain_update(name).chain_update([0]).chain_update(key).finalize().into();
    let mut digest = [0; 16];
    digest.copy_from_slice(&hash[..16]);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    const TEN_A_MINUTE: Allowance = Allowance { name: "sign-in", count: 10, per: Duration::from_mins(1) };

    fn limiter(factor: u32) -> (Limiter, Clock) {
        let clock = Clock::fixed(Timestamp::parse("2026-11-21T12:00:00Z").expect("valid"));
        (Limiter::new(Redis::absent(), clock.clone(), factor), clock)
    }

    #[tokio::test]
    async fn a_burst_is_allowed_and_the_next_try_is_refused() {
        let (limiter, _) = limiter(1);
        for left in (0..10).rev() {
            let verdict = limiter.take(&TEN_A_MINUTE, "192.0.2.1").await;
            assert!(verdict.allowed);
            assert_eq!((verdict.limit, verdict.remaining, verdict.retry_after), (10, left, None));
        }
        let refused = limiter.take(&TEN_A_MINUTE, "192.0.2.1").await;
        assert!(!refused.allowed);
        assert_eq!(refused.retry_after, Some(Duration::from_secs(6)));
        assert_eq!(refused.reset_after, Duration::from_mins(1));
    }

    #[tokio::test]
    async fn after_the_time_it_names_one_more_try_is_allowed() {
        let (limiter, clock) = limiter(1);
        for _ in 0..10 {
            limiter.take(&TEN_A_MINUTE, "key").await;
        }
        let wait = limiter.take(&TEN_A_MINUTE, "key").await.retry_after.expect("refused");
        clock.advance(wait.checked_sub(Duration::from_micros(1)).expect("positive"));
        assert!(!limiter.take(&TEN_A_MINUTE, "key").await.allowed);
        clock.advance(Duration::from_micros(1));
        assert!(limiter.take(&TEN_A_MINUTE, "key").await.allowed);
        assert!(!limiter.take(&TEN_A_MINUTE, "key").await.allowed);
    }

    #[tokio::test]
    async fn one_key_or_name_does_not_use_up_another() {
        let (limiter, _) = limiter(1);
        let once = Allowance { count: 1, ..TEN_A_MINUTE };
        assert!(limiter.take(&once, "a").await.allowed);
        assert!(limiter.take(&once, "b").await.allowed);
        assert!(limiter.take(&Allowance { name: "letters", ..once }, "a").await.allowed);
        assert!(!limiter.take(&once, "a").await.allowed);
    }

    #[tokio::test]
    async fn a_look_takes_nothing_and_sees_what_a_try_would() {
        let (limiter, _) = limiter(1);
        let once = Allowance { count: 1, ..TEN_A_MINUTE };
        for _ in 0..3 {
            assert!(limiter.look(&once, "key").await.allowed);
        }
        assert!(limiter.take(&once, "key").await.allowed);
        assert!(!limiter.look(&once, "key").await.allowed);
    }

    #[tokio::test]
    async fn what_is_exact_is_strict_in_development_too() {
        let (limiter, _) = limiter(100);
        assert_eq!(limiter.exact().take(&TEN_A_MINUTE, "key").await.limit, 10);
    }

    #[tokio::test]
    async fn development_allows_a_hundred_times_as_much() {
        let (limiter, _) = limiter(100);
        assert_eq!(limiter.take(&TEN_A_MINUTE, "key").await.limit, 1000);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_fifty_tries_at_once_exactly_the_allowance_gets_through() {
        let (limiter, _) = limiter(1);
        let tries = (0..50).map(|_| {
            let limiter = limiter.clone();
            tokio::spawn(async move { limiter.take(&TEN_A_MINUTE, "key").await.allowed })
        });
        let allowed =
            futures::future::join_all(tries).await.into_iter().filter(|it| *it.as_ref().expect("runs"));
        assert_eq!(allowed.count(), 10);
    }
}
