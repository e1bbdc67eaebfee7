//! Sends a test, and events once more.

use uuid::Uuid;

use super::{
    super::{
        Replayed, TestSent, payload,
        store::{
            deliveries,
            queue::{self, NewDelivery},
        },
    },
    CHANNEL, given,
    manage::must_exist,
    read_id,
};
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    access::{Grant, Site, SiteAction},
    admin::service::hold_acting,
    audit::{self, Deed},
    platform::bell,
};

/// How many events are replayed by one statement.
const BATCH: i64 = 5_000;

/// Sends a test event, once, also to an endpoint that is paused. What comes of it says nothing about the endpoint's health.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn test(grant: &Grant<Site>, id: &str) -> Result<TestSent, AppError> {
    grant.demand(SiteAction::SendWebhooks)?;
    let webhook = read_id("id", id)?;
    let (platform, now) = (grant.platform(), grant.platform().now());
    let delivery = platform.new_id();
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    must_exist(&mut tx, webhook).await?;
    let body = payload::test(webhook, now);
    let row = NewDelivery { id: delivery, seq: None, action: payload::TEST.to_owned(), body };
    queue::insert(tx.conn(), webhook, &[row], now).await?;
    bell::ring(tx.conn(), CHANNEL).await?;
    audit::note(&mut tx, Deed::WebhookTested { webhook, delivery }).await?;
    tx.commit().await?;
    Ok(TestSent { delivery_id: delivery })
}

/// Sends one delivery (`id`) once more, or all of an endpoint (`webhook_id`) that were given up and written since a moment.
/// Each begins its attempts anew, under its id.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for one that is on its way; [`AppError::InvalidInput`] when nothing, or
/// half of it, is named.
pub async fn replay(
    grant: &Grant<Site>,
    id: Option<&str>,
    webhook_id: Option<&str>,
    since: Option<&str>,
) -> Result<Replayed, AppError> {
    grant.demand(SiteAction::SendWebhooks)?;
    if let Some(id) = given(id) {
        return replay_one(grant, read_id("id", id)?).await;
    }
    let Some(webhook) = given(webhook_id) else {
        return Err(AppError::invalid("id", FieldIssue::Required));
    };
    let webhook = read_id("webhook_id", webhook)?;
    let since = given(since).ok_or_else(|| AppError::invalid("since", FieldIssue::Required))?;
    let since = Timestamp::typed(since).ok_or_else(|| AppError::invalid("since", FieldIssue::Unreadable))?;
    replay_failed(grant, webhook, since).await
}

async fn replay_one(grant: &Grant<Site>, delivery: Uuid) -> Result<Replayed, AppError> {
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    let webhook = deliveries::endpoint_of(tx.conn(), delivery).await?.ok_or(AppError::NotFound)?;
    must_exist(&mut tx, webhook).await?;
    if !deliveries::replay_one(tx.conn(), delivery, grant.platform().now()).await? {
        return Err(AppError::Conflict { errors: vec![FieldProblem::new("id", FieldIssue::OnItsWay)] });
    }
    bell::ring(tx.conn(), CHANNEL).await?;
    audit::note(&mut tx, Deed::WebhookReplayed { webhook, count: 1 }).await?;
    tx.commit().await?;
    Ok(Replayed { count: 1 })
}

async fn replay_failed(grant: &Grant<Site>, webhook: Uuid, since: Timestamp) -> Result<Replayed, AppError> {
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    must_exist(&mut tx, webhook).await?;
    let (now, mut count) = (grant.platform().now(), 0);
    loop {
        let batch = deliveries::replay_failed(tx.conn(), webhook, since, now, BATCH).await?;
        count += batch;
        if batch < BATCH.unsigned_abs() {
            break;
        }
    }
    if count == 0 {
        return Ok(Replayed { count });
    }
    bell::ring(tx.conn(), CHANNEL).await?;
    audit::note(&mut tx, Deed::WebhookReplayed { webhook, count }).await?;
    tx.commit().await?;
    Ok(Replayed { count })
}
