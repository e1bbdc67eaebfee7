//! Settles a call at what it has cost: booked in the ledger, counted in the windows it was reserved in, and what was held
//! beyond that is free again.

use uuid::Uuid;

use super::{
    super::{
        Nano, Settled,
        store::{
            budgets::{self, Place},
            holds::{self, End, Row},
            ledger::{self, Correction, Event, Names, NewEvent, Rated, Which},
        },
    },
    LONGEST_NAME, conflict, given,
    rate::Used,
    read_amount, read_id, read_name,
    reserve::windows,
    warn,
};
use crate::{
    AppError, FieldIssue, Timestamp,
    access::{Grant, Organization, Permission, Tx},
    audit::{self, SpendDeed},
    platform::{Platform, zones},
};

/// How old what is recorded may be, and how far off the clock of a client may be.
pub(super) const OLDEST: std::time::Duration = std::time::Duration::from_hours(24 * 35);
const OFF: std::time::Duration = std::time::Duration::from_mins(5);

/// What a call has cost, as typed.
#[derive(Clone, Debug, Default)]
pub struct Settlement {
    /// Which hold.
    pub hold_id: String,
    /// What it cost; or what `usage` costs.
    pub amount: Option<String>,
    /// What was used: `input-token=1200, output-token=300`.
    pub usage: Option<String>,
    /// The name of the event; that of the request when nobody says.
    pub event_id: Option<String>,
    /// When it happened, which is after it was reserved; now when nobody says.
    pub occurred_at: Option<String>,
}

/// What is to be booked.
pub(super) struct Booking {
    pub(super) event_id: String,
    pub(super) source: &'static str,
    pub(super) occurred_at: Timestamp,
    pub(super) rated: Rated,
    pub(super) cost: Nano,
    pub(super) priced: bool,
}

/// Settles a hold, once. More than was held is booked in full, and named.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`]; [`AppError::Conflict`] for one that was released, or settled at
/// something else.
pub async fn settle(grant: &Grant<Organization>, typed: &Settlement) -> Result<Settled, AppError> {
    grant.demand(Permission::ReserveSpend)?;
    let id = read_id("hold_id", &typed.hold_id)?;
    let amount = given(typed.amount.as_deref()).map(read_cost).transpose()?;
    let (organization, platform) = (grant.organization(), grant.platform());
    let mut tx = grant.begin().await?;
    let place = budgets::enter(tx.conn(), organization, None).await?;
    let hold = holds::hold(tx.conn(), organization, id).await?.filter(|hold| hold.kind == "call");
    let hold = hold.ok_or(AppError::NotFound)?;
    // Nothing is made before it is reserved, nor at a price that was over by then.
    let reserved_at = Timestamp::from(hold.created_at);
    let occurred_at = read_moment(typed.occurred_at.as_deref(), place.now(platform), reserved_at - OFF)?;
    let mut occurred_at = occurred_at.max(reserved_at);
    // What was billed before had happened by then: asked once more, or late, it is rated by the prices of that time.
    if hold.state != "held"
        && let Some(event) = billed(&mut tx, organization, &hold).await?
    {
        occurred_at = occurred_at.min(event.occurred_at.into());
    }
    let (rated, cost, priced) = match amount {
        Some(amount) => (Rated::default(), amount, true),
        None => rated(&mut tx, organization, &hold, typed, occurred_at).await?,
    };
    let event_id = match given(typed.event_id.as_deref()) {
        Some(name) => read_name("event_id", name, LONGEST_NAME)?,
        None => hold.request_id.clone(),
    };
    let booking = Booking { event_id, source: "settled", occurred_at, rated, cost, priced };
    let settled = match hold.state.as_str() {
        "held" => close(&mut tx, platform, &place, &hold, &booking).await?,
        "released" => return Err(conflict("hold_id", FieldIssue::Ended)),
        _ => again(&mut tx, platform, &place, &hold, &booking).await?,
    };
    tx.commit().await?;
    Ok(settled)
}

