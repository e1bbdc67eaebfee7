//! The tables `spend_holds` and `spend_hold_parts`.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{Countable as _, ledger::Event};
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// What is to be reserved, against which windows.
pub(in crate::spend) struct NewHold<'a> {
    pub(in crate::spend) id: Uuid,
    pub(in crate::spend) organization: Uuid,
    pub(in crate::spend) request_id: &'a str,
    pub(in crate::spend) kind: &'a str,
    pub(in crate::spend) amount: i64,
    pub(in crate::spend) dimensions: &'a [String],
    pub(in crate::spend) keys: &'a [String],
    pub(in crate::spend) provider: &'a str,
    pub(in crate::spend) item: &'a str,
    /// The moment its windows are those of.
    pub(in crate::spend) now: Timestamp,
    pub(in crate::spend) expires_in_s: f64,
    pub(in crate::spend) budgets: &'a [Uuid],
    pub(in crate::spend) starts_on: &'a [Date],
    pub(in crate::spend) counts_from: &'a [Date],
}

/// What came of it: one row where nothing refused it, and else one for each budget that did.
pub(in crate::spend) struct Verdict {
    /// Until when it is held; nothing where it was refused, or was there before.
    pub(in crate::spend) expires_at: Option<OffsetDateTime>,
    /// One that refused.
    pub(in crate::spend) budget_id: Option<Uuid>,
    pub(in crate::spend) spent: Option<i64>,
    pub(in crate::spend) held: Option<i64>,
}

/// Reserves against every budget, or against none. Whoever asks holds the budgets.
pub(in crate::spend) async fn reserve(
    conn: &mut PgConnection,
    hold: &NewHold<'_>,
) -> Result<Vec<Verdict>, AppError> {
    sqlx::query_as!(
        Verdict,
        r#"WITH asked AS (
               SELECT * FROM unnest($11::uuid[], $12::date[], $13::date[]) AS a (budget_id, starts_on, counts_from)
           ), stands AS (
               SELECT a.budget_id, a.starts_on, b.cap_nano, b.action,
                      coalesce(sum(w.spent_nano), 0) AS spent, coalesce(sum(w.held_nano), 0) AS held
               FROM asked a JOIN spend_budgets b ON b.id = a.budget_id
               LEFT JOIN spend_windows w ON w.budget_id = a.budget_id AND w.starts_on >= a.counts_from
               GROUP BY a.budget_id, a.starts_on, b.cap_nano, b.action
           ), refused AS (
               SELECT * FROM stands WHERE action <> 'notify' AND spent + held + $5::bigint > cap_nano
           ), verdict AS (
               SELECT NOT EXISTS (SELECT FROM refused) AS fits
           ), hold AS (
               INSERT INTO spend_holds (id, organization_id, request_id, kind, amount_nano, dimensions, keys, provider, item,
                                        created_at, expires_at)
               SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $14, clock_timestamp() + make_interval(secs => $10)
               FROM verdict WHERE fits
               ON CONFLICT (organization_id, request_id) DO NOTHING
               RETURNING id, expires_at
           ), parts AS (
               INSERT INTO spend_hold_parts (organization_id, hold_id, budget_id, starts_on)
               SELECT $2, hold.id, stands.budget_id, stands.starts_on FROM hold, stands
           ), counted AS (
               INSERT INTO spend_windows AS w (organization_id, budget_id, starts_on, held_nano)
               SELECT $2, stands.budget_id, stands.starts_on, $5 FROM hold, stands
               ON CONFLICT (budget_id, starts_on) DO UPDATE SET held_nano = w.held_nano + excluded.held_nano
           )
           SELECT hold.expires_at AS "expires_at?", refused.budget_id AS "budget_id?",
                  least(refused.spent, 9223372036854775807)::bigint AS "spent?",
                  least(refused.held, 9223372036854775807)::bigint AS "held?"
           FROM verdict LEFT JOIN hold ON true LEFT JOIN refused ON true"#,
        hold.id,
        hold.organization,
        hold.request_id,
        hold.kind,
        hold.amount,
        hold.dimensions,
        hold.keys,
        hold.provider,
        hold.item,
        hold.expires_in_s,
        hold.budgets,
        hold.starts_on,
        hold.counts_from,
        hold.now.get(),
    )
    .fetch_all(conn)
    .await
    .countable()
    .while_doing("reserving what a call can cost")
}

/// A hold.
#[derive(Clone, Debug)]
pub(in crate::spend) struct Row {
    pub(in crate::spend) id: Uuid,
    pub(in crate::spend) request_id: String,
    pub(in crate::spend) kind: String,
    pub(in crate::spend) state: String,
    pub(in crate::spend) amount_nano: i64,
    pub(in crate::spend) used_nano: i64,
    pub(in crate::spend) dimensions: Vec<String>,
    pub(in crate::spend) keys: Vec<String>,
    pub(in crate::spend) provider: String,
    pub(in crate::spend) item: String,
    pub(in crate::spend) known_nano: Option<i64>,
    pub(in crate::spend) created_at: OffsetDateTime,
    pub(in crate::spend) expires_at: OffsetDateTime,
}

