//! An entry of the trail, as an administrator reads it.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Entry {
    /// Its number in the chain; numbers have no gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who did it; null for somebody unknown and for the process itself.
    pub actor: Option<Uuid>,
    /// The address the actor has now; null when the account is gone.
    pub actor_email: Option<String>,
    /// What was done, such as `identity.signed-in`.
    pub action: String,
    /// To what it was done, such as `user:…`.
    pub target: Option<String>,
    /// The organization it concerns; null for the site.
    pub organization_id: Option<Uuid>,
    /// The network address of the request.
    pub address: String,
    /// The request, as in the log.
    pub request_id: Uuid,
    /// More about it, as a JSON object in text.
    pub detail: String,
    /// SHA-256 over this entry and its predecessor's hash, in hex.
    pub hash: String,
}

/// The result of checking every chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ChainReport {
    /// How many chains were read: that of the site, and one for each organization.
    pub chains: i64,
    /// How many entries were read in all of them.
    pub entries: i64,
    /// Whether each follows from its predecessor and the last one of each chain is the one expected.
    pub ok: bool,
    /// Whose chain is broken; null for that of the site.
    pub organization_id: Option<Uuid>,
    /// The number of the first entry that is missing, changed or in the wrong place.
    pub first_broken_seq: Option<i64>,
    /// The last entry of that chain, or else of the site's, that retention removed under a sealed checkpoint, where its check
    /// begins; null while nothing was.
    pub checkpoint_seq: Option<i64>,
}
