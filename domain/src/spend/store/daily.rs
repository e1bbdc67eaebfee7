//! The table `spend_daily`, to be read.

use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use crate::{AppError, platform::log::WhileDoing};

/// What was spent on a day.
#[expect(clippy::struct_field_names, reason = "the names of columns")]
pub(in crate::spend) struct Day {
    pub(in crate::spend) day: Date,
    pub(in crate::spend) amount: i64,
    pub(in crate::spend) calls: i64,
}

/// What was spent on each day, of the whole organization, or of one key of a dimension.
pub(in crate::spend) async fn days(
    conn: &mut PgConnection,
    organization: Uuid,
    (dimension, key): (&str, &str),
    from: Date,
    to: Date,
) -> Result<Vec<Day>, AppError> {
    sqlx::query_as!(
        Day,
        "SELECT day, cost_nano AS amount, calls FROM spend_daily
         WHERE organization_id = $1 AND dimension = $2 AND key = $3 AND day BETWEEN $4 AND $5 ORDER BY day",
        organization,
        dimension,
        key,
        from,
        to,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what was spent by day")
}

/// What was spent on one key of a dimension.
#[expect(clippy::struct_field_names, reason = "the names of columns")]
pub(in crate::spend) struct Key {
    pub(in crate::spend) key: String,
    pub(in crate::spend) amount: i64,
    pub(in crate::spend) calls: i64,
}

/// What was spent on each key of a dimension, the dearest first.
pub(in crate::spend) async fn keys(
    conn: &mut PgConnection,
    organization: Uuid,
    dimension: &str,
    from: Date,
    to: Date,
    limit: i64,
) -> Result<Vec<Key>, AppError> {
    sqlx::query_as!(
        Key,
        r#"SELECT key, least(sum(cost_nano), 9223372036854775807)::bigint AS "amount!", sum(calls)::bigint AS "calls!"
           FROM spend_daily WHERE organization_id = $1 AND dimension = $2 AND day BETWEEN $3 AND $4
           GROUP BY key ORDER BY 2 DESC, key LIMIT $5"#,
        organization,
        dimension,
        from,
        to,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what was spent by dimension")
}

/// What was spent on one key of a dimension on a day.
pub(in crate::spend) struct DayOfKey {
    pub(in crate::spend) day: Date,
    pub(in crate::spend) key: String,
    pub(in crate::spend) amount: i64,
    pub(in crate::spend) calls: i64,
}

/// What was spent on each key of a dimension on each day, from behind one on.
pub(in crate::spend) async fn by_day_and_key(
    conn: &mut PgConnection,
    organization: Uuid,
    dimension: &str,
    (from, to): (Date, Date),
    after: Option<&(Date, String)>,
    limit: i64,
) -> Result<Vec<DayOfKey>, AppError> {
    sqlx::query_as!(
        DayOfKey,
        "SELECT day, key, cost_nano AS amount, calls FROM spend_daily
         WHERE organization_id = $1 AND dimension = $2 AND day BETWEEN $3 AND $4
           AND ($5::date IS NULL OR (day, key) > ($5, $6::text)) ORDER BY day, key LIMIT $7",
        organization,
        dimension,
        from,
        to,
        after.map(|(day, _)| *day),
        after.map(|(_, key)| key.as_str()),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what was spent by day and dimension")
}
