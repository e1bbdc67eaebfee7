//! What is sent: `{"type", "timestamp", "data"}`, as Standard Webhooks has it.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Timestamp, audit::Entry};

/// The type of a test.
pub(super) const TEST: &str = "webhooks.test";

#[derive(Serialize)]
struct Event<'a> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: Value,
}

/// An entry of the trail as `audit/entries` shows it, without the address of the one who acted: what is sent is kept
/// elsewhere, and an account that is deleted shall not live on there by more than its bare id.
pub(super) fn event(entry: &Entry) -> String {
    let mut data = serde_json::to_value(entry).unwrap_or_default();
    if let Some(data) = data.as_object_mut() {
        data.remove("actor_email");
    }
    written(&Event { r#type: &entry.action, timestamp: entry.at, data })
}

/// A test of an endpoint.
pub(super) fn test(webhook: Uuid, now: Timestamp) -> String {
    written(&Event { r#type: TEST, timestamp: now, data: json!({ "webhook_id": webhook }) })
}

fn written(event: &Event<'_>) -> String {
    // Nothing in it can fail: every key is text.
    serde_json::to_string(event).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_the_entry_without_the_address_of_a_person() {
        let at = Timestamp::parse("2026-11-21T12:00:00.5Z").expect("valid");
        let entry = Entry {
            seq: 7,
            at,
            actor: Some(Uuid::from_u128(1)),
            actor_email: Some("ann@example.com".into()),
            action: "identity.signed-in".into(),
            target: Some("user:1".into()),
            organization_id: None,
            address: "192.0.2.7".into(),
            request_id: Uuid::from_u128(2),
            detail: r#"{"second_factor":"none"}"#.into(),
            hash: "00".into(),
        };
        let body = event(&entry);
        let sent: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(sent["type"], "identity.signed-in");
        assert_eq!(sent["timestamp"], "2026-11-21T12:00:00.5Z");
        assert_eq!((&sent["data"]["seq"], &sent["data"]["detail"]), (&json!(7), &json!(entry.detail)));
        assert!(!body.contains("ann@example.com") && !body.contains("actor_email"));
        assert!(body.starts_with(r#"{"type":"#), "{body}");
    }
}
