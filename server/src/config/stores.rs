//! Areas `database`, `redis` and `secrets`: what is kept, what is remembered, and where keys lie.

use std::{path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};

use super::{parse::from_text, reader::Reader};

/// Area `database`.
#[derive(Clone, Debug)]
pub struct Database {
    /// `postgres://user:password@host/name`; a secret, because it usually holds a password.
    pub url: SecretString,
    /// How many connections the server opens when it starts, and keeps.
    pub connections: u32,
    /// How long a request waits for one before it is answered with 503.
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
}

impl Database {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            url: url(reader, "database.url", &["postgres://", "postgresql://"], true).unwrap_or_default(),
            connections: reader.value("database.connections", 16, "a number from 2 to 500", |text| {
                from_text(text).filter(|count| (2..=500).contains(count))
            }),
            acquire_timeout: reader.duration("database.acquire_timeout", Duration::from_secs(2)),
            statement_timeout: reader.duration("database.statement_timeout", Duration::from_secs(10)),
        }
    }
}

/// Area `redis`.
#[derive(Clone, Debug)]
pub struct Redis {
    /// `redis://[:password@]host[:port][/number]`, or `rediss://` with TLS; a secret, because it may hold a password. Only development may
    /// run without: several processes in production share their limits and caches through it.
    pub url: Option<SecretString>,
}

impl Redis {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let beginnings = ["redis://", "rediss://", "unix://", "redis+unix://"];
        Self { url: url(reader, "redis.url", &beginnings, reader.profile.is_production()) }
    }
}

/// Area `secrets`.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Where development keeps the keys it makes on first start.
    pub folder: PathBuf,
}

impl Secrets {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let folder = |text: &str| Some(text.to_owned());
        Self { folder: reader.value("secrets.folder", "secrets".to_owned(), "a folder", folder).into() }
    }
}

/// An address with one of these beginnings. It is never quoted: it may hold a password.
fn url(reader: &mut Reader, key: &str, beginnings: &[&str], required: bool) -> Option<SecretString> {
    let expected = beginnings.first().copied().unwrap_or_default();
    let remedy = format!("Write an address that begins with {expected}");
    match reader.secret(key) {
        Some(url) if beginnings.iter().any(|beginning| url.expose_secret().starts_with(beginning)) => {
            Some(url)
        }
        Some(_) => {
            reader.wrong(key, "has an unknown beginning", remedy);
            None
        }
        None => {
            // A problem that is already told, such as an unreadable file, is the better explanation.
            if required && !reader.problems.iter().any(|problem| problem.key == key) {
                reader.wrong(key, "is not set", remedy);
            }
            None
        }
    }
}
