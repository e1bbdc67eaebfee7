//! The price book, and calls that are billed anew because a price came late. No row is ever changed.

use uuid::Uuid;

use super::{
    super::{
        CorrectedEvents, Nano, Price, PriceSet,
        store::{
            budgets::{self, Place},
            ledger::{self, Event, Names, Which},
            prices::{self, Row},
        },
    },
    MOST_PER_CALL, given, rate,
    rate::Used,
    read_name,
    settle::{Anew, rebook},
    warn,
};
use crate::{
    AppError, FieldIssue, Page, Timestamp,
    access::{Grant, Organization, Permission, Tx},
    audit::{self, SpendDeed},
    platform::Platform,
    values::{PAGE_DEFAULT, PAGE_MAX},
};

/// How many calls one correction looks at, and a price for those it outdates.
const MOST: i64 = 1_000;
const MOST_AT_ONCE: usize = 1_000;

/// A price, as typed.
#[derive(Clone, Debug, Default)]
pub struct NewPrice {
    /// Whose, such as `openai`.
    pub provider: String,
    /// Of what: a model, a tool.
    pub item: String,
    /// Of which unit: `call`, `second`, `byte`, `input-token`.
    pub unit: String,
    /// What `per` units cost.
    pub price: String,
    /// So many units; one when nobody says.
    pub per: Option<String>,
    /// From when on; now when nobody says. May be past.
    pub effective_from: Option<String>,
}

/// Writes a price down, good from a moment on. It changes no bill by itself.
///
/// # Errors
/// [`AppError::InvalidInput`].
pub async fn set_price(grant: &Grant<Organization>, typed: &NewPrice) -> Result<PriceSet, AppError> {
    grant.demand(Permission::UpdateSpend)?;
    let (organization, platform) = (grant.organization(), grant.platform());
    let now = platform.now();
    let price = Nano::parse(&typed.price).map_err(|issue| AppError::invalid("price", issue))?;
    let row = Row {
        id: platform.new_id(),
        number: 0,
        provider: read_name("provider", &typed.provider, 100)?,
        item: read_name("item", &typed.item, 200)?,
        unit: rate::read_unit("unit", &typed.unit)?,
        price_nano: price.get(),
        per: read_per(typed.per.as_deref())?,
        effective_from: read_from("effective_from", typed.effective_from.as_deref(), now)?.get(),
        created_at: now.get(),
    };
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    prices::insert(tx.conn(), organization, &row).await?;
    let (from, dearest) = (row.effective_from, MOST_PER_CALL.get());
    let outdated =
        prices::outdated(tx.conn(), organization, &row.provider, &row.item, from, MOST, dearest).await?;
    let Row { id, provider, item, unit, .. } = row;
    audit::note(&mut tx, SpendDeed::PriceSet { price: id, provider, item, unit }).await?;
    tx.commit().await?;
    Ok(PriceSet { id, outdated })
}

/// The price book, the latest written first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a limit or cursor that cannot be read.
pub async fn prices(
    grant: &Grant<Organization>,
    limit: Option<u16>,
    cursor: Option<&str>,
) -> Result<Page<Price>, AppError> {
    grant.demand(Permission::ReadSpend)?;
    let limit = limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(AppError::invalid("limit", FieldIssue::OutOfRange { min: 1, max: PAGE_MAX.into() }));
    }
    let before = match given(cursor) {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| AppError::invalid("cursor", FieldIssue::Unreadable))?,
    };
    let mut tx = grant.begin().await?;
    let mut rows = prices::list(tx.conn(), grant.organization(), before, i64::from(limit) + 1).await?;
    tx.commit().await?;
    let more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let next_cursor = rows.last().filter(|_| more).map(|row| row.number.to_string());
    Ok(Page { items: rows.into_iter().map(shown).collect(), next_cursor })
}

fn shown(row: Row) -> Price {
    Price {
        id: row.id,
        provider: row.provider,
        item: row.item,
        unit: row.unit,
        price: Nano::new(row.price_nano),
        per: row.per,
        effective_from: row.effective_from.into(),
        created_at: row.created_at.into(),
    }
}

/// Which calls are to be billed anew, as typed: one, or those of a provider's item since a moment.
#[derive(Clone, Debug, Default)]
pub struct Reprice {
    /// One call.
    pub event_id: Option<String>,
    /// Or those of a provider,
    pub provider: Option<String>,
    /// of this item,
    pub item: Option<String>,
    /// since then.
    pub from: Option<String>,
    /// Those behind the ones that were looked at before.
    pub cursor: Option<String>,
}

