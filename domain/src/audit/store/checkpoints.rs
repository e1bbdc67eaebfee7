//! What stands for the entries that are gone, and their going.

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::chain::Hash;
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// The last entry that went, and the seal over it.
pub(crate) struct Checkpoint {
    pub(crate) seq: i64,
    pub(crate) hash: Hash,
    pub(crate) at: Timestamp,
    pub(crate) sealed: Vec<u8>,
}

pub(crate) async fn checkpoint(conn: &mut PgConnection, chain: Uuid) -> Result<Option<Checkpoint>, AppError> {
    let row = sqlx::query!("SELECT seq, hash, at, sealed FROM audit_checkpoints WHERE chain = $1", chain)
        .fetch_optional(conn)
        .await
        .while_doing("reading the checkpoint of the audit chain")?;
    Ok(row.map(|row| Checkpoint {
        seq: row.seq,
        hash: Hash::try_from(row.hash.as_slice()).unwrap_or_default(),
        at: row.at.into(),
        sealed: row.sealed,
    }))
}

pub(crate) async fn put_checkpoint(
    conn: &mut PgConnection,
    chain: Uuid,
    checkpoint: &Checkpoint,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO audit_checkpoints (chain, seq, hash, at, sealed) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (chain) DO UPDATE SET seq = $2, hash = $3, at = $4, sealed = $5",
        chain,
        checkpoint.seq,
        &checkpoint.hash[..],
        checkpoint.at.get(),
        checkpoint.sealed,
    )
    .execute(conn)
    .await
    .while_doing("writing the checkpoint of the audit chain")?;
    Ok(())
}

/// The chains after this one that have entries from before `before`, and none removed since `rested`.
pub(crate) async fn aged_after(
    conn: &mut PgConnection,
    after: Uuid,
    before: Timestamp,
    rested: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT h.chain FROM audit_heads h LEFT JOIN audit_checkpoints c ON c.chain = h.chain
         WHERE h.chain > $1 AND (c.at IS NULL OR c.at <= $3)
           AND EXISTS (SELECT FROM audit_entries e WHERE e.chain = h.chain AND e.at < $2)
         ORDER BY h.chain LIMIT $4",
        after,
        before.get(),
        rested.get(),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for old entries of audit chains")
}

/// Whether this transaction is the only one that removes entries; another replica may be at it.
pub(crate) async fn hold_retention(conn: &mut PgConnection) -> Result<bool, AppError> {
    sqlx::query_scalar!(r#"SELECT pg_try_advisory_xact_lock(hashtext('audit retention')::bigint) AS "held!""#)
        .fetch_one(conn)
        .await
        .while_doing("holding the retention of the audit chain")
}

/// Removes the entries that the checkpoint stands for, and says how many there were. The setting that allows it ends here.
pub(crate) async fn forget(conn: &mut PgConnection, chain: Uuid, through: i64) -> Result<u64, AppError> {
    let doing = "removing old entries of the audit trail";
    sqlx::query!("SELECT set_config('app.audit_retention', 'on', true) AS setting")
        .fetch_one(&mut *conn)
        .await
        .while_doing(doing)?;
    let done = sqlx::query!("DELETE FROM audit_entries WHERE chain = $1 AND seq <= $2", chain, through)
        .execute(&mut *conn)
        .await
        .while_doing(doing)?;
    sqlx::query!("SELECT set_config('app.audit_retention', '', true) AS setting")
        .fetch_one(conn)
        .await
        .while_doing(doing)?;
    Ok(done.rows_affected())
}
