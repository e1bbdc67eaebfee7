//! Endpoints and deliveries, for administrators to see.

use super::{
    super::{
        Attempt, Delivery, DeliveryDetail, DeliveryState, Webhook, WebhookState,
        store::{deliveries, endpoints},
    },
    given, read_id,
};
use crate::{
    AppError, FieldIssue, Page, Timestamp,
    access::{Grant, Site, SiteAction},
    values::{PAGE_DEFAULT, PAGE_MAX},
};

/// How many attempts are shown of a delivery that was replayed many times.
const MOST_ATTEMPTS: i64 = 50;

/// Which deliveries somebody wants to see, as typed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Of which endpoint.
    pub webhook_id: String,
    /// A state's name.
    pub state: Option<String>,
    /// How many.
    pub limit: Option<u16>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// Every endpoint, the newest first.
pub async fn webhooks(grant: &Grant<Site>) -> Result<Vec<Webhook>, AppError> {
    grant.demand(SiteAction::ReadWebhooks)?;
    let now = grant.platform().now();
    let rows = endpoints::list(grant.platform().db(), None).await?;
    Ok(rows.into_iter().map(|row| shown(row, now)).collect())
}

/// One endpoint.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::MalformedRequest`] for what is no id.
pub async fn webhook(grant: &Grant<Site>, id: &str) -> Result<Webhook, AppError> {
    grant.demand(SiteAction::ReadWebhooks)?;
    let id = read_id("id", id)?;
    let now = grant.platform().now();
    let found = endpoints::list(grant.platform().db(), Some(id)).await?.into_iter().next();
    found.map(|row| shown(row, now)).ok_or(AppError::NotFound)
}

fn shown(row: endpoints::Listed, now: Timestamp) -> Webhook {
    let without_dot = |name: String| name.strip_suffix('.').map(str::to_owned).unwrap_or(name);
    Webhook {
        id: row.id,
        url: row.url,
        description: row.description,
        actions: row.actions.into_iter().map(without_dot).collect(),
        // The table knows no other.
        state: WebhookState::parse(&row.state).unwrap_or(WebhookState::Paused),
        created_at: row.created_at.into(),
        rotated_at: row.rotated_at.into(),
        previous_until: row.previous_until.map(Timestamp::from).filter(|until| *until > now),
        last_success_at: row.last_success_at.map(Timestamp::from),
        last_failure_at: row.last_failure_at.map(Timestamp::from),
        failing_since: row.failing_since.map(Timestamp::from),
        waiting: row.waiting,
        failed: row.failed,
    }
}

/// The deliveries of an endpoint, the newest first.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`] for a filter that is none.
pub async fn deliveries(grant: &Grant<Site>, query: Query) -> Result<Page<Delivery>, AppError> {
    grant.demand(SiteAction::ReadWebhooks)?;
    let endpoint = read_id("webhook_id", &query.webhook_id)?;
    let limit = query.limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(AppError::invalid("limit", FieldIssue::OutOfRange { min: 1, max: PAGE_MAX.into() }));
    }
    let state = given(query.state.as_deref())
        .map(|name| {
            DeliveryState::parse(name).ok_or_else(|| AppError::invalid("state", FieldIssue::NotAnOption))
        })
        .transpose()?;
    let before = match given(query.cursor.as_deref()) {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| AppError::invalid("cursor", FieldIssue::Unreadable))?,
    };
    let db = grant.platform().db();
    let state = state.map(DeliveryState::name);
    let mut rows = deliveries::list(db, endpoint, state, before, i64::from(limit) + 1).await?;
    if rows.is_empty() && endpoints::list(db, Some(endpoint)).await?.is_empty() {
        return Err(AppError::NotFound);
    }
    let more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let next_cursor = rows.last().filter(|_| more).map(|row| row.number.to_string());
    Ok(Page { items: rows.into_iter().map(delivered).collect(), next_cursor })
}

fn delivered(row: deliveries::Listed) -> Delivery {
    // The table knows no other.
    let state = DeliveryState::parse(&row.state).unwrap_or(DeliveryState::Waiting);
    let waits = state == DeliveryState::Waiting;
    Delivery {
        id: row.id,
        webhook_id: row.endpoint_id,
        seq: row.seq,
        action: row.action,
        state,
        attempts: row.attempts,
        created_at: row.created_at.into(),
        next_attempt_at: waits.then(|| row.next_attempt_at.into()),
        ended_at: row.ended_at.map(Timestamp::from),
        last_result: row.last_result,
    }
}

/// One delivery with its body and what came of each attempt.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::MalformedRequest`] for what is no id.
pub async fn delivery(grant: &Grant<Site>, id: &str) -> Result<DeliveryDetail, AppError> {
    grant.demand(SiteAction::ReadWebhooks)?;
    let id = read_id("id", id)?;
    let db = grant.platform().db();
    let (row, body) = deliveries::find(db, id).await?.ok_or(AppError::NotFound)?;
    let attempts = deliveries::attempts(db, id, MOST_ATTEMPTS).await?;
    let attempts = attempts.into_iter().map(|noted| Attempt {
        at: noted.at.into(),
        duration_ms: noted.duration_ms,
        status: noted.status,
        problem: noted.problem,
        answer: noted.answer,
    });
    Ok(DeliveryDetail { delivery: delivered(row), body, attempts: attempts.collect() })
}
