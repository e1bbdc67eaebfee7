//! What the tables of this room hold about somebody, for the copy of their data. No secret and no hash of one is in it.

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Every API token, without its secret.
pub(in crate::tokens) async fn api_tokens_of(
    conn: &mut PgConnection,
    user: Uuid,
) -> Result<Vec<Value>, AppError> {
    let rows = sqlx::query!(
        "SELECT id, public, name, scopes, created_at, rotated_at, expires_at, last_used_at FROM api_tokens
         WHERE user_id = $1 ORDER BY created_at, id",
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying API tokens")?;
    let told = rows.into_iter().map(|row| {
        json!({
            "id": row.id,
            "public": row.public,
            "name": row.name,
            "scopes": row.scopes,
            "created_at": Timestamp::from(row.created_at),
            "rotated_at": Timestamp::from(row.rotated_at),
            "expires_at": row.expires_at.map(Timestamp::from),
            "last_used_at": row.last_used_at.map(Timestamp::from),
        })
    });
    Ok(told.collect())
}

/// Every place where a script is signed in.
pub(in crate::tokens) async fn sign_ins_of(
    conn: &mut PgConnection,
    user: Uuid,
) -> Result<Vec<Value>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT id, user_agent, host(address) AS "address!", created_at, rotated_at, expires_at FROM refresh_families
           WHERE user_id = $1 ORDER BY created_at, id"#,
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying families of refresh tokens")?;
    let told = rows.into_iter().map(|row| {
        json!({
            "id": row.id,
            "user_agent": row.user_agent,
            "address": row.address,
            "created_at": Timestamp::from(row.created_at),
            "refreshed_at": Timestamp::from(row.rotated_at),
            "expires_at": Timestamp::from(row.expires_at),
        })
    });
    Ok(told.collect())
}
