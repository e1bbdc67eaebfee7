//! The tables `roles` and `role_assignments`, and members by name.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::MemberName;
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    access::evaluator::Subject,
    platform::log::{OnConstraint, WhileDoing},
};

/// A role that the organization has made.
pub(super) struct Listed {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) permissions: Vec<String>,
    pub(super) version: i64,
}

/// How many there are.
pub(super) async fn count(conn: &mut PgConnection, organization: Uuid) -> Result<i64, AppError> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM roles WHERE organization_id = $1"#, organization)
        .fetch_one(conn)
        .await
        .while_doing("counting roles")
}

/// Every one, by name.
pub(super) async fn list(conn: &mut PgConnection, organization: Uuid) -> Result<Vec<Listed>, AppError> {
    sqlx::query_as!(
        Listed,
        "SELECT id, name, description, permissions, version FROM roles
         WHERE organization_id = $1 ORDER BY lower(name)",
        organization,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing roles")
}

/// How many have a role.
pub(super) struct Counted {
    /// The name of one that every organization has, or the id of another.
    pub(super) role: String,
    pub(super) members: i64,
    pub(super) groups: i64,
}

pub(super) async fn counts(conn: &mut PgConnection, organization: Uuid) -> Result<Vec<Counted>, AppError> {
    sqlx::query_as!(
        Counted,
        r#"SELECT coalesce(built_in, role_id::text) AS "role!", count(user_id) AS "members!", count(group_id) AS "groups!"
           FROM role_assignments WHERE organization_id = $1 GROUP BY 1"#,
        organization,
    )
    .fetch_all(conn)
    .await
    .while_doing("counting who has which role")
}

/// The role, which nobody changes as long as the organization is held.
pub(super) async fn find(
    conn: &mut PgConnection,
    organization: Uuid,
    role: Uuid,
) -> Result<Option<Listed>, AppError> {
    sqlx::query_as!(
        Listed,
        "SELECT id, name, description, permissions, version FROM roles WHERE organization_id = $1 AND id = $2",
        organization,
        role,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading a role")
}

/// What a role says.
pub(super) struct Content<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    pub(super) permissions: &'a [String],
}

fn taken() -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new("name", FieldIssue::Taken)] }
}

pub(super) async fn insert(
    conn: &mut PgConnection,
    organization: Uuid,
    id: Uuid,
    content: &Content<'_>,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO roles (id, organization_id, name, description, permissions, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        id,
        organization,
        content.name,
        content.description,
        content.permissions,
        now.get(),
    )
    .execute(conn)
    .await
    .on_constraint("roles_name_key", taken())
    .while_doing("making a role")?;
    Ok(())
}

pub(super) async fn change(
    conn: &mut PgConnection,
    organization: Uuid,
    id: Uuid,
    content: &Content<'_>,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE roles SET name = $3, description = $4, permissions = $5, version = version + 1
         WHERE organization_id = $1 AND id = $2",
        organization,
        id,
        content.name,
        content.description,
        content.permissions,
    )
    .execute(conn)
    .await
    .on_constraint("roles_name_key", taken())
    .while_doing("changing a role")?;
    Ok(())
}

/// Deletes a role, and takes it from whoever has it.
pub(super) async fn delete(conn: &mut PgConnection, organization: Uuid, id: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM roles WHERE organization_id = $1 AND id = $2", organization, id)
        .execute(conn)
        .await
        .while_doing("deleting a role")?;
    Ok(())
}

/// How many members and groups have a role.
pub(super) async fn assignments(
    conn: &mut PgConnection,
    organization: Uuid,
    role: Uuid,
) -> Result<i64, AppError> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM role_assignments WHERE organization_id = $1 AND role_id = $2"#,
        organization,
        role,
    )
    .fetch_one(conn)
    .await
    .while_doing("counting who has a role")
}

/// To whom a role is given.
#[expect(clippy::struct_field_names, reason = "the names of columns")]
pub(super) struct Assigned {
    pub(super) subject: Uuid,
    pub(super) user_id: Option<Uuid>,
    pub(super) email: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) group_id: Option<Uuid>,
    pub(super) group_name: Option<String>,
    pub(super) assigned_at: OffsetDateTime,
}

/// To whom a role is given, members and groups in the order of their ids, from behind one on.
pub(super) async fn assigned(
    conn: &mut PgConnection,
    organization: Uuid,
    (built_in, made): (Option<&str>, Option<Uuid>),
    after: Uuid,
    limit: i64,
) -> Result<Vec<Assigned>, AppError> {
    sqlx::query_as!(
        Assigned,
        r#"WITH page AS (
               -- Each branch has an index that is in the order of its subjects.
               (SELECT user_id AS subject, user_id, group_id, assigned_at FROM role_assignments
                WHERE organization_id = $1 AND built_in = $2 AND user_id > $4 ORDER BY user_id LIMIT $5)
               UNION ALL
               (SELECT user_id, user_id, group_id, assigned_at FROM role_assignments
                WHERE organization_id = $1 AND role_id = $3 AND user_id > $4 ORDER BY user_id LIMIT $5)
               UNION ALL
               (SELECT group_id, user_id, group_id, assigned_at FROM role_assignments
                WHERE organization_id = $1 AND built_in = $2 AND group_id > $4 ORDER BY group_id LIMIT $5)
               UNION ALL
               (SELECT group_id, user_id, group_id, assigned_at FROM role_assignments
                WHERE organization_id = $1 AND role_id = $3 AND group_id > $4 ORDER BY group_id LIMIT $5)
           )
           SELECT a.subject AS "subject!", a.user_id AS "user_id?", u.email AS "email?",
                  u.display_name AS "display_name?", a.group_id AS "group_id?", g.name AS "group_name?",
                  a.assigned_at AS "assigned_at!"
           FROM page a LEFT JOIN users u ON u.id = a.user_id
                LEFT JOIN groups g ON g.organization_id = $1 AND g.id = a.group_id
           ORDER BY a.subject LIMIT $5"#,
        organization,
        built_in,
        made,
        after,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing who has a role")
}

