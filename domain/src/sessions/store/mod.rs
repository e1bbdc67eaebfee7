//! The table `sessions`; `impersonations`, `known_devices` and `pending_sign_ins` have files of their own.

mod copy;
pub(super) mod impersonations;
mod known_devices;
mod pending;

use sqlx::{PgConnection, PgPool, types::ipnetwork::IpNetwork};
use time::OffsetDateTime;
use uuid::Uuid;

pub(super) use self::{
    copy::{browsers_of, looks_of, sessions_of},
    known_devices::{
        device_of_address, distrust_all, forget, forget_all, has_others, is_ours, is_trusted, note_use,
        sweep as sweep_devices, trust, trusted,
    },
    pending::{PendingRow, find_pending, insert_pending, take_pending},
};
use super::impersonation::Begun;
use crate::{
    AppError, Timestamp,
    access::{Person, Place, RequestFacts, SignInMethod, SiteRole, Sitting, Via},
    platform::{log::WhileDoing, random::TokenHash},
};

/// What a new row says.
pub(super) struct NewRow {
    pub(super) id: Uuid,
    pub(super) user: Uuid,
    pub(super) method: SignInMethod,
    pub(super) remembered: bool,
    pub(super) now: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// A recognized session.
pub(super) struct Recognized {
    pub(super) person: Person,
    pub(super) last_seen_at: Timestamp,
    /// The browser its owner has proved themselves in.
    pub(super) user_agent: String,
    /// Whether the request comes from a network in which they have.
    pub(super) near: bool,
    /// Whose eyes it sees with, if not its owner's.
    pub(super) impersonation: Option<Begun>,
}

/// An account that nobody else changes until the transaction ends.
pub struct Held {
    /// The hash of its password now.
    pub password_hash: Option<String>,
    /// Whether it may not sign in.
    pub locked: bool,
    /// Whether a second factor is asked.
    pub second_factor: bool,
}

/// A session in its owner's list.
pub(super) struct Listed {
    pub(super) id: Uuid,
    pub(super) user_agent: String,
    pub(super) address: IpNetwork,
    pub(super) created_at: OffsetDateTime,
    pub(super) last_seen_at: OffsetDateTime,
}

/// Since when a session has to have been used to be still good.
#[derive(Clone, Copy)]
pub(super) struct UsedSince {
    pub(super) plain: Timestamp,
    /// The same for people who asked to be remembered.
    pub(super) remembered: Timestamp,
}

/// The session with this secret, if it is still good and its account not locked. Its place is to be judged.
pub(super) async fn find(
    db: &PgPool,
    hash: &TokenHash,
    request: &RequestFacts,
    now: Timestamp,
    used_since: UsedSince,
) -> Result<Option<Recognized>, AppError> {
    let row = sqlx::query!(
        r#"SELECT s.id, s.user_id, s.proved_at, s.last_seen_at, s.user_agent, u.deletion_due_at,
                  s.created_at, s.begun_by, s.idle_s, (s.networks = '{}' OR $4 = ANY (s.networks)) AS "near!", u.roles AS "roles: Vec<SiteRole>",
                  (EXISTS (SELECT FROM authenticators a WHERE a.user_id = u.id AND a.confirmed_at IS NOT NULL)
                   OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id)) AS "second_factor!",
                  i.id AS "impersonation?", i.user_id AS "impersonated?", i.expires_at AS "until?"
           FROM sessions s JOIN users u ON u.id = s.user_id
                LEFT JOIN impersonations i ON i.session_id = s.id AND i.expires_at > $2
           WHERE s.token_hash = $1 AND s.expires_at > $2
             AND s.last_seen_at > CASE WHEN s.remembered THEN $5::timestamptz ELSE $3::timestamptz END
             AND u.locked_at IS NULL"#,
        &hash.0[..],
        now.get(),
        used_since.plain.get(),
        request.network().cidr(),
        used_since.remembered.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("recognizing a session")?;
    Ok(row.map(|row| Recognized {
        last_seen_at: row.last_seen_at.into(),
        user_agent: row.user_agent,
        near: row.near,
        impersonation: row
            .impersonation
            .zip(row.impersonated)
            .zip(row.until)
            .map(|((id, user), until)| Begun { id, user, until: until.into() }),
        person: Person {
            user: row.user_id,
            session: row.id,
            via: Via::Cookie,
            roles: row.roles,
            second_factor: row.second_factor,
            proved_at: row.proved_at.into(),
            place: Place::Moved,
            leaving: row.deletion_due_at.map(Timestamp::from),
            sitting: Sitting {
                method: row.begun_by.as_deref().and_then(SignInMethod::parse),
                begun_at: row.created_at.into(),
                idle: Sitting::longest_idle(row.idle_s, row.last_seen_at.into(), now),
            },
        },
    }))
}

/// Locks an account and then reads it. The second factor is read afterwards, because what is joined to a row that had
/// to be waited for is as old as the wait.
pub(super) async fn hold(conn: &mut PgConnection, user: Uuid) -> Result<Option<Held>, AppError> {
    let row = sqlx::query!(
        r#"SELECT password_hash, locked_at IS NOT NULL AS "locked!" FROM users WHERE id = $1 FOR NO KEY UPDATE"#,
        user,
    )
    .fetch_optional(&mut *conn)
    .await
    .while_doing("holding an account")?;
    let Some(row) = row else { return Ok(None) };
    let second_factor = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM authenticators WHERE user_id = $1 AND confirmed_at IS NOT NULL)
               OR EXISTS (SELECT FROM passkeys WHERE user_id = $1) AS "on!""#,
        user,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for a second factor")?;
    Ok(Some(Held { password_hash: row.password_hash, locked: row.locked, second_factor }))
}

