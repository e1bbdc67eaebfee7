//! Reserves what a call can cost at most, against every budget above it, or against none.

use std::collections::BTreeSet;

use time::Date;
use uuid::Uuid;

use super::{
    super::{
        Action, Held, Nano, Scope,
        store::{
            budgets::{self, Budget},
            holds::{self, NewHold, Row, Verdict},
        },
    },
    LONGEST_NAME,
    attribution::Attribution,
    conflict, given,
    rate::Used,
    read_amount, read_name, seconds, warn,
};
use crate::{
    AppError, FieldIssue, Timestamp,
    access::{Grant, Organization, Permission, Tx},
};

/// How long a call may take when nobody says.
const USUAL_S: u32 = 300;

/// What somebody wants to reserve, as typed.
#[derive(Clone, Debug, Default)]
pub struct Reservation {
    /// The most it can cost; or what `usage` costs.
    pub amount: Option<String>,
    /// The most that can be used: `input-token=1200, output-token=4000`.
    pub usage: Option<String>,
    /// Whose prices.
    pub provider: Option<String>,
    /// Of what, such as a model.
    pub item: Option<String>,
    /// What the call belongs to: `workspace:…, project:…, tag:…, model:…`.
    pub scope: Option<String>,
    /// Its name: asking again answers the same hold, until that has ended.
    pub request_id: String,
    /// After how many seconds the hold ends by itself.
    pub expires_in_s: Option<String>,
}

/// What is asked, as far as it can be read.
struct Asked {
    amount: Option<Nano>,
    used: Option<Used>,
    provider: String,
    item: String,
    request_id: String,
    expires_in_s: f64,
}

impl Asked {
    fn read(typed: &Reservation) -> Result<Self, AppError> {
        let name = |field: &str, text: Option<&str>, max| {
            given(text).map(|text| read_name(field, text, max)).transpose().map(Option::unwrap_or_default)
        };
        let provider = name("provider", typed.provider.as_deref(), 100)?;
        let item = name("item", typed.item.as_deref(), 200)?;
        let usage = given(typed.usage.as_deref());
        let used = usage.map(|usage| Used::read(&provider, &item, usage)).transpose()?;
        let amount = given(typed.amount.as_deref()).map(|text| read_amount("amount", text)).transpose()?;
        if amount.is_none() && used.is_none() {
            return Err(AppError::invalid("amount", FieldIssue::Required));
        }
        let request_id = read_name("request_id", &typed.request_id, LONGEST_NAME)?;
        let expires_in_s = seconds("expires_in_s", typed.expires_in_s.as_deref(), USUAL_S)?;
        Ok(Self { amount, used, provider, item, request_id, expires_in_s })
    }
}

/// Reserves what a call can cost. The same `request_id` is answered with the same hold, as long as that is held.
///
/// # Errors
/// [`AppError::SpendCapReached`] and [`AppError::TooManyRequests`] where a budget has too little left;
/// [`AppError::InvalidInput`], also for usage without a price; [`AppError::IdempotencyMismatch`] for the name of another call;
/// [`AppError::Conflict`] for that of one that was sent on, and of one that was settled, given back or has expired: nothing is held
/// for it any more.
pub async fn reserve(grant: &Grant<Organization>, typed: &Reservation) -> Result<Held, AppError> {
    grant.demand(Permission::ReserveSpend)?;
    let asked = Asked::read(typed)?;
    let attribution = Attribution::read(grant, given(typed.scope.as_deref()))?;
    let (organization, platform) = (grant.organization(), grant.platform());
    let mut tx = grant.begin().await?;
    let place = budgets::enter(tx.conn(), organization, Some(grant.person().user)).await?;
    let attribution = attribution.and(&place.groups, &asked.provider, &asked.item);
    let amount = amount_of(&mut tx, &asked, organization, place.now(platform)).await?;
    let above =
        budgets::hold_above(tx.conn(), organization, &attribution.dimensions, &attribution.keys).await?;
    let today = place.today(platform);
    let (ids, starts_on, counts_from) = windows(&above, today);
    let hold = NewHold {
        id: platform.new_id(),
        organization,
        request_id: &asked.request_id,
        kind: "call",
        amount: amount.get(),
        dimensions: &attribution.dimensions,
        keys: &attribution.keys,
        provider: &asked.provider,
        item: &asked.item,
        now: place.now(platform),
        expires_in_s: asked.expires_in_s,
        budgets: &ids,
        starts_on: &starts_on,
        counts_from: &counts_from,
    };
    let verdicts = holds::reserve(tx.conn(), &hold).await?;
    if let Some(expires_at) = verdicts.first().and_then(|verdict| verdict.expires_at) {
        tx.commit().await?;
        count("admitted");
        return Ok(Held { hold_id: hold.id, amount, expires_at: expires_at.into() });
    }
    if let Some(before) = holds::by_request(tx.conn(), organization, &asked.request_id).await? {
        return same(&before, &hold);
    }
    count("refused");
    Err(refuse(tx, grant, &above, &verdicts, today).await?)
}

