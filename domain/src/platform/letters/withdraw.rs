//! Takes letters back that have not left: after an account is deleted, nothing of it waits anywhere.

use uuid::Uuid;

use super::outbox;
use crate::{
    AppError,
    access::Tx,
    platform::{Platform, log::WhileDoing as _},
};

/// Withdraws every waiting letter to this address, and says how many those were. Recipients are sealed, so each waiting
/// letter is opened; what cannot be opened cannot be read by anybody, and stays.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn letters_to(platform: &Platform, tx: &mut Tx, address: &str) -> Result<u64, AppError> {
    let waiting = sqlx::query!("SELECT id, sealed FROM letters WHERE state = 'waiting'")
        .fetch_all(tx.conn())
        .await
        .while_doing("reading waiting letters")?;
    let theirs: Vec<Uuid> = waiting
        .into_iter()
        .filter(|row| {
            outbox::recipient(platform, row.id, &row.sealed)
                .is_some_and(|to| to.eq_ignore_ascii_case(address))
        })
        .map(|row| row.id)
        .collect();
    let done = sqlx::query!("DELETE FROM letters WHERE id = ANY ($1)", &theirs)
        .execute(tx.conn())
        .await
        .while_doing("withdrawing letters")?;
    Ok(done.rows_affected())
}
