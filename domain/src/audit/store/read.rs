//! Entries as people look for them.

use sqlx::PgConnection;
use uuid::Uuid;

use super::Row;
use crate::{AppError, Timestamp, access::SiteRole, platform::log::WhileDoing};

/// Which entries to read.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    pub(crate) chain: Uuid,
    pub(crate) actor: Option<Uuid>,
    /// A whole action.
    pub(crate) action: Option<String>,
    /// The beginning of the actions of one room, with its dot.
    pub(crate) room: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
}

/// The newest first.
pub(crate) async fn list(
    conn: &mut PgConnection,
    filter: &Filter,
    before: i64,
    limit: i64,
) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        r#"SELECT e.chain, e.seq, e.organization_id, e.at, e.actor, u.email AS "actor_email?", e.action, e.target,
                  e.detail::text AS "detail!", e.address, e.request_id, e.hash
           FROM audit_entries e LEFT JOIN users u ON u.id = e.actor
           WHERE e.chain = $1 AND e.seq < $2
             AND ($3::uuid IS NULL OR e.actor = $3)
             AND ($4::text IS NULL OR e.action = $4)
             AND ($5::text IS NULL OR starts_with(e.action, $5))
             AND ($6::text IS NULL OR e.target = $6)
             AND ($7::timestamptz IS NULL OR e.at >= $7)
             AND ($8::timestamptz IS NULL OR e.at < $8)
           ORDER BY e.seq DESC LIMIT $9"#,
        filter.chain,
        before,
        filter.actor,
        filter.action,
        filter.room,
        filter.target,
        filter.from.map(Timestamp::get),
        filter.to.map(Timestamp::get),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the audit trail")
}

/// The oldest first: those with numbers after `after` and up to `last`.
pub(crate) async fn following(
    conn: &mut PgConnection,
    filter: &Filter,
    after: i64,
    last: i64,
    limit: i64,
) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        r#"SELECT e.chain, e.seq, e.organization_id, e.at, e.actor, u.email AS "actor_email?", e.action, e.target,
                  e.detail::text AS "detail!", e.address, e.request_id, e.hash
           FROM audit_entries e LEFT JOIN users u ON u.id = e.actor
           WHERE e.chain = $1 AND e.seq > $2 AND e.seq <= $3
             AND ($4::uuid IS NULL OR e.actor = $4)
             AND ($5::text IS NULL OR e.action = $5)
             AND ($6::text IS NULL OR starts_with(e.action, $6))
             AND ($7::text IS NULL OR e.target = $7)
             AND ($8::timestamptz IS NULL OR e.at >= $8)
             AND ($9::timestamptz IS NULL OR e.at < $9)
           ORDER BY e.seq LIMIT $10"#,
        filter.chain,
        after,
        last,
        filter.actor,
        filter.action,
        filter.room,
        filter.target,
        filter.from.map(Timestamp::get),
        filter.to.map(Timestamp::get),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("exporting the audit trail")
}

/// One entry by its number.
pub(crate) async fn find(conn: &mut PgConnection, chain: Uuid, seq: i64) -> Result<Option<Row>, AppError> {
    sqlx::query_as!(
        Row,
        r#"SELECT e.chain, e.seq, e.organization_id, e.at, e.actor, u.email AS "actor_email?", e.action, e.target,
                  e.detail::text AS "detail!", e.address, e.request_id, e.hash
           FROM audit_entries e LEFT JOIN users u ON u.id = e.actor WHERE e.chain = $1 AND e.seq = $2"#,
        chain,
        seq,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading an entry of the audit trail")
}

/// What somebody did and what was done to them, the newest first. Two walks along two indexes, so that a person of whom
/// little is known is not looked for through the whole trail.
pub(crate) async fn about(
    conn: &mut PgConnection,
    chain: Uuid,
    actor: Uuid,
    target: &str,
    limit: i64,
) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        r#"SELECT e.chain, e.seq, e.organization_id, e.at, e.actor, u.email AS "actor_email?", e.action, e.target,
                  e.detail::text AS "detail!", e.address, e.request_id, e.hash
           FROM ((SELECT chain, seq FROM audit_entries WHERE chain = $1 AND actor = $2 ORDER BY seq DESC LIMIT $4)
                 UNION
                 (SELECT chain, seq FROM audit_entries WHERE chain = $1 AND target = $3 ORDER BY seq DESC LIMIT $4)) f
           JOIN audit_entries e USING (chain, seq) LEFT JOIN users u ON u.id = e.actor
           ORDER BY e.seq DESC LIMIT $4"#,
        chain,
        actor,
        target,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the audit trail of a person")
}

/// The same, page after page: what comes before this number.
pub(crate) async fn about_before(
    conn: &mut PgConnection,
    chain: Uuid,
    actor: Uuid,
    target: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        r#"SELECT e.chain, e.seq, e.organization_id, e.at, e.actor, NULL AS "actor_email?", e.action, e.target,
                  e.detail::text AS "detail!", e.address, e.request_id, e.hash
           FROM ((SELECT chain, seq FROM audit_entries
                  WHERE chain = $1 AND actor = $2 AND seq < $4 ORDER BY seq DESC LIMIT $5)
                 UNION
                 (SELECT chain, seq FROM audit_entries
                  WHERE chain = $1 AND target = $3 AND seq < $4 ORDER BY seq DESC LIMIT $5)) f
           JOIN audit_entries e USING (chain, seq)
           ORDER BY e.seq DESC LIMIT $5"#,
        chain,
        actor,
        target,
        before,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying the audit trail of a person")
}

/// What somebody did in organizations, those that came last first; what comes before this entry of this chain. For a
/// transaction that sees every chain.
pub(crate) async fn in_organizations_before(
    conn: &mut PgConnection,
    actor: Uuid,
    (chain, seq): (Uuid, i64),
    limit: i64,
) -> Result<Vec<Row>, AppError> {
    sqlx::query_as!(
        Row,
        r#"SELECT chain, seq, organization_id, at, actor, NULL::text AS "actor_email?", action, target,
                  detail::text AS "detail!", address, request_id, hash
           FROM audit_entries
           WHERE actor = $1 AND organization_id IS NOT NULL AND (chain, seq) < ($2, $3)
           ORDER BY chain DESC, seq DESC LIMIT $4"#,
        actor,
        chain,
        seq,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying what a person did in organizations")
}

pub(crate) async fn person_by_address(
    conn: &mut PgConnection,
    address: &str,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!("SELECT id FROM users WHERE lower(email) = lower($1)", address)
        .fetch_optional(conn)
        .await
        .while_doing("finding a person by address")
}

/// What a person is to the site at this moment; nothing for somebody who is locked, leaving or gone.
pub(crate) async fn roles_of(conn: &mut PgConnection, user: Uuid) -> Result<Vec<SiteRole>, AppError> {
    let roles = sqlx::query_scalar!(
        r#"SELECT roles AS "roles: Vec<SiteRole>" FROM users
           WHERE id = $1 AND locked_at IS NULL AND deletion_due_at IS NULL"#,
        user,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking at a person's roles")?;
    Ok(roles.unwrap_or_default())
}
