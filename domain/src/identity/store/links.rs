//! The tables `letter_tokens` and `bootstrap_links`: links that work once.

use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    AppError, Timestamp,
    platform::{log::WhileDoing, random::TokenHash},
};

/// What a link in a letter is good for.
#[derive(Clone, Copy)]
pub(crate) enum LinkPurpose {
    VerifyEmail,
    ResetPassword,
    NotMe,
}

impl LinkPurpose {
    fn name(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify-email",
            Self::ResetPassword => "reset-password",
            Self::NotMe => "not-me",
        }
    }
}

/// A link that was just used up.
pub(crate) struct UsedLink {
    pub(crate) user_id: Uuid,
    pub(crate) password_hash: Option<String>,
    pub(crate) created_at: OffsetDateTime,
}

/// A new link.
pub(crate) struct NewLink<'a> {
    pub(crate) user: Uuid,
    pub(crate) purpose: LinkPurpose,
    pub(crate) password_hash: Option<&'a str>,
    pub(crate) now: Timestamp,
    pub(crate) expires_at: Timestamp,
}

pub(crate) async fn put_link(
    conn: &mut PgConnection,
    hash: &TokenHash,
    link: &NewLink<'_>,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO letter_tokens (token_hash, user_id, purpose, password_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &hash.0[..],
        link.user,
        link.purpose.name(),
        link.password_hash,
        link.now.get(),
        link.expires_at.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping a link")?;
    Ok(())
}

/// Uses up a link; of twenty requests with the same one exactly one succeeds.
///
/// Its account is locked first: two who use different links of one person would otherwise each hold the link that the
/// other one is about to spoil.
pub(crate) async fn use_link(
    conn: &mut PgConnection,
    hash: &TokenHash,
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<Option<UsedLink>, AppError> {
    sqlx::query!(
        "SELECT u.id FROM users u JOIN letter_tokens t ON t.user_id = u.id WHERE t.token_hash = $1
         FOR NO KEY UPDATE OF u",
        &hash.0[..],
    )
    .fetch_optional(&mut *conn)
    .await
    .while_doing("holding the account of a link")?;
    sqlx::query_as!(
        UsedLink,
        "UPDATE letter_tokens SET used_at = $3
         WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3
         RETURNING user_id, password_hash, created_at",
        &hash.0[..],
        purpose.name(),
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("using up a link")
}

/// Spoils the links that set a password or confirm an address, so that an old letter cannot undo a new one. Not those
/// by which the owner shuts everybody out: a stranger who came in could spoil them by changing the password.
pub(crate) async fn spoil_links(conn: &mut PgConnection, user: Uuid, now: Timestamp) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE letter_tokens SET used_at = $2
         WHERE user_id = $1 AND used_at IS NULL AND purpose IN ('verify-email', 'reset-password')",
        user,
        now.get()
    )
    .execute(conn)
    .await
    .while_doing("spoiling links")?;
    Ok(())
}

/// Spoils every link of an account, those by which its owner shuts everybody out among them: the mailbox that they lie in
/// is not the account's any more.
pub(crate) async fn spoil_all_links(
    conn: &mut PgConnection,
    user: Uuid,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE letter_tokens SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL",
        user,
        now.get()
    )
    .execute(conn)
    .await
    .while_doing("spoiling all links")?;
    Ok(())
}

pub(crate) async fn put_bootstrap_link(
    conn: &mut PgConnection,
    hash: &TokenHash,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO bootstrap_links (token_hash, created_at, expires_at) VALUES ($1, $2, $3)",
        &hash.0[..],
        now.get(),
        expires_at.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping a bootstrap link")?;
    Ok(())
}

/// Uses up the bootstrap link, and with it every other one.
pub(crate) async fn use_bootstrap_link(
    conn: &mut PgConnection,
    hash: &TokenHash,
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "UPDATE bootstrap_links SET used_at = $2
         WHERE used_at IS NULL AND EXISTS (SELECT FROM bootstrap_links l
                                           WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2)",
        &hash.0[..],
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("using up the bootstrap link")?;
    Ok(done.rows_affected() > 0)
}

/// Forgets links that have expired, and used bootstrap links. Used links of letters are kept until they expire.
pub(crate) async fn forget_links(db: &PgPool, now: Timestamp) -> Result<u64, AppError> {
    let letters = sqlx::query!("DELETE FROM letter_tokens WHERE expires_at <= $1", now.get())
        .execute(db)
        .await
        .while_doing("forgetting links of letters")?;
    let bootstrap =
        sqlx::query!("DELETE FROM bootstrap_links WHERE expires_at <= $1 OR used_at IS NOT NULL", now.get(),)
            .execute(db)
            .await
            .while_doing("forgetting bootstrap links")?;
    Ok(letters.rows_affected() + bootstrap.rows_affected())
}
