//! Why members may do something: from the group they are in up to the one that has the role.

use std::collections::HashMap;

use uuid::Uuid;

use super::super::{Chain, GroupName, store, title};
use crate::{
    AppError,
    access::{
        Permission, Tx,
        evaluator::{Given, Roles, Tree, own_roles},
    },
    organizations::RoleRef,
};

/// How many ways are told of one member.
const MOST_WAYS: u8 = 20;
/// How many groups are named of one way. A tree may be ten thousand groups deep, and twenty ways through it times a page of
/// members would be no answer any more.
const MOST_NAMED: usize = 30;

/// Every way by which each of these members has a permission, twenty at most of each.
pub(super) async fn chains(
    tx: &mut Tx,
    users: &[Uuid],
    permission: Permission,
) -> Result<HashMap<Uuid, Vec<Chain>>, AppError> {
    let organization = tx.organization()?;
    let roles = Roles::read(tx.conn(), organization).await?;
    let mut found: HashMap<Uuid, Vec<Chain>> = HashMap::new();
    for (user, role) in own_roles(tx.conn(), organization, users, &roles).await? {
        if let Some(role) = role_name(&role).filter(|_| role.permissions().has(permission)) {
            found.entry(user).or_default().push(Chain { role, groups: Vec::new() });
        }
    }
    let ladder = Ladder::of(Tree::above(tx.conn(), organization, users, &roles).await?, permission);
    // Each of these groups leads to a way, so no more of them are read than ways are told.
    let (feet, most) = (ladder.feet(), i64::from(MOST_WAYS));
    for (user, group) in store::groups_of(tx.conn(), organization, users, &feet, most).await? {
        ladder.climb(group, found.entry(user).or_default());
    }
    for chains in found.values_mut() {
        chains.truncate(MOST_WAYS.into());
    }
    Ok(found)
}

/// The groups at and above some members, and where on the way up a permission is met.
struct Ladder {
    tree: Tree,
    permission: Permission,
    /// Of each group the next one at or above it that has the permission.
    next: HashMap<Uuid, Option<Uuid>>,
}

impl Ladder {
    fn of(tree: Tree, permission: Permission) -> Self {
        let allows = |role: &Given| role.permissions().has(permission);
        let next = tree.inherited(
            |id, node| node.roles.iter().any(|role| allows(role)).then_some(id),
            |own: Option<Uuid>, above| own.or(above),
        );
        Self { tree, permission, next }
    }

    /// Whoever is in one of these has the permission.
    fn feet(&self) -> Vec<Uuid> {
        self.next.iter().filter(|(_, next)| next.is_some()).map(|(id, _)| *id).collect()
    }

    fn at_or_above(&self, group: Uuid) -> Option<Uuid> {
        self.next.get(&group).copied().flatten()
    }

    /// Goes up from a group of a member, and adds a chain for each role that is met.
    fn climb(&self, from: Uuid, chains: &mut Vec<Chain>) {
        let mut next = self.at_or_above(from);
        while let Some((id, node)) = next.and_then(|id| Some((id, self.tree.get(id)?))) {
            if chains.len() >= usize::from(MOST_WAYS) {
                return;
            }
            let groups = self.named(from, id);
            let here = node.roles.iter().filter(|role| role.permissions().has(self.permission));
            for role in here.filter_map(|role| role_name(role)) {
                chains.push(Chain { role, groups: groups.clone() });
            }
            next = node.parent.and_then(|parent| self.at_or_above(parent));
        }
    }

    /// The names along a way; of a very long one the middle is left out.
    fn named(&self, from: Uuid, top: Uuid) -> Vec<GroupName> {
        let (mut ids, mut next) = (Vec::new(), Some(from));
        while let Some(id) = next.filter(|id| *id != top && ids.len() + 1 < MOST_NAMED) {
            ids.push(id);
            next = self.tree.get(id).and_then(|node| node.parent);
        }
        ids.push(top);
        let name = |id: Uuid| Some(GroupName { id, name: self.tree.get(id)?.name.clone() });
        ids.into_iter().filter_map(name).collect()
    }
}

fn role_name(role: &Given) -> Option<RoleRef> {
    match role {
        Given::BuiltIn(role) => {
            Some(RoleRef { role: role.name().to_owned(), name: title(*role).0.to_owned() })
        }
        Given::Made { id, name, .. } => Some(RoleRef { role: id.to_string(), name: name.clone() }),
        Given::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::access::BuiltInRole;

    /// So many groups, each in the next one, and a role at the top.
    fn ladder(depth: u128) -> Ladder {
        let mut tree = Tree::default();
        for n in 1..=depth {
            let parent = (n < depth).then(|| Uuid::from_u128(n + 1));
            let group = tree.put(Uuid::from_u128(n), parent, n.to_string());
            if n == depth {
                group.roles.push(Arc::new(Given::BuiltIn(BuiltInRole::Viewer)));
            }
        }
        Ladder::of(tree, Permission::ReadMembers)
    }

    #[test]
    fn a_very_long_way_is_told_by_its_beginning_and_its_end() {
        for (depth, told) in [(1, 1), (29, 29), (30, 30), (31, 30), (10_000, 30)] {
            let mut chains = Vec::new();
            ladder(depth).climb(Uuid::from_u128(1), &mut chains);
            let ids: Vec<Uuid> = chains[0].groups.iter().map(|group| group.id).collect();
            assert_eq!((chains.len(), ids.len()), (1, told), "{depth}");
            assert_eq!((ids[0], ids[told - 1]), (Uuid::from_u128(1), Uuid::from_u128(depth)), "{depth}");
        }
    }

    #[test]
    fn who_is_in_ten_thousand_groups_is_told_twenty_ways() {
        let ladder = ladder(10_000);
        let mut chains = Vec::new();
        for group in ladder.feet() {
            ladder.climb(group, &mut chains);
        }
        assert_eq!((ladder.feet().len(), chains.len()), (10_000, 20));
    }

    #[test]
    fn what_allows_something_else_is_no_way() {
        let other = Ladder::of(ladder(3).tree, Permission::InviteMembers);
        let mut chains = Vec::new();
        other.climb(Uuid::from_u128(1), &mut chains);
        assert_eq!((other.feet().len(), chains.len()), (0, 0));
    }
}
