//! The table `users`; the tables of links, requests and settings have files of their own.

mod address_changes;
mod exports;
mod invitations;
mod leaving;
mod links;
mod policy;
mod requests;

use sqlx::{PgConnection, PgExecutor, PgPool};
use uuid::Uuid;

pub(crate) use self::{
    address_changes::{
        Moved, NewAddressChange, UndoneChange, confirm_change, distrust, end_changes_since,
        end_waiting_changes, forget_address_changes, move_address, put_address_change, undo_change,
    },
    exports::{
        NewPiece, Piece, copy_of, forget_exports, forget_other_exports, forget_pieces, next_piece,
        put_export, put_piece, ready_export,
    },
    invitations::{
        NewInvitation, end_invitations_to, forget_invitations, invitations, is_invited_by, put_invitation,
        revoke_invitation, use_invitation,
    },
    leaving::{delete, is_last_administrator, is_needed, keep, mark_leaving, next_due},
    links::{
        LinkPurpose, NewLink, forget_links, put_bootstrap_link, put_link, spoil_all_links, spoil_links,
        use_bootstrap_link, use_link,
    },
    policy::{hold_policy, policy, put_policy},
    requests::{
        LetterKind, LetterRequest, end_letter_request, forget_letter_requests, next_letter_request,
        put_letter_request, put_off_letter_request, waiting_letter_requests,
    },
};
use super::{Address, DisplayName, ProfileChange, ProofNeeded, Theme, Viewer};
use crate::{AppError, Timestamp, access::SiteRole, platform::log::WhileDoing, values::LocalTime};

/// What a sign-in needs to know of an account.
#[expect(clippy::struct_excessive_bools, reason = "what a row says of an account is yes or no")]
pub(crate) struct Account {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) time_zone: String,
    pub(crate) password_hash: Option<String>,
    pub(crate) verified: bool,
    pub(crate) locked: bool,
    pub(crate) authenticator: bool,
    pub(crate) passkey: bool,
}

impl Account {
    /// Which proof it is asked for once somebody is in.
    pub(crate) fn proof_needed(&self) -> ProofNeeded {
        ProofNeeded::of(self.authenticator, self.passkey, self.password_hash.is_some())
    }
}

pub(crate) async fn by_address(db: impl PgExecutor<'_>, address: &str) -> Result<Option<Account>, AppError> {
    sqlx::query_as!(
        Account,
        r#"SELECT u.id, u.email, u.time_zone, u.password_hash, u.email_verified_at IS NOT NULL AS "verified!",
                  u.locked_at IS NOT NULL AS "locked!",
                  EXISTS (SELECT FROM authenticators a WHERE a.user_id = u.id AND a.confirmed_at IS NOT NULL)
                      AS "authenticator!",
                  EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id) AS "passkey!"
           FROM users u WHERE lower(u.email) = lower($1)"#,
        address,
    )
    .fetch_optional(db)
    .await
    .while_doing("finding an account by address")
}

pub(crate) async fn by_id(db: impl PgExecutor<'_>, user: Uuid) -> Result<Option<Account>, AppError> {
    sqlx::query_as!(
        Account,
        r#"SELECT u.id, u.email, u.time_zone, u.password_hash, u.email_verified_at IS NOT NULL AS "verified!",
                  u.locked_at IS NOT NULL AS "locked!",
                  EXISTS (SELECT FROM authenticators a WHERE a.user_id = u.id AND a.confirmed_at IS NOT NULL)
                      AS "authenticator!",
                  EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id) AS "passkey!"
           FROM users u WHERE u.id = $1"#,
        user,
    )
    .fetch_optional(db)
    .await
    .while_doing("reading an account")
}

/// The addresses of those who run the site and can act.
pub(crate) async fn administrators(conn: &mut PgConnection) -> Result<Vec<String>, AppError> {
    sqlx::query_scalar!(
        "SELECT email FROM users
         WHERE roles @> '{ADMIN}' AND email_verified_at IS NOT NULL AND locked_at IS NULL AND deletion_due_at IS NULL
         ORDER BY id"
    )
    .fetch_all(conn)
    .await
    .while_doing("finding the administrators")
}

