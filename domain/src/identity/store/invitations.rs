//! The table `invitations`.

use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

use crate::{
    AppError, Timestamp,
    identity::Invitation,
    platform::{log::WhileDoing, random::TokenHash},
};

/// An invitation that is written.
pub(crate) struct NewInvitation<'a> {
    pub(crate) id: Uuid,
    pub(crate) email: &'a str,
    pub(crate) token: TokenHash,
    pub(crate) invited_by: Option<Uuid>,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// An invitation that was written.
pub(crate) struct Written {
    pub(crate) id: Uuid,
    pub(crate) is_new: bool,
}

/// Writes an invitation. One that the address has already gets the new link, and the old one works no more.
pub(crate) async fn put_invitation(
    conn: &mut PgConnection,
    new: &NewInvitation<'_>,
) -> Result<Written, AppError> {
    sqlx::query_as!(
        Written,
        r#"INSERT INTO invitations AS i (id, email, token_hash, invited_by, created_at, sent_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $5, $6)
           ON CONFLICT (lower(email)) DO UPDATE
               SET email = $2, token_hash = $3, invited_by = $4, sent_at = $5, expires_at = $6
           RETURNING id, id = $1 AS "is_new!""#,
        new.id,
        new.email,
        &new.token.0[..],
        new.invited_by,
        new.now.get(),
        new.expires_at.get(),
    )
    .fetch_one(conn)
    .await
    .while_doing("writing an invitation")
}

/// Those with an id after this one, in the order of their ids, which is that of their age.
pub(crate) async fn invitations(
    db: &PgPool,
    before: Option<Uuid>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<Invitation>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT i.id, i.email, u.email AS "invited_by?", i.created_at, i.sent_at, i.expires_at,
                  i.expires_at <= $3 AS "expired!"
           FROM invitations i LEFT JOIN users u ON u.id = i.invited_by
           WHERE ($1::uuid IS NULL OR i.id < $1) ORDER BY i.id DESC LIMIT $2"#,
        before,
        limit,
        now.get(),
    )
    .fetch_all(db)
    .await
    .while_doing("listing invitations")?;
    let shown = rows.into_iter().map(|row| Invitation {
        id: row.id,
        email: row.email,
        invited_by: row.invited_by,
        created_at: row.created_at.into(),
        sent_at: row.sent_at.into(),
        expires_at: row.expires_at.into(),
        expired: row.expired,
    });
    Ok(shown.collect())
}

/// Whether the link of a letter invites this very address.
pub(crate) async fn is_invited_by(
    db: impl PgExecutor<'_>,
    token: &TokenHash,
    address: &str,
    now: Timestamp,
) -> Result<Option<bool>, AppError> {
    sqlx::query_scalar!(
        r#"SELECT lower(email) = lower($2) AS "is!" FROM invitations WHERE token_hash = $1 AND expires_at > $3"#,
        &token.0[..],
        address,
        now.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("looking for an invitation")
}

/// Uses the invitation of an address up, with its link where one has to be shown. Of two at once one gets it.
pub(crate) async fn use_invitation(
    conn: &mut PgConnection,
    address: &str,
    token: Option<&TokenHash>,
    now: Timestamp,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!(
        "DELETE FROM invitations
         WHERE lower(email) = lower($1) AND expires_at > $3 AND ($2::bytea IS NULL OR token_hash = $2) RETURNING id",
        address,
        token.map(|token| &token.0[..]),
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("using an invitation")
}

/// Takes an invitation back; answers whether there was one.
pub(crate) async fn revoke_invitation(conn: &mut PgConnection, id: Uuid) -> Result<bool, AppError> {
    let done = sqlx::query!("DELETE FROM invitations WHERE id = $1", id)
        .execute(conn)
        .await
        .while_doing("taking an invitation back")?;
    Ok(done.rows_affected() == 1)
}

/// Forgets the invitation of an address that has an account now, or whose account is gone.
pub(crate) async fn end_invitations_to(conn: &mut PgConnection, address: &str) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM invitations WHERE lower(email) = lower($1)", address)
        .execute(conn)
        .await
        .while_doing("ending an invitation")?;
    Ok(())
}

/// Forgets invitations that expired before this moment.
pub(crate) async fn forget_invitations(db: &PgPool, before: Timestamp) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM invitations WHERE expires_at < $1", before.get())
        .execute(db)
        .await
        .while_doing("forgetting invitations")?;
    Ok(done.rows_affected())
}
