//! Groups and the roles they have, each read once, however many members come by them and however deep they stand.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    super::{BuiltInRole, Permissions},
    Given,
};
use crate::{AppError, platform::log::WhileDoing};

/// Every role there is in an organization.
pub(crate) struct Roles {
    built_in: Vec<(BuiltInRole, Arc<Given>)>,
    made: HashMap<Uuid, Arc<Given>>,
}

impl Roles {
    pub(crate) async fn read(conn: &mut PgConnection, organization: Uuid) -> Result<Self, AppError> {
        let rows =
            sqlx::query!("SELECT id, name, permissions FROM roles WHERE organization_id = $1", organization)
                .fetch_all(conn)
                .await
                .while_doing("reading what roles allow")?;
        let made = rows.into_iter().map(|row| {
            let given = Given::read(None, Some((row.id, row.name, row.permissions)));
            (row.id, Arc::new(given))
        });
        let built_in = BuiltInRole::ALL.into_iter().map(|role| (role, Arc::new(Given::BuiltIn(role))));
        Ok(Self { built_in: built_in.collect(), made: made.collect() })
    }

    /// What a row of the table of assignments names; nothing for what this program does not know.
    fn named(&self, built_in: Option<&str>, made: Option<Uuid>) -> Option<Arc<Given>> {
        match built_in.and_then(BuiltInRole::parse) {
            Some(role) => {
                self.built_in.iter().find(|(other, _)| *other == role).map(|(_, given)| given.clone())
            }
            None => made.and_then(|id| self.made.get(&id).cloned()),
        }
    }

    /// Each as the table of assignments names it: `ADMIN`, or an id.
    pub(super) fn each(&self) -> impl Iterator<Item = (String, &Given)> {
        let built_in = self.built_in.iter().map(|(role, given)| (role.name().to_owned(), &**given));
        built_in.chain(self.made.iter().map(|(id, given)| (id.to_string(), &**given)))
    }
}

/// A group.
pub(crate) struct Node {
    pub(crate) parent: Option<Uuid>,
    pub(crate) name: String,
    /// The roles that were given to it.
    pub(crate) roles: Vec<Arc<Given>>,
}

/// Some groups, with all groups above each.
#[derive(Default)]
pub(crate) struct Tree {
    groups: HashMap<Uuid, Node>,
}

/// A group, once for each role it has.
struct Row {
    id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    built_in: Option<String>,
    role_id: Option<Uuid>,
}

