//! A process that reserves and settles: from leased slices, or each call by itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    AppError, Timestamp,
    access::{Actor, Caller, Grant, Organization, Permission, Person, Place, RequestFacts, Sitting, Via},
    platform::{Parts, Platform, clock::Clock, redis::Redis, testing},
    spend::{
        Nano,
        service::{self, Call, Lane, Reservation, Settlement},
    },
};
use sqlx::{PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use super::{
    p99,
    shop::{BUDGETS, CALL},
};
use crate::{Outcome, variable};

/// How many calls go on at once in a process.
const TASKS: u64 = 32;
/// How often what calls have cost is booked.
const BOOK_EVERY: Duration = Duration::from_millis(100);
/// For how long the durable lane is measured.
const DURABLE: Duration = Duration::from_secs(10);

/// What a process has done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Summary {
    pub(super) asked: u64,
    pub(super) admitted: u64,
    pub(super) p99_us: u32,
    pub(super) took: Duration,
}

impl Summary {
    /// Reads what a process has written.
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("summary ")?.split(' ');
        let (asked, admitted) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Self { asked, admitted, p99_us: words.next()?.parse().ok()?, took: Duration::ZERO })
    }
}

async fn may(platform: &Platform, organization: Uuid, person: Uuid) -> Outcome<Grant<Organization>> {
    let facts = RequestFacts {
        id: Uuid::new_v4(),
        address: std::net::IpAddr::from([127, 0, 0, 1]),
        user_agent: String::new(),
        device: None,
        claim: None,
    };
    let actor = Actor::Person(Person {
        user: person,
        session: Uuid::new_v4(),
        via: Via::Cookie,
        roles: Vec::new(),
        second_factor: false,
        proved_at: now(),
        leaving: None,
        place: Place::Proved,
        sitting: Sitting { method: None, begun_at: now(), idle: Duration::ZERO },
    });
    let caller = Caller::new(platform.clone(), actor, facts);
    let member = caller.in_organization(&organization.to_string()).await?;
    Ok(member.may(Permission::ReserveSpend)?)
}

fn now() -> Timestamp {
    Clock::system().now()
}

fn platform(database: PgPool, redis: Redis) -> Platform {
    let parts = testing::parts(database, now());
    Platform::new(Parts { redis, clock: Clock::system(), ..parts })
}

/// The process itself: `spend-worker ORGANIZATION PERSON COUNT`.
///
/// # Errors
/// When Postgres cannot be reached.
pub(crate) async fn work(words: &[String]) -> Outcome<bool> {
    let [organization, person, count] = words else { return Err("three words".into()) };
    let (organization, person, count): (Uuid, Uuid, u64) =
        (organization.parse()?, person.parse()?, count.parse()?);
    let database =
        PgPoolOptions::new().max_connections(16).connect(&variable("GATEHOUSE_DATABASE_URL")?).await?;
    let platform = platform(database, Redis::new(Some(variable("GATEHOUSE_REDIS_URL")?.into()))?);
    let grant = may(&platform, organization, person).await?;
    let lane = Lane::new(&platform);
    let (next, done, admitted) =
        (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let booking = tokio::spawn(book(lane.clone(), Arc::clone(&done)));
    let process = Uuid::new_v4();
    let tasks = (0..TASKS).map(|_| {
        let (lane, grant, next) = (lane.clone(), grant.clone(), Arc::clone(&next));
        let (done, admitted) = (Arc::clone(&done), Arc::clone(&admitted));
        tokio::spawn(async move {
            let mut times = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return times;
                }
                let call = Call {
                    request_id: format!("{process} {number}"),
                    amount: Nano::new(CALL),
                    provider: "measured".to_owned(),
                    item: "call".to_owned(),
                    scope: format!("project:p{}", number % BUDGETS),
                };
                let begun = Instant::now();
                let answer = lane.admit(&grant, &call).await;
                times.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
                match answer {
                    Ok(ticket) => {
                        admitted.fetch_add(1, Ordering::Relaxed);
                        // Some cost less than they could.
                        ticket.settle(Nano::new(if number.is_multiple_of(3) { CALL / 2 } else { CALL }));
                    }
                    Err(AppError::SpendCapReached { .. }) => {}
                    // A store that is busy is asked again by whoever calls; here it is the next call's turn.
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
                done.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await?);
    }
    booking.abort();
    while lane.close().await.is_err() {
        tokio::time::sleep(BOOK_EVERY).await;
    }
    println!("summary {} {} {}", times.len(), admitted.load(Ordering::Relaxed), p99(&mut times));
    Ok(true)
}

/// Books what calls have cost, and says how far it is.
async fn book(lane: Lane, done: Arc<AtomicU64>) {
    loop {
        tokio::time::sleep(BOOK_EVERY).await;
        println!("done {}", done.load(Ordering::Relaxed));
        // What fails is booked the next time.
        let _ = lane.flush().await;
    }
}

/// Reserves and settles each call by itself, for some seconds.
pub(super) async fn durable(database: &PgPool, organization: Uuid, person: Uuid) -> Outcome<Summary> {
    let platform = platform(database.clone(), Redis::absent());
    let grant = may(&platform, organization, person).await?;
    let begun = Instant::now();
    let tasks = (0..8_u64).map(|task| {
        let grant = grant.clone();
        tokio::spawn(async move {
            let mut times = Vec::new();
            while begun.elapsed() < DURABLE {
                let reservation = Reservation {
                    amount: Some(Nano::new(CALL).to_string()),
                    // Against a budget of its own, so that as many could go on at once as the machine can.
                    scope: Some(format!("project:durable-{task}")),
                    request_id: Uuid::new_v4().to_string(),
                    ..Reservation::default()
                };
                let asked = Instant::now();
                let held = service::reserve(&grant, &reservation).await?;
                times.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
                let settlement = Settlement {
                    hold_id: held.hold_id.to_string(),
                    amount: reservation.amount,
                    ..Settlement::default()
                };
                service::settle(&grant, &settlement).await?;
            }
            Ok::<_, AppError>(times)
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let asked = u64::try_from(times.len())?;
    Ok(Summary { asked, admitted: asked, p99_us: p99(&mut times), took: begun.elapsed() })
}
