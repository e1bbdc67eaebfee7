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
        found.entry(way.user).or_default().extend(role_name(&way.role).map(|role| Chain { role, groups: Vec::new() }));
    }
    if ways.iter().any(|way| way.group.is_some()) {
        let tree = Tree::read(tx, users).await?;
        for (user, group) in store::groups_of(tx.conn(), organization, users).await? {
            tree.climb(&ways, user, group, found.entry(user).or_default());
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

    /// Goes up from a group of a member, and adds a chain for each role that is met.
    fn climb(&self, ways: &[Way], user: Uuid, from: Uuid, chains: &mut Vec<Chain>) {
        let (mut path, mut met) = (Vec::new(), HashSet::new());
        let mut next = Some(from);
        while let Some(group) = next.and_then(|id| self.groups.get(&id)) {
            // What was read is of several moments: a ring could be in it that never was one.
            if !met.insert(group.id) || chains.len() >= MOST_WAYS {
                return;
            }
            path.push(GroupName { id: group.id, name: group.name.clone() });
            let here = ways.iter().filter(|way| way.user == user && way.group == Some(group.id));
            for role in here.filter_map(|way| role_name(&way.role)) {
                chains.push(Chain { role, groups: path.clone() });
            }
            next = group.parent_id;
        }
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
