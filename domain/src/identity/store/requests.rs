//! The table `letter_requests`: letters that were asked for and not yet thought about.

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// What somebody asked for.
#[derive(Clone, Copy)]
pub(crate) enum LetterKind {
    NewPassword,
    Confirmation,
}

impl LetterKind {
    fn name(self) -> &'static str {
        match self {
            Self::NewPassword => "new-password",
            Self::Confirmation => "confirmation",
        }
    }
}

/// A request that waits.
pub(crate) struct LetterRequest {
    pub(crate) id: Uuid,
    pub(crate) kind: LetterKind,
    pub(crate) sealed: Vec<u8>,
}

pub(crate) async fn put_letter_request(
    conn: &mut PgConnection,
    request: &LetterRequest,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO letter_requests (id, kind, sealed, created_at, not_before) VALUES ($1, $2, $3, $4, $4)",
        request.id,
        request.kind.name(),
        request.sealed,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping a request for a letter")?;
    Ok(())
}

/// The request that is due the longest, and when it was made. It is not locked: of several workers with the same one
/// only one can end it.
pub(crate) async fn next_letter_request(
    db: &PgPool,
    now: Timestamp,
) -> Result<Option<(LetterRequest, Timestamp)>, AppError> {
    let row = sqlx::query!(
        r#"SELECT id, kind = 'confirmation' AS "is_confirmation!", sealed, created_at FROM letter_requests
           WHERE not_before <= $1 ORDER BY not_before LIMIT 1"#,
        now.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("looking for requests for letters")?;
    Ok(row.map(|row| {
        let kind = if row.is_confirmation { LetterKind::Confirmation } else { LetterKind::NewPassword };
        (LetterRequest { id: row.id, kind, sealed: row.sealed }, row.created_at.into())
    }))
}

/// Every request that waits, to find those of one address, which is sealed in them.
pub(crate) async fn waiting_letter_requests(
    conn: &mut PgConnection,
) -> Result<Vec<(Uuid, Vec<u8>)>, AppError> {
    let rows = sqlx::query!("SELECT id, sealed FROM letter_requests")
        .fetch_all(conn)
        .await
        .while_doing("reading requests for letters")?;
    Ok(rows.into_iter().map(|row| (row.id, row.sealed)).collect())
}

/// Ends a request in the transaction that answers it; `false` when another worker has.
pub(crate) async fn end_letter_request(conn: &mut PgConnection, id: Uuid) -> Result<bool, AppError> {
    let done = sqlx::query!("DELETE FROM letter_requests WHERE id = $1", id)
        .execute(conn)
        .await
        .while_doing("ending a request for a letter")?;
    Ok(done.rows_affected() == 1)
}

pub(crate) async fn put_off_letter_request(
    db: &PgPool,
    id: Uuid,
    not_before: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!("UPDATE letter_requests SET not_before = $2 WHERE id = $1", id, not_before.get())
        .execute(db)
        .await
        .while_doing("putting off a request for a letter")?;
    Ok(())
}

/// Forgets requests that could not be answered for long.
pub(crate) async fn forget_letter_requests(db: &PgPool, before: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM letter_requests WHERE created_at < $1", before.get())
        .execute(db)
        .await
        .while_doing("forgetting requests for letters")?;
    Ok(done.rows_affected())
}
