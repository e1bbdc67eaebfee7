//! The table `memberships`, and what members were given themselves in `role_assignments`.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    super::{MemberRow, RoleRef},
    role_refs,
};
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// Which members to read.
pub(in crate::organizations) struct Filter {
    pub(in crate::organizations) pattern: Option<String>,
    /// A built-in role, or the id of another one.
    pub(in crate::organizations) role: Option<String>,
    pub(in crate::organizations) after: Option<Uuid>,
    pub(in crate::organizations) limit: i64,
}

/// Members in the order of their ids, which is that of their accounts' age: its index goes on where a page ended.
pub(in crate::organizations) async fn list(
    conn: &mut PgConnection,
    organization: Uuid,
    filter: &Filter,
) -> Result<Vec<MemberRow>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT m.user_id, u.email, u.display_name, m.joined_at,
                  ARRAY(SELECT coalesce(a.built_in, a.role_id::text) FROM role_assignments a
                        WHERE a.organization_id = $1 AND a.user_id = m.user_id ORDER BY a.built_in, a.role_id) AS "roles!",
                  ARRAY(SELECT coalesce(r.name, '') FROM role_assignments a
                        LEFT JOIN roles r ON r.organization_id = $1 AND r.id = a.role_id
                        WHERE a.organization_id = $1 AND a.user_id = m.user_id ORDER BY a.built_in, a.role_id) AS "names!"
           FROM memberships m JOIN users u ON u.id = m.user_id
           WHERE m.organization_id = $1
             AND ($2::uuid IS NULL OR m.user_id > $2)
             AND ($3::text IS NULL OR u.email ILIKE $3 OR u.display_name ILIKE $3)
             AND ($4::text IS NULL OR EXISTS (
                     SELECT FROM role_assignments a
                     WHERE a.organization_id = $1 AND a.user_id = m.user_id
                       AND coalesce(a.built_in, a.role_id::text) = $4))
           ORDER BY m.user_id LIMIT $5"#,
        organization,
        filter.after,
        filter.pattern,
        filter.role,
        filter.limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing members")?;
    let told = rows.into_iter().map(|row| MemberRow {
        user_id: row.user_id,
        email: row.email,
        display_name: row.display_name,
        roles: role_refs(row.roles, row.names),
        joined_at: row.joined_at.into(),
    });
    Ok(told.collect())
}

/// How many belong to an organization.
pub(in crate::organizations) async fn count(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<i64, AppError> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM memberships WHERE organization_id = $1"#,
        organization
    )
    .fetch_one(conn)
    .await
    .while_doing("counting members")
}

/// Makes somebody a member; answers whether they were none.
pub(in crate::organizations) async fn insert(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "INSERT INTO memberships (organization_id, user_id, joined_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        organization,
        user,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("making somebody a member")?;
    Ok(done.rows_affected() == 1)
}

/// Ends a membership, with the roles and groups that hang on it; answers whether there was one.
pub(in crate::organizations) async fn remove(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "DELETE FROM memberships WHERE organization_id = $1 AND user_id = $2",
        organization,
        user,
    )
    .execute(conn)
    .await
    .while_doing("ending a membership")?;
    Ok(done.rows_affected() == 1)
}

/// A role that a member was given themselves, or can be given.
pub(in crate::organizations) struct Given {
    pub(in crate::organizations) built_in: Option<String>,
    pub(in crate::organizations) role_id: Option<Uuid>,
    pub(in crate::organizations) name: Option<String>,
    pub(in crate::organizations) permissions: Option<Vec<String>>,
}

/// What a member was given themselves; `None` for somebody who is none.
pub(in crate::organizations) async fn given(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
) -> Result<Option<Vec<Given>>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT a.built_in AS "built_in?", a.role_id AS "role_id?", r.name AS "name?", r.permissions AS "permissions?"
           FROM memberships m
           LEFT JOIN role_assignments a ON a.organization_id = $1 AND a.user_id = m.user_id
           LEFT JOIN roles r ON r.organization_id = $1 AND r.id = a.role_id
           WHERE m.organization_id = $1 AND m.user_id = $2
           ORDER BY a.built_in, a.role_id"#,
        organization,
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the roles of a member")?;
    if rows.is_empty() {
        return Ok(None);
    }
    let given = rows.into_iter().filter(|row| row.built_in.is_some() || row.role_id.is_some());
    Ok(Some(
        given
            .map(|row| Given {
                built_in: row.built_in,
                role_id: row.role_id,
                name: row.name,
                permissions: row.permissions,
            })
            .collect(),
    ))
}

