//! The table `organization_policies`.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// What is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) second_factor_from: Option<OffsetDateTime>,
    pub(super) session_age_s: Option<i32>,
    pub(super) session_idle_s: Option<i32>,
    pub(super) methods: Vec<String>,
    pub(super) domains: Vec<String>,
    /// Zero where nothing was ever asked.
    pub(super) version: i64,
}

pub(super) async fn find(conn: &mut PgConnection, organization: Uuid) -> Result<Kept, AppError> {
    let row = sqlx::query_as!(
        Kept,
        "SELECT second_factor_from, session_age_s, session_idle_s, methods, domains, version
         FROM organization_policies WHERE organization_id = $1",
        organization,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading the policy of an organization")?;
    Ok(row.unwrap_or_default())
}

pub(super) async fn put(
    conn: &mut PgConnection,
    organization: Uuid,
    policy: &Kept,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO organization_policies
             (organization_id, second_factor_from, session_age_s, session_idle_s, methods, domains, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (organization_id) DO UPDATE
         SET second_factor_from = $2, session_age_s = $3, session_idle_s = $4, methods = $5, domains = $6,
             changed_at = $7, version = organization_policies.version + 1",
        organization,
        policy.second_factor_from,
        policy.session_age_s,
        policy.session_idle_s,
        &policy.methods,
        &policy.domains,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("changing the policy of an organization")?;
    Ok(())
}

/// How many members have no second factor.
pub(super) async fn without_second_factor(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<i64, AppError> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM memberships m
           WHERE m.organization_id = $1
             AND NOT EXISTS (SELECT FROM authenticators a WHERE a.user_id = m.user_id AND a.confirmed_at IS NOT NULL)
             AND NOT EXISTS (SELECT FROM passkeys p WHERE p.user_id = m.user_id)"#,
        organization,
    )
    .fetch_one(conn)
    .await
    .while_doing("counting members without a second factor")
}
