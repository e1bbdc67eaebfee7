//! The trail as the process itself follows it, entry by entry.
//!
//! Numbers are given while the head of the chain is held, until the commit: an entry with a lower number than one that is
//! seen is never committed later. Whoever follows by numbers therefore misses nothing.

use sqlx::PgConnection;

use super::{
    super::{
        Entry,
        store::{self, Filter},
    },
    SITE, shown,
};
use crate::{AppError, access::Tx};

/// The number of the last entry of the site.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub(crate) async fn last_number(conn: &mut PgConnection) -> Result<i64, AppError> {
    Ok(store::head(conn, SITE).await?.0)
}

/// Entries of the site with numbers after `after`, up to `last`, the oldest first. Only the transaction of somebody who may
/// read the trail sees any.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub(crate) async fn entries_after(
    tx: &mut Tx,
    after: i64,
    last: i64,
    limit: i64,
) -> Result<Vec<Entry>, AppError> {
    let everything =
        Filter { chain: SITE, actor: None, action: None, room: None, target: None, from: None, to: None };
    let rows = store::following(tx.conn(), &everything, after, last, limit).await?;
    Ok(rows.into_iter().map(shown).collect())
}
