//! Areas `security`, `sessions` and `hashing`: how strict the house is.

use std::{path::PathBuf, time::Duration};

use domain::platform::{Binding, vault::Keyring};
use secrecy::{ExposeSecret as _, SecretString};

use super::{parse::from_text, reader::Reader};

/// Area `security`.
#[derive(Clone, Debug)]
pub struct Security {
    /// Keys that seal secrets at rest; the highest id is active unless another is named. `None` only in development,
    /// which makes its own.
    pub vault_keys: Option<SecretString>,
    /// Whether site roles work only with a second factor on the account.
    pub staff_needs_second_factor: bool,
    /// Whether scripts can sign in by address and password.
    pub tokens_by_password: bool,
    /// By how much every rate limit is multiplied.
    pub rate_factor: u32,
    /// A filter of breached passwords, made by `gatehouse admin breach-filter`; `None` for the small one inside.
    pub breach_filter: Option<PathBuf>,
    /// Where to report a weakness: `mailto:` or `https:`; published in `security.txt`.
    pub contact: Option<String>,
}

impl Security {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let production = reader.profile.is_production();
        let contact = "an address such as mailto:security@example.com or https://example.com/security";
        Self {
            vault_keys: vault_keys(reader),
            staff_needs_second_factor: reader.flag("security.staff_needs_second_factor", production),
            tokens_by_password: reader.flag("security.tokens_by_password", true),
            rate_factor: reader.value(
                "security.rate_factor",
                if production { 1 } else { 100 },
                "a number from 1 to 10000",
                |text| from_text(text).filter(|factor| (1..=10_000).contains(factor)),
            ),
            breach_filter: reader
                .optional("security.breach_filter", "a file", |text| Some(text.to_owned()))
                .map(PathBuf::from),
            contact: reader.optional("security.contact", contact, |text| {
                let known = text.starts_with("mailto:") || text.starts_with("https://");
                (known && !text.chars().any(|c| c.is_whitespace() || c.is_control())).then(|| text.to_owned())
            }),
        }
    }
}

/// Keys may stand one a line or between commas; `platform::vault` wants lines.
fn vault_keys(reader: &mut Reader) -> Option<SecretString> {
    let keys = reader.secret("security.vault_keys")?.expose_secret().replace(',', "\n");
    if let Err(problem) = Keyring::parse(&keys) {
        let remedy = "Write `1:` and 32 bytes in base64, such as `openssl rand -base64 32` prints";
        reader.wrong("security.vault_keys", problem.to_string(), remedy);
    }
    Some(keys.into())
}

/// How long a browser keeps a cookie at most (RFC 6265bis, section 5.5).
const LONGEST_SESSION: Duration = Duration::from_hours(400 * 24);

/// Area `sessions`.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// A session ends when it was not used for so long.
    pub idle: Duration,
    /// A session ends after so long in any case.
    pub absolute: Duration,
    /// The same for people who asked to be remembered.
    pub remembered: Duration,
    /// How long such a one may lie unused.
    pub remembered_idle: Duration,
    /// What a session is bound to besides its secret.
    pub binding: Binding,
    /// A database of places, for the lists of devices and letters; `None` for addresses alone.
    pub places: Option<PathBuf>,
}

impl Sessions {
    /// The defaults are those of NIST SP 800-63B-4 for two factors: 24 hours in all, half an hour idle.
    pub(super) fn read(reader: &mut Reader) -> Self {
        let idle = reader.duration("sessions.idle", Duration::from_mins(30));
        let sessions = Self {
            idle,
            absolute: reader.duration("sessions.absolute", Duration::from_hours(24)),
            remembered: reader.duration("sessions.remembered", Duration::from_hours(30 * 24)),
            remembered_idle: reader
                .duration("sessions.remembered_idle", Duration::from_hours(7 * 24).max(idle)),
            binding: reader.value(
                "sessions.binding",
                Binding::default(),
                "\"browser-and-network\", \"browser\" or \"nothing\"",
                |text| Binding::ALL.into_iter().find(|binding| binding.to_string() == text),
            ),
            places: reader
                .optional("sessions.places", "a file", |text| Some(text.to_owned()))
                .map(PathBuf::from),
        };
        for (key, found) in [
            ("sessions.idle", sessions.idle),
            ("sessions.absolute", sessions.absolute),
            ("sessions.remembered", sessions.remembered),
            ("sessions.remembered_idle", sessions.remembered_idle),
        ] {
            if found > LONGEST_SESSION {
                reader.wrong(key, "is longer than 400d", "Make it shorter: browsers keep no cookie longer");
            }
        }
        if sessions.idle > sessions.absolute {
            reader.wrong("sessions.idle", "is longer than sessions.absolute", "Make it shorter");
        }
        if sessions.absolute > sessions.remembered {
            reader.wrong("sessions.remembered", "is shorter than sessions.absolute", "Make it longer");
        }
        if sessions.idle > sessions.remembered_idle {
            reader.wrong("sessions.remembered_idle", "is shorter than sessions.idle", "Make it longer");
        }
        sessions
    }
}

/// Area `hashing`. Memory is bounded by `workers` × 64 MiB.
#[derive(Clone, Debug)]
pub struct Hashing {
    /// How many passwords are hashed at a time.
    pub workers: usize,
    /// How many may wait; the next one is answered with 503 and `Retry-After`.
    pub queue: usize,
}

impl Hashing {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            workers: reader.value("hashing.workers", cores.clamp(1, 16), "a number from 1 to 64", |text| {
                from_text(text).filter(|count| (1..=64).contains(count))
            }),
            queue: reader.value("hashing.queue", 64, "a number from 1 to 10000", |text| {
                from_text(text).filter(|count| (1..=10_000).contains(count))
            }),
        }
    }
}