/// Opens an account, or answers `None` when the address has one: the constraint knows, even of two at once.
pub(crate) async fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    address: &Address,
    name: &DisplayName,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!(
        "INSERT INTO users (id, email, display_name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (lower(email)) DO NOTHING RETURNING id",
        id,
        address.as_str(),
        name.as_str(),
        password_hash,
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("opening an account")
}

pub(crate) async fn set_password(conn: &mut PgConnection, user: Uuid, hash: &str) -> Result<(), AppError> {
    sqlx::query!("UPDATE users SET password_hash = $2 WHERE id = $1", user, hash)
        .execute(conn)
        .await
        .while_doing("setting a password")?;
    Ok(())
}

/// Leaves an account without a password: only a link of a letter gives it one again.
pub(crate) async fn forget_password(conn: &mut PgConnection, user: Uuid) -> Result<(), AppError> {
    sqlx::query!("UPDATE users SET password_hash = NULL WHERE id = $1", user)
        .execute(conn)
        .await
        .while_doing("making a password worthless")?;
    Ok(())
}

/// Renews the parameters of a hash, unless the password was changed meanwhile.
pub(crate) async fn rehash(db: &PgPool, user: Uuid, old: &str, new: &str) -> Result<(), AppError> {
    sqlx::query!("UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2", user, old, new)
        .execute(db)
        .await
        .while_doing("renewing a password hash")?;
    Ok(())
}

pub(crate) async fn mark_verified(
    conn: &mut PgConnection,
    user: Uuid,
    password_hash: Option<&str>,
    now: Timestamp,
) -> Result<bool, AppError> {
    let email = sqlx::query_scalar!(
        "UPDATE users SET email_verified_at = $3, password_hash = coalesce($2, password_hash)
         WHERE id = $1 AND email_verified_at IS NULL RETURNING email",
        user,
        password_hash,
        now.get(),
    )
    .fetch_optional(&mut *conn)
    .await
    .while_doing("confirming an address")?;
    let Some(email) = email else { return Ok(false) };
    end_invitations_to(conn, &email).await?;
    Ok(true)
}

/// Notes that an unconfirmed address was registered again, whether or not a letter went out for it.
pub(crate) async fn note_registered_again(
    conn: &mut PgConnection,
    user: Uuid,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE users SET registered_again_at = $2 WHERE id = $1 AND email_verified_at IS NULL",
        user,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting a second registration")?;
    Ok(())
}

/// Whether the one password of an unconfirmed account is that of its only registration. The links are looked at as
/// well, because the version before this one notes nothing.
pub(crate) async fn registered_once(conn: &mut PgConnection, user: Uuid) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users u WHERE u.id = $1 AND u.registered_again_at IS NULL
                          AND NOT EXISTS (SELECT FROM letter_tokens t
                                          WHERE t.user_id = u.id AND t.password_hash <> u.password_hash))
               AS "once!""#,
        user,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for a second registration")
}

pub(crate) async fn viewer(
    db: impl PgExecutor<'_>,
    user: Uuid,
    second_factor: bool,
    now: Timestamp,
) -> Result<Option<Viewer>, AppError> {
    let row = sqlx::query!(
        r#"SELECT email, email_verified_at IS NOT NULL AS "email_verified!", display_name, locale, theme, time_zone,
                  password_hash IS NOT NULL AS "has_password!",
                  roles AS "roles: Vec<SiteRole>",
                  EXISTS (SELECT FROM authenticators a WHERE a.user_id = u.id AND a.confirmed_at IS NOT NULL)
                      AS "authenticator!",
                  EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id) AS "passkey!",
                  (SELECT c.new_email FROM address_changes c
                   WHERE c.user_id = u.id AND c.confirmed_at IS NULL AND c.ended_at IS NULL AND c.expires_at > $2
                   ORDER BY c.asked_at DESC LIMIT 1) AS "pending_email?"
           FROM users u WHERE u.id = $1"#,
        user,
        now.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("reading a profile")?;
    Ok(row.map(|row| Viewer {
        id: user,
        email: row.email,
        email_verified: row.email_verified,
        pending_email: row.pending_email,
        display_name: row.display_name,
        locale: row.locale,
        theme: Theme::parse(&row.theme).unwrap_or_default(),
        local_time: LocalTime::default(),
        time_zone: row.time_zone,
        roles: row.roles,
        second_factor,
        has_password: row.has_password,
        step_up: ProofNeeded::of(row.authenticator, row.passkey, row.has_password),
        organizations: Vec::new(),
        impersonated_by: None,
    }))
}

