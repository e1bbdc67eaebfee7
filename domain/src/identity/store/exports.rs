//! The tables `data_exports` and `data_export_parts`, and what the tables of this room hold about somebody.

use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use crate::{AppError, Timestamp, access::SiteRole, platform::log::WhileDoing};

/// A piece that is about to be kept.
pub(crate) struct NewPiece {
    pub(crate) id: Uuid,
    pub(crate) operation: Uuid,
    pub(crate) position: i32,
    pub(crate) bytes: i32,
    pub(crate) sealed: Vec<u8>,
}

/// A piece of a copy.
pub(crate) struct Piece {
    pub(crate) id: Uuid,
    pub(crate) position: i32,
    pub(crate) sealed: Vec<u8>,
}

/// A copy that can be taken away.
pub(crate) struct Ready {
    pub(crate) operation_id: Uuid,
    pub(crate) bytes: i64,
    pub(crate) made_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn put_piece(conn: &mut PgConnection, piece: &NewPiece) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO data_export_parts (id, operation_id, position, bytes, sealed) VALUES ($1, $2, $3, $4, $5)",
        piece.id,
        piece.operation,
        piece.position,
        piece.bytes,
        piece.sealed,
    )
    .execute(conn)
    .await
    .while_doing("keeping a piece of a copy")?;
    Ok(())
}

pub(crate) async fn forget_pieces(conn: &mut PgConnection, operation: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM data_export_parts WHERE operation_id = $1", operation)
        .execute(conn)
        .await
        .while_doing("clearing a copy away")?;
    Ok(())
}

/// Makes a copy ready: as long as its pieces are together.
pub(crate) async fn put_export(
    conn: &mut PgConnection,
    operation: Uuid,
    user: Uuid,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO data_exports (operation_id, user_id, bytes, made_at, expires_at)
         SELECT $1, $2, coalesce(sum(bytes), 0), $3, $4 FROM data_export_parts WHERE operation_id = $1",
        operation,
        user,
        now.get(),
        expires_at.get(),
    )
    .execute(conn)
    .await
    .while_doing("making a copy ready")?;
    Ok(())
}

/// Forgets every other copy of a person, and what was left of those that failed.
pub(crate) async fn forget_other_exports(
    conn: &mut PgConnection,
    user: Uuid,
    operation: Uuid,
) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM data_exports WHERE user_id = $1 AND operation_id <> $2", user, operation)
        .execute(&mut *conn)
        .await
        .while_doing("forgetting earlier copies")?;
    sqlx::query!(
        "DELETE FROM data_export_parts p USING operations o
         WHERE p.operation_id = o.id AND o.user_id = $1 AND o.id <> $2",
        user,
        operation,
    )
    .execute(conn)
    .await
    .while_doing("forgetting the pieces of earlier copies")?;
    Ok(())
}

/// The newest copy that can be taken away.
pub(crate) async fn ready_export(db: &PgPool, user: Uuid, now: Timestamp) -> Result<Option<Ready>, AppError> {
    let row = sqlx::query!(
        "SELECT operation_id, bytes, made_at, expires_at FROM data_exports
         WHERE user_id = $1 AND expires_at > $2 ORDER BY made_at DESC LIMIT 1",
        user,
        now.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("looking for a copy")?;
    Ok(row.map(|row| Ready {
        operation_id: row.operation_id,
        bytes: row.bytes,
        made_at: row.made_at.into(),
        expires_at: row.expires_at.into(),
    }))
}

/// The first piece behind another one, or the very first, of a copy that is ready.
pub(crate) async fn next_piece(
    conn: &mut PgConnection,
    operation: Uuid,
    after: Option<i32>,
) -> Result<Option<Piece>, AppError> {
    sqlx::query_as!(
        Piece,
        "SELECT p.id, p.position, p.sealed FROM data_export_parts p JOIN data_exports e USING (operation_id)
         WHERE p.operation_id = $1 AND p.position > coalesce($2, -1) ORDER BY p.position LIMIT 1",
        operation,
        after,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading a piece of a copy")
}

/// Forgets copies whose time is over. Their operations are remembered for longer.
pub(crate) async fn forget_exports(db: &PgPool, now: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "WITH over AS (DELETE FROM data_exports WHERE expires_at <= $1 RETURNING operation_id),
              pieces AS (DELETE FROM data_export_parts p USING over WHERE p.operation_id = over.operation_id)
         SELECT operation_id FROM over",
        now.get(),
    )
    .fetch_all(db)
    .await
    .while_doing("forgetting copies")?;
    Ok(done.len() as u64)
}

/// What this room holds about somebody: the account and the changes of its address. Of passwords and links there are only
/// hashes, which are no data about a person.
pub(crate) async fn copy_of(conn: &mut PgConnection, user: Uuid) -> Result<Option<Value>, AppError> {
    let row = sqlx::query!(
        r#"SELECT email, email_verified_at, password_hash IS NOT NULL AS "has_password!", display_name, locale, theme, time_zone,
                  roles AS "roles: Vec<SiteRole>", locked_at, deletion_due_at, created_at, last_seen_at
           FROM users WHERE id = $1"#,
        user,
    )
    .fetch_optional(&mut *conn)
    .await
    .while_doing("copying an account")?;
    let Some(row) = row else { return Ok(None) };
    let account = json!({
        "id": user,
        "email": row.email,
        "email_verified_at": row.email_verified_at.map(Timestamp::from),
        "has_password": row.has_password,
        "display_name": row.display_name,
        "locale": row.locale,
        "theme": row.theme,
        "time_zone": row.time_zone,
        "roles": row.roles,
        "locked_at": row.locked_at.map(Timestamp::from),
        "deletion_due_at": row.deletion_due_at.map(Timestamp::from),
        "created_at": Timestamp::from(row.created_at),
        "last_seen_at": row.last_seen_at.map(Timestamp::from),
    });
    Ok(Some(json!({ "account": account, "address_changes": changes_of(conn, user).await? })))
}

async fn changes_of(conn: &mut PgConnection, user: Uuid) -> Result<Vec<Value>, AppError> {
    let rows = sqlx::query!(
        "SELECT old_email, new_email, asked_at, confirmed_at, ended_at FROM address_changes
         WHERE user_id = $1 ORDER BY asked_at, id",
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying changes of an address")?;
    let told = rows.into_iter().map(|row| {
        json!({
            "old_email": row.old_email,
            "new_email": row.new_email,
            "asked_at": Timestamp::from(row.asked_at),
            "confirmed_at": row.confirmed_at.map(Timestamp::from),
            "ended_at": row.ended_at.map(Timestamp::from),
        })
    });
    Ok(told.collect())
}
