//! The table `refresh_families`.

use sqlx::{PgConnection, PgPool, types::ipnetwork::IpNetwork};
use time::OffsetDateTime;
use uuid::Uuid;

use super::super::Family;
use crate::{
    AppError, Timestamp,
    access::{Person, Place, RequestFacts, SignInMethod, SiteRole, Sitting, Via},
    platform::log::WhileDoing,
};

/// What a new row says.
pub(in crate::tokens) struct NewFamily {
    pub(in crate::tokens) id: Uuid,
    pub(in crate::tokens) user: Uuid,
    pub(in crate::tokens) sealed: Vec<u8>,
    pub(in crate::tokens) now: Timestamp,
    pub(in crate::tokens) expires_at: Timestamp,
}

/// A family that nobody else changes until the transaction ends.
pub(in crate::tokens) struct HeldFamily {
    pub(in crate::tokens) user: Uuid,
    pub(in crate::tokens) sealed: Vec<u8>,
    pub(in crate::tokens) locked: bool,
    pub(in crate::tokens) family: Family,
}

pub(in crate::tokens) async fn insert(
    conn: &mut PgConnection,
    row: &NewFamily,
    request: &RequestFacts,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO refresh_families (id, user_id, sealed, user_agent, address, created_at, rotated_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
        row.id,
        row.user,
        row.sealed,
        request.user_agent,
        IpNetwork::from(request.address),
        row.now.get(),
        row.expires_at.get(),
    )
    .execute(conn)
    .await
    .while_doing("beginning a family of refresh tokens")?;
    Ok(())
}

/// Locks a family and reads it.
pub(in crate::tokens) async fn hold(
    conn: &mut PgConnection,
    family: Uuid,
) -> Result<Option<HeldFamily>, AppError> {
    let row = sqlx::query!(
        r#"SELECT f.user_id, f.sealed, f.counter, f.rotated_at, f.expires_at, u.locked_at IS NOT NULL AS "locked!"
           FROM refresh_families f JOIN users u ON u.id = f.user_id WHERE f.id = $1 FOR UPDATE OF f"#,
        family,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding a family of refresh tokens")?;
    Ok(row.map(|row| HeldFamily {
        user: row.user_id,
        sealed: row.sealed,
        locked: row.locked,
        family: Family {
            // A check of the table keeps it from being negative.
            counter: u64::try_from(row.counter).unwrap_or_default(),
            rotated_at: row.rotated_at.into(),
            expires_at: row.expires_at.into(),
        },
    }))
}

pub(in crate::tokens) async fn rotate(
    conn: &mut PgConnection,
    family: Uuid,
    counter: u64,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE refresh_families SET counter = $2, rotated_at = $3,
             idle_s = greatest(idle_s, least(extract(epoch FROM $3 - rotated_at), 2000000000)::integer)
         WHERE id = $1",
        family,
        i64::try_from(counter).unwrap_or(i64::MAX),
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("counting a refresh token on")?;
    Ok(())
}

pub(in crate::tokens) async fn end(conn: &mut PgConnection, family: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM refresh_families WHERE id = $1", family)
        .execute(conn)
        .await
        .while_doing("ending a family of refresh tokens")?;
    Ok(())
}

pub(in crate::tokens) async fn end_all(
    conn: &mut PgConnection,
    user: Uuid,
    except: Option<Uuid>,
) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "DELETE FROM refresh_families WHERE user_id = $1 AND ($2::uuid IS NULL OR id <> $2)",
        user,
        except,
    )
    .execute(conn)
    .await
    .while_doing("ending the families of an account")?;
    Ok(done.rows_affected())
}

/// Ends the families of an account that were unused the longest, so that at most `others` are left beside `new`.
pub(in crate::tokens) async fn end_unused(
    conn: &mut PgConnection,
    user: Uuid,
    new: Uuid,
    others: i64,
) -> Result<(), AppError> {
    sqlx::query!(
        "DELETE FROM refresh_families WHERE id IN
             (SELECT id FROM refresh_families WHERE user_id = $1 AND id <> $2
              ORDER BY rotated_at DESC, created_at DESC, id DESC OFFSET $3)",
        user,
        new,
        others,
    )
    .execute(conn)
    .await
    .while_doing("ending the families unused the longest")?;
    Ok(())
}

