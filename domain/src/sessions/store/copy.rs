//! What the tables of this room hold about somebody, for the copy of their data.

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Every session, with the networks it was proved in. Of secrets only hashes are kept, and those say nothing.
pub(in crate::sessions) async fn sessions_of(
    conn: &mut PgConnection,
    user: Uuid,
) -> Result<Vec<Value>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT id, user_agent, host(address) AS "address!", remembered, created_at, last_seen_at, proved_at, expires_at,
                  networks::text[] AS "networks!: Vec<String>", begun_by, idle_s
           FROM sessions WHERE user_id = $1 ORDER BY created_at, id"#,
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying sessions")?;
    let told = rows.into_iter().map(|row| {
        json!({
            "id": row.id,
            "user_agent": row.user_agent,
            "address": row.address,
            "networks": row.networks,
            "remembered": row.remembered,
            "begun_by": row.begun_by,
            "idle_s": row.idle_s,
            "created_at": Timestamp::from(row.created_at),
            "last_seen_at": Timestamp::from(row.last_seen_at),
            "proved_at": Timestamp::from(row.proved_at),
            "expires_at": Timestamp::from(row.expires_at),
        })
    });
    Ok(told.collect())
}

/// When an administrator saw the site as they do, or they as somebody else. Who the other one is is not theirs to take away.
pub(in crate::sessions) async fn looks_of(
    conn: &mut PgConnection,
    user: Uuid,
) -> Result<Vec<Value>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT id, user_id = $1 AS "is_theirs!", begun_at, expires_at, session_id IS NULL AS "is_over!" FROM impersonations
           WHERE user_id = $1 OR administrator_id = $1 ORDER BY begun_at, id"#,
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying looks of administrators")?;
    let told = rows.into_iter().map(|row| {
        json!({
            "id": row.id,
            "by": if row.is_theirs { "somebody-else" } else { "you" },
            "begun_at": Timestamp::from(row.begun_at),
            "until": Timestamp::from(row.expires_at),
            "was_ended": row.is_over,
        })
    });
    Ok(told.collect())
}

/// Every browser that is known.
pub(in crate::sessions) async fn browsers_of(
    conn: &mut PgConnection,
    user: Uuid,
) -> Result<Vec<Value>, AppError> {
    let rows = sqlx::query!(
        "SELECT id, user_agent, created_at, last_used_at, trusted_until FROM known_devices
         WHERE user_id = $1 ORDER BY created_at, id",
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying known browsers")?;
    let told = rows.into_iter().map(|row| {
        json!({
            "id": row.id,
            "user_agent": row.user_agent,
            "created_at": Timestamp::from(row.created_at),
            "last_used_at": Timestamp::from(row.last_used_at),
            "trusted_until": row.trusted_until.map(Timestamp::from),
        })
    });
    Ok(told.collect())
}
