//! What usage costs, by whoever runs the site. Prices of an organization's own book, which its members write, count budgets and
//! are never billed.

use std::time::Duration;

use super::{
    super::{
        Currency, UnitPrice, UsagePrice,
        store::usage::{self as store, NewPrice},
    },
    agreed_now, given, line,
};
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    access::{Grant, Site, SiteAction},
    admin::service::hold_acting,
    audit::{self, BillingSiteDeed},
    spend::Nano,
};

/// The most that a price says, in whole units of its currency.
const MOST: i64 = 1_000_000;
/// For how many units at most.
const MOST_UNITS: i64 = 1_000_000_000_000;
/// How long it takes at least until a price counts: what has happened already never gets another one.
const AHEAD: Duration = Duration::from_mins(1);

/// A price from some moment on; as typed.
#[derive(Clone, Debug, Default)]
pub struct NewUsagePrice {
    /// Whose, such as `openai`.
    pub provider: String,
    /// Of what: a model, a tool.
    pub item: String,
    /// Of which unit: `call`, `second`, `byte`, `input-token`.
    pub unit: String,
    /// A code of ISO 4217.
    pub currency: String,
    /// What `per` units cost, with at most nine places. Nothing ends a price.
    pub price: String,
    /// So many units; one when nobody says.
    pub per: Option<String>,
    /// From when on; from the next minute where nobody says.
    pub valid_from: Option<String>,
}

/// Every price there is, was, or will be.
pub async fn usage_prices(grant: &Grant<Site>) -> Result<Vec<UsagePrice>, AppError> {
    grant.demand(SiteAction::ReadBilling)?;
    let mut tx = grant.begin().await?;
    let prices = store::list(tx.conn(), grant.platform().now()).await?;
    tx.commit().await?;
    Ok(prices)
}

/// Sets a price. What happens from its moment on is charged at it, whatever is on invoices already.
///
/// # Errors
/// [`AppError::InvalidInput`] naming each field; [`AppError::Conflict`] where something is said for that moment already.
pub async fn set_usage_price(grant: &Grant<Site>, typed: &NewUsagePrice) -> Result<(), AppError> {
    grant.demand(SiteAction::CorrectBilling)?;
    let platform = grant.platform();
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    let now = agreed_now(&mut tx, platform).await?;
    let read = Read::of(typed, now)?;
    let new = NewPrice {
        id: platform.new_id(),
        provider: &read.provider,
        item: &read.item,
        unit: &read.unit,
        price: read.price,
        from: read.from,
        now,
    };
    store::insert_price(tx.conn(), &new).await?;
    let id = new.id;
    let Read { provider, item, unit, price, from } = read;
    let told = price.told();
    audit::note(&mut tx, BillingSiteDeed::UsagePriceSet { price: id, provider, item, unit, told, from })
        .await?;
    tx.commit().await
}

/// What was typed, as it is meant.
struct Read {
    provider: String,
    item: String,
    unit: String,
    price: UnitPrice,
    from: Timestamp,
}

impl Read {
    /// Names everything that is wrong at once.
    fn of(typed: &NewUsagePrice, now: Timestamp) -> Result<Self, AppError> {
        let wrong = |field: &'static str| move |issue| FieldProblem::new(field, issue);
        let provider = named("provider", &typed.provider, 100);
        let item = named("item", &typed.item, 200);
        let unit = unit(&typed.unit).map_err(wrong("unit"));
        let currency = currency(&typed.currency).map_err(wrong("currency"));
        let price = price(&typed.price).map_err(wrong("price"));
        let per = per(typed.per.as_deref()).map_err(wrong("per"));
        let from = from(typed.valid_from.as_deref(), now).map_err(wrong("valid_from"));
        match (provider, item, unit, currency, price, per, from) {
            (Ok(provider), Ok(item), Ok(unit), Ok(currency), Ok(price), Ok(per), Ok(from)) => {
                Ok(Self { provider, item, unit, price: UnitPrice { price, per, currency }, from })
            }
            (provider, item, unit, currency, price, per, from) => {
                let problems = [
                    provider.err(),
                    item.err(),
                    unit.err(),
                    currency.err(),
                    price.err(),
                    per.err(),
                    from.err(),
                ];
                Err(AppError::InvalidInput { errors: problems.into_iter().flatten().collect() })
            }
        }
    }
}