/// A row as its owner sees it.
pub(in crate::tokens) struct Listed {
    pub(in crate::tokens) id: Uuid,
    pub(in crate::tokens) user_agent: String,
    pub(in crate::tokens) address: IpNetwork,
    pub(in crate::tokens) created_at: OffsetDateTime,
    pub(in crate::tokens) rotated_at: OffsetDateTime,
    pub(in crate::tokens) expires_at: OffsetDateTime,
}

pub(in crate::tokens) async fn list(
    db: &PgPool,
    user: Uuid,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Vec<Listed>, AppError> {
    sqlx::query_as!(
        Listed,
        "SELECT id, user_agent, address, created_at, rotated_at, expires_at FROM refresh_families
         WHERE user_id = $1 AND expires_at > $2 AND rotated_at > $3 ORDER BY created_at DESC, id DESC",
        user,
        now.get(),
        idle_since.get(),
    )
    .fetch_all(db)
    .await
    .while_doing("listing families of refresh tokens")
}

pub(in crate::tokens) async fn end_own(
    conn: &mut PgConnection,
    user: Uuid,
    family: Uuid,
) -> Result<bool, AppError> {
    let done = sqlx::query!("DELETE FROM refresh_families WHERE user_id = $1 AND id = $2", user, family)
        .execute(conn)
        .await
        .while_doing("ending a family of refresh tokens")?;
    Ok(done.rows_affected() == 1)
}

/// Whose family this is, while it lives and its account is not locked.
pub(in crate::tokens) async fn person(
    db: &PgPool,
    family: Uuid,
    user: Uuid,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<Option<Person>, AppError> {
    let row = sqlx::query!(
        r#"SELECT f.created_at, f.rotated_at, f.idle_s, u.roles AS "roles: Vec<SiteRole>",
                  (EXISTS (SELECT FROM authenticators a WHERE a.user_id = u.id AND a.confirmed_at IS NOT NULL)
                   OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = u.id)) AS "second_factor!",
                  u.deletion_due_at
           FROM refresh_families f JOIN users u ON u.id = f.user_id
           WHERE f.id = $1 AND f.user_id = $2 AND f.expires_at > $3 AND f.rotated_at > $4 AND u.locked_at IS NULL"#,
        family,
        user,
        now.get(),
        idle_since.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("recognizing an access token")?;
    Ok(row.map(|row| Person {
        user,
        session: family,
        via: Via::AccessToken,
        roles: row.roles,
        second_factor: row.second_factor,
        proved_at: row.created_at.into(),
        leaving: row.deletion_due_at.map(Timestamp::from),
        // A script has no browser and no one network.
        place: Place::Proved,
        sitting: Sitting {
            method: Some(SignInMethod::Password),
            begun_at: row.created_at.into(),
            idle: Sitting::longest_idle(row.idle_s, row.rotated_at.into(), now),
        },
    }))
}

pub(in crate::tokens) async fn sweep(
    db: &PgPool,
    now: Timestamp,
    idle_since: Timestamp,
) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "DELETE FROM refresh_families WHERE expires_at <= $1 OR rotated_at <= $2",
        now.get(),
        idle_since.get(),
    )
    .execute(db)
    .await
    .while_doing("forgetting families of refresh tokens")?;
    Ok(done.rows_affected())
}

/// Whether a family of refresh tokens has not been ended.
pub(in crate::tokens) async fn goes_on(conn: &mut PgConnection, id: Uuid) -> Result<bool, AppError> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM refresh_families WHERE id = $1) AS "is!""#, id)
        .fetch_one(conn)
        .await
        .while_doing("looking for a family of refresh tokens")
}
