//! Redis only remembers: counts are shared through it, and nothing waits for it or breaks without it.
//!
//! These tests need a Redis of their own, named by `GATEHOUSE_TEST_REDIS_URL`. Without the name they prove nothing and
//! pass; with a name that leads nowhere they fail.

#![expect(clippy::expect_used, reason = "a test whose ground gives way cannot go on")]

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use domain::platform::{
    clock::Clock,
    limiter::{Allowance, Limiter},
    random::Token,
    redis::{PATIENCE, REST, Redis, RedisState},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

const TEN_A_MINUTE: Allowance = Allowance { name: "sign-in", count: 10, per: Duration::from_mins(1) };

/// Where there is a Redis for tests. Counting goes on without one, so a test could pass without it; a name that leads
/// nowhere therefore fails here.
async fn url() -> Option<String> {
    let url = std::env::var("GATEHOUSE_TEST_REDIS_URL").ok()?;
    assert_eq!(redis(&url).ping().await, RedisState::Up, "the Redis named by GATEHOUSE_TEST_REDIS_URL");
    Some(url)
}

fn redis(url: &str) -> Redis {
    Redis::new(Some(url.into())).expect("readable")
}

fn limiter(url: &str) -> Limiter {
    Limiter::new(redis(url), Clock::system(), 1)
}

/// A door in front of Redis that can be shut.
struct Door {
    url: String,
    place: SocketAddr,
    redis: String,
    open: JoinHandle<()>,
}

impl Door {
    async fn open(url: &str) -> Self {
        let address = url.rsplit('@').next().expect("one").trim_start_matches("redis://");
        let redis = address.split('/').next().expect("one").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let place = listener.local_addr().expect("bound");
        let url = url.replace(&redis, &place.to_string());
        let open = tokio::spawn(serve(listener, redis.clone()));
        Self { url, place, redis, open }
    }

    async fn shut(&mut self) {
        self.open.abort();
        let _ = (&mut self.open).await;
    }

    async fn reopen(&mut self) {
        let listener = TcpListener::bind(self.place).await.expect("the same port");
        self.open = tokio::spawn(serve(listener, self.redis.clone()));
    }
}

/// Dropping the future drops its connections with it.
async fn serve(listener: TcpListener, redis: String) {
    let mut connections = JoinSet::new();
    while let Ok((mut here, _)) = listener.accept().await {
        let redis = redis.clone();
        connections.spawn(async move {
            let mut there = TcpStream::connect(redis).await?;
            copy_bidirectional(&mut here, &mut there).await
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_tries_in_two_processes_exactly_the_allowance_gets_through() {
    let Some(url) = url().await else { return };
    let key = Token::new().reveal();
    let limiters = [limiter(&url), limiter(&url)];
    // The first call of each opens the connection.
    for limiter in &limiters {
        limiter.take(&TEN_A_MINUTE, &Token::new().reveal()).await;
    }
    let mut tries = JoinSet::new();
    for limiter in limiters.iter().cycle().take(50) {
        let (limiter, key) = (limiter.clone(), key.clone());
        tries.spawn(async move { limiter.take(&TEN_A_MINUTE, &key).await.allowed });
    }
    let allowed = tries.join_all().await.into_iter().filter(|allowed| *allowed).count();
    assert_eq!(allowed, 10);
}

#[tokio::test]
async fn after_a_burst_a_try_is_allowed_when_its_time_has_come() {
    let Some(url) = url().await else { return };
    let limiter = limiter(&url);
    let key = Token::new().reveal();
    let five_a_second = Allowance { name: "test", count: 5, per: Duration::from_secs(1) };
    for left in (0..5).rev() {
        let verdict = limiter.take(&five_a_second, &key).await;
        assert!(verdict.allowed);
        // Under load a fifth of a second may have passed meanwhile.
        assert!(verdict.limit == 5 && verdict.remaining >= left);
    }
    let mut wait = None;
    for _ in 0..5 {
        wait = wait.or(limiter.take(&five_a_second, &key).await.retry_after);
    }
    let wait = wait.expect("refused");
    assert!(wait > Duration::ZERO && wait <= Duration::from_millis(200), "{wait:?}");
    tokio::time::sleep(wait + Duration::from_millis(5)).await;
    assert!(limiter.take(&five_a_second, &key).await.allowed);
}

#[tokio::test]
async fn no_key_is_in_clear_and_none_stays_for_ever() {
    let Some(url) = url().await else { return };
    let name = "clear-text-test";
    let allowance = Allowance { name, ..TEN_A_MINUTE };
    limiter(&url).take(&allowance, "192.0.2.77").await;
    let pattern = format!("*{name}*");
    let keys = redis(&url)
        .run("listing keys", |mut redis| async move {
            let keys: Vec<String> = redis::cmd("KEYS").arg(pattern).query_async(&mut redis).await?;
            let ttl: i64 = redis::cmd("PTTL").arg(&keys).query_async(&mut redis).await?;
            Ok((keys, ttl))
        })
        .await;
    let (keys, ttl) = keys.expect("answers");
    assert!(!keys.concat().contains("192.0.2.77"), "{keys:?}");
    assert!(ttl > 0 && ttl <= 60_000, "{ttl}");
}

#[tokio::test]
async fn an_outage_costs_nobody_time_and_ends_by_itself() {
    let Some(url) = url().await else { return };
    let mut door = Door::open(&url).await;
    let redis = redis(&door.url);
    let limiter = Limiter::new(redis.clone(), Clock::system(), 1);
    assert_eq!(redis.ping().await, RedisState::Up);

    door.shut().await;
    assert_eq!(redis.ping().await, RedisState::Away);
    let begun = Instant::now();
    for number in 0..1000 {
        assert!(limiter.take(&TEN_A_MINUTE, &number.to_string()).await.allowed);
    }
    assert!(begun.elapsed() < PATIENCE * 2, "{:?}", begun.elapsed());

    door.reopen().await;
    tokio::time::sleep(REST + Duration::from_millis(50)).await;
    assert_eq!(redis.ping().await, RedisState::Up);
}

#[tokio::test]
async fn a_redis_that_accepts_and_never_answers_is_left_alone() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let place = listener.local_addr().expect("bound");
    let silent = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            kept.push(connection);
        }
    });
    let redis = redis(&format!("redis://{place}/"));
    let begun = Instant::now();
    for _ in 0..100 {
        assert_eq!(redis.ping().await, RedisState::Away);
    }
    assert!(begun.elapsed() < PATIENCE * 3, "{:?}", begun.elapsed());
    silent.abort();
}
