//! The tables of this room. Whoever needs several takes the organization first, then its subscription, then its documents,
//! then numbers, so that two never wait for each other.

pub(super) mod copy;
pub(super) mod details;
pub(super) mod documents;
pub(super) mod issuing;
pub(super) mod methods;
pub(super) mod plans;
pub(super) mod provided;
pub(super) mod subscriptions;
pub(super) mod taxes;
pub(super) mod usage;

use sqlx::PgConnection;

use super::Currency;
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// What time it is by the clock of the database.
pub(super) async fn now(conn: &mut PgConnection) -> Result<Timestamp, AppError> {
    let now = sqlx::query_scalar!(r#"SELECT statement_timestamp() AS "now!""#).fetch_one(conn).await;
    Ok(now.while_doing("asking the database what time it is")?.into())
}

/// A currency that the database knows; nothing else is ever written there.
pub(super) fn currency(code: &str) -> Result<Currency, AppError> {
    Currency::parse(code).ok_or_else(|| {
        tracing::error!(currency = code, "a currency in the database is none");
        AppError::Internal
    })
}
