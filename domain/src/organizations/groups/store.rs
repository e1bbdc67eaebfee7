//! The tables `groups` and `group_members`.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{super::roles::GroupName, GroupMember};
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    platform::log::{OnConstraint, WhileDoing},
};

/// A row, and how many are in the group.
pub(super) struct Listed {
    pub(super) id: Uuid,
    pub(super) parent_id: Option<Uuid>,
    pub(super) name: String,
    pub(super) members: i64,
    pub(super) created_at: OffsetDateTime,
}

/// Groups in the order of their ids, from behind one on. Only what is on the page is counted.
pub(super) async fn list(
    conn: &mut PgConnection,
    organization: Uuid,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Listed>, AppError> {
    sqlx::query_as!(
        Listed,
        r#"WITH page AS (
               SELECT id, parent_id, name, created_at FROM groups
               WHERE organization_id = $1 AND id > $2 ORDER BY id LIMIT $3
           )
           SELECT p.id AS "id!", p.parent_id AS "parent_id?", p.name AS "name!",
                  (SELECT count(*) FROM group_members m WHERE m.group_id = p.id) AS "members!", p.created_at AS "created_at!"
           FROM page p ORDER BY p.id"#,
        organization,
        after,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing groups")
}

/// Which groups to look for.
pub(super) struct Wanted {
    /// What their name has in it, as a pattern.
    pub(super) pattern: Option<String>,
    /// Wherever they are.
    pub(super) anywhere: bool,
    /// Otherwise those right below this group, or at the top.
    pub(super) parent: Option<Uuid>,
    /// This one alone.
    pub(super) one: Option<Uuid>,
    pub(super) after: Uuid,
    pub(super) limit: i64,
}

/// A row, and how many people and groups are right in it.
pub(super) struct Place {
    pub(super) id: Uuid,
    pub(super) parent_id: Option<Uuid>,
    pub(super) name: String,
    pub(super) members: i64,
    pub(super) groups: i64,
}

/// Groups in the order of their ids, from behind one on. Only what is on the page is counted.
pub(super) async fn look_for(
    conn: &mut PgConnection,
    organization: Uuid,
    wanted: &Wanted,
) -> Result<Vec<Place>, AppError> {
    sqlx::query_as!(
        Place,
        r#"WITH page AS (
               SELECT g.id, g.parent_id, g.name FROM groups g
               WHERE g.organization_id = $1 AND g.id > $2 AND ($3::text IS NULL OR g.name ILIKE $3)
                 AND ($4::bool OR g.parent_id IS NOT DISTINCT FROM $5::uuid)
                 AND ($6::uuid IS NULL OR g.id = $6)
               ORDER BY g.id LIMIT $7
           )
           SELECT p.id AS "id!", p.parent_id AS "parent_id?", p.name AS "name!",
                  (SELECT count(*) FROM group_members m WHERE m.group_id = p.id) AS "members!",
                  (SELECT count(*) FROM groups b WHERE b.organization_id = $1 AND b.parent_id = p.id) AS "groups!"
           FROM page p ORDER BY p.id"#,
        organization,
        wanted.after,
        wanted.pattern,
        wanted.anywhere,
        wanted.parent,
        wanted.one,
        wanted.limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for groups")
}

/// What is above some groups: which of them, and one above it, the highest first; so many of each, the nearest.
pub(super) async fn above(
    conn: &mut PgConnection,
    organization: Uuid,
    groups: &[Uuid],
    most: i32,
) -> Result<Vec<(Uuid, GroupName)>, AppError> {
    let rows = sqlx::query!(
        r#"WITH RECURSIVE up AS (
               SELECT b.id AS below, g.id, g.name, g.parent_id, 1 AS step
               FROM groups b JOIN groups g ON g.organization_id = $1 AND g.id = b.parent_id
               WHERE b.organization_id = $1 AND b.id = ANY ($2)
               UNION ALL
               SELECT u.below, g.id, g.name, g.parent_id, u.step + 1
               FROM up u JOIN groups g ON g.organization_id = $1 AND g.id = u.parent_id
               WHERE u.step < $3
           )
           SELECT below AS "below!", id AS "id!", name AS "name!" FROM up ORDER BY below, step DESC"#,
        organization,
        groups,
        most,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading what is above groups")?;
    Ok(rows.into_iter().map(|row| (row.below, GroupName { id: row.id, name: row.name })).collect())
}

pub(super) async fn count(conn: &mut PgConnection, organization: Uuid) -> Result<i64, AppError> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM groups WHERE organization_id = $1"#, organization)
        .fetch_one(conn)
        .await
        .while_doing("counting groups")
}

/// A group as it is now.
pub(super) struct Held {
    pub(super) parent_id: Option<Uuid>,
    pub(super) name: String,
}

/// The group, which nobody changes as long as the organization is held.
pub(super) async fn find(
    conn: &mut PgConnection,
    organization: Uuid,
    group: Uuid,
) -> Result<Option<Held>, AppError> {
    sqlx::query_as!(
        Held,
        "SELECT parent_id, name FROM groups WHERE organization_id = $1 AND id = $2",
        organization,
        group,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading a group")
}

/// What a new row says.
pub(super) struct NewGroup<'a> {
    pub(super) id: Uuid,
    pub(super) organization: Uuid,
    pub(super) parent: Option<Uuid>,
    pub(super) name: &'a str,
    pub(super) now: Timestamp,
}