/// What a hold was billed at.
async fn billed(tx: &mut Tx, organization: Uuid, hold: &Row) -> Result<Option<Event>, AppError> {
    let which = Which { hold: Some(hold.id), ..Which::default() };
    Ok(ledger::events(tx.conn(), organization, &which, 1).await?.into_iter().next())
}

/// What a call cost, by what was used. What has no price is billed at what was held: never at nothing.
async fn rated(
    tx: &mut Tx,
    organization: Uuid,
    hold: &Row,
    typed: &Settlement,
    at: Timestamp,
) -> Result<(Rated, Nano, bool), AppError> {
    let Some(usage) = given(typed.usage.as_deref()) else {
        return Err(AppError::invalid("amount", FieldIssue::Required));
    };
    let used = Used::read(&hold.provider, &hold.item, usage)?;
    let cost = used.cost(tx.conn(), organization, at).await?;
    let sum = if cost.priced { cost.sum } else { cost.sum.max(Nano::new(hold.amount_nano)) };
    Ok((cost.rated, sum, cost.priced))
}

/// Books a call and ends its hold.
pub(super) async fn close(
    tx: &mut Tx,
    platform: &Platform,
    place: &Place,
    hold: &Row,
    booking: &Booking,
) -> Result<Settled, AppError> {
    let organization = tx.organization()?;
    let above = budgets::hold_of(tx.conn(), organization, hold.id).await?;
    // What is over has nothing held any more: all of it is more than was held.
    let kept = if hold.state == "held" { Nano::new(hold.amount_nano) } else { Nano::ZERO };
    let is_beyond = booking.source != "recorded";
    let overrun = if is_beyond { booking.cost.saturating_sub(kept).max(Nano::ZERO) } else { Nano::ZERO };
    let now = place.now(platform);
    let names = if booking.source == "recorded" { Names::Recorded } else { Names::Settled };
    let event = NewEvent {
        organization,
        event_id: &names.of(&booking.event_id),
        journal: platform.new_id(),
        hold: hold.id,
        source: booking.source,
        occurred_at: booking.occurred_at,
        now,
        day: zones::day(&place.time_zone, booking.occurred_at),
        provider: &hold.provider,
        item: &hold.item,
        rated: &booking.rated,
        dimensions: &hold.dimensions,
        keys: &hold.keys,
        cost: booking.cost.get(),
        overrun: overrun.get(),
        priced: booking.priced,
    };
    if !ledger::book(tx.conn(), &event).await? {
        return Err(conflict("event_id", FieldIssue::AlreadyDone));
    }
    let state = if booking.source == "expired" { "expired" } else { "settled" };
    holds::end(tx.conn(), organization, &End { hold, state, spent: booking.cost.get() }).await?;
    warn::crossings(tx, platform, &above, place.today(platform)).await?;
    if overrun > Nano::ZERO {
        name_overrun(tx, hold, &booking.event_id, kept, booking.cost).await?;
    }
    Ok(Settled {
        event_id: booking.event_id.clone(),
        amount: booking.cost,
        overrun,
        priced: booking.priced,
        duplicate: false,
    })
}

/// Names a call that has cost more than was held for it.
async fn name_overrun(tx: &mut Tx, hold: &Row, event: &str, kept: Nano, cost: Nano) -> Result<(), AppError> {
    let overrun = cost.saturating_sub(kept);
    tracing::warn!(hold.id = %hold.id, overrun = %overrun, "a call has cost more than was held for it");
    metrics::counter!("gatehouse_spend_overruns_total").increment(1);
    audit::note(tx, SpendDeed::Overrun { event: event.to_owned(), held: kept, cost }).await
}

