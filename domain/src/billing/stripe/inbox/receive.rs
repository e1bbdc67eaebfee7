//! An event comes in: its signature is checked, and it is stored before it is answered.

use secrecy::SecretString;

use super::{
    super::{Event, Mode, signature},
    CHANNEL, Kind,
    store::{self, NewEvent},
};
use crate::{
    AppError, Timestamp,
    access::Grant,
    platform::{Platform, bell},
};

/// The largest event, in bytes.
pub const LARGEST: usize = 256 * 1024;
/// No name of Stripe's is longer.
const LONGEST: usize = 255;

/// Stores an event, unless it is here already. `header` is its `Stripe-Signature`, `mode` that of the key, where it says so. One
/// of a shape that is not known is stored as well: Stripe would send it again for days, and then nothing at all any more.
///
/// # Errors
/// [`AppError::MalformedRequest`] for a signature that is missing, wrong or too old, for what is no event, and for one of the
/// other mode; [`AppError::Busy`] while the database is away. In either case Stripe sends it again.
pub async fn receive(
    platform: &Platform,
    secrets: &[SecretString],
    mode: Option<Mode>,
    header: &str,
    body: &[u8],
) -> Result<(), AppError> {
    if !signature::is_good(header, body, secrets, platform.now()) {
        count("refused");
        return Err(AppError::MalformedRequest);
    }
    let event = Event::read(body).and_then(fitting).zip(std::str::from_utf8(body).ok());
    let Some((event, text)) = event else {
        tracing::warn!("what Stripe signed is no event");
        return Err(AppError::MalformedRequest);
    };
    if mode.zip(event.livemode).is_some_and(|(mode, livemode)| !mode.is(livemode)) {
        count("refused");
        tracing::error!(
            event.id,
            "an event is of Stripe's other mode: the key and the secret of the endpoint do not belong together"
        );
        return Err(AppError::MalformedRequest);
    }
    if event.object().kind.is_empty() {
        tracing::warn!(event.id, "an event of Stripe's has a shape that is not known");
    }
    keep(platform, &event, text, "webhook").await.map(drop)
}

/// Stores an event on whichever way it came. Answers whether it is new, or had been given up and is looked into again.
pub(super) async fn keep(
    platform: &Platform,
    event: &Event,
    text: &str,
    came_by: &'static str,
) -> Result<bool, AppError> {
    let now = platform.now();
    let object = event.object();
    let is_kept = Kind::parse(&object.kind).is_some() && !object.id.is_empty();
    let row = NewEvent {
        id: &event.id,
        kind: &event.kind,
        object_kind: &object.kind,
        object_id: &object.id,
        body: text,
        came_by,
        created_at: event.created.and_then(Timestamp::from_unix_seconds).unwrap_or(now),
        received_at: now,
        state: if is_kept { "waiting" } else { "ignored" },
        ended_at: (!is_kept).then_some(now),
    };
    let mut tx = Grant::system(platform, "keeping an event of Stripe's").begin().await?;
    let is_new = store::insert(tx.conn(), &row).await?;
    if is_new && is_kept {
        bell::ring(tx.conn(), CHANNEL).await?;
    }
    tx.commit().await?;
    count(if is_new { came_by } else { "known" });
    Ok(is_new)
}

/// As much of an event as there is room for.
pub(super) fn fitting(event: Event) -> Option<Event> {
    event.fitting(|name| name.chars().count() <= LONGEST && !name.contains('\0'))
}

fn count(outcome: &'static str) {
    metrics::counter!("gatehouse_stripe_events_total", "outcome" => outcome).increment(1);
}