/// `false` where it was given already.
pub(super) async fn assign(
    conn: &mut PgConnection,
    organization: Uuid,
    (built_in, made): (Option<&str>, Option<Uuid>),
    to: Subject,
    now: Timestamp,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "INSERT INTO role_assignments (organization_id, built_in, role_id, user_id, group_id, assigned_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        organization,
        built_in,
        made,
        to.member(),
        to.group(),
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("giving a role")?;
    Ok(done.rows_affected() == 1)
}

/// `false` where it was not given.
pub(super) async fn unassign(
    conn: &mut PgConnection,
    organization: Uuid,
    (built_in, made): (Option<&str>, Option<Uuid>),
    from: Subject,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "DELETE FROM role_assignments
         WHERE organization_id = $1 AND (built_in = $2 OR role_id = $3) AND (user_id = $4 OR group_id = $5)",
        organization,
        built_in,
        made,
        from.member(),
        from.group(),
    )
    .execute(conn)
    .await
    .while_doing("taking a role")?;
    Ok(done.rows_affected() == 1)
}

/// Whether somebody else owns the organization, who can act.
pub(super) async fn has_other_owner(
    conn: &mut PgConnection,
    organization: Uuid,
    than: Uuid,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM role_assignments a JOIN users u ON u.id = a.user_id
                          WHERE a.organization_id = $1 AND a.built_in = 'OWNER' AND a.user_id <> $2
                            AND u.locked_at IS NULL AND u.deletion_due_at IS NULL) AS "has!""#,
        organization,
        than,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for another owner")
}

/// The group's id, if it is one of the organization's.
pub(super) async fn is_group(
    conn: &mut PgConnection,
    organization: Uuid,
    group: Uuid,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM groups WHERE organization_id = $1 AND id = $2) AS "is!""#,
        organization,
        group,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for a group")
}

/// Whether the account is a member.
pub(super) async fn is_member(
    conn: &mut PgConnection,
    organization: Uuid,
    user: Uuid,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM memberships WHERE organization_id = $1 AND user_id = $2) AS "is!""#,
        organization,
        user,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for a member")
}

/// The member with this address.
pub(super) async fn member_at(
    conn: &mut PgConnection,
    organization: Uuid,
    address: &str,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT m.user_id FROM users u JOIN memberships m ON m.organization_id = $1 AND m.user_id = u.id
         WHERE lower(u.email) = lower($2)",
        organization,
        address,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for a member by address")
}

/// Members who can act, in the order of their ids, from behind one on.
pub(super) async fn members(
    conn: &mut PgConnection,
    organization: Uuid,
    after: Uuid,
    limit: i64,
) -> Result<Vec<MemberName>, AppError> {
    sqlx::query_as!(
        MemberName,
        "SELECT u.id AS user_id, u.email, u.display_name FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND m.user_id > $2 AND u.locked_at IS NULL AND u.deletion_due_at IS NULL
         ORDER BY m.user_id LIMIT $3",
        organization,
        after,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing members")
}

/// Some owners who can act, in the order of their ids.
pub(super) async fn owners(
    conn: &mut PgConnection,
    organization: Uuid,
    limit: i64,
) -> Result<Vec<MemberName>, AppError> {
    sqlx::query_as!(
        MemberName,
        "SELECT u.id AS user_id, u.email, u.display_name FROM role_assignments a JOIN users u ON u.id = a.user_id
         WHERE a.organization_id = $1 AND a.built_in = 'OWNER' AND u.locked_at IS NULL AND u.deletion_due_at IS NULL
         ORDER BY a.user_id LIMIT $2",
        organization,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing owners")
}

/// Whether somebody's account is neither locked nor about to be deleted.
pub(super) async fn can_act(conn: &mut PgConnection, user: Uuid) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM users
                          WHERE id = $1 AND locked_at IS NULL AND deletion_due_at IS NULL) AS "can!""#,
        user,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking whether somebody can act")
}

/// These members, in the order of their ids.
pub(super) async fn named(
    conn: &mut PgConnection,
    organization: Uuid,
    users: &[Uuid],
) -> Result<Vec<MemberName>, AppError> {
    sqlx::query_as!(
        MemberName,
        "SELECT u.id AS user_id, u.email, u.display_name FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND m.user_id = ANY ($2) ORDER BY m.user_id",
        organization,
        users,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the names of members")
}

/// In which of these groups each of these members is, so many of each member.
pub(super) async fn groups_of(
    conn: &mut PgConnection,
    organization: Uuid,
    users: &[Uuid],
    groups: &[Uuid],
    most: i64,
) -> Result<Vec<(Uuid, Uuid)>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT u.id AS "user_id!", first.group_id AS "group_id!"
           FROM unnest($2::uuid[]) u (id) CROSS JOIN LATERAL (
               SELECT m.group_id FROM group_members m
               WHERE m.organization_id = $1 AND m.user_id = u.id AND m.group_id = ANY ($3)
               ORDER BY m.group_id LIMIT $4
           ) first
           ORDER BY u.id, first.group_id"#,
        organization,
        users,
        groups,
        most,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the groups of members")?;
    Ok(rows.into_iter().map(|row| (row.user_id, row.group_id)).collect())
}
