//! The tables `usage_prices` and `billing_usage`.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::currency;
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    billing::{Currency, Minor, UnitPrice, UsagePrice},
    platform::log::{OnConstraint, WhileDoing},
    spend::Nano,
};

/// A price with the time in which it counts.
#[derive(Clone, Debug)]
pub(in crate::billing) struct DatedPrice {
    pub(in crate::billing) id: Uuid,
    pub(in crate::billing) provider: String,
    pub(in crate::billing) item: String,
    pub(in crate::billing) unit: String,
    pub(in crate::billing) price: UnitPrice,
    pub(in crate::billing) from: Timestamp,
    /// When the next one takes its place, where one does.
    pub(in crate::billing) until: Option<Timestamp>,
}

/// Every price there is, was, or will be in a currency, in the order of lines. One of nothing is none.
pub(in crate::billing) async fn prices(
    conn: &mut PgConnection,
    of: Currency,
) -> Result<Vec<DatedPrice>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id!", provider AS "provider!", item AS "item!", unit AS "unit!", price_nano AS "price_nano!",
                  per AS "per!", valid_from AS "valid_from!", ends AS "ends?"
           FROM (SELECT p.*, lead(valid_from) OVER (PARTITION BY provider, item, unit ORDER BY valid_from) AS ends
                 FROM usage_prices p WHERE currency = $1) AS p
           WHERE price_nano > 0 ORDER BY provider, item, unit, valid_from"#,
        of.code(),
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what usage costs")?;
    let prices = rows.into_iter().map(|row| DatedPrice {
        id: row.id,
        provider: row.provider,
        item: row.item,
        unit: row.unit,
        price: UnitPrice { price: Nano::new(row.price_nano), per: row.per, currency: of },
        from: row.valid_from.into(),
        until: row.ends.map(Timestamp::from),
    });
    Ok(prices.collect())
}

/// Whether anything costs something, or did, or will.
pub(in crate::billing) async fn are_there(conn: &mut PgConnection) -> Result<bool, AppError> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM usage_prices WHERE price_nano > 0) AS "any!""#)
        .fetch_one(conn)
        .await
        .while_doing("looking whether usage costs anything")
}

/// Every price there is, was, or will be.
pub(in crate::billing) async fn list(
    conn: &mut PgConnection,
    now: Timestamp,
) -> Result<Vec<UsagePrice>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT id, provider, item, unit, currency, price_nano, per, valid_from,
                  valid_from <= $1 AND NOT EXISTS (
                      SELECT FROM usage_prices l
                      WHERE (l.currency, l.provider, l.item, l.unit) = (p.currency, p.provider, p.item, p.unit)
                        AND l.valid_from <= $1 AND l.valid_from > p.valid_from) AS "is_current!"
           FROM usage_prices p ORDER BY provider, item, unit, currency, valid_from DESC"#,
        now.get(),
    )
    .fetch_all(conn)
    .await
    .while_doing("listing what usage costs")?;
    let prices = rows.into_iter().map(|row| {
        Ok(UsagePrice {
            id: row.id,
            provider: row.provider,
            item: row.item,
            unit: row.unit,
            currency: currency(&row.currency)?,
            price: Nano::new(row.price_nano),
            per: row.per,
            valid_from: row.valid_from.into(),
            is_current: row.is_current,
        })
    });
    prices.collect()
}

/// A price that is to be.
pub(in crate::billing) struct NewPrice<'a> {
    pub(in crate::billing) id: Uuid,
    pub(in crate::billing) provider: &'a str,
    pub(in crate::billing) item: &'a str,
    pub(in crate::billing) unit: &'a str,
    pub(in crate::billing) price: UnitPrice,
    pub(in crate::billing) from: Timestamp,
    pub(in crate::billing) now: Timestamp,
}

pub(in crate::billing) async fn insert_price(
    conn: &mut PgConnection,
    new: &NewPrice<'_>,
) -> Result<(), AppError> {
    let twice = AppError::Conflict { errors: vec![FieldProblem::new("valid_from", FieldIssue::AlreadyDone)] };
    sqlx::query!(
        "INSERT INTO usage_prices (id, provider, item, unit, currency, price_nano, per, valid_from, set_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        new.id,
        new.provider,
        new.item,
        new.unit,
        new.price.currency.code(),
        new.price.price.get(),
        new.price.per,
        new.from.get(),
        new.now.get(),
    )
    .execute(conn)
    .await
    .on_constraint("usage_prices_key", twice)
    .while_doing("setting what usage costs")?;
    Ok(())
}

/// What was used of something at one price, and what it costs: a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::billing) struct Charge {
    pub(in crate::billing) provider: String,
    pub(in crate::billing) item: String,
    pub(in crate::billing) unit: String,
    pub(in crate::billing) quantity: i64,
    pub(in crate::billing) price_id: Uuid,
    pub(in crate::billing) price: UnitPrice,
    pub(in crate::billing) amount: Minor,
}

