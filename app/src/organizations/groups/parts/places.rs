//! Where a group can be put: what is near it, and what was looked for. Pure.

use std::collections::HashSet;

use domain::organizations::groups::{FoundGroup, MOST_ABOVE};
use uuid::Uuid;

/// Those above a group, the highest first, each with its path.
fn above(group: &FoundGroup) -> Vec<(Uuid, String)> {
    let mut path = String::from(if group.above.len() < usize::from(MOST_ABOVE) { "" } else { "… › " });
    let mut all = Vec::new();
    for above in &group.above {
        path.push_str(&above.name);
        all.push((above.id, path.clone()));
        path.push_str(" › ");
    }
    all
}

/// The groups that can be chosen, by their paths and each once: what was found, what is open, and what is above that.
pub(super) fn places(open: Option<&FoundGroup>, found: &[FoundGroup]) -> Vec<(Uuid, String)> {
    let named = |group: &FoundGroup| (group.id, group.path());
    let near = open.map(above).unwrap_or_default().into_iter().chain(open.map(named));
    let mut met = HashSet::new();
    let mut all: Vec<(Uuid, String)> =
        found.iter().map(named).chain(near).filter(|(id, _)| met.insert(*id)).collect();
    all.sort_by_cached_key(|(_, path)| path.to_lowercase());
    all
}

#[cfg(test)]
mod tests {
    use domain::organizations::roles::GroupName;

    use super::*;

    fn group(id: u128, name: &str, above: &[(u128, &str)]) -> FoundGroup {
        let above =
            above.iter().map(|(id, name)| GroupName { id: Uuid::from_u128(*id), name: (*name).into() });
        let above: Vec<GroupName> = above.collect();
        let parent_id = above.last().map(|it| it.id);
        FoundGroup { id: Uuid::from_u128(id), parent_id, name: name.into(), members: 0, groups: 0, above }
    }

    #[test]
    fn a_group_can_be_put_where_it_is_near_and_where_was_looked_for_each_place_once() {
        let open = group(3, "Leaf", &[(1, "Top"), (2, "Middle")]);
        let found = [group(4, "Other", &[]), group(2, "Middle", &[(1, "Top")])];
        let paths: Vec<String> = places(Some(&open), &found).into_iter().map(|(_, path)| path).collect();
        assert_eq!(paths, ["Other", "Top", "Top › Middle", "Top › Middle › Leaf"]);
        assert!(places(None, &[]).is_empty());
    }
}
