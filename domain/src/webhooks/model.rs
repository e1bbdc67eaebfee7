//! Endpoints and deliveries, as an administrator reads them. Shared with the browser.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// Where events are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Webhook {
    /// The endpoint.
    pub id: Uuid,
    /// Its address.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Which events it gets: names of actions, and rooms; all of them when there is none.
    pub actions: Vec<String>,
    /// Whether events are sent.
    pub state: WebhookState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its present secret was made.
    pub rotated_at: Timestamp,
    /// Until when the secret before signs as well, if it still does.
    pub previous_until: Option<Timestamp>,
    /// When an event last arrived.
    pub last_success_at: Option<Timestamp>,
    /// When an event last did not.
    pub last_failure_at: Option<Timestamp>,
    /// Since when nothing has arrived; null after a success.
    pub failing_since: Option<Timestamp>,
    /// How many deliveries wait for their first or next attempt.
    pub waiting: i64,
    /// How many deliveries of the last 30 days were given up.
    pub failed: i64,
}

/// Whether events are sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum WebhookState {
    /// They are.
    Active,
    /// An administrator paused it.
    Paused,
    /// It answered that it is gone (410), and was paused.
    Gone,
    /// Nothing had arrived for five days, and it was paused.
    Failing,
}

impl WebhookState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Paused, Self::Gone, Self::Failing];

    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What becomes of the events that happened while an endpoint was paused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missed {
    /// They are sent now.
    #[default]
    Send,
    /// They are left out.
    Skip,
}

impl Missed {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Send, Self::Skip];

    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Skip => "skip",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|missed| missed.name() == name)
    }
}

/// An endpoint that was just made, or got a new secret. The secret is told here and nowhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MadeWebhook {
    /// The endpoint.
    pub id: Uuid,
    /// What its receiver verifies signatures with, `whsec_…`.
    pub secret: String,
}

impl std::fmt::Debug for MadeWebhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeWebhook").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A test that is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TestSent {
    /// The delivery, which tells what came of it.
    pub delivery_id: Uuid,
}

/// How many deliveries are sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Replayed {
    /// So many.
    pub count: u64,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// It waits for its first or next attempt.
    Waiting,
    /// It arrived.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Failed];

    /// The name in the API.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Delivery {
    /// The delivery, and its `webhook-id` at every attempt.
    pub id: Uuid,
    /// Where it goes.
    pub webhook_id: Uuid,
    /// The number of its entry in the audit trail; null for a test.
    pub seq: Option<i64>,
    /// What happened, such as `identity.signed-in`.
    pub action: String,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried since it was written or last replayed.
    pub attempts: i32,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it is tried next; null when it has ended.
    pub next_attempt_at: Option<Timestamp>,
    /// When it arrived or was given up.
    pub ended_at: Option<Timestamp>,
    /// What the last attempt came to: the HTTP status, or why there was none.
    pub last_result: Option<String>,
}

/// One delivery, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct DeliveryDetail {
    /// How it stands.
    pub delivery: Delivery,
    /// What is sent, letter by letter.
    pub body: String,
    /// Every attempt of the last 30 days, the newest first.
    pub attempts: Vec<Attempt>,
}

/// One attempt to send something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: i32,
    /// The HTTP status of the answer; null where there was none.
    pub status: Option<i16>,
    /// Why there was no answer.
    pub problem: Option<String>,
    /// How the answer begins, at most 1 KiB of it.
    pub answer: String,
}