fn taken(field: &str) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new(field, FieldIssue::Taken)] }
}

pub(super) async fn insert(conn: &mut PgConnection, row: &NewGroup<'_>) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO groups (id, organization_id, parent_id, name, created_at) VALUES ($1, $2, $3, $4, $5)",
        row.id,
        row.organization,
        row.parent,
        row.name,
        row.now.get(),
    )
    .execute(conn)
    .await
    .on_constraint("groups_name_key", taken("name"))
    .while_doing("making a group")?;
    Ok(())
}

pub(super) async fn rename(
    conn: &mut PgConnection,
    organization: Uuid,
    group: Uuid,
    name: &str,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE groups SET name = $3 WHERE organization_id = $1 AND id = $2",
        organization,
        group,
        name,
    )
    .execute(conn)
    .await
    .on_constraint("groups_name_key", taken("name"))
    .while_doing("renaming a group")?;
    Ok(())
}

/// Whether `above` is the group or one of those above it.
pub(super) async fn is_at_or_above(
    conn: &mut PgConnection,
    organization: Uuid,
    above: Uuid,
    group: Uuid,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"WITH RECURSIVE up AS (
               SELECT id, parent_id FROM groups WHERE organization_id = $1 AND id = $3
               UNION
               SELECT g.id, g.parent_id FROM up JOIN groups g ON g.organization_id = $1 AND g.id = up.parent_id
           )
           SELECT EXISTS (SELECT FROM up WHERE id = $2) AS "is!""#,
        organization,
        above,
        group,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking at the groups above one")
}

pub(super) async fn put_below(
    conn: &mut PgConnection,
    organization: Uuid,
    group: Uuid,
    parent: Option<Uuid>,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE groups SET parent_id = $3 WHERE organization_id = $1 AND id = $2",
        organization,
        group,
        parent,
    )
    .execute(conn)
    .await
    .on_constraint("groups_name_key", taken("parent_id"))
    .while_doing("moving a group")?;
    Ok(())
}

pub(super) async fn has_groups_below(
    conn: &mut PgConnection,
    organization: Uuid,
    group: Uuid,
) -> Result<bool, AppError> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM groups WHERE organization_id = $1 AND parent_id = $2) AS "has!""#,
        organization,
        group,
    )
    .fetch_one(conn)
    .await
    .while_doing("looking for groups below one")
}

/// Puts the groups right below one beside it; answers how many. One of them may be called as it is, so it gives its name up
/// first.
pub(super) async fn lift(
    conn: &mut PgConnection,
    organization: Uuid,
    group: Uuid,
    parent: Option<Uuid>,
) -> Result<u64, AppError> {
    rename(conn, organization, group, &group.to_string()).await?;
    let done = sqlx::query!(
        "UPDATE groups SET parent_id = $3 WHERE organization_id = $1 AND parent_id = $2",
        organization,
        group,
        parent,
    )
    .execute(conn)
    .await
    .on_constraint("groups_name_key", taken("below"))
    .while_doing("lifting groups")?;
    Ok(done.rows_affected())
}

pub(super) async fn delete(conn: &mut PgConnection, organization: Uuid, group: Uuid) -> Result<(), AppError> {
    sqlx::query!("DELETE FROM groups WHERE organization_id = $1 AND id = $2", organization, group)
        .execute(conn)
        .await
        .while_doing("deleting a group")?;
    Ok(())
}

/// Who is in a group, in the order of their ids, from behind one on.
pub(super) async fn members(
    conn: &mut PgConnection,
    organization: Uuid,
    group: Uuid,
    after: Uuid,
    limit: i64,
) -> Result<Vec<GroupMember>, AppError> {
    sqlx::query_as!(
        GroupMember,
        "SELECT u.id AS user_id, u.email, u.display_name FROM group_members m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND m.group_id = $2 AND m.user_id > $3 ORDER BY m.user_id LIMIT $4",
        organization,
        group,
        after,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("listing who is in a group")
}

/// `false` for somebody who is in it already.
pub(super) async fn add(
    conn: &mut PgConnection,
    organization: Uuid,
    group: Uuid,
    user: Uuid,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "INSERT INTO group_members (organization_id, group_id, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        organization,
        group,
        user,
    )
    .execute(conn)
    .await
    .while_doing("adding somebody to a group")?;
    Ok(done.rows_affected() == 1)
}

/// `false` for somebody who is not in it.
pub(super) async fn remove(
    conn: &mut PgConnection,
    organization: Uuid,
    group: Uuid,
    user: Uuid,
) -> Result<bool, AppError> {
    let done = sqlx::query!(
        "DELETE FROM group_members WHERE organization_id = $1 AND group_id = $2 AND user_id = $3",
        organization,
        group,
        user,
    )
    .execute(conn)
    .await
    .while_doing("removing somebody from a group")?;
    Ok(done.rows_affected() == 1)
}