fn named(field: &'static str, typed: &str, max: u32) -> Result<String, FieldProblem> {
    let name = line(field, typed, max)?;
    if name.is_empty() { Err(FieldProblem::new(field, FieldIssue::Required)) } else { Ok(name) }
}

/// As events name it: small letters, digits and hyphens.
fn unit(typed: &str) -> Result<String, FieldIssue> {
    let unit = typed.trim();
    let is_name = unit.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    match unit.len() {
        0 => Err(FieldIssue::Required),
        1..=40 if is_name => Ok(unit.to_owned()),
        1..=40 => Err(FieldIssue::Unreadable),
        _ => Err(FieldIssue::TooLong { max: 40 }),
    }
}

fn currency(typed: &str) -> Result<Currency, FieldIssue> {
    let code = given(Some(typed)).ok_or(FieldIssue::Required)?;
    Currency::parse(code).ok_or(FieldIssue::NotAnOption)
}

fn price(typed: &str) -> Result<Nano, FieldIssue> {
    let price = Nano::parse(typed)?;
    if price > Nano::dollars(MOST) { Err(FieldIssue::OutOfRange { min: 0, max: MOST }) } else { Ok(price) }
}

fn per(typed: Option<&str>) -> Result<i64, FieldIssue> {
    let Some(typed) = given(typed) else { return Ok(1) };
    let per: i64 = typed.parse().map_err(|_| FieldIssue::Unreadable)?;
    let range = FieldIssue::OutOfRange { min: 1, max: MOST_UNITS };
    if (1..=MOST_UNITS).contains(&per) { Ok(per) } else { Err(range) }
}

fn from(typed: Option<&str>, now: Timestamp) -> Result<Timestamp, FieldIssue> {
    let Some(typed) = given(typed) else { return Ok(now + AHEAD) };
    match Timestamp::typed(typed) {
        None => Err(FieldIssue::Unreadable),
        Some(at) if at < now => Err(FieldIssue::NotInFuture),
        Some(at) => Ok(at.max(now + AHEAD)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_is_named_as_events_name_it() {
        assert_eq!(unit(" input-token "), Ok("input-token".into()));
        assert_eq!(unit(" "), Err(FieldIssue::Required));
        for typed in ["Call", "input token", "töken", "a=1", "a,b"] {
            assert_eq!(unit(typed), Err(FieldIssue::Unreadable), "{typed}");
        }
        assert_eq!(unit(&"a".repeat(41)), Err(FieldIssue::TooLong { max: 40 }));
    }

    #[test]
    fn a_price_is_for_one_unit_where_nobody_says_and_for_as_many_as_there_can_be() {
        assert_eq!((per(None), per(Some(" ")), per(Some("1000000"))), (Ok(1), Ok(1), Ok(1_000_000)));
        for typed in ["0", "-1", "1000000000001"] {
            assert_eq!(per(Some(typed)), Err(FieldIssue::OutOfRange { min: 1, max: MOST_UNITS }), "{typed}");
        }
        assert_eq!(per(Some("1.5")), Err(FieldIssue::Unreadable));
        assert_eq!(price("0.0000125"), Ok(Nano::new(12_500)));
        assert_eq!(price("1000000.01"), Err(FieldIssue::OutOfRange { min: 0, max: MOST }));
        assert_eq!(price("-1"), Err(FieldIssue::OutOfRange { min: 0, max: 9_223_372_036 }));
    }
}
