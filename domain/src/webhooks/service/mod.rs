//! The rules of this room: endpoints and what they get, for administrators; events on their way, for the process itself.

mod answers;
mod derive;
mod manage;
mod read;
mod record;
mod replay;
mod send;
mod sweep;
mod work;

pub use manage::{Change, MOST_WEBHOOKS, NewWebhook, create, end, rotate, update};
pub use read::{Query, deliveries, delivery, webhook, webhooks};
pub use replay::{replay, test};
pub use sweep::sweep;
pub use work::{run, run_once};

use uuid::Uuid;

use crate::{AppError, FieldIssue, platform::vault::Column};

/// The channel that wakes the workers for what somebody waits for: a test, a replay.
const CHANNEL: &str = "webhooks";
/// What the vault seals secrets for.
const PURPOSE: &str = "webhook-secret";
/// Where secrets are sealed.
pub const SEALED: Column = Column { table: "webhook_secrets", record: "id", purpose: PURPOSE };

fn read_id(field: &str, text: &str) -> Result<Uuid, AppError> {
    if text.trim().is_empty() {
        return Err(AppError::invalid(field, FieldIssue::Required));
    }
    Uuid::parse_str(text.trim()).map_err(|_| AppError::MalformedRequest)
}

/// An empty field of a form is none.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
