//! Where network addresses are, by a database that the operator put on this machine: nothing is asked over the network.
//!
//! Read are files in the `MaxMind` DB format with the records of `GeoIP2` (`GeoLite2`, DB-IP): city and country, in English.
//! Promise: a place is letters and plain signs, whatever the file says; an address that nobody knows has none.

use std::{borrow::Cow, fmt, io, net::IpAddr, path::Path, sync::Arc};

use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

/// Longer names of places are cut.
const CHARACTERS: usize = 60;

/// Why a file is no database of places.
#[derive(Debug, thiserror::Error)]
pub enum UnusablePlaces {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is something else, or not whole.
    #[error("it is no whole database in the MaxMind DB format: {0}")]
    Broken(#[from] MaxMindDbError),
    /// It knows something else than places.
    #[error("it is a database of the kind {0}, which knows neither cities nor countries")]
    OtherKind(String),
}

/// What is known of places. Cheap to clone.
#[derive(Clone, Default)]
pub struct Places(Option<Arc<Reader<Vec<u8>>>>);

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    city: Option<Named<'a>>,
    #[serde(borrow)]
    country: Option<Named<'a>>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    names: Option<Names<'a>>,
}

#[derive(Deserialize)]
struct Names<'a> {
    #[serde(borrow)]
    en: Option<Cow<'a, str>>,
}

impl Places {
    /// Reads a database into memory, as a whole.
    ///
    /// # Errors
    /// [`UnusablePlaces`].
    pub fn with_file(path: &Path) -> Result<Self, UnusablePlaces> {
        let reader = Reader::from_source(std::fs::read(path)?)?;
        let kind = &reader.metadata.database_type;
        if !kind.contains("City") && !kind.contains("Country") {
            return Err(UnusablePlaces::OtherKind(kind.clone()));
        }
        Ok(Self(Some(Arc::new(reader))))
    }

    /// The city and the country of an address, such as `Hamburg, Germany`.
    #[must_use]
    pub fn find(&self, address: IpAddr) -> Option<String> {
        let reader = self.0.as_ref()?;
        let found = reader.lookup(address.to_canonical()).and_then(|found| found.decode::<Record<'_>>());
        let record = match found {
            Ok(record) => record?,
            Err(error) => {
                tracing::error!(%error, "the database of places cannot be read; addresses are shown without");
                return None;
            }
        };
        let parts = [record.city, record.country].into_iter().flatten().filter_map(|it| it.names?.en);
        let parts: Vec<String> = parts.map(|name| plain(&name)).filter(|name| !name.is_empty()).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Places").field(&self.0.as_ref().map(|reader| &reader.metadata.database_type)).finish()
    }
}

/// The name stands in letters and pages: nothing in it is markup, or turns the text around.
fn plain(name: &str) -> String {
    let known = |sign: char| sign.is_alphanumeric() || " -'’.()".contains(sign);
    name.chars().filter(|sign| known(*sign)).take(CHARACTERS).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        Places::with_file(Path::new("src/platform/places/test.mmdb")).expect("a database")
    }

    fn find(address: &str) -> Option<String> {
        places().find(address.parse().expect("an address"))
    }

    #[test]
    fn an_address_has_the_place_that_the_file_says() {
        assert_eq!(find("203.0.113.7").as_deref(), Some("Hamburg, Germany"));
        assert_eq!(find("198.51.100.1").as_deref(), Some("Norway"));
        assert_eq!(find("2001:db8::1").as_deref(), Some("Quito, Ecuador"));
        assert_eq!(find("::ffff:203.0.113.7").as_deref(), Some("Hamburg, Germany"));
    }

    #[test]
    fn what_nobody_knows_has_no_place() {
        for address in ["10.0.0.1", "127.0.0.1", "::1", "192.0.2.200"] {
            assert_eq!(find(address), None, "{address}");
        }
        assert_eq!(Places::default().find("203.0.113.7".parse().expect("an address")), None);
    }

    #[test]
    fn a_name_is_plain_text_whatever_the_file_says() {
        let place = find("192.0.2.1").expect("a place");
        assert!(place.chars().count() <= 2 * CHARACTERS + 2 && place.ends_with(", bxb"), "{place}");
        assert!(place.starts_with("ABCABC") && !place.contains(['\u{202e}', '\n', '<', '>']), "{place}");
    }

    #[test]
    fn a_file_that_is_something_else_is_refused() {
        let path = Path::new("src/platform/places/mod.rs");
        assert!(matches!(Places::with_file(path), Err(UnusablePlaces::Broken(_))));
        let missing = Path::new("src/platform/places/none.mmdb");
        assert!(matches!(Places::with_file(missing), Err(UnusablePlaces::Unreadable(_))));
    }
}
