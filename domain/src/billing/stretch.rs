//! A part of a ledger.

use uuid::Uuid;

/// Entries of the ledger of an organization, by their numbers: those behind `after`, up to `through`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Whose.
    pub organization: Uuid,
    /// The last number that is not in it any more.
    pub after: i64,
    /// The last number that is in it.
    pub through: i64,
}
