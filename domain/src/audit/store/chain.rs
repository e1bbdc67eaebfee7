//! The chain itself: its head, its next entry, and its entries in order.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    super::chain::{Content, Hash},
    Checkpoint, Row,
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

/// Lets the transaction of somebody who may see the site's trail read the chains of organizations as well.
pub(crate) async fn see_every_chain(conn: &mut PgConnection) -> Result<(), AppError> {
    sqlx::query!("SELECT set_config('app.audit_check', 'on', true) AS setting")
        .fetch_one(conn)
        .await
        .while_doing("opening every audit chain")?;
    Ok(())
}

/// Where a chain ends, and where its check begins.
pub(crate) struct Ends {
    pub(crate) chain: Uuid,
    pub(crate) last: i64,
    pub(crate) hash: Hash,
    pub(crate) checkpoint: Option<Checkpoint>,
}

/// The ends of the chains after this one, in the order of their ids.
pub(crate) async fn ends_after(
    conn: &mut PgConnection,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Ends>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT h.chain, h.seq, h.hash, c.seq AS "through?", c.hash AS "through_hash?", c.at AS "sealed_at?",
                  c.sealed AS "sealed?"
           FROM audit_heads h LEFT JOIN audit_checkpoints c ON c.chain = h.chain
           WHERE h.chain > $1 ORDER BY h.chain LIMIT $2"#,
        after,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the heads of audit chains")?;
    let hash = |bytes: &[u8]| Hash::try_from(bytes).unwrap_or_default();
    let ends = rows.into_iter().map(|row| Ends {
        chain: row.chain,
        last: row.seq,
        hash: hash(&row.hash),
        checkpoint: row.through.zip(row.through_hash).zip(row.sealed_at.zip(row.sealed)).map(
            |((seq, through), (at, sealed))| Checkpoint { seq, hash: hash(&through), at: at.into(), sealed },
        ),
    });
    Ok(ends.collect())
}

/// Every entry of these chains, chain after chain. Only for short ones.
pub(crate) async fn whole(conn: &mut PgConnection, chains: &[Uuid]) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        r#"SELECT chain, seq, organization_id, at, actor, NULL::text AS actor_email, action, target,
                  detail::text AS "detail!", address, request_id, hash
           FROM audit_entries WHERE chain = ANY($1) ORDER BY chain, seq"#,
        chains,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading short audit chains")
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
