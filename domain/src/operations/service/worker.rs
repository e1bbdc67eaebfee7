//! The workers that take operations and do their steps.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    super::store,
    CHANNEL,
    turn::{LEASE, Trouble, Turn, Work, Works},
};
use crate::{
    AppError,
    access::{Grant, System},
    platform::{Platform, bell},
};

/// How many operations a process works on at the same time.
const LANES: usize = 4;
/// How often operations are looked for without being woken: those that are due again, and those of a process that died.
const POLL: Duration = Duration::from_secs(5);
/// How long an operation of a newer version is left alone, for a process of that version to take it.
const NOT_OURS: Duration = Duration::from_mins(1);

/// Works on operations until told to stop; the step that is under way is finished then, and the rest left to others.
pub async fn work(platform: Platform, works: Works, stop: CancellationToken) {
    let bell = Arc::new(Notify::new());
    let listener = tokio::spawn(bell::listen(platform.clone(), CHANNEL, Arc::clone(&bell), stop.clone()));
    let mut lanes = JoinSet::new();
    while !stop.is_cancelled() {
        fill(&platform, works, &mut lanes, &stop).await;
        tokio::select! {
            () = stop.cancelled() => {}
            Some(_) = lanes.join_next() => {}
            () = bell.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    while lanes.join_next().await.is_some() {}
    let _ = listener.await;
}

/// Works on everything that is due right now, one after the other, and says how many turns that took.
///
/// For tests; the server uses [`work`].
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn work_once(platform: &Platform, works: Works) -> Result<usize, AppError> {
    let stop = CancellationToken::new();
    let mut count = 0;
    while let Some((work, turn)) = take(platform, works).await? {
        go(work, turn, &stop).await?;
        count += 1;
    }
    Ok(count)
}

async fn fill(platform: &Platform, works: Works, lanes: &mut JoinSet<()>, stop: &CancellationToken) {
    while lanes.len() < LANES && !stop.is_cancelled() {
        // What fails here is in the log; it is looked for again in a moment.
        let Ok(Some((work, turn))) = take(platform, works).await else { return };
        let span = tracing::info_span!("operation", operation.id = %turn.operation(), kind = work.kind());
        let stop = stop.clone();
        let lane = async move {
            // The same; the lease ends, and the operation is taken again.
            let _ = go(work, turn, &stop).await;
        };
        lanes.spawn(lane.instrument(span));
    }
}

/// Takes the next operation. That its step begins is committed before anything of it is done.
async fn take(platform: &Platform, works: Works) -> Result<Option<(&'static dyn Work, Turn)>, AppError> {
    let kinds: Vec<String> = works.iter().map(|work| work.kind().to_owned()).collect();
    let grant: Grant<System> = Grant::system(platform, "taking an operation");
    loop {
        let now = platform.now();
        let mut tx = grant.begin().await?;
        let Some(taken) = store::take(tx.conn(), &kinds, now, now + LEASE).await? else { return Ok(None) };
        let work = works.iter().find(|work| work.kind() == taken.kind).copied();
        let turn = Turn::of(platform, taken);
        let Some(work) = work.filter(|work| turn.is_known(*work)) else {
            turn.leave(&mut tx, NOT_OURS).await?;
            tx.commit().await?;
            continue;
        };
        let goes_on = turn.note_begun(&mut tx).await?;
        tx.commit().await?;
        if goes_on {
            return Ok(Some((work, turn)));
        }
    }
}

/// Does step after step.
async fn go(work: &dyn Work, mut turn: Turn, stop: &CancellationToken) -> Result<(), AppError> {
    loop {
        match turn.once(work).await {
            Ok(true) => turn = turn.next(),
            Ok(false) => return Ok(()),
            Err(Trouble::Lost) => {
                tracing::info!("an operation was cancelled, or somebody else has it");
                return Ok(());
            }
            Err(Trouble::Failed(error)) => {
                tracing::warn!("a step of an operation failed");
                return turn.note_problem(&error).await;
            }
        }
        if stop.is_cancelled() || !turn.is_known(work) {
            return turn.give_back(None, Duration::ZERO).await;
        }
    }
}
