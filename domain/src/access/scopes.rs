//! What an API token may be used for: rooms of the interface, to read or to write. Pure, shared with the browser.

use crate::FieldIssue;

/// What a request does with a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `GET`: changes nothing.
    Read,
    /// Everything else.
    Write,
}

impl Verb {
    /// The name in a scope.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// A set of scopes such as `audit:read`; `*:read` is every room's.
///
/// Writing does not include reading: a script that only sends events need not be able to read them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Scopes(Vec<String>);

impl Scopes {
    /// Everything may be read, nothing changed.
    pub const READ_ALL: &'static str = "*:read";

    /// Reads scopes as typed; `rooms` are those on offer. Repetitions count once, the order is that of the alphabet.
    ///
    /// # Errors
    /// [`FieldIssue::Required`] for none at all, [`FieldIssue::NotAnOption`] for an unknown one.
    pub fn parse(typed: &[String], rooms: &[&str]) -> Result<Self, FieldIssue> {
        let mut scopes: Vec<String> =
            typed.iter().map(|scope| scope.trim().to_owned()).filter(|scope| !scope.is_empty()).collect();
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(FieldIssue::Required);
        }
        if scopes.iter().all(|scope| is_on_offer(scope, rooms)) {
            Ok(Self(scopes))
        } else {
            Err(FieldIssue::NotAnOption)
        }
    }

    /// What was parsed and stored before. A scope whose room is gone allows nothing.
    #[must_use]
    pub fn stored(scopes: Vec<String>) -> Self {
        Self(scopes)
    }

    /// Whether one of them allows to do this with the room.
    #[must_use]
    pub fn allow(&self, room: &str, verb: Verb) -> bool {
        self.0.iter().any(|scope| {
            (scope == Self::READ_ALL && verb == Verb::Read)
                || scope.split_once(':') == Some((room, verb.name()))
        })
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

fn is_on_offer(scope: &str, rooms: &[&str]) -> bool {
    scope == Scopes::READ_ALL
        || scope.split_once(':').is_some_and(|(room, verb)| {
            rooms.contains(&room) && [Verb::Read, Verb::Write].iter().any(|known| known.name() == verb)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(typed: &[&str]) -> Result<Scopes, FieldIssue> {
        let typed: Vec<String> = typed.iter().map(|scope| (*scope).to_owned()).collect();
        Scopes::parse(&typed, &["audit", "second-factor"])
    }

    #[test]
    fn a_scope_allows_its_room_and_its_verb_and_nothing_else() {
        let scopes = scopes(&["audit:read"]).expect("on offer");
        assert!(scopes.allow("audit", Verb::Read));
        assert!(!scopes.allow("audit", Verb::Write));
        assert!(!scopes.allow("second-factor", Verb::Read));
        assert!(!scopes.allow("", Verb::Read) && !scopes.allow("*", Verb::Write));
    }

    #[test]
    fn reading_everything_changes_nothing() {
        let scopes = scopes(&["*:read"]).expect("on offer");
        assert!(scopes.allow("audit", Verb::Read) && scopes.allow("anything", Verb::Read));
        assert!(!scopes.allow("audit", Verb::Write));
    }

    #[test]
    fn writing_does_not_include_reading() {
        let scopes = scopes(&["audit:write"]).expect("on offer");
        assert!(scopes.allow("audit", Verb::Write) && !scopes.allow("audit", Verb::Read));
    }

    #[test]
    fn what_is_not_on_offer_is_refused() {
        for typed in
            ["*:write", "*", "audit", "audit:", "audit:delete", "Audit:read", "*:read:read", "billing:read"]
        {
            assert_eq!(scopes(&[typed]), Err(FieldIssue::NotAnOption), "{typed}");
        }
        assert_eq!(scopes(&[]), Err(FieldIssue::Required));
        assert_eq!(scopes(&["", " "]), Err(FieldIssue::Required));
    }

    #[test]
    fn a_repetition_counts_once() {
        let scopes = scopes(&["second-factor:read", "audit:read", " audit:read"]).expect("on offer");
        assert_eq!(scopes.names(), ["audit:read", "second-factor:read"]);
    }
}
