//! Slices of budgets: what calls of one have cost, many at once, and what is left of it.

use sqlx::PgConnection;
use time::Date;
use uuid::Uuid;

use super::holds::Row;
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Calls of one slice that are to be booked, each with a name of its own.
pub(in crate::spend) struct Batch<'a> {
    pub(in crate::spend) organization: Uuid,
    pub(in crate::spend) hold: &'a Row,
    pub(in crate::spend) event_ids: Vec<String>,
    pub(in crate::spend) journals: Vec<Uuid>,
    pub(in crate::spend) costs: Vec<i64>,
    pub(in crate::spend) overruns: Vec<i64>,
    pub(in crate::spend) now: Timestamp,
    pub(in crate::spend) day: Date,
}

/// Books events with their entries and the sums of their day in one statement. Answers what the new ones cost together.
pub(in crate::spend) async fn book(conn: &mut PgConnection, batch: &Batch<'_>) -> Result<i64, AppError> {
    sqlx::query_scalar!(
        r#"WITH asked AS (
               SELECT * FROM unnest($2::text[], $3::uuid[], $4::bigint[], $5::bigint[])
                             AS a (event_id, journal_id, cost, overrun)
           ), event AS (
               INSERT INTO spend_events (organization_id, event_id, hold_id, source, occurred_at, recorded_at, day, provider,
                                         item, units, quantities, dimensions, keys, cost_nano, overrun_nano)
               SELECT $1, event_id, $6, 'settled', $7, $7, $8, $9, $10, '{}', '{}', $11, $12, cost, overrun FROM asked
               ON CONFLICT (organization_id, event_id) DO NOTHING
               RETURNING event_id, cost_nano
           ), journal AS (
               INSERT INTO spend_journal (id, organization_id, event_id, kind, priced, at)
               SELECT asked.journal_id, $1, event.event_id, 'usage', true, $7 FROM event JOIN asked USING (event_id)
               RETURNING id, event_id
           ), entries AS (
               INSERT INTO spend_entries (organization_id, journal_id, account, amount_nano)
               SELECT $1, journal.id, a.account, a.amount
               FROM journal JOIN event USING (event_id),
                    LATERAL (VALUES ('unbilled', event.cost_nano), ('usage:' || $9::text, -event.cost_nano))
                            AS a (account, amount)
           ), sums AS (
               SELECT count(*) AS calls, coalesce(sum(cost_nano), 0)::bigint AS cost FROM event
           ), daily AS (
               INSERT INTO spend_daily AS d (organization_id, day, dimension, key, calls, cost_nano)
               SELECT $1, $8, a.dimension, a.key, sums.calls, sums.cost
               FROM sums, unnest($11::text[], $12::text[]) AS a (dimension, key)
               WHERE sums.calls > 0 ORDER BY a.dimension, a.key
               ON CONFLICT (organization_id, dimension, day, key)
               DO UPDATE SET calls = d.calls + excluded.calls, cost_nano = spend_sum(d.cost_nano, excluded.cost_nano)
           )
           SELECT cost AS "cost!" FROM sums"#,
        batch.organization,
        &batch.event_ids,
        &batch.journals,
        &batch.costs,
        &batch.overruns,
        batch.hold.id,
        batch.now.get(),
        batch.day,
        batch.hold.provider,
        batch.hold.item,
        &batch.hold.dimensions,
        &batch.hold.keys,
    )
    .fetch_one(conn)
    .await
    .while_doing("booking calls of a slice")
}

/// Notes how much of a slice was used, and what that cost. It stays held for a while from now on.
pub(in crate::spend) async fn use_up(
    conn: &mut PgConnection,
    organization: Uuid,
    slice: Uuid,
    used: i64,
    spent: i64,
    expires_in_s: f64,
) -> Result<(), AppError> {
    sqlx::query!(
        "WITH slice AS (
             UPDATE spend_holds
             SET used_nano = used_nano + $3, expires_at = clock_timestamp() + make_interval(secs => $5)
             WHERE organization_id = $1 AND id = $2
         )
         UPDATE spend_windows w SET held_nano = w.held_nano - $3, spent_nano = spend_sum(w.spent_nano, $4)
         FROM spend_hold_parts p
         WHERE p.organization_id = $1 AND p.hold_id = $2 AND w.budget_id = p.budget_id AND w.starts_on = p.starts_on",
        organization,
        slice,
        used,
        spent,
        expires_in_s,
    )
    .execute(conn)
    .await
    .while_doing("noting what was used of a slice")?;
    Ok(())
}

/// Frees what is left of a slice.
pub(in crate::spend) async fn give_back(
    conn: &mut PgConnection,
    organization: Uuid,
    slice: Uuid,
) -> Result<(), AppError> {
    sqlx::query!(
        "WITH slice AS (
             SELECT id, amount_nano - used_nano AS unused FROM spend_holds WHERE organization_id = $1 AND id = $2
         ), ended AS (
             UPDATE spend_holds h
             SET used_nano = amount_nano, state = 'released', ended_at = coalesce(ended_at, clock_timestamp())
             FROM slice WHERE h.id = slice.id
         )
         UPDATE spend_windows w SET held_nano = w.held_nano - slice.unused
         FROM slice JOIN spend_hold_parts p ON p.hold_id = slice.id
         WHERE w.budget_id = p.budget_id AND w.starts_on = p.starts_on",
        organization,
        slice,
    )
    .execute(conn)
    .await
    .while_doing("giving a slice back")?;
    Ok(())
}

/// Ends a slice whose process has not been heard of: what is left of it is withheld until its windows end.
pub(in crate::spend) async fn withhold(
    conn: &mut PgConnection,
    organization: Uuid,
    slice: Uuid,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE spend_holds SET state = 'expired', ended_at = clock_timestamp() WHERE organization_id = $1 AND id = $2",
        organization,
        slice,
    )
    .execute(conn)
    .await
    .while_doing("withholding a slice")?;
    Ok(())
}
