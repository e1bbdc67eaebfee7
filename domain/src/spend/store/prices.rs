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

/// How many calls of a provider's item since a moment cost something else by the prices there are now than what they are billed at.
/// Those without a price for all of it, those whose client said the cost, and those that would cost more than `most`, are none of
/// them. Looks at `limit` of them, by their names.
pub(in crate::spend) async fn outdated(
    conn: &mut PgConnection,
    organization: Uuid,
    provider: &str,
    item: &str,
    from: OffsetDateTime,
    limit: i64,
    most: i64,
) -> Result<i64, AppError> {
    // Rounded up for each unit, as whole numbers: `div` cuts, and quotients of numeric would be rounded.
    sqlx::query_scalar!(
        r#"WITH looked_at AS (
               SELECT event_id, occurred_at FROM spend_events
               WHERE organization_id = $1 AND provider = $2 AND item = $3 AND occurred_at >= $4
               ORDER BY event_id LIMIT $5
           ), standing AS (
               SELECT coalesce(j.occurred_at, e.occurred_at) AS occurred_at, j.id, j.priced,
                      coalesce((SELECT sum(l.amount_nano) FROM spend_journal b JOIN spend_entries l ON l.journal_id = b.id
                                WHERE b.organization_id = $1 AND b.event_id = e.event_id AND l.account = 'unbilled'), 0) AS cost
               FROM looked_at e,
                    LATERAL (SELECT id, priced, occurred_at FROM spend_journal
                             WHERE organization_id = $1 AND event_id = e.event_id AND kind <> 'reversal'
                             ORDER BY number DESC LIMIT 1) AS j
           ), anew AS (
               SELECT s.id, s.priced, s.cost, bool_and(p.price_nano IS NOT NULL) AS has_prices,
                      sum(div(r.quantity::numeric * p.price_nano + p.per - 1, p.per::numeric)) AS now_costs
               FROM standing s JOIN spend_ratings r ON r.organization_id = $1 AND r.journal_id = s.id
               LEFT JOIN LATERAL (SELECT price_nano, per FROM spend_prices
                                  WHERE organization_id = $1 AND provider = $2 AND item = $3 AND unit = r.unit
                                    AND effective_from <= s.occurred_at
                                  ORDER BY effective_from DESC, number DESC LIMIT 1) AS p ON true
               GROUP BY s.id, s.priced, s.cost
           )
           SELECT count(*) AS "n!" FROM anew WHERE has_prices AND (now_costs <> cost OR NOT priced) AND now_costs <= $6::bigint"#,
        organization,
        provider,
        item,
        from,
        limit,
        most,
    )
    .fetch_one(conn)
    .await
    .while_doing("counting calls that a price outdates")
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
