//! What plans are called at Stripe: made there from the versions here, when somebody first takes one.

use super::{
    super::super::{
        Currency, Money, Plan,
        stripe::{
            Act, NewPrice, Stripe,
            store::prices::{self as store, Meaning, Part},
        },
    },
    Trouble,
};
use crate::{
    AppError,
    access::{Grant, System},
};

/// The prices of one version in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prices {
    pub(super) plan: String,
    /// Of one more seat; nothing where there are none.
    pub(super) seat: Option<String>,
}

/// The prices of a version, made where they are not there yet. A version never changes, so its prices do not either.
pub(super) async fn ensure(grant: &Grant<System>, stripe: &Stripe, plan: &Plan) -> Result<Prices, Trouble> {
    let seat = match plan.seat_price {
        None => None,
        Some(price) => {
            let name = format!("More seats of {}", plan.title);
            Some(one(grant, stripe, plan, Part::Seat, (&name, price)).await?)
        }
    };
    Ok(Prices { plan: one(grant, stripe, plan, Part::Plan, (&plan.title, plan.price)).await?, seat })
}

async fn one(
    grant: &Grant<System>,
    stripe: &Stripe,
    plan: &Plan,
    part: Part,
    (name, price): (&str, Money),
) -> Result<String, Trouble> {
    let meaning = Meaning { version: plan.version_id, currency: price.currency, part };
    if let Some(known) = known(grant, &meaning).await? {
        return Ok(known);
    }
    let key = format!("gatehouse-{}-{}-{}", plan.version_id, price.currency.code(), part.name());
    // Whoever was here before may have ended before it was noted, longer ago than Stripe remembers acts.
    let made = match stripe.price_by_key(&key).await? {
        Some(made) => made,
        None => {
            let unit_amount = at_stripe(price)?;
            let new = NewPrice { name, currency: price.currency.code(), unit_amount, lookup_key: &key };
            stripe.create_price(&Act::new("price", &key), &new).await?
        }
    };
    let mut tx = grant.begin().await?;
    store::insert(tx.conn(), &meaning, &made.id).await?;
    tx.commit().await?;
    Ok(known(grant, &meaning).await?.unwrap_or(made.id))
}

async fn known(grant: &Grant<System>, meaning: &Meaning) -> Result<Option<String>, AppError> {
    let mut tx = grant.begin().await?;
    store::of(tx.conn(), meaning).await
}

/// An amount as Stripe counts it: two currencies that have no smaller unit have hundredths there.
fn at_stripe(money: Money) -> Result<i64, AppError> {
    let hundredths = ["ISK", "UGX"].into_iter().filter_map(Currency::parse);
    let factor = if hundredths.into_iter().any(|it| it == money.currency) { 100 } else { 1 };
    money.minor.get().checked_mul(factor).ok_or(AppError::Internal)
}

#[cfg(test)]
mod tests {
    use super::{super::super::super::Minor, *};

    #[test]
    fn amounts_are_in_the_units_of_stripe() {
        let of = |code: &str| {
            let currency = Currency::parse(code).expect("a currency");
            at_stripe(Money::new(Minor::new(1_900), currency)).expect("an amount")
        };
        assert_eq!((of("EUR"), of("JPY"), of("ISK"), of("UGX")), (1_900, 1_900, 190_000, 190_000));
    }
}
