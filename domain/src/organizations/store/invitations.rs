//! The table `organization_invitations`.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{super::InvitationRow, role_ref};
use crate::{
    AppError, Timestamp,
    platform::{log::WhileDoing, random::TokenHash},
};

/// An invitation that is written.
pub(in crate::organizations) struct NewInvitation<'a> {
    pub(in crate::organizations) id: Uuid,
    pub(in crate::organizations) organization: Uuid,
    pub(in crate::organizations) email: &'a str,
    pub(in crate::organizations) token: TokenHash,
    pub(in crate::organizations) built_in: Option<&'a str>,
    pub(in crate::organizations) role: Option<Uuid>,
    pub(in crate::organizations) invited_by: Option<Uuid>,
    pub(in crate::organizations) now: Timestamp,
    pub(in crate::organizations) expires_at: Timestamp,
}

/// An invitation that was written.
pub(in crate::organizations) struct Written {
    pub(in crate::organizations) id: Uuid,
    pub(in crate::organizations) is_new: bool,
}

/// Writes an invitation. One that the address has already gets the new link and role, and the old link works no more.
pub(in crate::organizations) async fn put(
    conn: &mut PgConnection,
    new: &NewInvitation<'_>,
) -> Result<Written, AppError> {
    sqlx::query_as!(
        Written,
        r#"INSERT INTO organization_invitations AS i
               (id, organization_id, email, token_hash, built_in, role_id, invited_by, created_at, sent_at, expires_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9)
           ON CONFLICT (organization_id, lower(email)) DO UPDATE
               SET email = $3, token_hash = $4, built_in = $5, role_id = $6, invited_by = $7, sent_at = $8, expires_at = $9
           RETURNING id, id = $1 AS "is_new!""#,
        new.id,
        new.organization,
        new.email,
        &new.token.0[..],
        new.built_in,
        new.role,
        new.invited_by,
        new.now.get(),
        new.expires_at.get(),
    )
    .fetch_one(conn)
    .await
    .while_doing("writing an invitation into an organization")
}

/// Those with an id before this one, the newest first.
pub(in crate::organizations) async fn list(
    conn: &mut PgConnection,
    organization: Uuid,
    before: Option<Uuid>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<InvitationRow>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT i.id, i.email, coalesce(i.built_in, i.role_id::text) AS "role!", r.name AS "name?", u.email AS "invited_by?",
                  i.created_at, i.sent_at, i.expires_at, i.expires_at <= $4 AS "expired!"
           FROM organization_invitations i
           LEFT JOIN users u ON u.id = i.invited_by
           LEFT JOIN roles r ON r.organization_id = $1 AND r.id = i.role_id
           WHERE i.organization_id = $1 AND ($2::uuid IS NULL OR i.id < $2) ORDER BY i.id DESC LIMIT $3"#,
        organization,
        before,
        limit,
        now.get(),
    )
    .fetch_all(conn)
    .await
    .while_doing("listing the invitations of an organization")?;
    let told = rows.into_iter().map(|row| InvitationRow {
        id: row.id,
        email: row.email,
        role: role_ref(row.role, row.name),
        invited_by: row.invited_by,
        created_at: row.created_at.into(),
        sent_at: row.sent_at.into(),
        expires_at: row.expires_at.into(),
        expired: row.expired,
    });
    Ok(told.collect())
}

/// Takes an invitation back; answers whether there was one.
pub(in crate::organizations) async fn revoke(
    conn: &mut PgConnection,
    organization: Uuid,
    id: Uuid,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "DELETE FROM organization_invitations WHERE organization_id = $1 AND id = $2",
        organization,
        id,
    )
    .execute(conn)
    .await
    .while_doing("taking an invitation into an organization back")?;
    Ok(done.rows_affected() == 1)
}

/// Lets the transaction see the invitation of this link, whatever organization it is of.
async fn show(conn: &mut PgConnection, token: &TokenHash) -> Result<(), AppError> {
    sqlx::query!(
        "SELECT set_config('app.invitation', encode($1::bytea, 'hex'), true) AS setting",
        &token.0[..],
    )
    .fetch_one(conn)
    .await
    .while_doing("showing an invitation")?;
    Ok(())
}

/// An invitation that somebody shows.
pub(in crate::organizations) struct Shown {
    pub(in crate::organizations) id: Uuid,
    pub(in crate::organizations) organization: Uuid,
    pub(in crate::organizations) email: String,
    pub(in crate::organizations) built_in: Option<String>,
    pub(in crate::organizations) role_id: Option<Uuid>,
    pub(in crate::organizations) invited_by: Option<Uuid>,
    pub(in crate::organizations) inviter: Option<String>,
    pub(in crate::organizations) expires_at: time::OffsetDateTime,
}

/// The invitation of a link that is still good.
pub(in crate::organizations) async fn by_token(
    conn: &mut PgConnection,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<Shown>, AppError> {
    show(conn, token).await?;
    sqlx::query_as!(
        Shown,
        r#"SELECT i.id, i.organization_id AS organization, i.email, i.built_in, i.role_id, i.invited_by,
                  u.email AS "inviter?", i.expires_at
           FROM organization_invitations i LEFT JOIN users u ON u.id = i.invited_by
           WHERE i.token_hash = $1 AND i.expires_at > $2"#,
        &token.0[..],
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading an invitation into an organization")
}

/// Uses the link up, in a transaction that is in its organization. Of many at once one gets it.
pub(in crate::organizations) async fn use_up(
    conn: &mut PgConnection,
    organization: Uuid,
    token: &TokenHash,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "DELETE FROM organization_invitations WHERE organization_id = $1 AND token_hash = $2",
        organization,
        &token.0[..],
    )
    .execute(conn)
    .await
    .while_doing("using an invitation into an organization")?;
    Ok(done.rows_affected() == 1)
}

/// Ends the invitation of somebody who has come by another way, or of an address whose account is gone.
pub(in crate::organizations) async fn end_to(conn: &mut PgConnection, email: &str) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM organization_invitations WHERE lower(email) = lower($1)", email)
        .execute(conn)
        .await
        .while_doing("ending invitations of an address")?;
    Ok(())
}

/// Forgets invitations that expired before this moment.
pub(in crate::organizations) async fn forget(
    conn: &mut PgConnection,
    before: Timestamp,
) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM organization_invitations WHERE expires_at < $1", before.get())
        .execute(conn)
        .await
        .while_doing("forgetting invitations into organizations")?;
    Ok(done.rows_affected())
}
