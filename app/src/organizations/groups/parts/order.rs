//! A list of groups as a tree: what is below what, and how the path to one is called. Pure.

use std::collections::{HashMap, HashSet};

use domain::organizations::groups::Group;
use uuid::Uuid;

/// The groups right below each, in the order of the list.
pub(super) fn children(groups: &[Group]) -> HashMap<Option<Uuid>, Vec<&Group>> {
    let mut all: HashMap<Option<Uuid>, Vec<&Group>> = HashMap::new();
    for group in groups {
        all.entry(group.parent_id).or_default().push(group);
    }
    all
}

/// The group and everything below it.
pub(super) fn below(groups: &[Group], top: Uuid) -> HashSet<Uuid> {
    let children = children(groups);
    let (mut found, mut waiting) = (HashSet::from([top]), vec![top]);
    while let Some(next) = waiting.pop() {
        for child in children.get(&Some(next)).into_iter().flatten() {
            if found.insert(child.id) {
                waiting.push(child.id);
            }
        }
    }
    found
}

/// `Company › Engineering › Platform`, for each group.
pub(super) fn paths(groups: &[Group]) -> Vec<(Uuid, String)> {
    let by_id: HashMap<Uuid, &Group> = groups.iter().map(|group| (group.id, group)).collect();
    let path = |group: &Group| {
        let (mut names, mut next, mut met) = (vec![group.name.as_str()], group.parent_id, HashSet::new());
        while let Some(above) = next.filter(|id| met.insert(*id)).and_then(|id| by_id.get(&id)) {
            names.push(&above.name);
            next = above.parent_id;
        }
        names.reverse();
        names.join(" › ")
    };
    let mut paths: Vec<(Uuid, String)> = groups.iter().map(|group| (group.id, path(group))).collect();
    paths.sort_by_cached_key(|(_, path)| path.to_lowercase());
    paths
}

#[cfg(test)]
mod tests {
    use domain::Timestamp;

    use super::*;

    fn group(id: u128, parent: Option<u128>, name: &str) -> Group {
        Group {
            id: Uuid::from_u128(id),
            parent_id: parent.map(Uuid::from_u128),
            name: name.into(),
            members: 0,
            created_at: Timestamp::parse("2026-11-21T12:00:00Z").expect("valid"),
        }
    }

    #[test]
    fn paths_name_everything_above_and_below_is_everything_inside() {
        let groups = [group(1, None, "Top"), group(2, Some(1), "Middle"), group(3, Some(2), "Leaf"), group(4, None, "Other")];
        let names: Vec<String> = paths(&groups).into_iter().map(|(_, path)| path).collect();
        assert_eq!(names, ["Other", "Top", "Top › Middle", "Top › Middle › Leaf"]);
        let inside = below(&groups, Uuid::from_u128(2));
        assert_eq!(inside, HashSet::from([Uuid::from_u128(2), Uuid::from_u128(3)]));
    }
}
