//! From members to roles: along their groups, up to the top of the tree.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{super::Permissions, Given, Way};
use crate::{AppError, platform::log::WhileDoing};

/// Everything these members have, each role once for each group it comes by.
pub(crate) async fn ways(
    conn: &mut PgConnection,
    organization: Uuid,
    users: &[Uuid],
) -> Result<Vec<Way>, AppError> {
    let rows = sqlx::query!(
        r#"WITH RECURSIVE above AS (
               SELECT m.user_id, g.id, g.parent_id
               FROM group_members m JOIN groups g ON g.organization_id = $1 AND g.id = m.group_id
               WHERE m.organization_id = $1 AND m.user_id = ANY ($2)
               UNION
               SELECT a.user_id, g.id, g.parent_id
               FROM above a JOIN groups g ON g.organization_id = $1 AND g.id = a.parent_id
           ), given AS (
               SELECT a.user_id, a.group_id, a.built_in, a.role_id FROM role_assignments a
               WHERE a.organization_id = $1 AND a.user_id = ANY ($2)
               UNION ALL
               SELECT u.user_id, a.group_id, a.built_in, a.role_id
               FROM above u JOIN role_assignments a ON a.organization_id = $1 AND a.group_id = u.id
           )
           SELECT w.user_id AS "user_id!", w.group_id, w.built_in, r.id AS "role_id?", r.name AS "name?",
                  r.permissions AS "permissions?"
           FROM given w LEFT JOIN roles r ON r.organization_id = $1 AND r.id = w.role_id"#,
        organization,
        users,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what members may do")?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let made = row.role_id.zip(row.name).zip(row.permissions);
            let made = made.map(|((id, name), permissions)| (id, name, permissions));
            Way { user: row.user_id, group: row.group_id, role: Given::read(row.built_in.as_deref(), made) }
        })
        .collect())
}

/// Everything each of these members may do. Who may nothing is left out.
pub(crate) async fn of_members(
    conn: &mut PgConnection,
    organization: Uuid,
    users: &[Uuid],
) -> Result<HashMap<Uuid, Permissions>, AppError> {
    let mut all: HashMap<Uuid, Permissions> = HashMap::new();
    for way in ways(conn, organization, users).await? {
        let has = all.entry(way.user).or_default();
        *has = has.and(way.role.permissions());
    }
    Ok(all)
}

/// Everything a member may do.
pub(crate) async fn of_member(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
) -> Result<Permissions, AppError> {
    let all = of_members(conn, organization, &[user]).await?;
    Ok(all.get(&user).copied().unwrap_or_default())
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
           SELECT a.built_in, r.id AS "role_id?", r.name AS "name?", r.permissions AS "permissions?"
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
