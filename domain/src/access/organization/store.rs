//! What somebody has in an organization: the one question all others are made of.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{BuiltInRole, Permissions};
use crate::{AppError, platform::log::WhileDoing};

/// An organization of somebody.
pub(super) struct Found {
    pub(super) organization: Uuid,
    pub(super) ends: bool,
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
    sqlx::query_as!(
        Found,
        r#"SELECT o.id AS organization, o.deletes_at IS NOT NULL AS "ends!"
           FROM organizations o JOIN memberships m ON m.organization_id = o.id
           WHERE m.user_id = $3
             AND (o.id = $1 OR o.id = (SELECT s.organization_id FROM organization_slugs s WHERE s.slug = $2))"#,
        id,
        slug,
        user,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for an organization")
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

/// Everything the roles of a member allow: their own, those of their groups, and those of the groups above.
pub(super) async fn permissions(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
) -> Result<Permissions, AppError> {
    let rows = sqlx::query!(
        r#"WITH RECURSIVE above AS (
               SELECT g.id, g.parent_id FROM group_members m JOIN groups g ON g.id = m.group_id
               WHERE m.organization_id = $1 AND m.user_id = $2
               UNION
               SELECT g.id, g.parent_id FROM above a JOIN groups g ON g.organization_id = $1 AND g.id = a.parent_id
           )
           SELECT DISTINCT a.built_in, r.permissions AS "permissions?"
           FROM role_assignments a LEFT JOIN roles r ON r.organization_id = $1 AND r.id = a.role_id
           WHERE a.organization_id = $1
             AND (a.user_id = $2 OR a.group_id IN (SELECT id FROM above))"#,
        organization,
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what a member may do")?;
    Ok(rows.iter().fold(Permissions::NONE, |all, row| {
        let built_in = row.built_in.as_deref().and_then(BuiltInRole::parse);
        let of_role = built_in.map_or(Permissions::NONE, BuiltInRole::permissions);
        let made = row.permissions.as_deref().unwrap_or_default();
        all.and(of_role).and(Permissions::named(made.iter().map(String::as_str)))
    }))
}
