//! The hash that ties an entry to its predecessor.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Timestamp;

/// The hash of an entry.
pub(super) type Hash = [u8; 32];

/// Everything an entry says. What is not in here could be changed unnoticed.
pub(super) struct Content<'a> {
    pub(super) chain: Uuid,
    pub(super) seq: i64,
    pub(super) organization_id: Option<Uuid>,
    pub(super) at: Timestamp,
    pub(super) actor: Option<Uuid>,
    pub(super) action: &'a str,
    pub(super) target: Option<&'a str>,
    pub(super) detail: &'a str,
    pub(super) address: &'a str,
    pub(super) request_id: Uuid,
}

/// SHA-256 over the predecessor's hash and each field, with its length before it and a mark for null, so that no
/// two different entries give the same bytes.
pub(super) fn link(before: &Hash, content: &Content<'_>) -> Hash {
    let mut hash = Sha256::new();
    hash.update(before);
    let micros = i64::try_from(content.at.get().unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX);
    let fields: [Option<&[u8]>; 10] = [
        Some(content.chain.as_bytes()),
        Some(&content.seq.to_be_bytes()),
        content.organization_id.as_ref().map(|id| &id.as_bytes()[..]),
        Some(&micros.to_be_bytes()),
        content.actor.as_ref().map(|id| &id.as_bytes()[..]),
        Some(content.action.as_bytes()),
        content.target.map(str::as_bytes),
        Some(content.detail.as_bytes()),
        Some(content.address.as_bytes()),
        Some(content.request_id.as_bytes()),
    ];
    for field in fields {
        match field {
            None => hash.update([0]),
            Some(bytes) => {
                hash.update([1]);
                hash.update((bytes.len() as u64).to_be_bytes());
                hash.update(bytes);
            }
        }
    }
    hash.finalize().into()
}
