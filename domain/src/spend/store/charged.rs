//! What the ledger says for invoices: quantities, by the numbers of its entries.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// The highest number of an organization.
pub(in crate::spend) async fn last(conn: &mut PgConnection, organization: Uuid) -> Result<i64, AppError> {
    sqlx::query_scalar!(
        r#"SELECT coalesce(max(number), 0) AS "last!" FROM spend_journal WHERE organization_id = $1"#,
        organization,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking how far the ledger goes")
}

/// The last number of those behind `after`, up to `through`, before the first that was written at a moment or later.
pub(in crate::spend) async fn until(
    conn: &mut PgConnection,
    organization: Uuid,
    (after, through): (i64, i64),
    at: Timestamp,
) -> Result<i64, AppError> {
    sqlx::query_scalar!(
        r#"SELECT coalesce(min(number) - 1, $3) AS "until!" FROM spend_journal
           WHERE organization_id = $1 AND number > $2 AND number <= $3 AND at >= $4"#,
        organization,
        after,
        through,
        at.get(),
    )
    .fetch_one(conn)
    .await
    .while_doing("looking where a stretch of the ledger ends")
}

/// Prices and their times, column by column.
#[derive(Default)]
pub(in crate::spend) struct Times {
    pub(in crate::spend) prices: Vec<Uuid>,
    pub(in crate::spend) providers: Vec<String>,
    pub(in crate::spend) items: Vec<String>,
    pub(in crate::spend) units: Vec<String>,
    pub(in crate::spend) from: Vec<OffsetDateTime>,
    pub(in crate::spend) until: Vec<Option<OffsetDateTime>>,
}

/// How much was used at a price.
pub(in crate::spend) struct Sum {
    pub(in crate::spend) price: Uuid,
    pub(in crate::spend) quantity: i64,
}

/// How much was used in a stretch in the time of each price. An entry that takes another one back takes back its quantities. A
/// clock that was ahead when something was noted is not believed. A sum beyond what a line can say is the most that it can.
pub(in crate::spend) async fn sums(
    conn: &mut PgConnection,
    organization: Uuid,
    (after, through): (i64, i64),
    times: &Times,
) -> Result<Vec<Sum>, AppError> {
    sqlx::query_as!(
        Sum,
        r#"WITH used AS (
               SELECT e.provider, e.item, r.unit, least(coalesce(b.occurred_at, e.occurred_at), e.recorded_at) AS at,
                      CASE WHEN j.reverses IS NULL THEN r.quantity ELSE -r.quantity END AS quantity
               FROM spend_journal j
               JOIN spend_journal b ON b.organization_id = $1 AND b.id = coalesce(j.reverses, j.id)
               JOIN spend_events e ON e.organization_id = $1 AND e.event_id = j.event_id
               JOIN spend_ratings r ON r.organization_id = $1 AND r.journal_id = b.id
               WHERE j.organization_id = $1 AND j.number > $2 AND j.number <= $3
           )
           SELECT p.price AS "price!",
                  greatest(least(sum(u.quantity), 1000000000000000000), -1000000000000000000)::bigint AS "quantity!"
           FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::timestamptz[])
                    AS p (price, provider, item, unit, starts, ends)
           JOIN used u ON u.provider = p.provider AND u.item = p.item AND u.unit = p.unit AND u.at >= p.starts
                          AND (p.ends IS NULL OR u.at < p.ends)
           GROUP BY p.price HAVING sum(u.quantity) <> 0"#,
        organization,
        after,
        through,
        &times.prices,
        &times.providers,
        &times.items,
        &times.units,
        &times.from,
        &times.until as &[Option<OffsetDateTime>],
    )
    .fetch_all(conn)
    .await
    .while_doing("adding up what was used")
}

/// What an entry says of a unit.
pub(in crate::spend) struct Used {
    pub(in crate::spend) number: i64,
    pub(in crate::spend) unit: String,
    /// Less than nothing where it takes something back.
    pub(in crate::spend) quantity: i64,
    /// When it happened, as sums see it.
    pub(in crate::spend) at: OffsetDateTime,
}

/// What the entries of an event say, in the order of their numbers.
pub(in crate::spend) async fn of_event(
    conn: &mut PgConnection,
    organization: Uuid,
    event_id: &str,
) -> Result<Vec<Used>, AppError> {
    sqlx::query_as!(
        Used,
        r#"SELECT j.number, r.unit, CASE WHEN j.reverses IS NULL THEN r.quantity ELSE -r.quantity END AS "quantity!",
                  least(coalesce(b.occurred_at, e.occurred_at), e.recorded_at) AS "at!"
           FROM spend_journal j
           JOIN spend_journal b ON b.organization_id = $1 AND b.id = coalesce(j.reverses, j.id)
           JOIN spend_events e ON e.organization_id = $1 AND e.event_id = j.event_id
           JOIN spend_ratings r ON r.organization_id = $1 AND r.journal_id = b.id
           WHERE j.organization_id = $1 AND j.event_id = $2 ORDER BY j.number, r.line"#,
        organization,
        event_id,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what a call has used")
}
