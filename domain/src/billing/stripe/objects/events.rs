//! Events.

use serde::Deserialize;
use serde_json::Value;

/// Something that happened at Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Event {
    /// `evt_…`.
    pub id: String,
    /// What happened, such as `invoice.paid`; nothing where that cannot be read.
    #[serde(rename = "type")]
    pub kind: String,
    /// When, in seconds since 1970, where that can be read.
    #[serde(default)]
    pub created: Option<i64>,
    /// Whether it is about money, where it says so.
    #[serde(default)]
    pub livemode: Option<bool>,
    #[serde(default)]
    data: EventData,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
struct EventData {
    #[serde(default)]
    object: EventObject,
}

/// What an event is about, as far as it is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct EventObject {
    /// Of which kind, such as `invoice`.
    #[serde(rename = "object", default)]
    pub kind: String,
    /// Which; some have no id, such as an invoice that is still to come.
    #[serde(default)]
    pub id: String,
}

impl Event {
    /// Reads one as it came. One of a shape that is not known is about nothing; what has no id is none.
    pub(in crate::billing::stripe) fn read(body: &[u8]) -> Option<Self> {
        Self::of(&serde_json::from_slice(body).ok()?)
    }

    /// One of a list.
    pub(in crate::billing::stripe) fn of(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok().or_else(|| Self::about_nothing(value))
    }

    fn about_nothing(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            id: text("id")?,
            kind: text("type").unwrap_or_default(),
            created: value.get("created").and_then(Value::as_i64),
            livemode: value.get("livemode").and_then(Value::as_bool),
            data: EventData::default(),
        })
    }

    /// The same without names that do not fit; one whose own does not fit is none.
    pub(in crate::billing::stripe) fn fitting(self, fits: impl Fn(&str) -> bool) -> Option<Self> {
        let Self { id, kind, created, livemode, data } = self;
        if id.is_empty() || !fits(&id) {
            return None;
        }
        let kind = Some(kind).filter(|kind| fits(kind)).unwrap_or_default();
        let object = Some(data.object).filter(|object| fits(&object.kind) && fits(&object.id));
        let data = EventData { object: object.unwrap_or_default() };
        Some(Self { id, kind, created, livemode, data })
    }

    /// What it is about.
    #[must_use]
    pub fn object(&self) -> &EventObject {
        &self.data.object
    }
}