/// Writes down what a change charges.
pub(in crate::billing) async fn insert(
    conn: &mut PgConnection,
    organization: Uuid,
    change: i32,
    charges: &[Charge],
) -> Result<(), AppError> {
    for (position, charge) in (1_i32..).zip(charges) {
        sqlx::query!(
            "INSERT INTO billing_usage
                 (organization_id, change_no, position, provider, item, unit, quantity, price_id, amount)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            organization,
            change,
            position,
            charge.provider,
            charge.item,
            charge.unit,
            charge.quantity,
            charge.price_id,
            charge.amount.get(),
        )
        .execute(&mut *conn)
        .await
        .while_doing("writing down what was used")?;
    }
    Ok(())
}

/// What a change has charged.
pub(in crate::billing) async fn of_change(
    conn: &mut PgConnection,
    organization: Uuid,
    change: i32,
) -> Result<Vec<Charge>, AppError> {
    let rows = sqlx::query!(
        "SELECT u.provider, u.item, u.unit, u.quantity, u.price_id, u.amount, p.price_nano, p.per, p.currency
         FROM billing_usage u JOIN usage_prices p ON p.id = u.price_id
         WHERE u.organization_id = $1 AND u.change_no = $2 ORDER BY u.position",
        organization,
        change,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what was charged for usage")?;
    let charges = rows.into_iter().map(|row| {
        Ok(Charge {
            provider: row.provider,
            item: row.item,
            unit: row.unit,
            quantity: row.quantity,
            price_id: row.price_id,
            price: UnitPrice {
                price: Nano::new(row.price_nano),
                per: row.per,
                currency: currency(&row.currency)?,
            },
            amount: Minor::new(row.amount),
        })
    });
    charges.collect()
}

/// What entries of the ledger say was used, column by column.
pub(in crate::billing) struct Asked<'a> {
    pub(in crate::billing) numbers: &'a [i64],
    pub(in crate::billing) units: &'a [String],
    pub(in crate::billing) times: &'a [OffsetDateTime],
}

/// Where one of them stands on invoices.
pub(in crate::billing) struct Found {
    /// Which of those that were asked for, counted from one.
    pub(in crate::billing) place: i64,
    /// The change that has charged its number.
    pub(in crate::billing) change: Option<i32>,
    pub(in crate::billing) currency: String,
    pub(in crate::billing) price: Option<Uuid>,
    /// Whether it is on a line.
    pub(in crate::billing) is_charged: bool,
    /// Whether that is of a document; a draft has no number.
    pub(in crate::billing) is_written: bool,
    pub(in crate::billing) invoice: Option<String>,
    pub(in crate::billing) line: Option<i32>,
    /// What all usage of the document comes to, with what is included.
    pub(in crate::billing) usage: Option<i64>,
}

/// Where something of a provider's item stands on the invoices of an organization, which are in a currency at present.
pub(in crate::billing) async fn find(
    conn: &mut PgConnection,
    organization: Uuid,
    at_present: Currency,
    (provider, item): (&str, &str),
    asked: &Asked<'_>,
) -> Result<Vec<Found>, AppError> {
    sqlx::query_as!(
        Found,
        r#"SELECT a.place AS "place!", c.no AS "change?", coalesce(c.currency, $2) AS "currency!", p.id AS "price?",
                  u.position IS NOT NULL AS "is_charged!", i.id IS NOT NULL AS "is_written!", i.number AS "invoice?",
                  l.first + u.position - 1 AS "line?", l.net AS "usage?"
           FROM unnest($5::bigint[], $6::text[], $7::timestamptz[]) WITH ORDINALITY AS a (number, unit, at, place)
           LEFT JOIN LATERAL (SELECT no, currency FROM subscription_changes
                              WHERE organization_id = $1 AND usage_after < a.number AND a.number <= usage_through) AS c ON true
           LEFT JOIN LATERAL (SELECT id, price_nano FROM usage_prices
                              WHERE currency = coalesce(c.currency, $2) AND provider = $3 AND item = $4 AND unit = a.unit
                                AND valid_from <= a.at
                              ORDER BY valid_from DESC LIMIT 1) AS o ON true
           LEFT JOIN usage_prices p ON p.id = o.id AND p.price_nano > 0
           LEFT JOIN billing_usage u ON u.organization_id = $1 AND u.change_no = c.no AND u.price_id = p.id
           LEFT JOIN invoices i ON i.organization_id = $1 AND i.change_no = c.no
           LEFT JOIN LATERAL (SELECT min(position) AS first, sum(amount)::bigint AS net FROM invoice_lines
                              WHERE invoice_id = i.id AND organization_id = $1 AND kind = 'usage') AS l ON true
           ORDER BY a.place"#,
        organization,
        at_present.code(),
        provider,
        item,
        asked.numbers,
        asked.units,
        asked.times,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for usage on invoices")
}
