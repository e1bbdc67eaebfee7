//! `/_peer/…`: faults and disorder, for programs that cannot call the library. Bodies are JSON.
//!
//! `POST /_peer/faults {fault, calls?, times?, retry_after?}` · `POST /_peer/endpoint {url, secret, events?, held?}` ·
//! `POST /_peer/deliver {shuffle?, duplicate?, delay_ms?, drop?}` · `/_peer/events` · `/_peer/calls`.

use std::time::Duration;

use axum::response::Response;
use serde_json::{Value, json};

use crate::{
    Peer,
    faults::Fault,
    http_api::told,
    webhooks::{Disorder, Endpoint},
};

pub(crate) async fn serve(peer: &Peer, path: &[&str], body: &str) -> Response {
    let asked: Value = serde_json::from_str(body).unwrap_or_default();
    let number = |name: &str| asked[name].as_u64().unwrap_or_default();
    match path {
        ["faults"] => {
            let seconds = u32::try_from(number("retry_after")).unwrap_or_default();
            let Some(fault) = Fault::parse(asked["fault"].as_str().unwrap_or_default(), seconds) else {
                return told(&json!({ "error": "there is no such fault" }));
            };
            let times = usize::try_from(number("times").max(1)).unwrap_or(1);
            peer.fail(asked["calls"].as_str().unwrap_or_default(), std::iter::repeat_n(fault, times));
            told(&json!({ "planned": times }))
        }
        ["endpoint"] => {
            let events = asked["events"]
                .as_array()
                .map(|events| events.iter().filter_map(Value::as_str).map(str::to_owned).collect());
            peer.tell(Endpoint {
                url: asked["url"].as_str().unwrap_or_default().to_owned(),
                secret: asked["secret"].as_str().unwrap_or("whsec_development").to_owned(),
                events,
                is_held: asked["held"] == true,
            });
            told(&json!({ "told": true }))
        }
        ["deliver"] => {
            let disorder = Disorder {
                shuffle: asked["shuffle"].as_u64(),
                is_doubled: asked["duplicate"] == true,
                delay: Duration::from_millis(number("delay_ms")),
                dropped: usize::try_from(number("drop")).unwrap_or_default(),
            };
            let statuses = peer.deliver(&disorder).await;
            told(&json!({ "statuses": statuses }))
        }
        ["events"] => told(&peer.events().into()),
        ["calls"] => told(&peer.calls().into()),
        _ => told(&json!({ "error": "there is no such control" })),
    }
}
