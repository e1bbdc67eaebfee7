//! The table `stripe_intents`.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Something that is to be done at Stripe.
#[derive(Clone, Debug)]
pub(in crate::billing::stripe) struct Intent {
    pub(in crate::billing::stripe) id: Uuid,
    pub(in crate::billing::stripe) organization: Uuid,
    pub(in crate::billing::stripe) kind: String,
    pub(in crate::billing::stripe) wish: Value,
    created_at: OffsetDateTime,
}

impl Intent {
    /// One that is to be written down.
    pub(in crate::billing::stripe) fn new(
        id: Uuid,
        organization: Uuid,
        kind: &str,
        wish: Value,
        now: Timestamp,
    ) -> Self {
        Self { id, organization, kind: kind.to_owned(), wish, created_at: now.get() }
    }

    /// When it was written down.
    pub(in crate::billing::stripe) fn created_at(&self) -> Timestamp {
        Timestamp::new(self.created_at)
    }
}

/// Writes one down.
pub(in crate::billing::stripe) async fn insert(
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
pub(in crate::billing::stripe) async fn open(
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

/// Ends one: it is done, with what came of it, or refused, and why. `false` where somebody else has ended it.
pub(in crate::billing::stripe) async fn end(
    conn: &mut PgConnection,
    id: Uuid,
    state: &'static str,
    subject: Option<&str>,
    problem: Option<&str>,
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE stripe_intents SET state = $2, subject = $3, problem = left($4, 200), lease_until = NULL, ended_at = $5
         WHERE id = $1 AND state = 'asked'",
        id,
        state,
        subject,
        problem,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting what came of an act at Stripe")?;
    Ok(done.rows_affected() > 0)
}
