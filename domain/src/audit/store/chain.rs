//! The chain itself: its head, its next entry, and its entries in order.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    super::chain::{Content, Hash},
    Row,
};
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// The database's clock: entries of several replicas are in one order.
pub(crate) async fn now(conn: &mut PgConnection) -> Result<Timestamp, AppError> {
    let at = sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "at!""#)
        .fetch_one(conn)
        .await
        .while_doing("reading the database's clock")?;
    Ok(at.into())
}

/// The number and hash of the last entry, as they are now.
pub(crate) async fn head(conn: &mut PgConnection, chain: Uuid) -> Result<(i64, Hash), AppError> {
    let head = sqlx::query!("SELECT seq, hash FROM audit_heads WHERE chain = $1", chain)
        .fetch_one(conn)
        .await
        .while_doing("reading the head of the audit chain")?;
    let hash = Hash::try_from(head.hash.as_slice()).unwrap_or_default();
    Ok((head.seq, hash))
}

/// The last number and hash of a chain, locked until the transaction ends.
pub(crate) async fn lock_head(conn: &mut PgConnection, chain: Uuid) -> Result<(i64, Hash), AppError> {
    let head = sqlx::query!("SELECT seq, hash FROM audit_heads WHERE chain = $1 FOR UPDATE", chain)
        .fetch_one(conn)
        .await
        .while_doing("locking the head of the audit chain")?;
    let hash = Hash::try_from(head.hash.as_slice()).unwrap_or_default();
    Ok((head.seq, hash))
}

/// The head of a chain without entries.
pub(crate) async fn begin_chain(conn: &mut PgConnection, chain: Uuid) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO audit_heads (chain, seq, hash) VALUES ($1, 0, $2)",
        chain,
        &Hash::default()[..]
    )
    .execute(conn)
    .await
    .while_doing("beginning an audit chain")?;
    Ok(())
}

pub(crate) async fn append(
    conn: &mut PgConnection,
    entry: &Content<'_>,
    hash: &Hash,
) -> Result<(), AppError> {
    sqlx::query!(
        "WITH head AS (UPDATE audit_heads SET seq = $2, hash = $11 WHERE chain = $1)
         INSERT INTO audit_entries
             (chain, seq, organization_id, at, actor, action, target, detail, address, request_id, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::json, $9, $10, $11)",
        entry.chain,
        entry.seq,
        entry.organization_id,
        entry.at.get(),
        entry.actor,
        entry.action,
        entry.target,
        entry.detail,
        entry.address,
        entry.request_id,
        &hash[..],
    )
    .execute(conn)
    .await
    .while_doing("appending to the audit chain")?;
    Ok(())
}

/// Entries after `after`, up to `last`, in order. A gap makes the next one stand where another is expected.
pub(crate) async fn batch(
    conn: &mut PgConnection,
    chain: Uuid,
    after: i64,
    last: i64,
    limit: i64,
) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        r#"SELECT chain, seq, organization_id, at, actor, NULL::text AS actor_email, action, target,
                  detail::text AS "detail!", address, request_id, hash
           FROM audit_entries WHERE chain = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4"#,
        chain,
        after,
        last,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the audit chain")
}

/// Whether there are entries behind the head.
pub(crate) async fn is_longer(conn: &mut PgConnection, chain: Uuid, last: i64) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM audit_entries WHERE chain = $1 AND seq > $2) AS "longer!""#,
        chain,
        last,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking behind the head of the audit chain")
}
