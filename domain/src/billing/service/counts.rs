//! How much there is of what a plan limits: from the rooms that make it.

use std::{future::Future, pin::Pin};

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::Entitlement;
use crate::{AppError, access::Tx};

/// A room that counts what it makes.
pub trait Counts: Send + Sync {
    /// How much of it an organization has; nothing for what another room makes, or nobody. The connection may see the
    /// organization's rows.
    ///
    /// # Errors
    /// [`AppError::Busy`] while the database is away.
    fn count<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        organization: Uuid,
        entitlement: Entitlement,
    ) -> Counting<'a>;
}

/// Something that is being counted.
pub type Counting<'a> = Pin<Box<dyn Future<Output = Result<Option<i64>, AppError>> + Send + 'a>>;

/// How much of it there is in the organization that the transaction is in, by whoever makes it.
pub(super) async fn count(
    tx: &mut Tx,
    rooms: &[&dyn Counts],
    entitlement: Entitlement,
) -> Result<Option<i64>, AppError> {
    let organization = tx.organization()?;
    for room in rooms {
        if let Some(count) = room.count(tx.conn(), organization, entitlement).await? {
            return Ok(Some(count));
        }
    }
    Ok(None)
}
