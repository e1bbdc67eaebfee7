//! Compares Stripe's own list of events with those that came: one that was dropped on the way is found here.

use std::time::Duration;

use super::{
    super::{Event, Stripe},
    EVENTS, Kind,
    receive::{fitting, keep},
    store,
};
use crate::{
    AppError, Timestamp,
    platform::{Platform, log::WhileDoing as _},
};

/// How often a pass is made, by one of all processes.
pub const EVERY: Duration = Duration::from_mins(5);
/// By how much passes overlap: an event may show up in the list later than others of its time.
const OVERLAP: Duration = Duration::from_hours(1);
/// How far the first pass looks back.
const FIRST: Duration = Duration::from_hours(24);
/// How many events one answer has.
const PAGE: u8 = 50;

/// Makes a pass when it is time for one and no other process makes it. Answers how many events were missing.
///
/// # Errors
/// [`AppError::Busy`] while the database or Stripe is away.
pub async fn reconcile_if_due(platform: &Platform, stripe: &Stripe) -> Result<u64, AppError> {
    let now = platform.now();
    if !store::claim_pass(platform.db(), now, now + EVERY).await? {
        return Ok(0);
    }
    reconcile(platform, stripe).await
}

/// Makes a pass. Where it ends early, the next one begins where this one began.
///
/// # Errors
/// [`AppError::Busy`] while the database or Stripe is away.
pub async fn reconcile(platform: &Platform, stripe: &Stripe) -> Result<u64, AppError> {
    let now = platform.now();
    let through = store::through(platform.db()).await?;
    let since = through.map_or(now - FIRST, |through| through - OVERLAP).unix_seconds();
    let (mut missing, mut newest, mut after) = (0, through, None::<String>);
    loop {
        let page = stripe.events(since, &EVENTS, after.as_deref(), PAGE).await;
        let page = page.while_doing("comparing Stripe's events with those that came")?;
        for value in &page.data {
            let Some(event) = Event::of(value).and_then(fitting) else { continue };
            // Its clock may be ahead of ours; what is made in between belongs to the next pass.
            let created = event.created.and_then(Timestamp::from_unix_seconds);
            newest = newest.max(created.map(|created| created.min(now)));
            let is_kept = Kind::parse(&event.object().kind).is_some();
            if is_kept && keep(platform, &event, &value.to_string(), "list").await? {
                missing += 1;
            }
        }
        let last = page.data.last().and_then(|event| event.get("id")?.as_str().map(str::to_owned));
        // A list that goes on without leading anywhere ends here.
        if !page.has_more || last.is_none() || last == after {
            break;
        }
        after = last;
    }
    if let Some(newest) = newest {
        store::set_through(platform.db(), newest).await?;
    }
    if missing > 0 {
        tracing::warn!(events = missing, "events of Stripe's had not come by themselves");
    }
    Ok(missing)
}