impl Tree {
    /// The groups of these members, and all groups above.
    pub(crate) async fn above(
        conn: &mut PgConnection,
        organization: Uuid,
        users: &[Uuid],
        roles: &Roles,
    ) -> Result<Self, AppError> {
        let rows = sqlx::query_as!(
            Row,
            r#"WITH RECURSIVE above AS (
                   SELECT g.id, g.parent_id, g.name FROM groups g
                   WHERE g.organization_id = $1 AND g.id IN (
                       SELECT m.group_id FROM group_members m WHERE m.organization_id = $1 AND m.user_id = ANY ($2)
                   )
                   UNION
                   SELECT g.id, g.parent_id, g.name
                   FROM above a JOIN groups g ON g.organization_id = $1 AND g.id = a.parent_id
               )
               SELECT u.id AS "id!", u.parent_id AS "parent_id?", u.name AS "name!", a.built_in AS "built_in?",
                      a.role_id AS "role_id?"
               FROM above u LEFT JOIN role_assignments a ON a.organization_id = $1 AND a.group_id = u.id"#,
            organization,
            users,
        )
        .fetch_all(conn)
        .await
        .while_doing("reading the groups above members")?;
        Ok(Self::of(rows, roles))
    }

    /// Every group.
    pub(super) async fn whole(
        conn: &mut PgConnection,
        organization: Uuid,
        roles: &Roles,
    ) -> Result<Self, AppError> {
        let rows = sqlx::query_as!(
            Row,
            r#"SELECT g.id AS "id!", g.parent_id AS "parent_id?", g.name AS "name!", a.built_in AS "built_in?",
                      a.role_id AS "role_id?"
               FROM groups g LEFT JOIN role_assignments a ON a.organization_id = $1 AND a.group_id = g.id
               WHERE g.organization_id = $1"#,
            organization,
        )
        .fetch_all(conn)
        .await
        .while_doing("reading every group")?;
        Ok(Self::of(rows, roles))
    }

    fn of(rows: Vec<Row>, roles: &Roles) -> Self {
        let mut tree = Self::default();
        for row in rows {
            let role = roles.named(row.built_in.as_deref(), row.role_id);
            tree.put(row.id, row.parent_id, row.name).roles.extend(role);
        }
        tree
    }

    /// The group with this id, which is put there where it is not yet.
    pub(crate) fn put(&mut self, id: Uuid, parent: Option<Uuid>, name: String) -> &mut Node {
        self.groups.entry(id).or_insert_with(|| Node { parent, name, roles: Vec::new() })
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Node> {
        self.groups.get(&id)
    }

    /// What holds of each group: what is its own, joined with what holds of the group above. Each is looked at once.
    pub(crate) fn inherited<T: Copy + Default>(
        &self,
        own: impl Fn(Uuid, &Node) -> T,
        join: impl Fn(T, T) -> T,
    ) -> HashMap<Uuid, T> {
        let mut all: HashMap<Uuid, T> = HashMap::with_capacity(self.groups.len());
        for group in self.groups.keys() {
            let (mut path, mut met, mut next) = (Vec::new(), HashSet::new(), Some(*group));
            while let Some((id, node)) = next.and_then(|id| Some((id, self.groups.get(&id)?))) {
                // No ring is ever made; were there one, this would have no end.
                if all.contains_key(&id) || !met.insert(id) {
                    break;
                }
                path.push((id, node));
                next = node.parent;
            }
            let mut above = next.and_then(|id| all.get(&id).copied()).unwrap_or_default();
            for (id, node) in path.into_iter().rev() {
                above = join(own(id, node), above);
                all.insert(id, above);
            }
        }
        all
    }
}

impl Node {
    /// What its own roles allow.
    pub(super) fn permissions(&self) -> Permissions {
        self.roles.iter().fold(Permissions::NONE, |all, role| all.and(role.permissions()))
    }
}

/// What these members were given themselves: who, and what.
pub(crate) async fn own_roles(
    conn: &mut PgConnection,
    organization: Uuid,
    users: &[Uuid],
    roles: &Roles,
) -> Result<Vec<(Uuid, Arc<Given>)>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT user_id AS "user_id!", built_in, role_id FROM role_assignments
           WHERE organization_id = $1 AND user_id = ANY ($2)"#,
        organization,
        users,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the roles of members")?;
    let given = |built_in: Option<String>, made| roles.named(built_in.as_deref(), made);
    Ok(rows.into_iter().filter_map(|row| Some((row.user_id, given(row.built_in, row.role_id)?))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inherited_is_joined_once_for_each_group_however_deep_it_stands() {
        let mut tree = Tree::default();
        for n in 1..=10_000_u128 {
            let parent = (n > 1).then(|| Uuid::from_u128(n - 1));
            tree.put(Uuid::from_u128(n), parent, String::new());
        }
        let joined = std::cell::Cell::new(0);
        let depths = tree.inherited(
            |_, _| 1,
            |own: usize, above| {
                joined.set(joined.get() + 1);
                own + above
            },
        );
        assert_eq!((depths.len(), joined.get()), (10_000, 10_000));
        for n in [1, 2, 500, 10_000_u32] {
            assert_eq!(depths[&Uuid::from_u128(n.into())], n as usize);
        }
    }

    #[test]
    fn a_ring_ends() {
        let mut tree = Tree::default();
        let [a, b] = [1, 2].map(Uuid::from_u128);
        tree.put(a, Some(b), String::new());
        tree.put(b, Some(a), String::new());
        assert_eq!(tree.inherited(|_, _| 1, |own: usize, above| own + above).len(), 2);
    }
}
