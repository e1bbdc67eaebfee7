//! The tables `spend_events`, `spend_journal`, `spend_entries` and `spend_ratings`, and the sums of days that go with them.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Who names an event. Names of one kind never meet those of another, whatever a client chooses: what was noted at next to nothing
/// under the name of somebody else's call would let that one be free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::spend) enum Names {
    /// Calls that were reserved: settled by their client, or because their time was over.
    Settled,
    /// What was noted without asking first.
    Recorded,
    /// Calls that were let in from a slice.
    Leased,
}

impl Names {
    const ALL: [Self; 3] = [Self::Settled, Self::Recorded, Self::Leased];

    /// The name that an event is written down under.
    pub(in crate::spend) fn of(self, name: &str) -> String {
        let space = match self {
            Self::Settled => "settled",
            Self::Recorded => "recorded",
            Self::Leased => "leased",
        };
        format!("{space} {name}")
    }

    /// Every name that events called so can be written down under.
    pub(in crate::spend) fn all_of(name: &str) -> Vec<String> {
        Self::ALL.into_iter().map(|names| names.of(name)).collect()
    }
}

/// What was used, and what it cost: a line for each unit.
#[derive(Clone, Debug, Default)]
pub(in crate::spend) struct Rated {
    pub(in crate::spend) units: Vec<String>,
    pub(in crate::spend) quantities: Vec<i64>,
    pub(in crate::spend) prices: Vec<Option<Uuid>>,
    pub(in crate::spend) costs: Vec<i64>,
}

/// An event that is to be booked.
pub(in crate::spend) struct NewEvent<'a> {
    pub(in crate::spend) organization: Uuid,
    pub(in crate::spend) event_id: &'a str,
    pub(in crate::spend) journal: Uuid,
    pub(in crate::spend) hold: Uuid,
    pub(in crate::spend) source: &'a str,
    pub(in crate::spend) occurred_at: Timestamp,
    pub(in crate::spend) now: Timestamp,
    pub(in crate::spend) day: Date,
    pub(in crate::spend) provider: &'a str,
    pub(in crate::spend) item: &'a str,
    pub(in crate::spend) rated: &'a Rated,
    pub(in crate::spend) dimensions: &'a [String],
    pub(in crate::spend) keys: &'a [String],
    pub(in crate::spend) cost: i64,
    pub(in crate::spend) overrun: i64,
    pub(in crate::spend) priced: bool,
}

/// Books an event, with its entry, its ratings and the sums of its day, in one statement. Answers whether it was a new one: an
/// event that is there already changes nothing.
pub(in crate::spend) async fn book(conn: &mut PgConnection, event: &NewEvent<'_>) -> Result<bool, AppError> {
    let row = sqlx::query!(
        r#"WITH event AS (
               INSERT INTO spend_events (organization_id, event_id, hold_id, source, occurred_at, recorded_at, day, provider,
                                         item, units, quantities, dimensions, keys, cost_nano, overrun_nano)
               VALUES ($1, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, $15, $16, $17, $18)
               ON CONFLICT (organization_id, event_id) DO NOTHING
               RETURNING event_id
           ), journal AS (
               INSERT INTO spend_journal (id, organization_id, event_id, kind, priced, at)
               SELECT $3, $1, event_id, 'usage', $19, $7 FROM event
               RETURNING id
           ), entries AS (
               INSERT INTO spend_entries (organization_id, journal_id, account, amount_nano)
               SELECT $1, journal.id, a.account, a.amount
               FROM journal, (VALUES ('unbilled', $17::bigint), ('usage:' || $9::text, -$17::bigint)) AS a (account, amount)
               WHERE a.amount <> 0
           ), ratings AS (
               INSERT INTO spend_ratings (organization_id, journal_id, line, unit, quantity, price_id, cost_nano)
               SELECT $1, journal.id, r.line, r.unit, r.quantity, r.price_id, r.cost
               FROM journal, unnest($11::text[], $12::bigint[], $13::uuid[], $14::bigint[])
                             WITH ORDINALITY AS r (unit, quantity, price_id, cost, line)
           ), daily AS (
               INSERT INTO spend_daily AS d (organization_id, day, dimension, key, calls, cost_nano)
               SELECT $1, $8, a.dimension, a.key, 1, $17
               FROM event, unnest($15::text[], $16::text[]) AS a (dimension, key) ORDER BY a.dimension, a.key
               ON CONFLICT (organization_id, dimension, day, key)
               DO UPDATE SET calls = d.calls + 1, cost_nano = spend_sum(d.cost_nano, excluded.cost_nano)
           )
           SELECT EXISTS (SELECT FROM event) AS "is_new!""#,
        event.organization,
        event.event_id,
        event.journal,
        event.hold,
        event.source,
        event.occurred_at.get(),
        event.now.get(),
        event.day,
        event.provider,
        event.item,
        &event.rated.units,
        &event.rated.quantities,
        &event.rated.prices as &[Option<Uuid>],
        &event.rated.costs,
        event.dimensions,
        event.keys,
        event.cost,
        event.overrun,
        event.priced,
    )
    .fetch_one(conn)
    .await
    .while_doing("booking what was used")?;
    Ok(row.is_new)
}

