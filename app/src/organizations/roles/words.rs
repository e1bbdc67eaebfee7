//! The sentences of this room.

pub(crate) const LEAD: &str = "What people may do. A role is given to a member, or to a group and everybody in it and below.";
pub(crate) const ACCESS_LEAD: &str = "Who may do what, and why. Every answer is decided as a request would be.";
pub(crate) const BUILD_LEAD: &str = "Tick what it allows, then try it out: nothing is changed before you have seen what it comes to.";
pub(crate) const DELETE_LEAD: &str = "Whoever has the role loses what it allowed, unless another role allows it too.";
pub(crate) const NOBODY: &str = "Give it to a member or a group below.";
pub(crate) const NO_CHANGE: &str = "Nobody gains and nobody loses anything by this.";
pub(crate) const TEMPLATES: &str = "Begin from one of these, or from nothing:";

/// What a change comes to, in a sentence.
pub(crate) fn comes_to(gaining: i64, losing: i64) -> String {
    let people = |count: i64| match count {
        1 => "1 person".to_owned(),
        many => format!("{many} people"),
    };
    match (gaining, losing) {
        (0, 0) => NO_CHANGE.to_owned(),
        (gaining, 0) => format!("{} would gain something, and nobody would lose anything.", people(gaining)),
        (0, losing) => format!("{} would lose something, and nobody would gain anything.", people(losing)),
        (gaining, losing) => {
            format!("{} would gain something, and {} would lose something.", people(gaining), people(losing))
        }
    }
}
