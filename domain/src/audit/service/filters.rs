//! Which entries somebody means, as typed and as read.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::store::{self, Filter};
use crate::{AppError, FieldIssue, Timestamp, access::Tx};

/// Which entries somebody wants, as typed. The list and the exports read it in the same way.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Filters {
    /// A user's id or whole address.
    pub actor: Option<String>,
    /// An action, or a room with or without a dot at its end.
    pub action: Option<String>,
    /// The whole name of a target.
    pub target: Option<String>,
    /// Not before.
    pub from: Option<String>,
    /// Before.
    pub to: Option<String>,
}

impl Filters {
    /// What is meant.
    ///
    /// # Errors
    /// [`AppError::InvalidInput`] for a time that cannot be read.
    pub(super) async fn read(&self, tx: &mut Tx, chain: Uuid) -> Result<Filter, AppError> {
        let (from, to) = (time_of("from", self.from.as_deref())?, time_of("to", self.to.as_deref())?);
        let (action, room) = match given(self.action.as_deref()).map(|text| (text, room_of(text))) {
            None => (None, None),
            Some((_, Some(room))) => (None, Some(room)),
            Some((action, None)) => (Some(action.to_owned()), None),
        };
        let actor = match given(self.actor.as_deref()) {
            None => None,
            Some(text) => match Uuid::parse_str(text) {
                Ok(id) => Some(id),
                // An address nobody has matches nothing, rather than everything.
                Err(_) => Some(store::person_by_address(tx.conn(), text).await?.unwrap_or(Uuid::max())),
            },
        };
        let target = given(self.target.as_deref()).map(str::to_owned);
        Ok(Filter { chain, actor, action, room, target, from, to })
    }
}

/// What a filter says, for the trail: ids only, so that no address somebody typed stays in it.
pub(super) fn told(filter: &Filter) -> Value {
    let word = |text: &String| if text.contains('@') { "(an address)".to_owned() } else { text.clone() };
    let mut told = json!({
        "actor": filter.actor,
        "action": filter.action.as_ref().or(filter.room.as_ref()).map(word),
        "target": filter.target.as_ref().map(word),
        "from": filter.from,
        "to": filter.to,
    });
    if let Some(object) = told.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    told
}

/// `admin` and `admin.` mean everything in that room; `admin.user-locked` means itself alone.
fn room_of(text: &str) -> Option<String> {
    let room = text.strip_suffix('.').unwrap_or(text);
    (!room.contains('.')).then(|| format!("{room}."))
}

/// An empty field of a filter form is no filter.
pub(super) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn time_of(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, AppError> {
    let Some(text) = given(text) else { return Ok(None) };
    Timestamp::typed(text).map(Some).ok_or_else(|| AppError::invalid(field, FieldIssue::Unreadable))
}

#[cfg(test)]
mod tests {
    use super::room_of;

    #[test]
    fn a_name_without_a_dot_is_a_room_and_one_with_a_dot_is_an_action() {
        assert_eq!(room_of("identity"), Some("identity.".into()));
        assert_eq!(room_of("identity."), Some("identity.".into()));
        assert_eq!(room_of("identity.registered"), None);
        assert_eq!(room_of("identity.registered."), None);
    }
}
