//! What comes of an attempt: the delivery goes on or ends, and the endpoint is well, ill, or paused.
//!
//! All of it is one transaction, with the entry in the trail and the letters to the administrators where it was paused.

use super::{
    super::{
        WebhookState,
        schedule::{FORGOTTEN, HOPELESS, Outcome, wait_after},
        store::{
            endpoints,
            queue::{self, NewAttempt, Next, Taken},
        },
    },
    answers::readable,
    send::Tried,
};
use crate::{
    AppError, Timestamp,
    access::{Grant, Tx},
    audit::{self, Deed},
    identity::service::{SiteNews, tell_administrators},
    platform::{Platform, log::chain},
};

/// Notes it, unless another worker has taken the delivery since, or the endpoint is gone.
pub(super) async fn note(platform: &Platform, taken: &Taken, tried: &Tried) -> Result<(), AppError> {
    let now = platform.now();
    let outcome = Outcome::of(tried.result.as_ref().ok(), now);
    let problem = tried.result.as_ref().err().map(|problem| chain(problem));
    let answer = tried.result.as_ref().map(|receipt| readable(&receipt.answer)).unwrap_or_default();
    let attempt = NewAttempt {
        at: tried.at,
        duration_ms: tried.duration_ms,
        status: tried.result.as_ref().ok().and_then(|receipt| i16::try_from(receipt.status).ok()),
        problem: problem.as_deref(),
        answer: &answer,
    };
    let next = next(taken, &outcome, now);
    let mut tx = Grant::system(platform, "noting what came of a webhook").begin().await?;
    // First of all, so that nobody who removes it waits for us while we wait for them.
    let Some(endpoint) = endpoints::hold(tx.conn(), taken.endpoint_id).await? else { return Ok(()) };
    if !queue::note(tx.conn(), taken, &attempt, &next).await? {
        tracing::warn!(delivery.id = %taken.id, "a delivery took longer than its lease and is sent again");
        return Ok(());
    }
    let is_active = endpoint.state == WebhookState::Active.name();
    // A test says nothing about how the endpoint is, and neither does the address it had before.
    if taken.seq.is_some() && taken.url == endpoint.url {
        let paused = health(&mut tx, taken, &outcome, now).await?.filter(|_| is_active);
        if let Some(state) = paused {
            pause(&mut tx, platform, taken, state).await?;
        }
    }
    tx.commit().await?;
    count(&outcome, &next);
    Ok(())
}

/// How the delivery goes on.
fn next(taken: &Taken, outcome: &Outcome, now: Timestamp) -> Next {
    let is_test = taken.seq.is_none();
    match outcome {
        Outcome::Arrived => Next::Ended("delivered", now),
        Outcome::Missed { rest } if !is_test => match wait_after(taken.attempts) {
            Some(wait) => Next::At(now + rest.unwrap_or_default().max(wait)),
            None => Next::Ended("failed", now),
        },
        Outcome::Gone | Outcome::Missed { .. } => Next::Ended("failed", now),
    }
}

/// Notes how the endpoint is; answers why it should be paused, if it should.
async fn health(
    tx: &mut Tx,
    taken: &Taken,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<Option<WebhookState>, AppError> {
    let rest = match outcome {
        Outcome::Arrived => {
            endpoints::note_success(tx.conn(), taken.endpoint_id, now).await?;
            return Ok(None);
        }
        Outcome::Gone => None,
        Outcome::Missed { rest } => rest.map(|rest| now + rest),
    };
    let since = endpoints::note_failure(tx.conn(), taken.endpoint_id, now, now - FORGOTTEN, rest).await?;
    Ok(match outcome {
        Outcome::Gone => Some(WebhookState::Gone),
        _ if now >= since + HOPELESS => Some(WebhookState::Failing),
        _ => None,
    })
}

async fn pause(tx: &mut Tx, platform: &Platform, taken: &Taken, state: WebhookState) -> Result<(), AppError> {
    let webhook = taken.endpoint_id;
    endpoints::pause(tx.conn(), webhook, state.name()).await?;
    let news = match state {
        WebhookState::Gone => SiteNews::WebhookGone { webhook },
        _ => SiteNews::WebhookFailing { webhook },
    };
    tell_administrators(tx, platform, news).await?;
    tracing::warn!(webhook.id = %webhook, state = state.name(), "a webhook was paused");
    audit::note(tx, Deed::WebhookPaused { webhook, state }).await
}

fn count(outcome: &Outcome, next: &Next) {
    let outcome = match (outcome, next) {
        (Outcome::Arrived, _) => "delivered",
        (_, Next::At(_)) => "delayed",
        (_, Next::Ended(..)) => "failed",
    };
    metrics::counter!("gatehouse_webhooks_total", "outcome" => outcome).increment(1);
}
