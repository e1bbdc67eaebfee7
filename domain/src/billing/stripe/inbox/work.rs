//! The workers: each event leads to a look at Stripe, and what is found is kept.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    super::{Stripe, StripeProblem, retry::by_chance},
    CHANNEL, Keepers, Kind, Object, reconcile_if_due,
    store::{self, Taken},
};
use crate::{
    AppError,
    access::{Grant, Tx},
    platform::{
        Platform, bell,
        log::{Cause as _, WhileDoing as _, chain},
    },
};

/// How many events this process looks into at the same time.
const LANES: usize = 4;
/// How often work is looked for without being woken: events that are due again, and lost wake-ups.
const POLL: Duration = Duration::from_secs(5);
/// How long an event belongs to the worker that took it: well above the time that a question is tried.
const LEASE: Duration = Duration::from_mins(2);
/// The bound of the first pause of an event that led nowhere; each next one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(4);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// What Stripe refuses for so long is given up, as it is by Stripe itself.
const HOPELESS: Duration = Duration::from_hours(24 * 3);
/// What cannot be asked, or be kept here, is tried for as long as Stripe remembers the event.
const REMEMBERED: Duration = Duration::from_hours(24 * 30);

/// Why an event leads nowhere this time.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    /// Stripe has no answer, or refuses to give it.
    #[error(transparent)]
    Stripe(#[from] StripeProblem),
    /// What it answered, or what follows from it, is not kept.
    #[error("what was found cannot be kept: {0}")]
    Keeping(#[from] AppError),
}

impl Trouble {
    /// Whether it is over in a moment, as far as anybody knows.
    fn passes(&self) -> bool {
        match self {
            Self::Stripe(problem) => problem.passes(),
            Self::Keeping(error) => matches!(error, AppError::Busy { .. }),
        }
    }

    /// For how long it is worth trying. A key is put right by the operator, and a keeper by whoever writes it.
    fn patience(&self) -> Duration {
        match self {
            Self::Stripe(problem) if !problem.passes() && *problem != StripeProblem::Key => HOPELESS,
            Self::Stripe(_) | Self::Keeping(_) => REMEMBERED,
        }
    }
}

/// Looks into events, and compares them with Stripe's list, until told to stop. Outlives restarts of Postgres.
pub async fn run(platform: Platform, stripe: Stripe, keepers: Keepers<'_>, stop: CancellationToken) {
    let bell = Arc::new(Notify::new());
    let listener = tokio::spawn(bell::listen(platform.clone(), CHANNEL, Arc::clone(&bell), stop.clone()));
    let lanes = join_all((0..LANES).map(|_| lane(&platform, &stripe, keepers, &bell, &stop)));
    tokio::join!(lanes, passes(&platform, &stripe, &stop));
    let _ = listener.await;
}

/// Looks into everything that is due right now, one after the other. Answers how many events it has taken.
///
/// For tests; the server uses [`run`].
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn run_once(platform: &Platform, stripe: &Stripe, keepers: Keepers<'_>) -> Result<usize, AppError> {
    let mut count = 0;
    while let Some(taken) = take(platform).await? {
        look_into(platform, stripe, keepers, &taken).await?;
        count += 1;
    }
    Ok(count)
}

async fn lane(
    platform: &Platform,
    stripe: &Stripe,
    keepers: Keepers<'_>,
    bell: &Notify,
    stop: &CancellationToken,
) {
    while !stop.is_cancelled() {
        // What fails is in the log already, and the next look is not far.
        if let Ok(Some(taken)) = take(platform).await {
            // There may be more than one lane can do.
            bell.notify_one();
            let span = tracing::info_span!("stripe event", event.id = taken.id, object = taken.object_kind);
            // What fails here is in the log; the lease ends, and the event is taken again.
            let _ = look_into(platform, stripe, keepers, &taken).instrument(span).await;
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = bell.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

async fn passes(platform: &Platform, stripe: &Stripe, stop: &CancellationToken) {
    let mut turns = tokio::time::interval(super::EVERY / 10);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = turns.tick() => {}
        }
        // What fails is in the log; the next pass begins where this one began.
        let pass = async { reconcile_if_due(platform, stripe).await };
        tokio::select! {
            () = stop.cancelled() => return,
            _ = pass => {}
        }
    }
}

async fn take(platform: &Platform) -> Result<Option<Taken>, AppError> {
    let now = platform.now();
    store::take(platform.db(), now, now + LEASE).await
}

/// Reads the object from Stripe, unless that was done since the event came, and keeps what was found.
async fn look_into(
    platform: &Platform,
    stripe: &Stripe,
    keepers: Keepers<'_>,
    taken: &Taken,
) -> Result<(), AppError> {
    let db = platform.db();
    let Some(kind) = Kind::parse(&taken.object_kind) else { return end(platform, taken, "ignored").await };
    if store::is_seen_after(db, kind.name(), &taken.object_id, taken.number).await? {
        return end(platform, taken, "covered").await;
    }
    // Before Stripe is asked: whoever has a higher number has asked later, and knows better.
    let look = store::next_look(db).await?;
    let kept = match fetch(stripe, kind, &taken.object_id, taken.is_of_an_end()).await {
        Ok(object) => keep(platform, keepers, taken, &object, look).await.map_err(Trouble::from),
        Err(problem) => Err(problem.into()),
    };
    match kept {
        Ok(()) => Ok(()),
        Err(trouble) => put_off(platform, taken, &trouble).await,
    }
}

async fn fetch(stripe: &Stripe, kind: Kind, id: &str, has_ended: bool) -> Result<Object, StripeProblem> {
    let path: Vec<&str> = kind.path().iter().copied().chain([id]).collect();
    let state = match stripe.object(&path).await {
        // Nothing is gone because of an answer alone: a key of another account finds nothing either.
        Err(StripeProblem::Missing) if has_ended => {
            json!({ "id": id, "object": kind.name(), "deleted": true })
        }
        other => storable(whole(stripe, kind, other?).await?),
    };
    Ok(Object { kind, id: id.to_owned(), state })
}

/// An object with what an answer leaves out.
async fn whole(stripe: &Stripe, kind: Kind, state: Value) -> Result<Value, StripeProblem> {
    match kind {
        Kind::Invoice => stripe.with_parts(state).await,
        _ => Ok(state),
    }
}

/// Postgres has no room for the character NUL.
fn storable(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => Value::String(text.replace('\0', "\u{fffd}")),
        Value::Array(items) => items.into_iter().map(storable).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name.replace('\0', "\u{fffd}"), storable(value)))
            .collect(),
        other => other,
    }
}