/// A hold by the name its client gave it.
pub(in crate::spend) async fn by_request(
    conn: &mut PgConnection,
    organization: Uuid,
    request_id: &str,
) -> Result<Option<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, request_id, kind, state, amount_nano, used_nano, dimensions, keys, provider, item, known_nano, created_at,
                expires_at
         FROM spend_holds WHERE organization_id = $1 AND request_id = $2",
        organization,
        request_id,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for a hold")
}

/// A hold that nobody else ends until the transaction does.
pub(in crate::spend) async fn hold(
    conn: &mut PgConnection,
    organization: Uuid,
    id: Uuid,
) -> Result<Option<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, request_id, kind, state, amount_nano, used_nano, dimensions, keys, provider, item, known_nano, created_at,
                expires_at
         FROM spend_holds WHERE organization_id = $1 AND id = $2 FOR UPDATE",
        organization,
        id,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding a hold")
}

/// A hold, to be read.
pub(in crate::spend) async fn find(
    conn: &mut PgConnection,
    organization: Uuid,
    id: Uuid,
) -> Result<Option<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, request_id, kind, state, amount_nano, used_nano, dimensions, keys, provider, item, known_nano, created_at,
                expires_at
         FROM spend_holds WHERE organization_id = $1 AND id = $2",
        organization,
        id,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading a hold")
}

/// Notes that a call was sent on, and how long it may take from now on. A second time nothing is known anew but that.
pub(in crate::spend) async fn dispatch(
    conn: &mut PgConnection,
    organization: Uuid,
    id: Uuid,
    known: i64,
    expires_in_s: f64,
) -> Result<OffsetDateTime, AppError> {
    sqlx::query_scalar!(
        "UPDATE spend_holds
         SET dispatched_at = coalesce(dispatched_at, clock_timestamp()), known_nano = greatest(known_nano, $3),
             expires_at = greatest(expires_at, clock_timestamp() + make_interval(secs => $4))
         WHERE organization_id = $1 AND id = $2 RETURNING expires_at",
        organization,
        id,
        known,
        expires_in_s,
    )
    .fetch_one(conn)
    .await
    .while_doing("noting that a call was sent on")
}

/// How a hold ends.
pub(in crate::spend) struct End<'a> {
    pub(in crate::spend) hold: &'a Row,
    pub(in crate::spend) state: &'a str,
    /// What it cost, for its windows.
    pub(in crate::spend) spent: i64,
}

/// Ends a hold: what it held is free again, and what it cost is spent. Whoever asks holds the budgets.
pub(in crate::spend) async fn end(
    conn: &mut PgConnection,
    organization: Uuid,
    end: &End<'_>,
) -> Result<(), AppError> {
    let frees = if end.hold.state == "held" { end.hold.amount_nano - end.hold.used_nano } else { 0 };
    sqlx::query!(
        "WITH ended AS (
             UPDATE spend_holds SET state = $3, ended_at = coalesce(ended_at, clock_timestamp())
             WHERE organization_id = $1 AND id = $2
         )
         UPDATE spend_windows w SET held_nano = w.held_nano - $4, spent_nano = spend_sum(w.spent_nano, $5)
         FROM spend_hold_parts p
         WHERE p.organization_id = $1 AND p.hold_id = $2 AND w.budget_id = p.budget_id AND w.starts_on = p.starts_on",
        organization,
        end.hold.id,
        end.state,
        frees,
        end.spent,
    )
    .execute(conn)
    .await
    .while_doing("ending a hold")?;
    Ok(())
}

/// Moves what an event has cost in every window that counts it, by a correction: those of its hold, and those of budgets that
/// are younger, which have counted it by its day. Whoever asks holds the budgets above it.
pub(in crate::spend) async fn correct(
    conn: &mut PgConnection,
    organization: Uuid,
    event: &Event,
    difference: i64,
) -> Result<(), AppError> {
    sqlx::query!(
        "WITH counts AS (
             SELECT p.budget_id, p.starts_on FROM spend_hold_parts p WHERE p.organization_id = $1 AND p.hold_id = $2
             UNION ALL
             SELECT b.id, CASE b.period WHEN 'month' THEN date_trunc('month', $4::date)::date ELSE $4::date END
             FROM spend_budgets b
             WHERE b.organization_id = $1 AND b.removed_at IS NULL
               AND EXISTS (SELECT FROM unnest($5::text[], $6::text[]) AS above (dimension, key)
                           WHERE above.dimension = b.scope AND above.key = b.subject)
               AND NOT EXISTS (SELECT FROM spend_hold_parts p WHERE p.hold_id = $2 AND p.budget_id = b.id)
         )
         UPDATE spend_windows w SET spent_nano = spend_sum(w.spent_nano, $3) FROM counts c
         WHERE w.organization_id = $1 AND w.budget_id = c.budget_id AND w.starts_on = c.starts_on",
        organization,
        event.hold_id,
        difference,
        event.day,
        &event.dimensions,
        &event.keys,
    )
    .execute(conn)
    .await
    .while_doing("correcting what was spent")?;
    Ok(())
}