/// An event as it was noted, and what it costs now.
#[expect(clippy::struct_field_names, reason = "the names of columns")]
#[derive(Clone, Debug)]
pub(in crate::spend) struct Event {
    /// What it is written down under.
    pub(in crate::spend) event_id: String,
    pub(in crate::spend) hold_id: Uuid,
    pub(in crate::spend) source: String,
    pub(in crate::spend) occurred_at: OffsetDateTime,
    pub(in crate::spend) day: Date,
    pub(in crate::spend) provider: String,
    pub(in crate::spend) item: String,
    /// What was used, as the entry that stands says: who settles late tells it only then. Nothing where its client said the cost.
    pub(in crate::spend) units: Vec<String>,
    pub(in crate::spend) quantities: Vec<i64>,
    pub(in crate::spend) dimensions: Vec<String>,
    pub(in crate::spend) keys: Vec<String>,
    /// By how much more than was held it was settled, late or in time.
    pub(in crate::spend) overrun_nano: i64,
    /// The last entry that stands.
    pub(in crate::spend) journal: Uuid,
    pub(in crate::spend) priced: bool,
    /// The sum of its entries.
    pub(in crate::spend) cost: i64,
}

impl Event {
    /// The name that its client gave it.
    pub(in crate::spend) fn name(&self) -> &str {
        self.event_id.split_once(' ').map_or(self.event_id.as_str(), |(_, name)| name)
    }
}

/// The first event of an organization that is written down under one of these names.
pub(in crate::spend) async fn event(
    conn: &mut PgConnection,
    organization: Uuid,
    event_ids: &[String],
) -> Result<Option<Event>, AppError> {
    let found = events(conn, organization, &Which { event_ids, ..Which::default() }, 1).await?;
    Ok(found.into_iter().next())
}

/// Which events.
#[derive(Default)]
pub(in crate::spend) struct Which<'a> {
    /// Those written down under one of these; under any where there is none.
    pub(in crate::spend) event_ids: &'a [String],
    pub(in crate::spend) hold: Option<Uuid>,
    pub(in crate::spend) provider: Option<&'a str>,
    pub(in crate::spend) item: Option<&'a str>,
    pub(in crate::spend) from: Option<Timestamp>,
    /// Those written after this one.
    pub(in crate::spend) after: Option<&'a str>,
}

