//! Which events an endpoint gets: names of actions, and rooms. Pure, shared with the browser.

use crate::{
    FieldIssue,
    audit::{ACTIONS, action_rooms},
};

/// How many names may be chosen.
const MOST: u32 = 50;

/// A choice of events. Empty: every one, also of rooms that are built later.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events(Vec<String>);

impl Events {
    /// Reads what was typed: names such as `identity.signed-in`, and rooms such as `identity`, with commas or space between
    /// them. Repetitions count once.
    ///
    /// # Errors
    /// [`FieldIssue::NotAnOption`] for a name that no event has, so that no slip goes unnoticed.
    pub fn parse(typed: &str) -> Result<Self, FieldIssue> {
        let words = typed.split([',', ';']).flat_map(str::split_whitespace);
        let mut chosen = words.map(read).collect::<Option<Vec<_>>>().ok_or(FieldIssue::NotAnOption)?;
        chosen.sort_unstable();
        chosen.dedup();
        if chosen.len() > MOST as usize {
            return Err(FieldIssue::OutOfRange { min: 0, max: MOST.into() });
        }
        Ok(Self(chosen))
    }

    /// What was parsed and stored before.
    #[must_use]
    pub fn stored(names: Vec<String>) -> Self {
        Self(names)
    }

    /// Whether an event is among them.
    #[must_use]
    pub fn have(&self, action: &str) -> bool {
        let is = |name: &String| {
            if name.ends_with('.') { action.starts_with(name.as_str()) } else { action == name }
        };
        self.0.is_empty() || self.0.iter().any(is)
    }

    /// Their names; those of rooms end with a dot.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

/// `admin` and `admin.` mean everything in that room.
fn read(word: &str) -> Option<String> {
    let room = word.strip_suffix('.').unwrap_or(word);
    if action_rooms().contains(&room) {
        return Some(format!("{room}."));
    }
    ACTIONS.contains(&word).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(typed: &str) -> Events {
        Events::parse(typed).expect("known names")
    }

    #[test]
    fn nothing_chosen_is_everything() {
        assert!(events("").have("identity.signed-in") && events(" , ").have("spend.cap-reached"));
    }

    #[test]
    fn a_room_is_all_its_events_and_a_name_is_itself_alone() {
        let chosen = events("admin, identity.signed-in\ntokens. admin.");
        assert_eq!(chosen.names(), ["admin.", "identity.signed-in", "tokens."]);
        assert!(chosen.have("admin.user-locked") && chosen.have("tokens.issued"));
        assert!(chosen.have("identity.signed-in"));
        assert!(!chosen.have("identity.signed-out") && !chosen.have("administration.x"));
    }

    #[test]
    fn a_name_that_no_event_has_is_refused() {
        for typed in ["identiy.signed-in", "identity.signed", "identity.signed-in.", "*", "Admin", "."] {
            assert_eq!(Events::parse(typed), Err(FieldIssue::NotAnOption), "{typed}");
        }
    }

    #[test]
    fn there_is_an_end_to_choosing() {
        let all = ACTIONS.join(" ");
        assert_eq!(Events::parse(&all), Err(FieldIssue::OutOfRange { min: 0, max: 50 }));
    }
}