/// The theme that goes with an account to every device.
pub(crate) async fn theme_of(db: impl PgExecutor<'_>, user: Uuid) -> Result<Theme, AppError> {
    let name = sqlx::query_scalar!("SELECT theme FROM users WHERE id = $1", user)
        .fetch_optional(db)
        .await
        .while_doing("reading a theme")?;
    Ok(name.and_then(|name| Theme::parse(&name).ok()).unwrap_or_default())
}

pub(crate) async fn change_profile(
    conn: &mut PgConnection,
    user: Uuid,
    change: &ProfileChange,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE users SET display_name = coalesce($2, display_name), locale = coalesce($3, locale),
                          theme = coalesce($4, theme), time_zone = coalesce($5, time_zone) WHERE id = $1",
        user,
        change.display_name.as_ref().map(DisplayName::as_str),
        change.locale.as_deref(),
        change.theme.map(Theme::name),
        change.time_zone.as_deref(),
    )
    .execute(conn)
    .await
    .while_doing("changing a profile")?;
    Ok(())
}

/// Deletes accounts that were opened before `before` and never confirmed, for which no link works at `now`. A locked one
/// stays, so that its address cannot be registered again; so does one that somebody gave a role.
pub(crate) async fn forget_unconfirmed(
    conn: &mut PgConnection,
    before: Timestamp,
    now: Timestamp,
    most: i64,
) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "DELETE FROM users WHERE id IN
             (SELECT u.id FROM users u
              WHERE u.email_verified_at IS NULL AND u.created_at < $1 AND u.locked_at IS NULL
                AND u.roles = '{USER}'
                AND NOT EXISTS (SELECT FROM letter_tokens t
                                WHERE t.user_id = u.id AND t.used_at IS NULL AND t.expires_at > $2)
              ORDER BY u.created_at LIMIT $3 FOR UPDATE SKIP LOCKED)",
        before.get(),
        now.get(),
        most,
    )
    .execute(conn)
    .await
    .while_doing("forgetting unconfirmed accounts")?;
    Ok(done.rows_affected())
}

/// Whether somebody can administrate the site, which a locked account cannot. Locks, so that of two first administrators one is refused.
pub(crate) async fn has_administrator(conn: &mut PgConnection) -> Result<bool, AppError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('first administrator')::bigint)")
        .execute(&mut *conn)
        .await
        .while_doing("waiting for the only bootstrap")?;
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users WHERE 'ADMIN' = ANY (roles) AND locked_at IS NULL) AS "some!""#
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for an administrator")
}

/// The first administrator.
pub(crate) struct FirstAdministrator {
    pub(crate) id: Uuid,
    pub(crate) is_new: bool,
}

/// Makes an administrator with a confirmed address: a new account, or the one that the address has already.
pub(crate) async fn put_administrator(
    conn: &mut PgConnection,
    id: Uuid,
    address: &Address,
    password_hash: &str,
    now: Timestamp,
) -> Result<FirstAdministrator, AppError> {
    sqlx::query_as!(
        FirstAdministrator,
        r#"INSERT INTO users AS u (id, email, password_hash, created_at, email_verified_at, roles)
           VALUES ($1, $2, $3, $4, $4, '{ADMIN,USER}')
           ON CONFLICT (lower(email)) DO UPDATE SET password_hash = $3, locked_at = NULL, deletion_due_at = NULL,
               email_verified_at = coalesce(u.email_verified_at, $4),
               roles = CASE WHEN 'ADMIN' = ANY (u.roles) THEN u.roles ELSE '{ADMIN}' || u.roles END
           RETURNING id, id = $1 AS "is_new!""#,
        id,
        address.as_str(),
        password_hash,
        now.get(),
    )
    .fetch_one(conn)
    .await
    .while_doing("making the first administrator")
}
