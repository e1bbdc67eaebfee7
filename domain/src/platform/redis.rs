//! The way to Redis, which only remembers: it may be away at any moment, and nobody waits for it.
//!
//! Promise: no call takes longer than [`PATIENCE`]; after a failure Redis is left alone for [`REST`], so that
//! an absent one costs nothing; it is found again by itself, and an outage is in the log once.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use ::redis::{
    Client, ErrorKind, RedisError, RedisResult, ServerErrorKind,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use futures::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use super::log::chain;

/// How long a call may take before Redis counts as away.
pub const PATIENCE: Duration = Duration::from_millis(150);
/// How long Redis is left alone after a failure.
pub const REST: Duration = Duration::from_secs(1);
/// How long opening a connection may take in the background, where nobody waits for it.
const CONNECT: Duration = Duration::from_secs(3);

/// Whether Redis answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedisState {
    /// It does.
    Up,
    /// It does not.
    Away,
    /// The operator runs without it.
    NotConfigured,
}

/// A handle to Redis. Cheap to clone.
#[derive(Clone)]
pub struct Redis(Option<Arc<Inner>>);

struct Inner {
    client: Client,
    link: Mutex<Link>,
    is_outage_told: AtomicBool,
}

enum Link {
    /// Nothing is open, and nothing is tried before that moment.
    Closed {
        until: Instant,
    },
    Opening {
        attempt: Shared<BoxFuture<'static, Option<ConnectionManager>>>,
        /// One caller has waited in vain; the others need not.
        is_slow: bool,
    },
    Open {
        manager: ConnectionManager,
        since: Instant,
    },
}

impl Redis {
    /// A handle that connects when it is first used. Without an address it is never up.
    ///
    /// # Errors
    /// When the address cannot be read; the error does not repeat it, because a password may be in it.
    pub fn new(url: Option<SecretString>) -> Result<Self, RedisError> {
        let Some(url) = url else { return Ok(Self::absent()) };
        let client = Client::open(url.expose_secret()).map_err(|_| {
            RedisError::from((ErrorKind::InvalidClientConfig, "the address of Redis cannot be read"))
        })?;
        let link = Mutex::new(Link::Closed { until: Instant::now() });
        Ok(Self(Some(Arc::new(Inner { client, link, is_outage_told: AtomicBool::new(false) }))))
    }

    /// For an operator who runs without Redis.
    #[must_use]
    pub fn absent() -> Self {
        Self(None)
    }

    /// Whether Redis answers right now. During the rest after a failure it does not, without being asked.
    pub async fn ping(&self) -> RedisState {
        if self.0.is_none() {
            return RedisState::NotConfigured;
        }
        let answer = self
            .run("pinging Redis", |mut redis| async move {
                ::redis::cmd("PING").query_async::<String>(&mut redis).await
            })
            .await;
        if answer.is_some() { RedisState::Up } else { RedisState::Away }
    }

    /// The version of Redis, such as `7.2.4`. `None` when it does not answer or does not say.
    pub async fn version(&self) -> Option<String> {
        let info = self
            .run("asking Redis for its version", |mut redis| async move {
                ::redis::cmd("INFO").arg("server").query_async::<String>(&mut redis).await
            })
            .await?;
        info.lines()
            .find_map(|line| line.strip_prefix("redis_version:"))
            .map(|version| version.trim().to_owned())
    }

    /// A connection, if Redis is configured and not known to be away. Prefer [`Redis::run`], which keeps the
    /// time and notices failures.
    pub async fn get(&self) -> Option<ConnectionManager> {
        Inner::connection(self.0.as_ref()?).await
    }

