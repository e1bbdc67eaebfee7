//! From a permission to members: along the groups that have it, down to the bottom of the tree.

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::{BuiltInRole, Permission};
use crate::{AppError, platform::log::WhileDoing};

/// The member with this confirmed address, unless their account is locked or about to be deleted.
pub(crate) async fn member_at(
    conn: &mut PgConnection,
    organization: Uuid,
    address: &str,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT m.user_id FROM memberships m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND lower(u.email) = lower($2) AND u.email_verified_at IS NOT NULL
           AND u.locked_at IS NULL AND u.deletion_due_at IS NULL",
        organization,
        address,
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for a member by their address")
}

/// Who has a permission and an account that is neither locked nor about to be deleted, in the order of their ids, from behind
/// one on. Of a group no more than a page is read, however many are in it.
pub(crate) async fn holders(
    conn: &mut PgConnection,
    organization: Uuid,
    permission: Permission,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Uuid>, AppError> {
    sqlx::query_scalar!(
        r#"WITH RECURSIVE reach AS (
               SELECT a.group_id FROM role_assignments a
                    LEFT JOIN roles r ON r.organization_id = $1 AND r.id = a.role_id
               WHERE a.organization_id = $1 AND a.group_id IS NOT NULL
                 AND (a.built_in = ANY ($2) OR $3 = ANY (r.permissions))
               UNION
               SELECT g.id FROM reach JOIN groups g ON g.organization_id = $1 AND g.parent_id = reach.group_id
           ), own AS (
               SELECT DISTINCT a.user_id FROM role_assignments a
                    JOIN users u ON u.id = a.user_id AND u.locked_at IS NULL AND u.deletion_due_at IS NULL
                    LEFT JOIN roles r ON r.organization_id = $1 AND r.id = a.role_id
               WHERE a.organization_id = $1 AND a.user_id > $4
                 AND (a.built_in = ANY ($2) OR $3 = ANY (r.permissions))
               ORDER BY a.user_id LIMIT $5
           ), by_group AS (
               SELECT first.user_id FROM reach CROSS JOIN LATERAL (
                   SELECT m.user_id FROM group_members m
                        JOIN users u ON u.id = m.user_id AND u.locked_at IS NULL AND u.deletion_due_at IS NULL
                   WHERE m.group_id = reach.group_id AND m.user_id > $4 ORDER BY m.user_id LIMIT $5
               ) first
           )
           SELECT user_id AS "user_id!" FROM (SELECT user_id FROM own UNION SELECT user_id FROM by_group) held
           ORDER BY user_id LIMIT $5"#,
        organization,
        &built_ins(permission),
        permission.name(),
        after,
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading who may do something")
}

/// The names of the roles of every organization that allow it.
fn built_ins(permission: Permission) -> Vec<String> {
    let allow = |role: &BuiltInRole| role.permissions().has(permission);
    BuiltInRole::ALL.into_iter().filter(allow).map(|role| role.name().to_owned()).collect()
}