/// The roles that the organization has made itself.
pub(in crate::organizations) async fn made_roles(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<Vec<Given>, AppError> {
    let rows = sqlx::query!(
        "SELECT id, name, permissions FROM roles WHERE organization_id = $1 ORDER BY lower(name)",
        organization,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing the roles of an organization")?;
    let told = rows.into_iter().map(|row| Given {
        built_in: None,
        role_id: Some(row.id),
        name: Some(row.name),
        permissions: Some(row.permissions),
    });
    Ok(told.collect())
}

/// Gives a member a role, unless they have it.
pub(in crate::organizations) async fn give(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
    built_in: Option<&str>,
    role: Option<Uuid>,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO role_assignments (organization_id, built_in, role_id, user_id, assigned_at)
         VALUES ($1, $3, $4, $2, $5) ON CONFLICT DO NOTHING",
        organization,
        user,
        built_in,
        role,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("giving a role")?;
    Ok(())
}

/// Takes a role from a member.
pub(in crate::organizations) async fn take(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
    built_in: Option<&str>,
    role: Option<Uuid>,
) -> Result<(), AppError> {
    sqlx::query!(
        "DELETE FROM role_assignments
         WHERE organization_id = $1 AND user_id = $2 AND built_in IS NOT DISTINCT FROM $3
           AND role_id IS NOT DISTINCT FROM $4",
        organization,
        user,
        built_in,
        role,
    )
    .execute(conn)
    .await
    .while_doing("taking a role")?;
    Ok(())
}

/// Whether somebody beside this one owns the organization and can act: whoever is locked, or is leaving the site, cannot.
pub(in crate::organizations) async fn has_another_owner(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM role_assignments a JOIN users u ON u.id = a.user_id
                          WHERE a.organization_id = $1 AND a.built_in = 'OWNER' AND a.user_id <> $2
                            AND u.locked_at IS NULL AND u.deletion_due_at IS NULL) AS "another!""#,
        organization,
        user,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for another owner")
}

/// The addresses of those who own an organization.
pub(in crate::organizations) async fn owners(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<Vec<Addressed>, AppError> {
    sqlx::query_as!(
        Addressed,
        "SELECT u.id, u.email, u.time_zone FROM role_assignments a JOIN users u ON u.id = a.user_id
         WHERE a.organization_id = $1 AND a.built_in = 'OWNER' ORDER BY u.id",
        organization,
    )
    .fetch_all(conn)
    .await
    .while_doing("finding the owners of an organization")
}

/// Somebody to write to.
pub(in crate::organizations) struct Addressed {
    pub(in crate::organizations) id: Uuid,
    pub(in crate::organizations) email: String,
    pub(in crate::organizations) time_zone: String,
}

/// The member with this address, if they can act.
pub(in crate::organizations) async fn by_address(
    conn: &mut PgConnection,
    organization: Uuid,
    email: &str,
) -> Result<Option<Addressed>, AppError> {
    sqlx::query_as!(
        Addressed,
        "SELECT u.id, u.email, u.time_zone FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND lower(u.email) = lower($2)",
        organization,
        email,
    )
    .fetch_optional(conn)
    .await
    .while_doing("finding a member by address")
}

/// A member, where they can act: neither locked nor leaving the site.
pub(in crate::organizations) async fn who_can_act(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
) -> Result<Option<Addressed>, AppError> {
    sqlx::query_as!(
        Addressed,
        "SELECT u.id, u.email, u.time_zone FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND m.user_id = $2 AND u.locked_at IS NULL AND u.deletion_due_at IS NULL",
        organization,
        user,
    )
    .fetch_optional(conn)
    .await
    .while_doing("finding a member who can act")
}

/// An organization that somebody belongs to.
pub(in crate::organizations) struct Belonging {
    pub(in crate::organizations) organization: Uuid,
    pub(in crate::organizations) slug: String,
    pub(in crate::organizations) is_personal: bool,
    pub(in crate::organizations) owns: bool,
}

/// What somebody belongs to, in the order in which organizations are locked.
pub(in crate::organizations) async fn belongings(
    conn: &mut PgConnection,
    user: Uuid,
) -> Result<Vec<Belonging>, AppError> {
    sqlx::query_as!(
        Belonging,
        r#"SELECT m.organization_id AS organization, o.slug, o.personal_of IS NOT DISTINCT FROM $1 AS "is_personal!",
                  EXISTS (SELECT FROM role_assignments a
                          WHERE a.organization_id = m.organization_id AND a.user_id = $1 AND a.built_in = 'OWNER') AS "owns!"
           FROM memberships m JOIN organizations o ON o.id = m.organization_id
           WHERE m.user_id = $1 ORDER BY m.organization_id"#,
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what somebody belongs to")
}

/// Roles as people read them.
pub(in crate::organizations) fn told(given: &[Given]) -> Vec<RoleRef> {
    given
        .iter()
        .map(|it| {
            let role =
                it.built_in.clone().or_else(|| it.role_id.map(|id| id.to_string())).unwrap_or_default();
            super::role_ref(role, it.name.clone())
        })
        .collect()
}
