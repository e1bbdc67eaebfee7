//! The table `spend_prices`.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// A row of the price book.
pub(in crate::spend) struct Row {
    pub(in crate::spend) id: Uuid,
    pub(in crate::spend) number: i64,
    pub(in crate::spend) provider: String,
    pub(in crate::spend) item: String,
    pub(in crate::spend) unit: String,
    pub(in crate::spend) price_nano: i64,
    pub(in crate::spend) per: i64,
    pub(in crate::spend) effective_from: OffsetDateTime,
    pub(in crate::spend) created_at: OffsetDateTime,
}

pub(in crate::spend) async fn insert(
    conn: &mut PgConnection,
    organization: Uuid,
    row: &Row,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO spend_prices (id, organization_id, provider, item, unit, price_nano, per, effective_from, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        row.id,
        organization,
        row.provider,
        row.item,
        row.unit,
        row.price_nano,
        row.per,
        row.effective_from,
        row.created_at,
    )
    .execute(conn)
    .await
    .while_doing("keeping a price")?;
    Ok(())
}

/// The price of a unit.
#[derive(Clone, Debug)]
pub(in crate::spend) struct Current {
    pub(in crate::spend) unit: String,
    pub(in crate::spend) id: Uuid,
    pub(in crate::spend) price_nano: i64,
    pub(in crate::spend) per: i64,
}

/// The prices of units at a moment, as far as there are any.
pub(in crate::spend) async fn at(
    conn: &mut PgConnection,
    organization: Uuid,
    provider: &str,
    item: &str,
    units: &[String],
    at: Timestamp,
) -> Result<Vec<Current>, AppError> {
    sqlx::query_as!(
        Current,
        r#"SELECT u.unit AS "unit!", p.id, p.price_nano, p.per
           FROM unnest($4::text[]) AS u (unit),
                LATERAL (SELECT id, price_nano, per FROM spend_prices
                         WHERE organization_id = $1 AND provider = $2 AND item = $3 AND unit = u.unit AND effective_from <= $5
                         ORDER BY effective_from DESC, number DESC LIMIT 1) AS p"#,
        organization,
        provider,
        item,
        units,
        at.get(),
    )
    .fetch_all(conn)
    .await
    .while_doing("looking a price up")
}

/// The price book, the latest written first.
pub(in crate::spend) async fn list(
    conn: &mut PgConnection,
    organization: Uuid,
    before: i64,
    limit: i64,
) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, number, provider, item, unit, price_nano, per, effective_from, created_at FROM spend_prices
         WHERE organization_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3",
        organization,
        before,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing prices")
}
