//! The tables `spend_budgets` and `spend_windows`.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::Countable as _;
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// What is known of whoever makes a call, and of where.
pub(in crate::spend) struct Place {
    /// The zone of the organization.
    pub(in crate::spend) time_zone: String,
    /// The groups of a person, and those above.
    pub(in crate::spend) groups: Vec<String>,
    /// What time it is by the clock of the database.
    pub(in crate::spend) now: Timestamp,
}

/// Begins to count in an organization: until the transaction ends, no budget comes or goes.
pub(in crate::spend) async fn enter(
    conn: &mut PgConnection,
    organization: Uuid,
    person: Option<Uuid>,
) -> Result<Place, AppError> {
    let row = sqlx::query!(
        r#"SELECT o.time_zone, statement_timestamp() AS "now!",
                  pg_advisory_xact_lock_shared(hashtextextended('spend ' || o.id, 0))::text AS locked,
                  ARRAY(WITH RECURSIVE above AS (
                            SELECT g.id, g.parent_id FROM group_members m JOIN groups g ON g.id = m.group_id
                            WHERE m.organization_id = $1 AND m.user_id = $2
                            UNION
                            SELECT g.id, g.parent_id FROM above a
                            JOIN groups g ON g.organization_id = $1 AND g.id = a.parent_id
                        ) SELECT id::text FROM above ORDER BY id) AS "groups!"
           FROM organizations o WHERE o.id = $1"#,
        organization,
        person,
    )
    .fetch_optional(conn)
    .await
    .while_doing("beginning to count what is spent")?
    .ok_or(AppError::NotFound)?;
    Ok(Place { time_zone: row.time_zone, groups: row.groups, now: row.now.into() })
}

