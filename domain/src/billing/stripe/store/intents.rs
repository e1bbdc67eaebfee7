//! The table `stripe_intents`.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Something that is to be done at Stripe.
#[derive(Clone, Debug)]
pub(in crate::billing) struct Intent {
    pub(in crate::billing) id: Uuid,
    pub(in crate::billing) organization: Uuid,
    pub(in crate::billing) kind: String,
    pub(in crate::billing) wish: Value,
    created_at: OffsetDateTime,
}

impl Intent {
    /// One that is to be written down.
    pub(in crate::billing) fn new(
        id: Uuid,
        organization: Uuid,
        kind: &str,
        wish: Value,
        now: Timestamp,
    ) -> Self {
        Self { id, organization, kind: kind.to_owned(), wish, created_at: now.get() }
    }

    /// When it was written down.
    pub(in crate::billing) fn created_at(&self) -> Timestamp {
        Timestamp::new(self.created_at)
    }
}

/// Writes one down.
pub(in crate::billing) async fn insert(
    conn: &mut PgConnection,
    intent: &Intent,
    asked_by: Option<Uuid>,
    next_attempt_at: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO stripe_intents (id, organization_id, kind, wish, asked_by, created_at, next_attempt_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        intent.id,
        intent.organization,
        intent.kind,
        intent.wish,
        asked_by,
        intent.created_at,
        next_attempt_at.get(),
    )
    .execute(conn)
    .await
    .while_doing("writing down what is to be done at Stripe")?;
    Ok(())
}

/// One that was asked and has not ended, of this kind.
pub(in crate::billing) async fn open(
    conn: &mut PgConnection,
    organization: Uuid,
    kind: &str,
) -> Result<Option<Intent>, AppError> {
    sqlx::query_as!(
        Intent,
        "SELECT id, organization_id AS organization, kind, wish, created_at FROM stripe_intents
         WHERE organization_id = $1 AND kind = $2 AND state = 'asked'",
        organization,
        kind,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for what is to be done at Stripe")
}

/// One that was asked and has not ended, of any kind but the making of the customer.
pub(in crate::billing) async fn open_act(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<Option<Intent>, AppError> {
    sqlx::query_as!(
        Intent,
        "SELECT id, organization_id AS organization, kind, wish, created_at FROM stripe_intents
         WHERE organization_id = $1 AND kind <> 'customer' AND state = 'asked'",
        organization,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for what is being done at Stripe")
}

/// The newest page of Stripe's that was opened for an organization since a moment, by another act than one.
pub(in crate::billing) async fn last_checkout(
    conn: &mut PgConnection,
    organization: Uuid,
    but_for: Uuid,
    since: Timestamp,
) -> Result<Option<String>, AppError> {
    let found = sqlx::query_scalar!(
        r#"SELECT subject AS "subject!" FROM stripe_intents
           WHERE organization_id = $1 AND kind = 'checkout' AND subject IS NOT NULL AND id <> $2 AND ended_at >= $3
           ORDER BY ended_at DESC, id DESC LIMIT 1"#,
        organization,
        but_for,
        since.get(),
    );
    found.fetch_optional(conn).await.while_doing("looking for a page on which somebody pays")
}

/// Those that nobody is at, with their organizations, the one that waits the longest first.
pub(in crate::billing) async fn due(
    conn: &mut PgConnection,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<(Uuid, Uuid)>, AppError> {
    let rows = sqlx::query!(
        "SELECT id, organization_id FROM stripe_intents
         WHERE state = 'asked' AND next_attempt_at <= $1 AND (lease_until IS NULL OR lease_until <= $1)
         ORDER BY next_attempt_at, id LIMIT $2",
        now.get(),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for what was not done at Stripe")?;
    Ok(rows.into_iter().map(|row| (row.id, row.organization_id)).collect())
}

/// Takes one until a lease ends; nothing where somebody else has. The next try comes after a pause that grows to an hour.
pub(in crate::billing) async fn take(
    conn: &mut PgConnection,
    id: Uuid,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Intent>, AppError> {
    sqlx::query_as!(
        Intent,
        "UPDATE stripe_intents
         SET attempts = attempts + 1, epoch = epoch + 1, lease_until = $3,
             next_attempt_at = $2::timestamptz + least(2 ^ least(attempts, 10), 60) * interval '1 minute'
         WHERE id = $1 AND state = 'asked' AND next_attempt_at <= $2 AND (lease_until IS NULL OR lease_until <= $2)
         RETURNING id, organization_id AS organization, kind, wish, created_at",
        id,
        now.get(),
        lease_until.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("taking what was not done at Stripe")
}

/// Forgets those of an organization that ended before then. Answers how many.
pub(in crate::billing) async fn forget(
    conn: &mut PgConnection,
    organization: Uuid,
    before: Timestamp,
) -> Result<u64, AppError> {
    let gone = sqlx::query!(
        "DELETE FROM stripe_intents WHERE organization_id = $1 AND state <> 'asked' AND ended_at < $2",
        organization,
        before.get(),
    );
    Ok(gone.execute(conn).await.while_doing("forgetting what was done at Stripe")?.rows_affected())
}

/// Organizations of which something ended before then.
pub(in crate::billing) async fn old(
    conn: &mut PgConnection,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT DISTINCT organization_id FROM stripe_intents WHERE state <> 'asked' AND ended_at < $1 LIMIT $2",
        before.get(),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for what was done at Stripe long ago")
}

/// How an intent ends.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::billing) struct Ending<'a> {
    /// What came of it at Stripe.
    pub(in crate::billing) subject: Option<&'a str>,
    /// Why it was not done; nothing where it was.
    pub(in crate::billing) problem: Option<&'a str>,
}

/// Ends one. `false` where somebody else has ended it.
pub(in crate::billing) async fn end(
    conn: &mut PgConnection,
    id: Uuid,
    ending: Ending<'_>,
    now: Timestamp,
) -> Result<bool, AppError> {
    let state = if ending.problem.is_some() { "refused" } else { "done" };
    let done = sqlx::query!(
        "UPDATE stripe_intents SET state = $2, subject = $3, problem = left($4, 200), lease_until = NULL, ended_at = $5
         WHERE id = $1 AND state = 'asked'",
        id,
        state,
        ending.subject,
        ending.problem,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting what came of an act at Stripe")?;
    Ok(done.rows_affected() > 0)
}