    /// Does `call`, which must not mind being cut off in the middle. `None` means that Redis is away or has
    /// refused; the cause is in the log with `doing`, such as `"remembering a session"`.
    pub async fn run<T, F, Fut>(&self, doing: &'static str, call: F) -> Option<T>
    where
        F: FnOnce(ConnectionManager) -> Fut,
        Fut: Future<Output = RedisResult<T>>,
    {
        let inner = self.0.as_ref()?;
        let manager = Inner::connection(inner).await?;
        let begun = Instant::now();
        match timeout(PATIENCE, call(manager)).await {
            Ok(Ok(value)) => {
                inner.note_recovery();
                Some(value)
            }
            Ok(Err(error)) if is_our_fault(&error) => {
                tracing::error!(error = chain(&error), "Redis refused while {doing}");
                None
            }
            Ok(Err(error)) => {
                inner.close(begun, doing, &chain(&error));
                None
            }
            Err(_) => {
                inner.close(begun, doing, "no answer in time");
                None
            }
        }
    }
}

impl Inner {
    async fn connection(self: &Arc<Self>) -> Option<ConnectionManager> {
        let attempt = {
            let mut link = self.link();
            match &*link {
                Link::Open { manager, .. } => return Some(manager.clone()),
                Link::Opening { is_slow: true, .. } => return None,
                Link::Opening { attempt, .. } => attempt.clone(),
                Link::Closed { until } if Instant::now() < *until => return None,
                Link::Closed { .. } => {
                    let attempt = Self::open(Arc::clone(self)).boxed().shared();
                    // The task goes on when every caller has lost patience, for the sake of the next ones.
                    tokio::spawn(attempt.clone());
                    *link = Link::Opening { attempt: attempt.clone(), is_slow: false };
                    attempt
                }
            }
        };
        if let Ok(manager) = timeout(PATIENCE, attempt).await {
            return manager;
        }
        if let Link::Opening { is_slow, .. } = &mut *self.link() {
            *is_slow = true;
        }
        None
    }

    async fn open(self: Arc<Self>) -> Option<ConnectionManager> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(PATIENCE))
            // We count the time between attempts ourselves, so that nobody waits for it.
            .set_number_of_retries(0);
        let opening = ConnectionManager::new_with_config(self.client.clone(), config);
        let problem = match timeout(CONNECT, opening).await {
            Ok(Ok(manager)) => {
                *self.link() = Link::Open { manager: manager.clone(), since: Instant::now() };
                return Some(manager);
            }
            Ok(Err(error)) => chain(&error),
            Err(_) => "no connection in time".to_owned(),
        };
        *self.link() = Link::Closed { until: Instant::now() + REST };
        self.tell_outage("connecting", &problem);
        None
    }

    /// Gives up the connection a call that began at `begun` has used; a newer one stays.
    fn close(&self, begun: Instant, doing: &'static str, problem: &str) {
        {
            let mut link = self.link();
            match &*link {
                Link::Open { since, .. } if *since <= begun => {}
                _ => return,
            }
            *link = Link::Closed { until: Instant::now() + REST };
        }
        self.tell_outage(doing, problem);
    }

    fn tell_outage(&self, doing: &'static str, problem: &str) {
        if !self.is_outage_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = problem, "Redis went away while {doing}; going on without it");
        }
    }

    fn note_recovery(&self) {
        if self.is_outage_told.load(Ordering::Relaxed) && self.is_outage_told.swap(false, Ordering::Relaxed) {
            tracing::info!("Redis is back");
        }
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        // Nothing can panic while the lock is held, so a poisoned state is still a good one.
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A wrong command fails the same way every time and says nothing about whether Redis is there.
fn is_our_fault(error: &RedisError) -> bool {
    let is_wrong_call = matches!(
        error.kind(),
        ErrorKind::Parse
            | ErrorKind::UnexpectedReturnType
            | ErrorKind::Server(ServerErrorKind::ResponseError | ServerErrorKind::CrossSlot)
    );
    is_wrong_call || error.code() == Some("WRONGTYPE")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nowhere() -> Redis {
        // Port 1 belongs to nobody, so that the connection is refused at once.
        Redis::new(Some("redis://127.0.0.1:1/".into())).expect("readable")
    }

    #[tokio::test]
    async fn without_an_address_it_is_not_configured() {
        assert_eq!(Redis::absent().ping().await, RedisState::NotConfigured);
        assert!(Redis::absent().get().await.is_none());
    }

    #[tokio::test]
    async fn an_absent_redis_costs_nothing_after_the_first_failure() {
        let redis = nowhere();
        assert_eq!(redis.ping().await, RedisState::Away);
        let begun = Instant::now();
        for _ in 0..1000 {
            assert_eq!(redis.ping().await, RedisState::Away);
        }
        assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    }

    #[test]
    fn an_unreadable_address_is_refused_without_being_repeated() {
        let error = Redis::new(Some("redis//:hunter2@".into())).err().expect("refused");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