/// What it can cost at most.
async fn amount_of(tx: &mut Tx, asked: &Asked, organization: Uuid, now: Timestamp) -> Result<Nano, AppError> {
    let Some(used) = asked.used.as_ref().filter(|_| asked.amount.is_none()) else {
        return Ok(asked.amount.unwrap_or_default());
    };
    let cost = used.cost(tx.conn(), organization, now).await?;
    if !cost.priced {
        return Err(AppError::invalid("usage", FieldIssue::Unpriced));
    }
    if cost.sum == Nano::ZERO {
        Err(AppError::invalid("usage", FieldIssue::NotPositive))
    } else {
        Ok(cost.sum)
    }
}

/// The windows of budgets, as the store takes them.
pub(super) fn windows(above: &[Budget], today: Date) -> (Vec<Uuid>, Vec<Date>, Vec<Date>) {
    let mut all = (Vec::new(), Vec::new(), Vec::new());
    for budget in above {
        let window = budget.window(today);
        all.0.push(budget.id);
        all.1.push(window.starts_on);
        all.2.push(window.counts_from);
    }
    all
}

/// The same call once more gets the same answer, until its hold has ended.
fn same(before: &Row, asked: &NewHold<'_>) -> Result<Held, AppError> {
    let is_same = before.kind == asked.kind
        && before.amount_nano == asked.amount
        && before.provider == asked.provider
        && before.item == asked.item
        && named(&before.dimensions, &before.keys) == named(asked.dimensions, asked.keys);
    if !is_same {
        return Err(AppError::IdempotencyMismatch);
    }
    // Whoever took this for leave to call would spend what nobody holds: also one that has settled, forgot it, and would pay for
    // the call once more.
    if before.state != "held" {
        return Err(conflict("request_id", FieldIssue::Ended));
    }
    if before.known_nano.is_some() {
        return Err(conflict("request_id", FieldIssue::SentOn));
    }
    Ok(Held {
        hold_id: before.id,
        amount: Nano::new(before.amount_nano),
        expires_at: before.expires_at.into(),
    })
}

/// Whose call it is, but for what may be another one when it is asked again: the groups of the person, and the token.
fn named<'a>(dimensions: &'a [String], keys: &'a [String]) -> BTreeSet<(&'a str, &'a str)> {
    let all = dimensions.iter().zip(keys).map(|(dimension, key)| (dimension.as_str(), key.as_str()));
    all.filter(|(dimension, _)| ![Scope::Group.name(), Scope::Token.name()].contains(dimension)).collect()
}

/// What whoever asked is told, and once per window those who can raise the budget.
pub(super) async fn refuse(
    mut tx: Tx,
    grant: &Grant<Organization>,
    above: &[Budget],
    verdicts: &[Verdict],
    today: Date,
) -> Result<AppError, AppError> {
    let refusing = |action: Action| {
        above.iter().find_map(|budget| {
            let verdict = verdicts.iter().find(|verdict| verdict.budget_id == Some(budget.id))?;
            (budget.action() == action).then_some((budget, verdict))
        })
    };
    // One that says no outweighs one that says later.
    let Some((budget, verdict)) = refusing(Action::Block).or_else(|| refusing(Action::Throttle)) else {
        tracing::error!("a call was refused by no budget");
        return Ok(AppError::Internal);
    };
    let [spent, held] = [verdict.spent, verdict.held].map(|amount| Nano::new(amount.unwrap_or_default()));
    let refusal = warn::Stands { budget, spent, held, window: budget.window(today) };
    let refused = warn::refused(&mut tx, grant.platform(), &refusal).await?;
    tx.commit().await?;
    Ok(refused)
}

fn count(outcome: &'static str) {
    metrics::counter!("gatehouse_spend_reservations_total", "outcome" => outcome).increment(1);
}
