//! The tables `stripe_events`, `stripe_objects` and `stripe_reconciliation`.

use serde_json::Value;
use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// An event that came.
pub(super) struct NewEvent<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    pub(super) object_kind: &'a str,
    pub(super) object_id: &'a str,
    pub(super) body: &'a str,
    pub(super) came_by: &'static str,
    pub(super) created_at: Timestamp,
    pub(super) received_at: Timestamp,
    pub(super) state: &'static str,
    pub(super) ended_at: Option<Timestamp>,
}

/// Stores an event, or lets one go on that was given up; `false` when it is here already.
pub(super) async fn insert(conn: &mut PgConnection, event: &NewEvent<'_>) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "INSERT INTO stripe_events (id, kind, object_kind, object_id, body, came_by, created_at, received_at,
                                    next_attempt_at, state, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)
         ON CONFLICT (id) DO UPDATE
         SET state = 'waiting', attempts = 0, ended_at = NULL,
             received_at = EXCLUDED.received_at, next_attempt_at = EXCLUDED.next_attempt_at
         WHERE stripe_events.state = 'failed'",
        event.id,
        event.kind,
        event.object_kind,
        event.object_id,
        event.body,
        event.came_by,
        event.created_at.get(),
        event.received_at.get(),
        event.state,
        event.ended_at.map(Timestamp::get),
    )
    .execute(conn)
    .await
    .while_doing("storing an event of Stripe's")?;
    Ok(done.rows_affected() > 0)
}

/// An event that belongs to this worker until the lease ends.
pub(super) struct Taken {
    pub(super) id: String,
    kind: String,
    pub(super) number: i64,
    pub(super) object_kind: String,
    pub(super) object_id: String,
    pub(super) attempts: i32,
    pub(super) epoch: i64,
    received_at: time::OffsetDateTime,
}

impl Taken {
    pub(super) fn received_at(&self) -> Timestamp {
        Timestamp::new(self.received_at)
    }

    /// Whether it says that its object is gone.
    pub(super) fn is_of_an_end(&self) -> bool {
        self.kind.ends_with(".deleted")
    }
}

/// Takes the event that is due the longest, if there is one.
pub(super) async fn take(
    db: &PgPool,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Taken>, AppError> {
    sqlx::query_as!(
        Taken,
        "UPDATE stripe_events SET attempts = attempts + 1, epoch = epoch + 1, lease_until = $2
         WHERE id = (
             SELECT id FROM stripe_events
             WHERE state = 'waiting' AND next_attempt_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
             ORDER BY next_attempt_at, number
             FOR UPDATE SKIP LOCKED
             LIMIT 1
         )
         RETURNING id, kind, number, object_kind, object_id, attempts, epoch, received_at",
        now.get(),
        lease_until.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("taking an event of Stripe's")
}

/// Ends a take: in this state, or with another try. `false` when another worker has taken it since.
pub(super) async fn end(
    conn: &mut PgConnection,
    taken: &Taken,
    state: &'static str,
    at: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE stripe_events
         SET state = $3, next_attempt_at = $4, lease_until = NULL, ended_at = CASE WHEN $3 = 'waiting' THEN NULL ELSE $4::timestamptz END
         WHERE id = $1 AND epoch = $2 AND state = 'waiting'",
        taken.id,
        taken.epoch,
        state,
        at.get(),
    )
    .execute(conn)
    .await
    .while_doing("ending an event of Stripe's")?;
    Ok(done.rows_affected() > 0)
}

/// Forgets what ended before then, a batch of it. Answers how many.
pub(super) async fn forget(db: &PgPool, before: Timestamp, limit: i64) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "DELETE FROM stripe_events WHERE id IN (
             SELECT id FROM stripe_events WHERE state <> 'waiting' AND ended_at < $1 ORDER BY ended_at LIMIT $2)",
        before.get(),
        limit,
    )
    .execute(db)
    .await
    .while_doing("forgetting old events of Stripe's")?;
    Ok(done.rows_affected())
}

