//! The table `tax_rates`.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    billing::{TaxRate, WithTaxId, taxes::CustomerTax},
    platform::log::{OnConstraint, WhileDoing},
};

/// What customers of a country are taxed with at a moment: the last word of each name, as far as it was said by then.
pub(in crate::billing) async fn in_force(
    conn: &mut PgConnection,
    country: &str,
    at: Timestamp,
) -> Result<Vec<CustomerTax>, AppError> {
    let rows = sqlx::query!(
        "SELECT DISTINCT ON (lower(name)) name, rate, with_tax_id FROM tax_rates
         WHERE country = $1 AND valid_from <= $2 AND set_at <= $2 ORDER BY lower(name), valid_from DESC",
        country,
        at.get(),
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the taxes of a country")?;
    let rates = rows.into_iter().map(|row| CustomerTax {
        name: row.name,
        rate: row.rate,
        // The table knows no other.
        with_tax_id: WithTaxId::parse(&row.with_tax_id).unwrap_or_default(),
    });
    Ok(rates.collect())
}

/// Whether any customers are taxed, or were, or will be.
pub(in crate::billing) async fn are_there(conn: &mut PgConnection) -> Result<bool, AppError> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM tax_rates WHERE rate > 0) AS "any!""#)
        .fetch_one(conn)
        .await
        .while_doing("looking whether there are taxes")
}

/// Every rate there is, was, or will be.
pub(in crate::billing) async fn list(
    conn: &mut PgConnection,
    now: Timestamp,
) -> Result<Vec<TaxRate>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT id, country, name, rate, with_tax_id, valid_from,
                  valid_from <= $1 AND NOT EXISTS (
                      SELECT FROM tax_rates l WHERE l.country = r.country AND lower(l.name) = lower(r.name)
                          AND l.valid_from <= $1 AND l.valid_from > r.valid_from) AS "is_current!"
           FROM tax_rates r ORDER BY country, lower(name), valid_from DESC"#,
        now.get(),
    )
    .fetch_all(conn)
    .await
    .while_doing("listing taxes")?;
    let rates = rows.into_iter().map(|row| TaxRate {
        id: row.id,
        country: row.country,
        name: row.name,
        rate: row.rate,
        with_tax_id: WithTaxId::parse(&row.with_tax_id).unwrap_or_default(),
        valid_from: row.valid_from.into(),
        is_current: row.is_current,
    });
    Ok(rates.collect())
}

pub(in crate::billing) async fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    country: &str,
    rate: &CustomerTax,
    from: Timestamp,
    now: Timestamp,
) -> Result<(), AppError> {
    let twice = AppError::Conflict { errors: vec![FieldProblem::new("valid_from", FieldIssue::AlreadyDone)] };
    sqlx::query!(
        "INSERT INTO tax_rates (id, country, name, rate, with_tax_id, valid_from, set_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        id,
        country,
        rate.name,
        rate.rate,
        rate.with_tax_id.name(),
        from.get(),
        now.get(),
    )
    .execute(conn)
    .await
    .on_constraint("tax_rates_key", twice)
    .while_doing("setting a tax")?;
    Ok(())
}
