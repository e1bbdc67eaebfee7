//! Events.

use serde::Deserialize;
use serde_json::Value;

/// Something that happened at Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// `evt_…`.
    pub id: String,
    /// What happened, such as `invoice.paid`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When, in seconds since 1970.
    pub created: i64,
    data: EventData,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct EventData {
    object: EventObject,
}

/// What an event is about, as far as it is believed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct EventObject {
    /// Of which kind, such as `invoice`.
    #[serde(rename = "object", default)]
    pub kind: String,
    /// Which; some have no id, such as an invoice that is still to come.
    #[serde(default)]
    pub id: String,
}

impl Event {
    /// Reads one as it came.
    pub(in crate::billing::stripe) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// One of a list.
    pub(in crate::billing::stripe) fn of(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// What it is about.
    #[must_use]
    pub fn object(&self) -> &EventObject {
        &self.data.object
    }
}