/// Whether a session has not been ended.
pub(super) async fn goes_on(conn: &mut PgConnection, session: Uuid) -> Result<bool, AppError> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM sessions WHERE id = $1) AS "is!""#, session)
        .fetch_one(conn)
        .await
        .while_doing("looking for a session")
}

/// Notes that a session was used. Never moves a time back, whatever order requests arrive in.
pub(super) async fn touch(db: &PgPool, session: Uuid, user: Uuid, now: Timestamp) -> Result<(), AppError> {
    sqlx::query!(
        "WITH seen AS (
             UPDATE sessions SET last_seen_at = $2,
                 idle_s = greatest(idle_s, least(extract(epoch FROM $2 - last_seen_at), 2000000000)::integer)
             WHERE id = $1 AND last_seen_at < $2)
         UPDATE users SET last_seen_at = $2 WHERE id = $3 AND (last_seen_at IS NULL OR last_seen_at < $2)",
        session,
        now.get(),
        user,
    )
    .execute(db)
    .await
    .while_doing("noting that a session was used")?;
    Ok(())
}

pub(super) async fn insert(
    conn: &mut PgConnection,
    row: &NewRow,
    proved_at: Timestamp,
    hash: &TokenHash,
    request: &RequestFacts,
    device: Uuid,
) -> Result<(), AppError> {
    sqlx::query!(
        "WITH seen AS (UPDATE users SET last_seen_at = $7 WHERE id = $3)
         INSERT INTO sessions (id, token_hash, user_id, user_agent, address, remembered, created_at, last_seen_at,
                               proved_at, expires_at, device_id, networks, begun_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $11, $8, $9, ARRAY[$10::cidr], $12)",
        row.id,
        &hash.0[..],
        row.user,
        request.user_agent,
        IpNetwork::from(request.address),
        row.remembered,
        row.now.get(),
        row.expires_at.get(),
        device,
        request.network().cidr(),
        proved_at.get(),
        row.method.name(),
    )
    .execute(conn)
    .await
    .while_doing("beginning a session")?;
    Ok(())
}

/// Ends the sessions of an account that were unused the longest, so that at most `others` are left beside `new`. Those that
/// are over go first: they take no place of one that lives, before or after they are swept up.
pub(super) async fn end_unused(
    conn: &mut PgConnection,
    user: Uuid,
    new: Uuid,
    others: i64,
    (now, used_since): (Timestamp, UsedSince),
) -> Result<(), AppError> {
    sqlx::query!(
        "DELETE FROM sessions WHERE id IN
             (SELECT id FROM sessions WHERE user_id = $1 AND id <> $2
              ORDER BY expires_at > $4
                       AND last_seen_at > CASE WHEN remembered THEN $6::timestamptz ELSE $5::timestamptz END DESC,
                       last_seen_at DESC, created_at DESC, id DESC OFFSET $3)",
        user,
        new,
        others,
        now.get(),
        used_since.plain.get(),
        used_since.remembered.get(),
    )
    .execute(conn)
    .await
    .while_doing("ending the sessions unused the longest")?;
    Ok(())
}