/// Events of an organization, by their names.
pub(in crate::spend) async fn events(
    conn: &mut PgConnection,
    organization: Uuid,
    which: &Which<'_>,
    limit: i64,
) -> Result<Vec<Event>, AppError> {
    sqlx::query_as!(
        Event,
        r#"SELECT e.event_id, e.hold_id, e.source, coalesce(j.occurred_at, e.occurred_at) AS "occurred_at!", e.day, e.provider,
                  e.item, e.dimensions, e.keys,
                  ARRAY(SELECT r.unit FROM spend_ratings r
                        WHERE r.organization_id = $1 AND r.journal_id = j.id ORDER BY r.line) AS "units!",
                  ARRAY(SELECT r.quantity FROM spend_ratings r
                        WHERE r.organization_id = $1 AND r.journal_id = j.id ORDER BY r.line) AS "quantities!",
                  (e.overrun_nano + coalesce((SELECT max(b.overrun_nano) FROM spend_journal b
                                              WHERE b.organization_id = $1 AND b.event_id = e.event_id), 0)) AS "overrun_nano!",
                  j.id AS "journal!", j.priced AS "priced!",
                  coalesce((SELECT sum(l.amount_nano) FROM spend_journal b JOIN spend_entries l ON l.journal_id = b.id
                            WHERE b.organization_id = $1 AND b.event_id = e.event_id AND l.account = 'unbilled'), 0)::bigint
                      AS "cost!"
           FROM spend_events e,
                LATERAL (SELECT id, priced, occurred_at FROM spend_journal
                         WHERE organization_id = $1 AND event_id = e.event_id AND kind <> 'reversal'
                         ORDER BY number DESC LIMIT 1) AS j
           WHERE e.organization_id = $1 AND (cardinality($2::text[]) = 0 OR e.event_id = ANY ($2))
             AND ($3::uuid IS NULL OR e.hold_id = $3) AND ($4::text IS NULL OR e.provider = $4) AND ($5::text IS NULL OR e.item = $5)
             AND ($6::timestamptz IS NULL OR e.occurred_at >= $6) AND ($7::text IS NULL OR e.event_id > $7)
           ORDER BY e.event_id LIMIT $8"#,
        organization,
        which.event_ids,
        which.hold,
        which.provider,
        which.item,
        which.from.map(Timestamp::get),
        which.after,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what was used")
}

/// A correction: the entry that stands is taken back, and another one takes its place.
pub(in crate::spend) struct Correction<'a> {
    pub(in crate::spend) event: &'a Event,
    pub(in crate::spend) reversal: Uuid,
    pub(in crate::spend) journal: Uuid,
    pub(in crate::spend) rated: &'a Rated,
    pub(in crate::spend) cost: i64,
    /// How much of it nothing was kept for.
    pub(in crate::spend) overrun: i64,
    pub(in crate::spend) occurred_at: Timestamp,
    pub(in crate::spend) priced: bool,
    pub(in crate::spend) now: Timestamp,
}

/// Writes a correction, and moves the sums of the day by the difference, in one statement. Whoever asks counts alone.
pub(in crate::spend) async fn correct(
    conn: &mut PgConnection,
    organization: Uuid,
    it: &Correction<'_>,
) -> Result<(), AppError> {
    sqlx::query!(
        r#"WITH back AS (
               INSERT INTO spend_journal (id, organization_id, event_id, kind, reverses, priced, at)
               VALUES ($2, $1, $4, 'reversal', $5, $6, $7)
               RETURNING id
           ), forth AS (
               INSERT INTO spend_journal (id, organization_id, event_id, kind, priced, at, overrun_nano, occurred_at)
               SELECT $3, $1, $4, 'correction', $6, $7, $18, $19 FROM back
               RETURNING id
           ), taken AS (
               INSERT INTO spend_entries (organization_id, journal_id, account, amount_nano)
               SELECT $1, back.id, l.account, -l.amount_nano FROM back, spend_entries l WHERE l.journal_id = $5
           ), given AS (
               INSERT INTO spend_entries (organization_id, journal_id, account, amount_nano)
               SELECT $1, forth.id, a.account, a.amount
               FROM forth, (VALUES ('unbilled', $8::bigint), ('usage:' || $9::text, -$8::bigint)) AS a (account, amount)
               WHERE a.amount <> 0
           ), ratings AS (
               INSERT INTO spend_ratings (organization_id, journal_id, line, unit, quantity, price_id, cost_nano)
               SELECT $1, forth.id, r.line, r.unit, r.quantity, r.price_id, r.cost
               FROM forth, unnest($10::text[], $11::bigint[], $12::uuid[], $13::bigint[])
                           WITH ORDINALITY AS r (unit, quantity, price_id, cost, line)
           )
           UPDATE spend_daily d SET cost_nano = spend_sum(d.cost_nano, $14)
           FROM unnest($15::text[], $16::text[]) AS a (dimension, key)
           WHERE d.organization_id = $1 AND d.day = $17 AND d.dimension = a.dimension AND d.key = a.key"#,
        organization,
        it.reversal,
        it.journal,
        it.event.event_id,
        it.event.journal,
        it.priced,
        it.now.get(),
        it.cost,
        it.event.provider,
        &it.rated.units,
        &it.rated.quantities,
        &it.rated.prices as &[Option<Uuid>],
        &it.rated.costs,
        it.cost - it.event.cost,
        &it.event.dimensions,
        &it.event.keys,
        it.event.day,
        it.overrun,
        it.occurred_at.get(),
    )
    .execute(conn)
    .await
    .while_doing("correcting what was booked")?;
    Ok(())
}
