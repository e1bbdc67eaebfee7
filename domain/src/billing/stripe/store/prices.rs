//! The table `stripe_prices`.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    AppError,
    billing::{Currency, store::currency},
    platform::log::WhileDoing,
};

/// What a price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::billing) enum Part {
    /// The plan itself.
    Plan,
    /// One seat beside its own.
    Seat,
}

impl Part {
    /// The name in the database, and in keys at Stripe.
    pub(in crate::billing) fn name(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Seat => "seat",
        }
    }
}

/// What one of our prices at Stripe means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::billing) struct Meaning {
    pub(in crate::billing) version: Uuid,
    pub(in crate::billing) currency: Currency,
    pub(in crate::billing) part: Part,
}

/// What a part of a version is called at Stripe, where it was made there.
pub(in crate::billing) async fn of(
    conn: &mut PgConnection,
    meaning: &Meaning,
) -> Result<Option<String>, AppError> {
    sqlx::query_scalar!(
        "SELECT price_id FROM stripe_prices WHERE plan_version_id = $1 AND currency = $2 AND part = $3",
        meaning.version,
        meaning.currency.code(),
        meaning.part.name(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading what a plan is called at Stripe")
}

/// What a price means; nothing for one that is not ours.
pub(in crate::billing) async fn meaning(
    conn: &mut PgConnection,
    price: &str,
) -> Result<Option<Meaning>, AppError> {
    let row = sqlx::query!(
        r#"SELECT plan_version_id, currency, part = 'seat' AS "is_seat!" FROM stripe_prices WHERE price_id = $1"#,
        price,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading what a price of Stripe's means")?;
    let Some(row) = row else { return Ok(None) };
    let part = if row.is_seat { Part::Seat } else { Part::Plan };
    Ok(Some(Meaning { version: row.plan_version_id, currency: currency(&row.currency)?, part }))
}

/// Notes what a part is called; what is noted already stays.
pub(in crate::billing) async fn insert(
    conn: &mut PgConnection,
    meaning: &Meaning,
    price: &str,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO stripe_prices (plan_version_id, currency, part, price_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT (plan_version_id, currency, part) DO NOTHING",
        meaning.version,
        meaning.currency.code(),
        meaning.part.name(),
        price,
    )
    .execute(conn)
    .await
    .while_doing("noting what a plan is called at Stripe")?;
    Ok(())
}