/// Ends a session whoever it belongs to.
pub(super) async fn give_up(conn: &mut PgConnection, session: Uuid) -> Result<bool, AppError> {
    let done = sqlx::query!("DELETE FROM sessions WHERE id = $1", session)
        .execute(conn)
        .await
        .while_doing("giving up a session")?;
    Ok(done.rows_affected() == 1)
}

/// Gives a session a new secret; answers whether it is remembered.
pub(super) async fn renew(
    conn: &mut PgConnection,
    session: Uuid,
    hash: &TokenHash,
    now: Timestamp,
) -> Result<Option<bool>, AppError> {
    sqlx::query_scalar!(
        "UPDATE sessions SET token_hash = $2, last_seen_at = $3 WHERE id = $1 RETURNING remembered",
        session,
        &hash.0[..],
        now.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("renewing a session")
}

/// Notes a proof, in the browser and network of this request. The ten networks proved last are kept.
pub(super) async fn prove(
    conn: &mut PgConnection,
    session: Uuid,
    request: &RequestFacts,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE sessions SET proved_at = $2, idle_s = 0, user_agent = $3,
             networks = (array_remove(networks, $4::cidr) || $4::cidr)
                 [greatest(cardinality(array_remove(networks, $4::cidr)) - 8, 1):]
         WHERE id = $1",
        session,
        now.get(),
        request.user_agent,
        request.network().cidr(),
    )
    .execute(conn)
    .await
    .while_doing("noting a proof")?;
    Ok(())
}

pub(super) async fn list(
    db: &PgPool,
    user: Uuid,
    now: Timestamp,
    used_since: UsedSince,
) -> Result<Vec<Listed>, AppError> {
    sqlx::query_as!(
        Listed,
        "SELECT id, user_agent, address, created_at, last_seen_at FROM sessions
         WHERE user_id = $1 AND expires_at > $2
           AND last_seen_at > CASE WHEN remembered THEN $4::timestamptz ELSE $3::timestamptz END
         ORDER BY created_at DESC, id DESC",
        user,
        now.get(),
        used_since.plain.get(),
        used_since.remembered.get(),
    )
    .fetch_all(db)
    .await
    .while_doing("listing sessions")
}

pub(super) async fn end(conn: &mut PgConnection, user: Uuid, session: Uuid) -> Result<bool, AppError> {
    let done = sqlx::query!("DELETE FROM sessions WHERE user_id = $1 AND id = $2", user, session)
        .execute(conn)
        .await
        .while_doing("ending a session")?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn end_all(
    conn: &mut PgConnection,
    user: Uuid,
    except: Option<Uuid>,
) -> Result<u64, AppError> {
    sqlx::query!("DELETE FROM pending_sign_ins WHERE user_id = $1", user)
        .execute(&mut *conn)
        .await
        .while_doing("ending waiting sign-ins")?;
    let done = sqlx::query!(
        "DELETE FROM sessions WHERE user_id = $1 AND ($2::uuid IS NULL OR id <> $2)",
        user,
        except,
    )
    .execute(conn)
    .await
    .while_doing("ending the sessions of an account")?;
    Ok(done.rows_affected())
}

pub(super) async fn sweep(db: &PgPool, now: Timestamp, used_since: UsedSince) -> Result<u64, sqlx::Error> {
    let sessions = sqlx::query!(
        "DELETE FROM sessions
         WHERE expires_at <= $1
            OR last_seen_at <= CASE WHEN remembered THEN $3::timestamptz ELSE $2::timestamptz END",
        now.get(),
        used_since.plain.get(),
        used_since.remembered.get(),
    )
    .execute(db)
    .await?;
    let pending =
        sqlx::query!("DELETE FROM pending_sign_ins WHERE expires_at <= $1", now.get()).execute(db).await?;
    Ok(sessions.rows_affected() + pending.rows_affected())
}
