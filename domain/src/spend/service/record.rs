//! Notes what was used without asking first. Nothing can refuse it any more, so it counts whatever the budgets say.

use super::{
    super::{
        Nano, Settled,
        store::{
            budgets,
            holds::{self, NewHold},
            ledger::{self, Names},
        },
    },
    LONGEST_NAME,
    attribution::Attribution,
    given,
    rate::Used,
    read_amount, read_name,
    reserve::windows,
    settle::{Booking, OLDEST, close, read_moment},
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Organization, Permission, Tx},
    platform::zones,
};

/// What was used, as typed.
#[derive(Clone, Debug, Default)]
pub struct NewUsage {
    /// Its name: a second time changes nothing.
    pub event_id: String,
    /// Whose it was.
    pub provider: String,
    /// What.
    pub item: String,
    /// How much: `input-token=1200, output-token=300`.
    pub usage: Option<String>,
    /// Or what it cost.
    pub amount: Option<String>,
    /// When it happened; now when nobody says.
    pub occurred_at: Option<String>,
    /// What it belongs to.
    pub scope: Option<String>,
}

/// Notes what was used, once for each name.
///
/// # Errors
/// [`AppError::InvalidInput`], also for usage without a price: it is neither free nor guessed.
pub async fn record(grant: &Grant<Organization>, typed: &NewUsage) -> Result<Settled, AppError> {
    grant.demand(Permission::ReserveSpend)?;
    let event_id = read_name("event_id", &typed.event_id, LONGEST_NAME)?;
    let amount = given(typed.amount.as_deref()).map(|text| read_amount("amount", text)).transpose()?;
    let provider = read_name("provider", &typed.provider, 100)?;
    let item = read_name("item", &typed.item, 200)?;
    let usage = given(typed.usage.as_deref()).filter(|_| amount.is_none());
    let used = usage.map(|usage| Used::read(&provider, &item, usage)).transpose()?;
    let (organization, platform) = (grant.organization(), grant.platform());
    let attribution = Attribution::read(grant, given(typed.scope.as_deref()))?;
    let mut tx = grant.begin().await?;
    let place = budgets::enter(tx.conn(), organization, Some(grant.person().user)).await?;
    let now = place.now(platform);
    let occurred_at = read_moment(typed.occurred_at.as_deref(), now, now - OLDEST)?;
    if let Some(before) = noted(&mut tx, &event_id).await? {
        return Ok(before);
    }
    let (rated, cost) = match (amount, used) {
        (Some(amount), _) => (ledger::Rated::default(), amount),
        (None, None) => return Err(AppError::invalid("usage", FieldIssue::Required)),
        (None, Some(used)) => {
            let cost = used.cost(tx.conn(), organization, occurred_at).await?;
            if !cost.priced {
                return Err(AppError::invalid("usage", FieldIssue::Unpriced));
            }
            (cost.rated, cost.sum)
        }
    };
    let attribution = attribution.and(&place.groups, &provider, &item);
    let above =
        budgets::hold_above(tx.conn(), organization, &attribution.dimensions, &attribution.keys).await?;
    let (ids, starts_on, counts_from) = windows(&above, zones::day(&place.time_zone, occurred_at));
    // A name that no request can have: those have no control characters.
    let request_id = format!("recorded\n{event_id}");
    let hold = NewHold {
        id: platform.new_id(),
        organization,
        request_id: &request_id,
        kind: "call",
        amount: 0,
        dimensions: &attribution.dimensions,
        keys: &attribution.keys,
        provider: &provider,
        item: &item,
        now,
        expires_in_s: 0.0,
        budgets: &ids,
        starts_on: &starts_on,
        counts_from: &counts_from,
    };
    if !holds::record(tx.conn(), &hold).await? {
        // Somebody else was faster with the same name.
        return noted(&mut tx, &event_id).await?.ok_or(AppError::Internal);
    }
    let row = holds::hold(tx.conn(), organization, hold.id).await?.ok_or(AppError::Internal)?;
    let booking = Booking { event_id, source: "recorded", occurred_at, rated, cost, priced: true };
    let settled = close(&mut tx, platform, &place, &row, &booking).await?;
    tx.commit().await?;
    Ok(settled)
}

/// What is noted of an event already.
async fn noted(tx: &mut Tx, event_id: &str) -> Result<Option<Settled>, AppError> {
    let organization = tx.organization()?;
    let name = Names::Recorded.of(event_id);
    let event = ledger::event(tx.conn(), organization, std::slice::from_ref(&name)).await?;
    Ok(event.map(|event| Settled {
        event_id: event_id.to_owned(),
        amount: Nano::new(event.cost),
        overrun: Nano::new(event.overrun_nano),
        priced: event.priced,
        duplicate: true,
    }))
}