/// The object, what follows from it, and the end of the event, in one transaction.
async fn keep(
    platform: &Platform,
    keepers: Keepers<'_>,
    taken: &Taken,
    object: &Object,
    look: i64,
) -> Result<(), AppError> {
    let now = platform.now();
    let mut tx = Grant::system(platform, "keeping an object of Stripe's").begin().await?;
    if !store::end(tx.conn(), taken, "applied", now).await? {
        tracing::warn!("an event of Stripe's took longer than its lease and is looked into again");
        return Ok(());
    }
    put(&mut tx, platform, keepers, object, look).await?;
    tx.commit().await?;
    count("applied");
    Ok(())
}

/// The object and what follows from it, unless a later look has brought it.
async fn put(
    tx: &mut Tx,
    platform: &Platform,
    keepers: Keepers<'_>,
    object: &Object,
    look: i64,
) -> Result<(), AppError> {
    let (kind, now) = (object.kind.name(), platform.now());
    if store::put_object(tx.conn(), kind, &object.id, &object.state, look, now).await? {
        for keeper in keepers {
            keeper.apply(platform, tx, object).await?;
        }
    }
    Ok(())
}

/// Looks at an object of Stripe's without an event, and keeps what is found: after an act of our own, whose event comes later
/// and finds that nothing is left to do.
///
/// # Errors
/// [`AppError::Busy`] while the database or Stripe is away.
pub async fn learn(
    platform: &Platform,
    stripe: &Stripe,
    keepers: Keepers<'_>,
    kind: Kind,
    id: &str,
) -> Result<(), AppError> {
    let look = store::next_look(platform.db()).await?;
    let object = fetch(stripe, kind, id, false).await.while_doing("looking at an object of Stripe's")?;
    let mut tx = Grant::system(platform, "keeping an object of Stripe's").begin().await?;
    put(&mut tx, platform, keepers, &object, look).await?;
    tx.commit().await
}

async fn end(platform: &Platform, taken: &Taken, state: &'static str) -> Result<(), AppError> {
    let mut tx = Grant::system(platform, "ending an event of Stripe's").begin().await?;
    store::end(tx.conn(), taken, state, platform.now()).await?;
    tx.commit().await?;
    count(state);
    Ok(())
}

/// It is tried again, or given up until Stripe tells it once more.
async fn put_off(platform: &Platform, taken: &Taken, trouble: &Trouble) -> Result<(), AppError> {
    let now = platform.now();
    if now >= taken.received_at() + trouble.patience() {
        tracing::error!(event.id = taken.id, problem = chain(trouble), "an event of Stripe's is given up");
        return end(platform, taken, "failed").await;
    }
    if !trouble.passes() {
        tracing::error!(event.id = taken.id, problem = chain(trouble), "an event of Stripe's led nowhere");
    }
    let doublings = u32::try_from(taken.attempts.clamp(1, 20) - 1).unwrap_or_default();
    let pause = by_chance(FIRST_PAUSE.saturating_mul(1 << doublings).min(LONGEST_PAUSE));
    let mut tx = Grant::system(platform, "putting an event of Stripe's off").begin().await?;
    store::end(tx.conn(), taken, "waiting", now + pause).await?;
    tx.commit().await?;
    count("delayed");
    Ok(())
}

fn count(outcome: &'static str) {
    metrics::counter!("gatehouse_stripe_events_total", "outcome" => outcome).increment(1);
}
