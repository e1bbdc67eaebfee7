//! Area `audit`: how long the trail is kept.

use std::time::Duration;

use super::reader::Reader;

/// Shorter would be no trail.
const SHORTEST: Duration = Duration::from_hours(24);

/// Area `audit`.
#[derive(Clone, Debug)]
pub struct Audit {
    /// Entries that are older are removed under a sealed checkpoint; without it they are kept for ever.
    pub retention: Option<Duration>,
}

impl Audit {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let retention = reader.optional_duration("audit.retention");
        if retention.is_some_and(|retention| retention < SHORTEST) {
            reader.wrong("audit.retention", "is shorter than 1d", "Make it longer, such as 365d");
        }
        Self { retention }
    }
}