/// The same alone: nobody else counts anything in the organization until the transaction ends.
pub(in crate::spend) async fn enter_alone(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<Place, AppError> {
    let row = sqlx::query!(
        r#"SELECT time_zone, statement_timestamp() AS "now!",
                  pg_advisory_xact_lock(hashtextextended('spend ' || id, 0))::text AS locked
           FROM organizations WHERE id = $1"#,
        organization,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding what is spent")?;
    let row = row.ok_or(AppError::NotFound)?;
    Ok(Place { time_zone: row.time_zone, groups: Vec::new(), now: row.now.into() })
}

/// A budget.
#[derive(Clone, Debug)]
pub(in crate::spend) struct Budget {
    pub(in crate::spend) id: Uuid,
    pub(in crate::spend) scope: String,
    pub(in crate::spend) subject: String,
    pub(in crate::spend) period: String,
    pub(in crate::spend) rolling_days: Option<i32>,
    pub(in crate::spend) cap_nano: i64,
    pub(in crate::spend) warn_at: Vec<i16>,
    pub(in crate::spend) action: String,
    pub(in crate::spend) warned: i16,
    pub(in crate::spend) warned_on: Option<Date>,
    pub(in crate::spend) refused_on: Option<Date>,
    pub(in crate::spend) is_removed: bool,
}

/// Holds every budget above a call, in the order of their ids.
pub(in crate::spend) async fn hold_above(
    conn: &mut PgConnection,
    organization: Uuid,
    dimensions: &[String],
    keys: &[String],
) -> Result<Vec<Budget>, AppError> {
    sqlx::query_as!(
        Budget,
        r#"SELECT b.id, b.scope, b.subject, b.period, b.rolling_days, b.cap_nano, b.warn_at, b.action, b.warned, b.warned_on,
                  b.refused_on, b.removed_at IS NOT NULL AS "is_removed!"
           FROM spend_budgets b
           WHERE b.organization_id = $1 AND b.removed_at IS NULL
             AND EXISTS (SELECT FROM unnest($2::text[], $3::text[]) AS above (dimension, key)
                         WHERE above.dimension = b.scope AND above.key = b.subject)
           ORDER BY b.id FOR NO KEY UPDATE OF b"#,
        organization,
        dimensions,
        keys,
    )
    .fetch_all(conn)
    .await
    .while_doing("holding the budgets above a call")
}

/// Holds the budgets that a hold counts against, in the order of their ids; those that were removed as well.
pub(in crate::spend) async fn hold_of(
    conn: &mut PgConnection,
    organization: Uuid,
    hold: Uuid,
) -> Result<Vec<Budget>, AppError> {
    sqlx::query_as!(
        Budget,
        r#"SELECT b.id, b.scope, b.subject, b.period, b.rolling_days, b.cap_nano, b.warn_at, b.action, b.warned, b.warned_on,
                  b.refused_on, b.removed_at IS NOT NULL AS "is_removed!"
           FROM spend_budgets b JOIN spend_hold_parts p ON p.budget_id = b.id
           WHERE b.organization_id = $1 AND p.hold_id = $2
           ORDER BY b.id FOR NO KEY UPDATE OF b"#,
        organization,
        hold,
    )
    .fetch_all(conn)
    .await
    .while_doing("holding the budgets of a hold")
}

/// Every budget of an organization, the widest first, or one of them.
pub(in crate::spend) async fn list(
    conn: &mut PgConnection,
    organization: Uuid,
    only: Option<Uuid>,
) -> Result<Vec<Budget>, AppError> {
    sqlx::query_as!(
        Budget,
        r#"SELECT id, scope, subject, period, rolling_days, cap_nano, warn_at, action, warned, warned_on, refused_on,
                  removed_at IS NOT NULL AS "is_removed!"
           FROM spend_budgets
           WHERE organization_id = $1 AND removed_at IS NULL AND ($2::uuid IS NULL OR id = $2)
           ORDER BY array_position(ARRAY['organization', 'workspace', 'project', 'group', 'person', 'token', 'tag', 'model'],
                                   scope), subject, period, id"#,
        organization,
        only,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing budgets")
}

/// What is in a window.
#[derive(Clone, Copy, Debug)]
pub(in crate::spend) struct Stand {
    pub(in crate::spend) budget_id: Uuid,
    pub(in crate::spend) spent: i64,
    pub(in crate::spend) held: i64,
}

/// What is in windows, each of a budget. A sum beyond what there can be is the most there can be.
pub(in crate::spend) async fn stands(
    conn: &mut PgConnection,
    budgets: &[Uuid],
    counts_from: &[Date],
) -> Result<Vec<Stand>, AppError> {
    sqlx::query_as!(
        Stand,
        r#"SELECT a.budget_id AS "budget_id!",
                  least(coalesce(sum(w.spent_nano), 0), 9223372036854775807)::bigint AS "spent!",
                  least(coalesce(sum(w.held_nano), 0), 9223372036854775807)::bigint AS "held!"
           FROM unnest($1::uuid[], $2::date[]) AS a (budget_id, counts_from)
           LEFT JOIN spend_windows w ON w.budget_id = a.budget_id AND w.starts_on >= a.counts_from
           GROUP BY a.budget_id"#,
        budgets,
        counts_from,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading how budgets stand")
}

/// A budget that is to be.
pub(in crate::spend) struct NewBudget<'a> {
    pub(in crate::spend) id: Uuid,
    pub(in crate::spend) organization: Uuid,
    pub(in crate::spend) scope: &'a str,
    pub(in crate::spend) subject: &'a str,
    pub(in crate::spend) period: &'a str,
    pub(in crate::spend) rolling_days: Option<i32>,
    pub(in crate::spend) cap_nano: i64,
    pub(in crate::spend) warn_at: &'a [i16],
    pub(in crate::spend) action: &'a str,
    pub(in crate::spend) now: Timestamp,
}

/// The budget of a scope and period, if there is one.
pub(in crate::spend) async fn find(
    conn: &mut PgConnection,
    organization: Uuid,
    scope: &str,
    subject: &str,
    period: &str,
) -> Result<Option<Budget>, AppError> {
    sqlx::query_as!(
        Budget,
        r#"SELECT id, scope, subject, period, rolling_days, cap_nano, warn_at, action, warned, warned_on, refused_on,
                  removed_at IS NOT NULL AS "is_removed!"
           FROM spend_budgets
           WHERE organization_id = $1 AND scope = $2 AND subject = $3 AND period = $4 AND removed_at IS NULL
           FOR NO KEY UPDATE"#,
        organization,
        scope,
        subject,
        period,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for a budget")
}

pub(in crate::spend) async fn insert(conn: &mut PgConnection, row: &NewBudget<'_>) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO spend_budgets
             (id, organization_id, scope, subject, period, rolling_days, cap_nano, warn_at, action, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row.id,
        row.organization,
        row.scope,
        row.subject,
        row.period,
        row.rolling_days,
        row.cap_nano,
        row.warn_at,
        row.action,
        row.now.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping a budget")?;
    Ok(())
}

/// Lets a new budget count what was spent since a day, and what calls that go on may still cost; also what is withheld of a slice
/// whose process was lost. Whoever asks is alone.
pub(in crate::spend) async fn count_past(
    conn: &mut PgConnection,
    row: &NewBudget<'_>,
    counts_from: Date,
    starts_on: Date,
) -> Result<(), AppError> {
    sqlx::query!(
        r#"WITH open AS (
               SELECT h.id, h.amount_nano - h.used_nano AS held FROM spend_holds h
               WHERE h.organization_id = $2
                 AND (h.state = 'held' OR h.state = 'expired' AND h.kind = 'slice' AND h.used_nano < h.amount_nano
                                          AND h.created_at >= $5::date - 1)
                 AND EXISTS (SELECT FROM unnest(h.dimensions, h.keys) AS of (dimension, key)
                             WHERE of.dimension = $3 AND of.key = $4)
           ), parts AS (
               INSERT INTO spend_hold_parts (organization_id, hold_id, budget_id, starts_on)
               SELECT $2, id, $1, $6 FROM open
           )
           INSERT INTO spend_windows (organization_id, budget_id, starts_on, spent_nano, held_nano)
           SELECT $2, $1, days.starts_on, least(sum(days.spent), 9223372036854775807)::bigint, sum(days.held)::bigint
           FROM (SELECT CASE WHEN $7 = 'month' THEN $5::date ELSE d.day END AS starts_on, d.cost_nano AS spent, 0::bigint AS held
                 FROM spend_daily d
                 WHERE d.organization_id = $2 AND d.dimension = $3 AND d.key = $4 AND d.day >= $5
                 UNION ALL
                 SELECT $6::date, 0, held FROM open) AS days
           GROUP BY days.starts_on"#,
        row.id,
        row.organization,
        row.scope,
        row.subject,
        counts_from,
        starts_on,
        row.period,
    )
    .execute(conn)
    .await
    .countable()
    .while_doing("counting what was spent before a budget")?;
    Ok(())
}

/// Lets a budget with a longer window than it had count the days before those it has counted. A day that it counts in part, or
/// otherwise than by the sum of the day, stays at what is more. Whoever asks is alone.
pub(in crate::spend) async fn count_earlier(
    conn: &mut PgConnection,
    organization: Uuid,
    id: Uuid,
    counts_from: Date,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO spend_windows AS w (organization_id, budget_id, starts_on, spent_nano)
         SELECT b.organization_id, b.id, d.day, d.cost_nano
         FROM spend_budgets b
         JOIN spend_daily d ON d.organization_id = b.organization_id AND d.dimension = b.scope AND d.key = b.subject
         WHERE b.organization_id = $1 AND b.id = $2 AND d.day >= $3 AND d.day <= (b.created_at AT TIME ZONE 'UTC')::date
         ON CONFLICT (budget_id, starts_on) DO UPDATE SET spent_nano = greatest(w.spent_nano, excluded.spent_nano)",
        organization,
        id,
        counts_from,
    )
    .execute(conn)
    .await
    .while_doing("counting what was spent before a longer window")?;
    Ok(())
}

/// Changes a budget. What was told of it is told again when it happens again.
pub(in crate::spend) async fn change(conn: &mut PgConnection, to: &Budget) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE spend_budgets SET rolling_days = $2, cap_nano = $3, warn_at = $4, action = $5, warned = $6, warned_on = $7,
                refused_on = NULL
         WHERE id = $1",
        to.id,
        to.rolling_days,
        to.cap_nano,
        &to.warn_at,
        to.action,
        to.warned,
        to.warned_on,
    )
    .execute(conn)
    .await
    .while_doing("changing a budget")?;
    Ok(())
}

/// Removes a budget; answers what it was.
pub(in crate::spend) async fn remove(
    conn: &mut PgConnection,
    organization: Uuid,
    id: Uuid,
    now: Timestamp,
) -> Result<Option<Budget>, AppError> {
    sqlx::query_as!(
        Budget,
        r#"UPDATE spend_budgets SET removed_at = $3 WHERE organization_id = $1 AND id = $2 AND removed_at IS NULL
           RETURNING id, scope, subject, period, rolling_days, cap_nano, warn_at, action, warned, warned_on, refused_on,
                     removed_at IS NOT NULL AS "is_removed!""#,
        organization,
        id,
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("removing a budget")
}

/// How many budgets there are.
pub(in crate::spend) async fn count(conn: &mut PgConnection, organization: Uuid) -> Result<i64, AppError> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM spend_budgets WHERE organization_id = $1 AND removed_at IS NULL"#,
        organization,
    )
    .fetch_one(conn)
    .await
    .while_doing("counting budgets")
}

