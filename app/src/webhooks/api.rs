//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    webhooks::{Delivery, DeliveryDetail, MadeWebhook, Replayed, TestSent, Webhook},
};
use leptos::{
    server,
    server_fn::codec::{GetUrl, PostUrl},
};

use crate::error::Problem;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::caller,
        endpoint::{Endpoint, Rate},
    },
    domain::{
        access::{Need, SiteAction},
        webhooks::service::{self, Change, NewWebhook, Query},
    },
};

/// Where events are sent to.
#[server(prefix = "/api/v1", endpoint = "admin/webhooks", input = GetUrl)]
pub async fn list_webhooks() -> Result<Page<Webhook>, Problem> {
    let grant = caller()?.may(SiteAction::ReadWebhooks)?;
    // At most twenty: always one page.
    Ok(Page { items: service::webhooks(&grant).await?, next_cursor: None })
}

/// One of these places.
#[server(prefix = "/api/v1", endpoint = "admin/webhook", input = GetUrl)]
pub async fn read_webhook(#[server(default)] id: String) -> Result<Webhook, Problem> {
    let grant = caller()?.may(SiteAction::ReadWebhooks)?;
    Ok(service::webhook(&grant, &id).await?)
}

/// Sends events to one more place.
#[server(prefix = "/api/v1", endpoint = "admin/create-webhook", input = PostUrl)]
pub async fn create_webhook(
    #[server(default)] url: String,
    description: Option<String>,
    actions: Option<String>,
) -> Result<MadeWebhook, Problem> {
    let grant = caller()?.may(SiteAction::ChangeWebhooks)?;
    Ok(service::create(&grant, &NewWebhook { url, description, actions }).await?)
}

/// Changes, pauses or resumes one.
#[server(prefix = "/api/v1", endpoint = "admin/update-webhook", input = PostUrl)]
pub async fn update_webhook(
    #[server(default)] id: String,
    url: Option<String>,
    description: Option<String>,
    actions: Option<String>,
    state: Option<String>,
    missed: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::ChangeWebhooks)?;
    let change = Change { url, description, actions, state, missed };
    Ok(service::update(&grant, &id, &change).await?)
}

/// Gives one another secret.
#[server(prefix = "/api/v1", endpoint = "admin/rotate-webhook-secret", input = PostUrl)]
pub async fn rotate_webhook_secret(
    #[server(default)] id: String,
    overlap_s: Option<String>,
) -> Result<MadeWebhook, Problem> {
    let grant = caller()?.may(SiteAction::ChangeWebhooks)?;
    Ok(service::rotate(&grant, &id, overlap_s.as_deref()).await?)
}

/// Removes one.
#[server(prefix = "/api/v1", endpoint = "admin/end-webhook", input = PostUrl)]
pub async fn end_webhook(#[server(default)] id: String) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::ChangeWebhooks)?;
    service::end(&grant, &id).await?;
    leptos_axum::redirect("/admin/webhooks?removed=1", false);
    Ok(())
}

/// Sends a test.
#[server(prefix = "/api/v1", endpoint = "admin/test-webhook", input = PostUrl)]
pub async fn test_webhook(#[server(default)] id: String) -> Result<TestSent, Problem> {
    let grant = caller()?.may(SiteAction::SendWebhooks)?;
    Ok(service::test(&grant, &id).await?)
}

