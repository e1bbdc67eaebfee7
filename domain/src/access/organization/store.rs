//! Which organization is meant, and what it asks of whoever comes in.

use std::time::Duration;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{super::SignInMethod, asks::Asks};
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// An organization of somebody.
pub(super) struct Found {
    pub(super) organization: Uuid,
    pub(super) ends: bool,
    pub(super) asks: Asks,
}

/// The organization with this id or slug, if the person belongs to it.
pub(super) async fn find(
    conn: &mut PgConnection,
    id_or_slug: &str,
    user: Uuid,
) -> Result<Option<Found>, AppError> {
    // A slug could be written like an id, so an id is tried alone.
    let id = Uuid::try_parse(id_or_slug).ok();
    let slug = id.is_none().then_some(id_or_slug).filter(|slug| could_be_a_slug(slug));
    let row = sqlx::query!(
        r#"SELECT o.id, o.deletes_at IS NOT NULL AS "ends!", p.second_factor_from AS "second_factor_from?",
                  p.session_age_s AS "age_s?", p.session_idle_s AS "idle_s?", p.methods AS "methods?"
           FROM organizations o JOIN memberships m ON m.organization_id = o.id
                LEFT JOIN organization_policies p ON p.organization_id = o.id
           WHERE m.user_id = $3
             AND (o.id = $1 OR o.id = (SELECT s.organization_id FROM organization_slugs s WHERE s.slug = $2))"#,
        id,
        slug,
        user,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for an organization")?;
    Ok(row.map(|row| Found {
        organization: row.id,
        ends: row.ends,
        asks: Asks {
            second_factor_from: row.second_factor_from.map(Timestamp::from),
            age: row.age_s.and_then(seconds),
            idle: row.idle_s.and_then(seconds),
            methods: row.methods.iter().flatten().filter_map(|name| SignInMethod::parse(name)).collect(),
        },
    }))
}

/// What is none is not asked for: a zero byte is no text for Postgres.
fn could_be_a_slug(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Locks an organization; answers whether it is about to be deleted. Whoever changes who belongs to it, or what they may do,
/// comes through here: of two at once one sees what the other has done.
pub(super) async fn hold(conn: &mut PgConnection, organization: Uuid) -> Result<Option<bool>, AppError> {
    sqlx::query_scalar!(
        r#"SELECT deletes_at IS NOT NULL AS "ends!" FROM organizations WHERE id = $1 FOR NO KEY UPDATE"#,
        organization,
    )
    .fetch_optional(conn)
    .await
    .while_doing("holding an organization")
}

fn seconds(count: i32) -> Option<Duration> {
    u64::try_from(count).ok().map(Duration::from_secs)
}