/// The number of a look that is about to be taken.
pub(super) async fn next_look(db: &PgPool) -> Result<i64, AppError> {
    sqlx::query_scalar!(r#"SELECT nextval('stripe_order') AS "number!""#)
        .fetch_one(db)
        .await
        .while_doing("numbering a look at Stripe")
}

/// Whether a look that was begun after this number has brought the object.
pub(super) async fn is_seen_after(db: &PgPool, kind: &str, id: &str, number: i64) -> Result<bool, AppError> {
    let found = sqlx::query_scalar!(
        r#"SELECT seen_as > $3 AS "later!" FROM stripe_objects WHERE kind = $1 AND id = $2"#,
        kind,
        id,
        number,
    );
    Ok(found.fetch_optional(db).await.while_doing("looking for an object of Stripe's")?.unwrap_or_default())
}

/// Keeps what a look has brought; `false` when a later one was here before.
pub(super) async fn put_object(
    conn: &mut PgConnection,
    kind: &str,
    id: &str,
    state: &Value,
    look: i64,
    at: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "INSERT INTO stripe_objects (kind, id, state, seen_as, fetched_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (kind, id) DO UPDATE
         SET state = EXCLUDED.state, seen_as = EXCLUDED.seen_as, fetched_at = EXCLUDED.fetched_at
         WHERE stripe_objects.seen_as < EXCLUDED.seen_as",
        kind,
        id,
        state,
        look,
        at.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping an object of Stripe's")?;
    Ok(done.rows_affected() > 0)
}

/// An object as it was last seen.
pub(super) async fn object(db: impl PgExecutor<'_>, kind: &str, id: &str) -> Result<Option<Value>, AppError> {
    sqlx::query_scalar!("SELECT state FROM stripe_objects WHERE kind = $1 AND id = $2", kind, id)
        .fetch_optional(db)
        .await
        .while_doing("reading an object of Stripe's")
}

/// The objects of a customer, the oldest first.
pub(super) async fn of_customer(
    conn: &mut PgConnection,
    customer: &str,
    kind: &str,
) -> Result<Vec<(String, Value)>, AppError> {
    let rows = sqlx::query!(
        "SELECT id, state FROM stripe_objects
         WHERE customer_id = $1 AND kind = $2 AND (state -> 'deleted') IS DISTINCT FROM 'true'
         ORDER BY (state ->> 'created')::numeric, id",
        customer,
        kind,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what is known of a customer of Stripe's")?;
    Ok(rows.into_iter().map(|row| (row.id, row.state)).collect())
}

/// What is known of the customer that somebody's own organization is.
pub(super) async fn copy_of(conn: &mut PgConnection, user: Uuid) -> Result<Vec<Value>, AppError> {
    sqlx::query_scalar!(
        "SELECT s.state FROM organizations o
         JOIN stripe_objects c ON c.kind = 'customer' AND c.gatehouse_id = o.id
         JOIN stripe_objects s ON s.customer_id = c.id
         WHERE o.personal_of = $1 ORDER BY s.kind, s.id",
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying what Stripe told of somebody")
}

/// Forgets what was fetched before then and belongs to nobody: to no customer, to one who was deleted at Stripe, or to one whose
/// organization is gone. Answers how many objects.
pub(super) async fn forget_nobodys(conn: &mut PgConnection, before: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "DELETE FROM stripe_objects s
         WHERE s.kind <> 'customer' AND s.fetched_at < $1
           AND (s.kind = 'payment_method' AND s.customer_id IS NULL OR s.customer_id IN (
                SELECT c.id FROM stripe_objects c
                WHERE c.kind = 'customer' AND ((c.state -> 'deleted') = 'true' OR c.gatehouse_id IS NOT NULL
                      AND NOT EXISTS (SELECT FROM organizations o WHERE o.id = c.gatehouse_id))))",
        before.get(),
    )
    .execute(conn)
    .await
    .while_doing("forgetting objects of Stripe's that are nobody's")?;
    Ok(done.rows_affected())
}

/// Leaves nothing of a customer whose organization is gone but whose they were, so that what still comes of them goes as well.
/// Answers how many customers.
pub(super) async fn strip_customers(conn: &mut PgConnection, before: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "UPDATE stripe_objects c SET state = bare.state
         FROM (SELECT id, jsonb_build_object('id', id, 'object', kind, 'metadata',
                                             jsonb_build_object('gatehouse_id', gatehouse_id)) AS state
               FROM stripe_objects WHERE kind = 'customer' AND gatehouse_id IS NOT NULL) bare
         WHERE c.kind = 'customer' AND c.id = bare.id AND c.state <> bare.state AND c.fetched_at < $1
           AND NOT EXISTS (SELECT FROM organizations o WHERE o.id = c.gatehouse_id)",
        before.get(),
    )
    .execute(conn)
    .await
    .while_doing("forgetting customers of Stripe's")?;
    Ok(done.rows_affected())
}

/// Whether it is time for a pass, which is this process's then.
pub(super) async fn claim_pass(db: &PgPool, now: Timestamp, next: Timestamp) -> Result<bool, AppError> {
    let claimed = sqlx::query!(
        "UPDATE stripe_reconciliation SET next_at = $2 WHERE next_at <= $1",
        now.get(),
        next.get()
    );
    let done = claimed.execute(db).await.while_doing("claiming a pass over Stripe's events")?;
    Ok(done.rows_affected() > 0)
}

/// How far the passes have come.
pub(super) async fn through(db: &PgPool) -> Result<Option<Timestamp>, AppError> {
    let through = sqlx::query_scalar!("SELECT through FROM stripe_reconciliation");
    let through = through.fetch_one(db).await.while_doing("reading how far Stripe's events were compared")?;
    Ok(through.map(Timestamp::new))
}

/// Notes how far a pass has come.
pub(super) async fn set_through(db: &PgPool, through: Timestamp) -> Result<(), AppError> {
    sqlx::query!("UPDATE stripe_reconciliation SET through = GREATEST(through, $1)", through.get())
        .execute(db)
        .await
        .while_doing("noting how far Stripe's events were compared")?;
    Ok(())
}