/// What was sent to one, and what came of it.
#[server(prefix = "/api/v1", endpoint = "admin/webhook-deliveries", input = GetUrl)]
pub async fn list_deliveries(
    #[server(default)] webhook_id: String,
    state: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<Delivery>, Problem> {
    let grant = caller()?.may(SiteAction::ReadWebhooks)?;
    Ok(service::deliveries(&grant, Query { webhook_id, state, limit, cursor }).await?)
}

/// One delivery, whole.
#[server(prefix = "/api/v1", endpoint = "admin/webhook-delivery", input = GetUrl)]
pub async fn read_delivery(#[server(default)] id: String) -> Result<DeliveryDetail, Problem> {
    let grant = caller()?.may(SiteAction::ReadWebhooks)?;
    Ok(service::delivery(&grant, &id).await?)
}

/// Sends one delivery, or all that were given up, once more.
#[server(prefix = "/api/v1", endpoint = "admin/replay-webhook-deliveries", input = PostUrl)]
pub async fn replay_deliveries(
    id: Option<String>,
    webhook_id: Option<String>,
    since: Option<String>,
) -> Result<Replayed, Problem> {
    let grant = caller()?.may(SiteAction::SendWebhooks)?;
    Ok(service::replay(&grant, id.as_deref(), webhook_id.as_deref(), since.as_deref()).await?)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [reads(), changes(), sends()].concat()
}

/// What was sent are entries of the trail: whoever may not read that by a token reads it by no other road.
#[cfg(feature = "ssr")]
const TRAIL: &str = "audit";

#[cfg(feature = "ssr")]
fn reads() -> Vec<Endpoint> {
    let need = Need::Site(SiteAction::ReadWebhooks);
    vec![
        Endpoint::of::<ListWebhooks, GetUrl>(
            need,
            Rate::Read,
            "Where events of the audit trail are sent to, how each stands, and how much waits.",
        ),
        Endpoint::of::<ReadWebhook, GetUrl>(need, Rate::Read, "One webhook.").with_problems(&["not-found"]),
        Endpoint::of::<ListDeliveries, GetUrl>(
            need,
            Rate::Read,
            "What was sent to a webhook in the last 30 days, the newest first, by `state` (waiting, delivered, failed).",
        )
        .of_room(TRAIL)
        .with_problems(&["not-found"]),
        Endpoint::of::<ReadDelivery, GetUrl>(
            need,
            Rate::Read,
            "One delivery with its body and what came of each attempt.",
        )
        .of_room(TRAIL)
        .with_problems(&["not-found"]),
    ]
}

#[cfg(feature = "ssr")]
fn changes() -> Vec<Endpoint> {
    let need = Need::Site(SiteAction::ChangeWebhooks);
    vec![
        Endpoint::of::<CreateWebhook, PostUrl>(
            need,
            Rate::Write,
            "Sends events to an https address (`url`) in the format of Standard Webhooks, from now on: all, or those of \
             `actions` (names such as identity.signed-in, and rooms such as admin, with commas between them). The secret \
             is told in this answer alone.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<UpdateWebhook, PostUrl>(
            need,
            Rate::Write,
            "Changes a webhook; what is not given stays. `state` pauses (paused) and resumes (active) it; what happened \
             meanwhile is sent then, unless `missed` is skip.",
        )
        .with_problems(&["not-found"]),
        Endpoint::of::<RotateWebhookSecret, PostUrl>(
            need,
            Rate::Write,
            "Gives a webhook a new secret. The old one signs as well for overlap_s seconds, a day when nobody says.",
        )
        .with_problems(&["not-found"]),
        Endpoint::of::<EndWebhook, PostUrl>(
            need,
            Rate::Write,
            "Removes a webhook with everything that waits for it.",
        )
        .with_problems(&["not-found"]),
    ]
}

#[cfg(feature = "ssr")]
fn sends() -> Vec<Endpoint> {
    let need = Need::Site(SiteAction::SendWebhooks);
    vec![
        Endpoint::of::<TestWebhook, PostUrl>(
            need,
            Rate::SignIn,
            "Sends an event of the type webhooks.test, once, also to a webhook that is paused.",
        )
        .with_problems(&["not-found"]),
        Endpoint::of::<ReplayDeliveries, PostUrl>(
            need,
            Rate::SignIn,
            "Sends one delivery (`id`) once more, under its id, or all of a webhook (`webhook_id`) that were given up and \
             are not older than `since`.",
        )
        .with_problems(&["not-found", "conflict"]),
    ]
}