/// Lets a hold that has ended count against budgets that came since, as well.
pub(in crate::spend) async fn adopt(
    conn: &mut PgConnection,
    organization: Uuid,
    hold: Uuid,
    budgets: &[Uuid],
    starts_on: &[Date],
) -> Result<(), AppError> {
    sqlx::query!(
        "WITH came AS (
             INSERT INTO spend_hold_parts (organization_id, hold_id, budget_id, starts_on)
             SELECT $1::uuid, $2::uuid, a.budget_id, a.starts_on FROM unnest($3::uuid[], $4::date[]) AS a (budget_id, starts_on)
             ON CONFLICT (hold_id, budget_id) DO NOTHING
             RETURNING budget_id, starts_on
         )
         INSERT INTO spend_windows (organization_id, budget_id, starts_on)
         SELECT $1::uuid, budget_id, starts_on FROM came
         ON CONFLICT (budget_id, starts_on) DO NOTHING",
        organization,
        hold,
        budgets,
        starts_on,
    )
    .execute(conn)
    .await
    .while_doing("counting a call against budgets that came since")?;
    Ok(())
}

/// A place for what was never held: it counts in its windows from the beginning.
pub(in crate::spend) async fn record(conn: &mut PgConnection, hold: &NewHold<'_>) -> Result<bool, AppError> {
    let row = sqlx::query!(
        r#"WITH hold AS (
               INSERT INTO spend_holds (id, organization_id, request_id, amount_nano, state, dimensions, keys, provider, item,
                                        created_at, expires_at, ended_at)
               VALUES ($1, $2, $3, 0, 'settled', $4, $5, $6, $7, $10, clock_timestamp(), clock_timestamp())
               ON CONFLICT (organization_id, request_id) DO NOTHING
               RETURNING id
           ), parts AS (
               INSERT INTO spend_hold_parts (organization_id, hold_id, budget_id, starts_on)
               SELECT $2, hold.id, a.budget_id, a.starts_on
               FROM hold, unnest($8::uuid[], $9::date[]) AS a (budget_id, starts_on)
           ), windows AS (
               INSERT INTO spend_windows (organization_id, budget_id, starts_on)
               SELECT $2, a.budget_id, a.starts_on FROM hold, unnest($8::uuid[], $9::date[]) AS a (budget_id, starts_on)
               ON CONFLICT (budget_id, starts_on) DO NOTHING
           )
           SELECT EXISTS (SELECT FROM hold) AS "is_new!""#,
        hold.id,
        hold.organization,
        hold.request_id,
        hold.dimensions,
        hold.keys,
        hold.provider,
        hold.item,
        hold.budgets,
        hold.starts_on,
        hold.now.get(),
    )
    .fetch_one(conn)
    .await
    .while_doing("making a place for what was used")?;
    Ok(row.is_new)
}

/// A hold whose time is over.
pub(in crate::spend) struct Due {
    pub(in crate::spend) id: Uuid,
    pub(in crate::spend) organization_id: Uuid,
}

/// Holds whose time is over by the clock of the database: as it was when the statement began, so that an index finds them.
pub(in crate::spend) async fn due(conn: &mut PgConnection, limit: i64) -> Result<Vec<Due>, AppError> {
    sqlx::query_as!(
        Due,
        "SELECT id, organization_id FROM spend_holds WHERE state = 'held' AND expires_at <= statement_timestamp()
         ORDER BY expires_at LIMIT $1",
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for holds whose time is over")
}

/// The same hold, once more, if its time is still over and nobody else ends it.
pub(in crate::spend) async fn hold_due(
    conn: &mut PgConnection,
    organization: Uuid,
    id: Uuid,
) -> Result<Option<Row>, AppError> {
    sqlx::query_as!(
        Row,
        "SELECT id, request_id, kind, state, amount_nano, used_nano, dimensions, keys, provider, item, known_nano, created_at,
                expires_at
         FROM spend_holds
         WHERE organization_id = $1 AND id = $2 AND state = 'held' AND expires_at <= clock_timestamp()
         FOR UPDATE SKIP LOCKED",
        organization,
        id,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding a hold whose time is over")
}

/// Puts a hold off that could not be ended: it stays held meanwhile.
pub(in crate::spend) async fn postpone(
    conn: &mut PgConnection,
    organization: Uuid,
    id: Uuid,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE spend_holds SET expires_at = clock_timestamp() + interval '5 minutes'
         WHERE organization_id = $1 AND id = $2 AND state = 'held'",
        organization,
        id,
    )
    .execute(conn)
    .await
    .while_doing("putting a hold off")?;
    Ok(())
}
