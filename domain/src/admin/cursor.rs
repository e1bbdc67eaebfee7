//! Where a page of accounts ended, as text that a caller hands back unread.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Sort,
    store::{Key, Place},
};
use crate::Timestamp;

/// What is written. `sort` keeps a cursor of one order from being used in another.
#[derive(Serialize, Deserialize)]
struct Written {
    sort: String,
    key: Option<String>,
    id: Uuid,
}

pub(super) fn write(sort: Sort, key: &Key, id: Uuid) -> String {
    let key = match key {
        Key::Time(at) => at.map(Timestamp::rfc3339),
        Key::Address(address) => Some(address.clone()),
    };
    let written = Written { sort: sort.name().to_owned(), key, id };
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
}

/// `None` for what was never written here, or for another order.
pub(super) fn read(sort: Sort, text: &str) -> Option<Place> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let Written { sort: name, key, id } = serde_json::from_slice(&bytes).ok()?;
    let time = |text: Option<String>| text.map(|text| Timestamp::parse(&text));
    let key = match (sort, key) {
        _ if name != sort.name() => return None,
        // A zero byte is no text for Postgres.
        (Sort::Email, Some(address)) if !address.contains('\0') => Key::Address(address),
        (Sort::Email, _) | (Sort::Newest, None) => return None,
        (Sort::Newest | Sort::LastSeen, key) => match time(key) {
            Some(None) => return None,
            Some(at) => Key::Time(at),
            None => Key::Time(None),
        },
    };
    Some(Place { key, id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_only_in_its_own_order() {
        let (id, at) = (Uuid::from_u128(7), Timestamp::parse("2026-11-21T12:00:00.123456Z"));
        for (sort, key) in [
            (Sort::Newest, Key::Time(at)),
            (Sort::Email, Key::Address("ann@example.com".into())),
            (Sort::LastSeen, Key::Time(at)),
            (Sort::LastSeen, Key::Time(None)),
        ] {
            let text = write(sort, &key, id);
            let place = read(sort, &text).expect("readable");
            assert_eq!((place.key, place.id), (key, id));
            for other in Sort::ALL.into_iter().filter(|other| *other != sort) {
                assert!(read(other, &text).is_none());
            }
        }
    }

    #[test]
    fn what_was_never_a_cursor_is_none() {
        let encode = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        let id = Uuid::nil();
        for text in [
            String::new(),
            id.to_string(),
            encode("{}"),
            encode(&format!(r#"{{"sort":"newest","key":null,"id":"{id}"}}"#)),
            encode(&format!(r#"{{"sort":"newest","key":"yesterday","id":"{id}"}}"#)),
            encode(&format!(r#"{{"sort":"email","key":"\u0000","id":"{id}"}}"#)),
        ] {
            assert!(Sort::ALL.into_iter().all(|sort| read(sort, &text).is_none()), "{text}");
        }
    }
}
