//! Who would gain and who would lose what, if a role were another one, were gone, or were given to others.

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::{BuiltInRole, Permission, Permissions};
use crate::{AppError, platform::log::WhileDoing};

/// What would be different.
pub(crate) struct Trial {
    /// The role; neither for one that is not there yet.
    pub(crate) built_in: Option<BuiltInRole>,
    pub(crate) made: Option<Uuid>,
    /// What it allows, and would allow.
    pub(crate) before: Permissions,
    pub(crate) after: Permissions,
    /// Who would have it as well.
    pub(crate) given_to: Option<Subject>,
    /// Who would have it no more.
    pub(crate) taken_from: Option<Subject>,
    /// The page: behind this member, so many.
    pub(crate) place: Uuid,
    pub(crate) limit: i64,
}

/// Who has a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A member.
    Member(Uuid),
    /// A group, and whoever is in it or below.
    Group(Uuid),
}

impl Subject {
    pub(crate) fn member(self) -> Option<Uuid> {
        match self {
            Self::Member(id) => Some(id),
            Self::Group(_) => None,
        }
    }

    pub(crate) fn group(self) -> Option<Uuid> {
        match self {
            Self::Group(id) => Some(id),
            Self::Member(_) => None,
        }
    }
}

/// What would be different for whom.
pub(crate) struct Difference {
    /// How many members would gain something, in all.
    pub(crate) gaining: i64,
    /// How many would lose something, in all.
    pub(crate) losing: i64,
    /// One page of them, in the order of their ids: who, what they gain, what they lose.
    pub(crate) rows: Vec<(Uuid, Permissions, Permissions)>,
}

/// Tries it out. Nothing is changed: what everybody has otherwise is compared with what the role gave and would give.
#[expect(clippy::too_many_lines, reason = "one statement, which reads from top to bottom")]
pub(crate) async fn try_out(
    conn: &mut PgConnection,
    organization: Uuid,
    trial: &Trial,
) -> Result<Difference, AppError> {
    let involved = trial.before.and(trial.after);
    let (other_roles, other_permissions) = built_ins_with(involved, trial.built_in);
    let names: Vec<String> = involved.names();
    let before: Vec<bool> = involved.iter().map(|it| trial.before.has(it)).collect();
    let after: Vec<bool> = involved.iter().map(|it| trial.after.has(it)).collect();
    let rows = sqlx::query!(
        r#"WITH RECURSIVE allows AS (
               -- What of it the other roles allow.
               SELECT b.role AS built_in, NULL::uuid AS role_id, b.permission
               FROM unnest($4::text[], $5::text[]) b (role, permission)
               UNION ALL
               SELECT NULL, r.id, c.permission FROM roles r CROSS JOIN unnest($6::text[]) c (permission)
               WHERE r.organization_id = $1 AND r.id IS DISTINCT FROM $3 AND c.permission = ANY (r.permissions)
           ), otherwise AS (
               SELECT DISTINCT a.user_id, a.group_id, p.permission
               FROM role_assignments a JOIN allows p ON a.built_in = p.built_in OR a.role_id = p.role_id
               WHERE a.organization_id = $1
           ), otherwise_below AS (
               SELECT group_id, permission FROM otherwise WHERE group_id IS NOT NULL
               UNION
               SELECT g.id, o.permission
               FROM otherwise_below o JOIN groups g ON g.organization_id = $1 AND g.parent_id = o.group_id
           ), kept AS (
               SELECT user_id, permission FROM otherwise WHERE user_id IS NOT NULL
               UNION
               SELECT m.user_id, o.permission
               FROM otherwise_below o JOIN group_members m ON m.organization_id = $1 AND m.group_id = o.group_id
           ), given AS (
               -- Who has the role, and who would have it.
               SELECT a.user_id, a.group_id, true AS had,
                      NOT (a.user_id IS NOT DISTINCT FROM $11::uuid
                           AND a.group_id IS NOT DISTINCT FROM $12::uuid) AS has
               FROM role_assignments a
               WHERE a.organization_id = $1 AND (a.built_in = $2 OR a.role_id = $3)
               UNION ALL
               SELECT $9::uuid, $10::uuid, false, true WHERE num_nonnulls($9::uuid, $10::uuid) = 1
           ), given_below AS (
               SELECT group_id, had, has FROM given WHERE group_id IS NOT NULL
               UNION
               SELECT g.id, o.had, o.has
               FROM given_below o JOIN groups g ON g.organization_id = $1 AND g.parent_id = o.group_id
           ), person AS (
               SELECT user_id, bool_or(had) AS had, bool_or(has) AS has FROM (
                   SELECT user_id, had, has FROM given WHERE user_id IS NOT NULL
                   UNION ALL
                   SELECT m.user_id, o.had, o.has
                   FROM given_below o JOIN group_members m ON m.organization_id = $1 AND m.group_id = o.group_id
               ) all_ways GROUP BY user_id
           ), changed AS (
               SELECT p.user_id, array_agg(c.permission) FILTER (WHERE p.has AND c.after) AS gains,
                      array_agg(c.permission) FILTER (WHERE p.had AND c.before) AS loses
               FROM person p CROSS JOIN unnest($6::text[], $7::bool[], $8::bool[]) c (permission, before, after)
                    LEFT JOIN kept k ON k.user_id = p.user_id AND k.permission = c.permission
               WHERE k.user_id IS NULL AND (p.had AND c.before) <> (p.has AND c.after)
               GROUP BY p.user_id
           ), totals AS (
               SELECT count(gains) AS gaining, count(loses) AS losing FROM changed
           )
           SELECT t.gaining AS "gaining!", t.losing AS "losing!", page.user_id AS "user_id?", page.gains AS "gains?",
                  page.loses AS "loses?"
           FROM totals t LEFT JOIN LATERAL (
               SELECT user_id, gains, loses FROM changed WHERE user_id > $13 ORDER BY user_id LIMIT $14
           ) page ON true ORDER BY page.user_id"#,
        organization,
        trial.built_in.map(BuiltInRole::name),
        trial.made,
        &other_roles,
        &other_permissions,
        &names,
        &before,
        &after,
        trial.given_to.and_then(Subject::member),
        trial.given_to.and_then(Subject::group),
        trial.taken_from.and_then(Subject::member),
        trial.taken_from.and_then(Subject::group),
        trial.place,
        trial.limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("trying a role out")?;
    let (gaining, losing) = rows.first().map(|row| (row.gaining, row.losing)).unwrap_or_default();
    let named = |names: Option<Vec<String>>| {
        names.map(|names| Permissions::named(names.iter().map(String::as_str))).unwrap_or_default()
    };
    let rows = rows.into_iter().filter_map(|row| Some((row.user_id?, named(row.gains), named(row.loses))));
    Ok(Difference { gaining, losing, rows: rows.collect() })
}

/// Which of these the roles of every organization allow, but the one that is tried out: role and permission of each pair.
fn built_ins_with(involved: Permissions, except: Option<BuiltInRole>) -> (Vec<String>, Vec<String>) {
    let others = BuiltInRole::ALL.into_iter().filter(|role| Some(*role) != except);
    let pair = |role: BuiltInRole, it: Permission| (role.name().to_owned(), it.name().to_owned());
    others
        .flat_map(|role| {
            involved.iter().filter(move |it| role.permissions().has(*it)).map(move |it| pair(role, it))
        })
        .unzip()
}
