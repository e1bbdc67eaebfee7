//! What somebody has in an organization: the one question all others are made of.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{BuiltInRole, Permission, Permissions};
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
    let slug = id.is_none().then_some(id_or_slug);
    sqlx::query_as!(
        Found,
        r#"SELECT o.id AS organization, o.deletes_at IS NOT NULL AS "ends!"
           FROM organizations o JOIN memberships m ON m.organization_id = o.id
           WHERE (o.id = $1 OR o.slug = $2) AND m.user_id = $3"#,
        id,
        slug,
        user,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for an organization")
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

/// Everybody who has a permission, in the order of their ids, at most so many.
pub(crate) async fn holders(
    conn: &mut PgConnection,
    organization: Uuid,
    permission: Permission,
    limit: i64,
) -> Result<Vec<Uuid>, AppError> {
    let allows = |role: &BuiltInRole| role.permissions().has(permission);
    let built_in: Vec<String> =
        BuiltInRole::ALL.into_iter().filter(allows).map(|role| role.name().to_owned()).collect();
    sqlx::query_scalar!(
        r#"WITH RECURSIVE given AS (
               SELECT a.user_id, a.group_id FROM role_assignments a
               LEFT JOIN roles r ON r.organization_id = $1 AND r.id = a.role_id
               WHERE a.organization_id = $1 AND (a.built_in = ANY ($2) OR $3 = ANY (r.permissions))
           ), reach AS (
               SELECT group_id FROM given WHERE group_id IS NOT NULL
               UNION
               SELECT g.id FROM reach JOIN groups g ON g.organization_id = $1 AND g.parent_id = reach.group_id
           )
           SELECT user_id AS "user_id!" FROM (
               SELECT user_id FROM given WHERE user_id IS NOT NULL
               UNION
               SELECT m.user_id FROM reach JOIN group_members m ON m.group_id = reach.group_id
           ) AS held ORDER BY user_id LIMIT $4"#,
        organization,
        &built_in,
        permission.name(),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading who may do something")
}
