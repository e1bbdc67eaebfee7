//! The tables `audit_entries` and `audit_heads`.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::chain::{Content, Hash};
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// A stored entry.
pub(super) struct Row {
    pub(super) chain: Uuid,
    pub(super) seq: i64,
    pub(super) organization_id: Option<Uuid>,
    pub(super) at: OffsetDateTime,
    pub(super) actor: Option<Uuid>,
    pub(super) actor_email: Option<String>,
    pub(super) action: String,
    pub(super) target: Option<String>,
    pub(super) detail: String,
    pub(super) address: String,
    pub(super) request_id: Uuid,
    pub(super) hash: Vec<u8>,
}

/// Which entries to read.
pub(super) struct Filter<'a> {
    pub(super) chain: Uuid,
    pub(super) actor: Option<Uuid>,
    pub(super) action: Option<&'a str>,
    pub(super) target: Option<&'a str>,
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    pub(super) before: i64,
    pub(super) limit: i64,
}

/// The database's clock: entries of several replicas are in one order.
pub(super) async fn now(conn: &mut PgConnection) -> Result<Timestamp, AppError> {
    let at = sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "at!""#)
        .fetch_one(conn)
        .await
        .while_doing("reading the database's clock")?;
    Ok(at.into())
}

/// The number and hash of the last entry, as they are now.
pub(super) async fn head(conn: &mut PgConnection, chain: Uuid) -> Result<(i64, Hash), AppError> {
    let head = sqlx::query!("SELECT seq, hash FROM audit_heads WHERE chain = $1", chain)
        .fetch_one(conn)
        .await
        .while_doing("reading the head of the audit chain")?;
    let hash = Hash::try_from(head.hash.as_slice()).unwrap_or_default();
    Ok((head.seq, hash))
}

/// The last number and hash of a chain, locked until the transaction ends.
pub(super) async fn lock_head(conn: &mut PgConnection, chain: Uuid) -> Result<(i64, Hash), AppError> {
    let head = sqlx::query!("SELECT seq, hash FROM audit_heads WHERE chain = $1 FOR UPDATE", chain)
        .fetch_one(conn)
        .await
        .while_doing("locking the head of the audit chain")?;
    let hash = Hash::try_from(head.hash.as_slice()).unwrap_or_default();
    Ok((head.seq, hash))
}

pub(super) async fn append(
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

pub(super) async fn list(conn: &mut PgConnection, filter: &Filter<'_>) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        r#"SELECT e.chain, e.seq, e.organization_id, e.at, e.actor, u.email AS "actor_email?", e.action, e.target,
                  e.detail::text AS "detail!", e.address, e.request_id, e.hash
           FROM audit_entries e LEFT JOIN users u ON u.id = e.actor
           WHERE e.chain = $1 AND e.seq < $2
             AND ($3::uuid IS NULL OR e.actor = $3)
             AND ($4::text IS NULL OR starts_with(e.action, $4))
             AND ($5::text IS NULL OR e.target = $5)
             AND ($6::timestamptz IS NULL OR e.at >= $6)
             AND ($7::timestamptz IS NULL OR e.at < $7)
           ORDER BY e.seq DESC LIMIT $8"#,
        filter.chain,
        filter.before,
        filter.actor,
        filter.action,
        filter.target,
        filter.from.map(Timestamp::get),
        filter.to.map(Timestamp::get),
        filter.limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the audit trail")
}

/// Entries after `after`, up to `last`, in order. A gap makes the next one stand where another is expected.
pub(super) async fn batch(
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
pub(super) async fn is_longer(conn: &mut PgConnection, chain: Uuid, last: i64) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM audit_entries WHERE chain = $1 AND seq > $2) AS "longer!""#,
        chain,
        last,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking behind the head of the audit chain")
}

pub(super) async fn person_by_address(
    conn: &mut PgConnection,
    address: &str,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!("SELECT id FROM users WHERE lower(email) = lower($1)", address)
        .fetch_optional(conn)
        .await
        .while_doing("finding a person by address")
}
