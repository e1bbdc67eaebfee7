//! What happens on the site, told to other programs: endpoints, signed deliveries, retries and replays.
//!
//! The format is that of Standard Webhooks. A cursor walks along the audit trail for each endpoint and writes deliveries in
//! the transaction that moves it; workers hold a lease with a fencing number while they send one.
//! Promise: every event of an endpoint is sent at least once and always under the same id, whatever is killed meanwhile; an
//! endpoint that is slow or gone holds up no other; nothing inside the operator's network is reached unless they said so.

mod events;
mod model;

#[cfg(feature = "server")]
mod payload;
#[cfg(feature = "server")]
mod schedule;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod signing;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod target;

pub use events::Events;
pub use model::{
    Attempt, Delivery, DeliveryDetail, DeliveryState, MadeWebhook, Missed, Replayed, TestSent, Webhook,
    WebhookState,
};
