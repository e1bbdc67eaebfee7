//! Who would gain and who would lose what, if a role were another one, were gone, or were given to others.

use std::collections::HashMap;

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    super::{BuiltInRole, Permissions},
    Given, Roles, Tree,
    tree::Node,
};
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

/// What holds of a group and whoever is in it or below.
#[derive(Clone, Copy, Default)]
struct Said {
    /// What other roles allow there.
    kept: Permissions,
    /// Whether the role is had, and whether it would be.
    had: bool,
    has: bool,
}

impl Said {
    fn join(self, above: Self) -> Self {
        Self { kept: self.kept.and(above.kept), had: self.had || above.had, has: self.has || above.has }
    }

    fn is_nothing(&self) -> bool {
        self.kept.is_empty() && !self.had && !self.has
    }
}

impl Trial {
    fn is_of(&self, role: &Given) -> bool {
        match role {
            Given::BuiltIn(role) => self.built_in == Some(*role),
            Given::Made { id, .. } => self.made == Some(*id),
            Given::Unknown => false,
        }
    }

    /// What a role allows, if it is another one.
    fn other(&self, role: &Given) -> Permissions {
        if self.is_of(role) { Permissions::NONE } else { role.permissions() }
    }

    /// Of each role its name, what it allows if it is another one, and whether it is tried out.
    fn of_roles(&self, roles: &Roles) -> (Vec<String>, Vec<i64>, Vec<bool>) {
        let names = roles.each().map(|(name, _)| name).collect();
        let kept = roles.each().map(|(_, role)| self.other(role).bits()).collect();
        (names, kept, roles.each().map(|(_, role)| self.is_of(role)).collect())
    }

    fn said_of(&self, id: Uuid, node: &Node) -> Said {
        let kept = node.roles.iter().fold(Permissions::NONE, |all, role| all.and(self.other(role)));
        let had = node.roles.iter().any(|role| self.is_of(role));
        let is = |subject: Option<Subject>| subject.and_then(Subject::group) == Some(id);
        Said { kept, had, has: (had && !is(self.taken_from)) || is(self.given_to) }
    }
}

/// The groups of which something is said, and what.
fn columns(said: HashMap<Uuid, Said>) -> (Vec<Uuid>, Vec<i64>, Vec<bool>, Vec<bool>) {
    let (groups, said): (Vec<Uuid>, Vec<Said>) =
        said.into_iter().filter(|(_, said)| !said.is_nothing()).unzip();
    let kept = said.iter().map(|said| said.kept.bits()).collect();
    let had = said.iter().map(|said| said.had).collect();
    (groups, kept, had, said.iter().map(|said| said.has).collect())
}

/// Tries it out. Nothing is changed: what everybody has otherwise is compared with what the role gave and would give.
pub(crate) async fn try_out(
    conn: &mut PgConnection,
    organization: Uuid,
    trial: &Trial,
) -> Result<Difference, AppError> {
    let roles = Roles::read(&mut *conn, organization).await?;
    let (names, kept, tried) = trial.of_roles(&roles);
    let tree = Tree::whole(&mut *conn, organization, &roles).await?;
    let said = tree.inherited(|id, node| trial.said_of(id, node), Said::join);
    let (groups, kept_there, had, has) = columns(said);
    let rows = sqlx::query_as!(
        Row,
        r#"WITH said AS (
               -- By what they were given themselves, by their groups, and by what is tried out.
               SELECT a.user_id, r.kept, r.tried AS had, (r.tried AND a.user_id IS DISTINCT FROM $9::uuid) AS has
               FROM role_assignments a JOIN unnest($2::text[], $3::bigint[], $4::bool[]) r (role, kept, tried)
                    ON r.role = coalesce(a.built_in, a.role_id::text)
               WHERE a.organization_id = $1 AND a.user_id IS NOT NULL
               UNION ALL
               SELECT m.user_id, g.kept, g.had, g.has
               FROM unnest($5::uuid[], $6::bigint[], $7::bool[], $8::bool[]) g (id, kept, had, has)
                    JOIN group_members m ON m.organization_id = $1 AND m.group_id = g.id
               UNION ALL
               SELECT $10::uuid, 0::bigint, false, true WHERE $10::uuid IS NOT NULL
           ), person AS (
               SELECT user_id, bit_or(kept) AS kept, CASE WHEN bool_or(had) THEN $11::bigint ELSE 0 END AS was,
                      CASE WHEN bool_or(has) THEN $12::bigint ELSE 0 END AS will
               FROM said GROUP BY user_id HAVING bool_or(had) OR bool_or(has)
           ), changed AS (
               SELECT user_id, (will & (~was)) & (~kept) AS gains, (was & (~will)) & (~kept) AS loses FROM person
           ), totals AS (
               SELECT count(*) FILTER (WHERE gains <> 0) AS gaining, count(*) FILTER (WHERE loses <> 0) AS losing
               FROM changed
           )
           SELECT t.gaining AS "gaining!", t.losing AS "losing!", page.user_id AS "user_id?", page.gains AS "gains?",
                  page.loses AS "loses?"
           FROM totals t LEFT JOIN LATERAL (
               SELECT user_id, gains, loses FROM changed
               WHERE user_id > $13 AND (gains <> 0 OR loses <> 0) ORDER BY user_id LIMIT $14
           ) page ON true ORDER BY page.user_id"#,
        organization,
        &names,
        &kept,
        &tried,
        &groups,
        &kept_there,
        &had,
        &has,
        trial.taken_from.and_then(Subject::member),
        trial.given_to.and_then(Subject::member),
        trial.before.bits(),
        trial.after.bits(),
        trial.place,
        trial.limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("trying a role out")?;
    Ok(Difference::read(rows))
}

/// One of the page, with the totals.
struct Row {
    gaining: i64,
    losing: i64,
    user_id: Option<Uuid>,
    gains: Option<i64>,
    loses: Option<i64>,
}

impl Difference {
    fn read(rows: Vec<Row>) -> Self {
        let (gaining, losing) = rows.first().map(|row| (row.gaining, row.losing)).unwrap_or_default();
        let set = |bits: Option<i64>| Permissions::of_bits(bits.unwrap_or_default());
        let rows = rows.into_iter().filter_map(|row| Some((row.user_id?, set(row.gains), set(row.loses))));
        Self { gaining, losing, rows: rows.collect() }
    }
}
