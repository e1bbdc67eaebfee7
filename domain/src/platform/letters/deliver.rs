//! The workers that take letters out of the outbox and hand them over.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Notify, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::{
    DeliveryProblem, Sink,
    outbox::{self, CHANNEL, Next, Taken},
};
use crate::{
    AppError,
    platform::{Platform, bell},
};

/// How many letters are handed over at the same time, so that one slow server does not hold up the others.
const LANES: usize = 4;
/// How often the outbox is looked into without being woken: letters that are due again, and lost wake-ups.
const POLL: Duration = Duration::from_secs(5);
/// How long handing over may take. Well below the lease, after which another worker would begin.
const HAND_OVER: Duration = Duration::from_mins(1);
/// How often old letters are forgotten.
const TIDY: Duration = Duration::from_hours(1);

/// Delivers letters until told to stop; then finishes those being handed over. Outlives restarts of Postgres.
pub async fn run(platform: Platform, sink: Arc<dyn Sink>, stop: CancellationToken) {
    let bell = Arc::new(Notify::new());
    let listener = tokio::spawn(bell::listen(platform.clone(), CHANNEL, Arc::clone(&bell), stop.clone()));
    let mut lanes = JoinSet::new();
    let mut tidy = tokio::time::interval(TIDY);
    while !stop.is_cancelled() {
        fill(&platform, &sink, &mut lanes).await;
        tokio::select! {
            () = stop.cancelled() => {}
            Some(_) = lanes.join_next() => {}
            () = bell.notified() => {}
            () = tokio::time::sleep(POLL) => {}
            _ = tidy.tick() => {
                // What fails here is in the log, and is tried again in an hour.
                let _ = outbox::forget_old(&platform).await;
            }
        }
    }
    while lanes.join_next().await.is_some() {}
    let _ = listener.await;
}

/// Delivers everything that is due right now, one after the other, and says how many letters it has taken.
///
/// For tests and the command line; the server uses [`run`].
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn run_once(platform: &Platform, sink: &dyn Sink) -> Result<usize, AppError> {
    let mut count = 0;
    while let Some(letter) = outbox::take(platform).await? {
        hand_over(platform, sink, &letter).await?;
        count += 1;
    }
    Ok(count)
}

/// Gives every free lane a letter, as long as there are any.
async fn fill(platform: &Platform, sink: &Arc<dyn Sink>, lanes: &mut JoinSet<()>) {
    while lanes.len() < LANES {
        // An absent database is in the log already, and the next look is not far.
        let Ok(Some(letter)) = outbox::take(platform).await else { return };
        let (platform, sink) = (platform.clone(), Arc::clone(sink));
        let span = tracing::info_span!("letter", letter.id = %letter.id, letter.kind = letter.kind);
        let task = async move {
            // What fails here is in the log; the lease ends, and the letter is taken again.
            let _ = hand_over(&platform, sink.as_ref(), &letter).await;
        };
        lanes.spawn(task.instrument(span));
    }
}

async fn hand_over(platform: &Platform, sink: &dyn Sink, letter: &Taken) -> Result<(), AppError> {
    let outcome = match letter.open(platform) {
        Ok(parcel) => timeout(HAND_OVER, sink.deliver(&parcel))
            .await
            .unwrap_or_else(|_| Err(DeliveryProblem::Later("no answer in time".into()))),
        Err(problem) => Err(problem),
    };
    let kind = letter.kind.clone();
    match outcome {
        Ok(()) => {
            metrics::counter!("gatehouse_letters_total", "kind" => kind, "outcome" => "sent").increment(1);
            if !letter.note_sent(platform).await? {
                tracing::warn!("a letter took longer than its lease and may arrive twice");
            }
        }
        Err(problem) => match letter.note_problem(platform, &problem).await? {
            Next::At(again_at) => {
                metrics::counter!("gatehouse_letters_total", "kind" => kind, "outcome" => "delayed")
                    .increment(1);
                let again_at = again_at.rfc3339();
                tracing::warn!(problem = problem.code(), again_at, "a letter has not left");
            }
            Next::GivenUp => {
                metrics::counter!("gatehouse_letters_total", "kind" => kind, "outcome" => "failed")
                    .increment(1);
                tracing::error!(problem = problem.code(), "a letter is given up");
            }
        },
    }
    Ok(())
}
