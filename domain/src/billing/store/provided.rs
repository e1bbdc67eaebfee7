//! Documents that a provider writes, and what its prices are for.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppError, Timestamp, billing::InvoiceState, platform::log::WhileDoing};

/// A document of a provider's that nobody else changes until the transaction ends.
pub(in crate::billing) struct Provided {
    pub(in crate::billing) id: Uuid,
    pub(in crate::billing) number: String,
    pub(in crate::billing) state: String,
}

/// Whose a document of a provider's is, where it is here. The connection may see the rows of the whole site.
pub(in crate::billing) async fn owner(
    conn: &mut PgConnection,
    provider: &str,
    name: &str,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT organization_id FROM invoices WHERE provider = $1 AND provider_ref = $2",
        provider,
        name,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking whose an invoice of a provider's is")
}

/// Holds a document of a provider's, where it is here.
pub(in crate::billing) async fn hold(
    conn: &mut PgConnection,
    provider: &str,
    name: &str,
) -> Result<Option<Provided>, AppError> {
    sqlx::query_as!(
        Provided,
        r#"SELECT id, number AS "number!", state FROM invoices
           WHERE provider = $1 AND provider_ref = $2 AND state <> 'draft' FOR NO KEY UPDATE"#,
        provider,
        name,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding an invoice of a provider's")
}

/// Says how a document of a provider's stands, and since when.
pub(in crate::billing) async fn set_ending(
    conn: &mut PgConnection,
    id: Uuid,
    state: InvoiceState,
    ended_at: Option<Timestamp>,
    paid_at: Option<Timestamp>,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE invoices SET state = $2, ended_at = $3, paid_at = $4 WHERE id = $1 AND provider_ref IS NOT NULL",
        id,
        state.name(),
        ended_at.map(Timestamp::get),
        paid_at.map(Timestamp::get),
    )
    .execute(conn)
    .await
    .while_doing("noting how an invoice of a provider's stands")?;
    Ok(())
}

/// What prices at Stripe are for: `plan` or `seat`, by their id.
pub(in crate::billing) async fn parts_of(
    conn: &mut PgConnection,
    prices: &[String],
) -> Result<HashMap<String, String>, AppError> {
    let rows = sqlx::query!("SELECT price_id, part FROM stripe_prices WHERE price_id = ANY($1)", prices)
        .fetch_all(conn)
        .await
        .while_doing("reading what prices at Stripe are for")?;
    Ok(rows.into_iter().map(|row| (row.price_id, row.part)).collect())
}
