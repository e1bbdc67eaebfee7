//! From members to roles: along their groups, up to the top of the tree.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{super::Permissions, Given, Roles, Tree};
use crate::{AppError, platform::log::WhileDoing};

/// Everything each of these members may do. Who may nothing is left out.
pub(crate) async fn of_members(
    conn: &mut PgConnection,
    organization: Uuid,
    users: &[Uuid],
) -> Result<HashMap<Uuid, Permissions>, AppError> {
    let roles = Roles::read(&mut *conn, organization).await?;
    let (names, own): (Vec<String>, Vec<i64>) =
        roles.each().map(|(name, given)| (name, given.permissions().bits())).unzip();
    let tree = Tree::above(&mut *conn, organization, users, &roles).await?;
    let allowed = tree.inherited(|_, node| node.permissions(), Permissions::and);
    let (groups, theirs): (Vec<Uuid>, Vec<i64>) =
        allowed.into_iter().filter(|(_, it)| !it.is_empty()).map(|(id, it)| (id, it.bits())).unzip();
    let rows = sqlx::query!(
        r#"WITH said AS (
               SELECT a.user_id, r.bits
               FROM role_assignments a JOIN unnest($3::text[], $4::bigint[]) r (role, bits)
                    ON r.role = coalesce(a.built_in, a.role_id::text)
               WHERE a.organization_id = $1 AND a.user_id = ANY ($2)
               UNION ALL
               SELECT m.user_id, g.bits
               FROM group_members m JOIN unnest($5::uuid[], $6::bigint[]) g (id, bits) ON g.id = m.group_id
               WHERE m.organization_id = $1 AND m.user_id = ANY ($2)
           )
           SELECT user_id AS "user_id!", bit_or(bits) AS "bits!" FROM said GROUP BY user_id"#,
        organization,
        users,
        &names,
        &own,
        &groups,
        &theirs,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what members may do")?;
    Ok(rows.into_iter().map(|row| (row.user_id, Permissions::of_bits(row.bits))).collect())
}

/// Everything a member may do: each role once, by however many groups it comes.
pub(crate) async fn of_member(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
) -> Result<Permissions, AppError> {
    let rows = sqlx::query!(
        r#"WITH RECURSIVE above AS (
               SELECT g.id, g.parent_id
               FROM group_members m JOIN groups g ON g.organization_id = $1 AND g.id = m.group_id
               WHERE m.organization_id = $1 AND m.user_id = $2
               UNION
               SELECT g.id, g.parent_id FROM above a JOIN groups g ON g.organization_id = $1 AND g.id = a.parent_id
           ), given AS (
               SELECT a.built_in, a.role_id FROM role_assignments a
               WHERE a.organization_id = $1 AND a.user_id = $2
               UNION
               SELECT a.built_in, a.role_id
               FROM above u JOIN role_assignments a ON a.organization_id = $1 AND a.group_id = u.id
           )
           SELECT w.built_in, r.id AS "role_id?", r.name AS "name?", r.permissions AS "permissions?"
           FROM given w LEFT JOIN roles r ON r.organization_id = $1 AND r.id = w.role_id"#,
        organization,
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what a member may do")?;
    Ok(rows.into_iter().fold(Permissions::NONE, |all, row| {
        let made = row.role_id.zip(row.name).zip(row.permissions);
        let made = made.map(|((id, name), permissions)| (id, name, permissions));
        all.and(Given::read(row.built_in.as_deref(), made).permissions())
    }))
}

/// Everything that being in a group allows; nothing, where there is no such group.
pub(crate) async fn of_group(
    conn: &mut PgConnection,
    organization: Uuid,
    group: Uuid,
) -> Result<Permissions, AppError> {
    let rows = sqlx::query!(
        r#"WITH RECURSIVE above AS (
               SELECT g.id, g.parent_id FROM groups g WHERE g.organization_id = $1 AND g.id = $2
               UNION
               SELECT g.id, g.parent_id FROM above a JOIN groups g ON g.organization_id = $1 AND g.id = a.parent_id
           )
           SELECT DISTINCT a.built_in, r.id AS "role_id?", r.name AS "name?", r.permissions AS "permissions?"
           FROM above u JOIN role_assignments a ON a.organization_id = $1 AND a.group_id = u.id
                LEFT JOIN roles r ON r.organization_id = $1 AND r.id = a.role_id"#,
        organization,
        group,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what a group may do")?;
    Ok(rows.into_iter().fold(Permissions::NONE, |all, row| {
        let made = row.role_id.zip(row.name).zip(row.permissions);
        let made = made.map(|((id, name), permissions)| (id, name, permissions));
        all.and(Given::read(row.built_in.as_deref(), made).permissions())
    }))
}