/// Bills calls anew by the prices there are now: what stands in the ledger is taken back, and something else takes its place.
/// Calls whose client said what they cost stay as they are, and so do those that would cost more than one call can: a price
/// that slipped is not to fill a month for ever. At most a thousand calls at a time; where there are more, the answer
/// says where to go on.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown call; [`AppError::InvalidInput`].
pub async fn correct(grant: &Grant<Organization>, typed: &Reprice) -> Result<CorrectedEvents, AppError> {
    grant.demand(Permission::UpdateSpend)?;
    let (organization, platform) = (grant.organization(), grant.platform());
    let read = |field: &str, text: Option<&str>, max| {
        given(text).map(|text| read_name(field, text, max)).transpose()
    };
    let event_id = read("event_id", typed.event_id.as_deref(), 200)?;
    let provider = read("provider", typed.provider.as_deref(), 100)?;
    let item = read("item", typed.item.as_deref(), 200)?;
    let after = read("cursor", typed.cursor.as_deref(), 200)?;
    let from = given(typed.from.as_deref());
    let from = from.map(|text| read_from("from", Some(text), platform.now())).transpose()?;
    let event_ids = event_id.as_deref().map(Names::all_of).unwrap_or_default();
    let which = Which {
        event_ids: &event_ids,
        provider: provider.as_deref(),
        item: item.as_deref(),
        from,
        after: after.as_deref(),
        ..Which::default()
    };
    if event_id.is_none() && which.provider.is_none() {
        return Err(AppError::invalid("event_id", FieldIssue::Required));
    }
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    let place = budgets::enter_alone(tx.conn(), organization).await?;
    let mut events = ledger::events(tx.conn(), organization, &which, MOST + 1).await?;
    let is_cut = events.len() > MOST_AT_ONCE;
    events.truncate(MOST_AT_ONCE);
    if events.is_empty() && event_id.is_some() {
        return Err(AppError::NotFound);
    }
    let next_cursor = events.last().filter(|_| is_cut).map(|event| event.event_id.clone());
    let mut done =
        CorrectedEvents { checked: 0, corrected: 0, too_dear: 0, difference: Nano::ZERO, next_cursor };
    for event in &events {
        done.checked += 1;
        match differs(&mut tx, event).await? {
            Differs::No => {}
            Differs::TooDear => done.too_dear += 1,
            Differs::By(cost) => {
                let difference = bill_anew(&mut tx, platform, &place, event, &cost).await?;
                done.corrected += 1;
                done.difference = done.difference.saturating_add(difference);
            }
        }
    }
    if done.corrected == 0 {
        return Ok(done);
    }
    let CorrectedEvents { checked, corrected, difference, .. } = done;
    audit::note(&mut tx, SpendDeed::Corrected { checked, corrected, difference }).await?;
    tx.commit().await?;
    Ok(done)
}

/// Bills one call anew; answers by how much more.
async fn bill_anew(
    tx: &mut Tx,
    platform: &Platform,
    place: &Place,
    event: &Event,
    cost: &rate::Cost,
) -> Result<Nano, AppError> {
    let organization = tx.organization()?;
    let above = budgets::hold_above(tx.conn(), organization, &event.dimensions, &event.keys).await?;
    let anew = Anew {
        rated: &cost.rated,
        cost: cost.sum,
        overrun: Nano::ZERO,
        occurred_at: event.occurred_at.into(),
        priced: true,
    };
    let difference = rebook(tx, platform, place, event, &anew).await?;
    warn::crossings(tx, platform, &above, place.today(platform)).await?;
    Ok(difference)
}

/// What a call costs by the prices there are now, against what it was billed at.
enum Differs {
    No,
    By(rate::Cost),
    /// More than one call can cost.
    TooDear,
}

async fn differs(tx: &mut Tx, event: &Event) -> Result<Differs, AppError> {
    if event.units.is_empty() {
        return Ok(Differs::No);
    }
    let used = Used {
        provider: event.provider.clone(),
        item: event.item.clone(),
        units: event.units.clone(),
        quantities: event.quantities.clone(),
    };
    let organization: Uuid = tx.organization()?;
    let cost = match used.cost(tx.conn(), organization, event.occurred_at.into()).await {
        Err(error) if error.of_field("usage").is_some() => return Ok(Differs::TooDear),
        cost => cost?,
    };
    let is_other = cost.priced && (cost.sum.get() != event.cost || !event.priced);
    Ok(if is_other { Differs::By(cost) } else { Differs::No })
}

/// A moment of the price book, which may be past.
fn read_from(field: &str, text: Option<&str>, now: Timestamp) -> Result<Timestamp, AppError> {
    let Some(text) = given(text) else { return Ok(now) };
    Timestamp::typed(text).ok_or_else(|| AppError::invalid(field, FieldIssue::Unreadable))
}

fn read_per(text: Option<&str>) -> Result<i64, AppError> {
    const MOST_UNITS: i64 = 1_000_000_000_000;
    let Some(text) = given(text) else { return Ok(1) };
    let per: i64 = text.parse().map_err(|_| AppError::invalid("per", FieldIssue::Unreadable))?;
    let issue = FieldIssue::OutOfRange { min: 1, max: MOST_UNITS };
    if (1..=MOST_UNITS).contains(&per) { Ok(per) } else { Err(AppError::invalid("per", issue)) }
}
