//! The sentences of this room.

pub(crate) const LEAD: &str = "Whoever is in a group has its roles, and those of every group above it.";
pub(crate) const EMPTY: &str =
    "Make one below, put people into it, and give it a role: they have it from then on.";
pub(crate) const DRAG: &str = "Open a group to move it, or drag it onto another one.";
pub(crate) const MOVE_LEAD: &str =
    "Everything below it comes along. Its people lose what they had from above, and get what is there.";
pub(crate) const DELETE_LEAD: &str =
    "Whoever is in it loses what it gave. The audit trail keeps that it was there.";
pub(crate) const PEOPLE_LEAD: &str = "Those in the group itself, not in the groups below.";
pub(crate) const NOBODY: &str = "Nobody is in the group itself. Add somebody by their address.";
pub(crate) const NOT_FOUND: &str = "No group has this in its name. Look for a part of it.";
pub(crate) const NONE_INSIDE: &str = "Make one below, or move one here.";
pub(crate) const MORE: &str =
    "These are not all groups. Find the one you mean above: it can be chosen here then.";