/// Settles what was settled before, by its client or because its time was over.
async fn again(
    tx: &mut Tx,
    platform: &Platform,
    place: &Place,
    hold: &Row,
    booking: &Booking,
) -> Result<Settled, AppError> {
    let organization = tx.organization()?;
    let Some(event) = billed(tx, organization, hold).await? else {
        // It ended by itself, and nobody had said that it was sent on: only now it is known that it cost something, and budgets
        // that came since have to know it as well.
        let above = budgets::hold_above(tx.conn(), organization, &hold.dimensions, &hold.keys).await?;
        let (ids, starts_on, _) = windows(&above, zones::day(&place.time_zone, booking.occurred_at));
        holds::adopt(tx.conn(), organization, hold.id, &ids, &starts_on).await?;
        return close(tx, platform, place, hold, booking).await;
    };
    let is_the_same = event.cost == booking.cost.get();
    let mut overrun = Nano::new(event.overrun_nano);
    // What was used is written down also where it costs what was billed already: there may be a price for it later.
    let is_news = !is_the_same || !booking.rated.units.is_empty();
    let is_late = event.source == "expired" && hold.state == "expired";
    if is_late {
        let above = budgets::hold_above(tx.conn(), organization, &hold.dimensions, &hold.keys).await?;
        holds::end(tx.conn(), organization, &End { hold, state: "settled", spent: 0 }).await?;
        if is_news {
            // What it was billed at is all that was kept for it: the rest was free again.
            let kept = Nano::new(event.cost);
            overrun = booking.cost.saturating_sub(kept).max(Nano::ZERO);
            let Booking { ref rated, cost, priced, occurred_at, .. } = *booking;
            let anew = Anew { rated, cost, overrun, occurred_at, priced };
            rebook(tx, platform, place, &event, &anew).await?;
            warn::crossings(tx, platform, &above, place.today(platform)).await?;
            if overrun > Nano::ZERO {
                name_overrun(tx, hold, event.name(), kept, cost).await?;
            }
        }
    } else if !is_the_same {
        return Err(conflict("hold_id", FieldIssue::AlreadyDone));
    }
    Ok(Settled {
        event_id: event.name().to_owned(),
        amount: booking.cost,
        overrun,
        priced: booking.priced,
        duplicate: !(is_late && is_news),
    })
}

/// What a call is billed at in place of what it was.
pub(super) struct Anew<'a> {
    pub(super) rated: &'a Rated,
    pub(super) cost: Nano,
    /// How much of it nothing was kept for.
    pub(super) overrun: Nano,
    pub(super) occurred_at: Timestamp,
    pub(super) priced: bool,
}

/// Takes back what stands of a call and books something else. Answers by how much more.
pub(super) async fn rebook(
    tx: &mut Tx,
    platform: &Platform,
    place: &Place,
    event: &Event,
    anew: &Anew<'_>,
) -> Result<Nano, AppError> {
    let organization = tx.organization()?;
    let correction = Correction {
        event,
        reversal: platform.new_id(),
        journal: platform.new_id(),
        rated: anew.rated,
        cost: anew.cost.get(),
        overrun: anew.overrun.get(),
        occurred_at: anew.occurred_at,
        priced: anew.priced,
        now: place.now(platform),
    };
    ledger::correct(tx.conn(), organization, &correction).await?;
    let difference = anew.cost.saturating_sub(Nano::new(event.cost));
    holds::correct(tx.conn(), organization, event, difference.get()).await?;
    Ok(difference)
}

/// What a call has cost, which may be nothing.
fn read_cost(text: &str) -> Result<Nano, AppError> {
    match Nano::parse(text) {
        Ok(Nano::ZERO) => Ok(Nano::ZERO),
        _ => read_amount("amount", text),
    }
}

/// When something happened: not too long ago, and not in the future but for a clock that is a little ahead.
pub(super) fn read_moment(
    text: Option<&str>,
    now: Timestamp,
    earliest: Timestamp,
) -> Result<Timestamp, AppError> {
    let Some(text) = given(text) else { return Ok(now) };
    let at =
        Timestamp::typed(text).ok_or_else(|| AppError::invalid("occurred_at", FieldIssue::Unreadable))?;
    let latest = now + OFF;
    if at < earliest || at > latest {
        let (min, max) = (earliest.unix_seconds(), latest.unix_seconds());
        return Err(AppError::invalid("occurred_at", FieldIssue::OutOfRange { min, max }));
    }
    Ok(at)
}
