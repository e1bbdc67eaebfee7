//! Why members may do something: from the group they are in up to the one that has the role.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::super::{Chain, GroupName, store, title};
use crate::{
    AppError,
    access::{
        Permission, Tx,
        evaluator::{Given, Way, ways},
    },
    organizations::RoleRef,
};

/// How many ways are told of one member.
const MOST_WAYS: usize = 20;
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
    let ways = ways(tx.conn(), organization, users).await?;
    let ways: Vec<Way> = ways.into_iter().filter(|way| way.role.permissions().has(permission)).collect();
    let mut found: HashMap<Uuid, Vec<Chain>> = HashMap::new();
    for way in ways.iter().filter(|way| way.group.is_none()) {
        found
            .entry(way.user)
            .or_default()
            .extend(role_name(&way.role).map(|role| Chain { role, groups: Vec::new() }));
    }
    let mut by_group: HashMap<(Uuid, Uuid), Vec<&Way>> = HashMap::new();
    for way in &ways {
        if let Some(group) = way.group {
            by_group.entry((way.user, group)).or_default().push(way);
        }
    }
    if !by_group.is_empty() {
        let tree = Tree::read(tx, users).await?;
        let mut barren = HashSet::new();
        for (user, group) in store::groups_of(tx.conn(), organization, users).await? {
            tree.climb(&by_group, (user, group), &mut barren, found.entry(user).or_default());
        }
    }
    for chains in found.values_mut() {
        chains.truncate(MOST_WAYS);
    }
    Ok(found)
}

/// The groups at and above some members.
struct Tree {
    groups: HashMap<Uuid, store::Above>,
}

impl Tree {
    async fn read(tx: &mut Tx, users: &[Uuid]) -> Result<Self, AppError> {
        let organization = tx.organization()?;
        let rows = store::groups_above(tx.conn(), organization, users).await?;
        Ok(Self { groups: rows.into_iter().map(|row| (row.id, row)).collect() })
    }

    /// Goes up from a group of a member, and adds a chain for each role that is met. Where nothing was met is kept, so that
    /// nobody who is in very many groups is looked at for very long.
    fn climb(
        &self,
        ways: &HashMap<(Uuid, Uuid), Vec<&Way>>,
        (user, from): (Uuid, Uuid),
        barren: &mut HashSet<(Uuid, Uuid)>,
        chains: &mut Vec<Chain>,
    ) {
        let (mut path, mut met) = (Vec::new(), HashSet::new());
        let before = chains.len();
        let mut next = Some(from);
        while let Some(group) = next.and_then(|id| self.groups.get(&id)) {
            if chains.len() >= MOST_WAYS {
                return;
            }
            // What was read is of several moments: a ring could be in it that never was one.
            if barren.contains(&(user, group.id)) || !met.insert(group.id) {
                break;
            }
            path.push(group);
            let here = ways.get(&(user, group.id)).into_iter().flatten();
            for role in here.filter_map(|way| role_name(&way.role)) {
                chains.push(Chain { role, groups: named(&path) });
            }
            next = group.parent_id;
        }
        if chains.len() == before {
            barren.extend(met.into_iter().map(|group| (user, group)));
        }
    }
}

/// The names along a way; of a very long one the middle is left out.
fn named(path: &[&store::Above]) -> Vec<GroupName> {
    let left_out = path.len().saturating_sub(MOST_NAMED);
    let (below, top) = path.split_at(path.len().saturating_sub(1));
    let shown = below.iter().take(below.len().saturating_sub(left_out)).chain(top);
    shown.map(|group| GroupName { id: group.id, name: group.name.clone() }).collect()
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
    use super::*;
    use crate::access::BuiltInRole;

    /// So many groups, each in the next one.
    fn tree(depth: u128) -> Tree {
        let above = |n: u128| store::Above {
            id: Uuid::from_u128(n),
            parent_id: (n < depth).then(|| Uuid::from_u128(n + 1)),
            name: n.to_string(),
        };
        Tree { groups: (1..=depth).map(|n| (Uuid::from_u128(n), above(n))).collect() }
    }

    #[test]
    fn a_very_long_way_is_told_by_its_beginning_and_its_end() {
        let user = Uuid::from_u128(u128::MAX);
        for (depth, told) in [(1, 1), (29, 29), (30, 30), (31, 30), (10_000, 30)] {
            let top = Uuid::from_u128(depth);
            let way = Way { user, group: Some(top), role: Given::BuiltIn(BuiltInRole::Viewer) };
            let ways = HashMap::from([((user, top), vec![&way])]);
            let mut chains = Vec::new();
            tree(depth).climb(&ways, (user, Uuid::from_u128(1)), &mut HashSet::new(), &mut chains);
            let ids: Vec<Uuid> = chains[0].groups.iter().map(|group| group.id).collect();
            assert_eq!((chains.len(), ids.len()), (1, told), "{depth}");
            assert_eq!((ids[0], ids[told - 1]), (Uuid::from_u128(1), top), "{depth}");
        }
    }

    #[test]
    fn who_is_in_ten_thousand_groups_without_a_role_is_looked_at_once() {
        let (tree, user) = (tree(10_000), Uuid::from_u128(u128::MAX));
        let (mut barren, mut chains) = (HashSet::new(), Vec::new());
        for group in 1..=10_000 {
            tree.climb(&HashMap::new(), (user, Uuid::from_u128(group)), &mut barren, &mut chains);
        }
        assert_eq!((barren.len(), chains.len()), (10_000, 0));
    }
}