/// Remembers which warning was given last.
pub(in crate::spend) async fn note_warned(
    conn: &mut PgConnection,
    id: Uuid,
    warned: i16,
    on: Date,
) -> Result<(), AppError> {
    sqlx::query!("UPDATE spend_budgets SET warned = $2, warned_on = $3 WHERE id = $1", id, warned, on)
        .execute(conn)
        .await
        .while_doing("remembering a warning")?;
    Ok(())
}

/// Remembers that a refusal was told.
pub(in crate::spend) async fn note_refused(
    conn: &mut PgConnection,
    id: Uuid,
    on: Date,
) -> Result<(), AppError> {
    sqlx::query!("UPDATE spend_budgets SET refused_on = $2 WHERE id = $1", id, on)
        .execute(conn)
        .await
        .while_doing("remembering a refusal")?;
    Ok(())
}

/// What letters and pages say of the organization.
pub(in crate::spend) struct Named {
    pub(in crate::spend) name: String,
    pub(in crate::spend) slug: String,
    pub(in crate::spend) time_zone: String,
    /// What time it is by the clock of the database.
    pub(in crate::spend) now: OffsetDateTime,
}

pub(in crate::spend) async fn named(conn: &mut PgConnection, organization: Uuid) -> Result<Named, AppError> {
    sqlx::query_as!(
        Named,
        r#"SELECT name, slug, time_zone, statement_timestamp() AS "now!" FROM organizations WHERE id = $1"#,
        organization,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading the name of an organization")?
    .ok_or(AppError::NotFound)
}
