//! Where a chain begins, and the walk along it.

use uuid::Uuid;

use super::{
    super::{
        chain::{self, Hash},
        store::{Checkpoint, Row},
    },
    content,
};
use crate::{
    AppError, Timestamp,
    platform::{Platform, vault::Column},
};

/// What the vault seals checkpoints for.
const SEAL: &str = "audit-checkpoint";
/// Where checkpoints are sealed.
pub const SEALED: Column = Column { table: "audit_checkpoints", record: "chain", purpose: SEAL };

/// How far somebody who walks along the chain has come: the next entry must follow from this one.
#[derive(Clone, Copy)]
pub(super) struct Walk {
    /// The number of the last entry that was passed.
    pub(super) at: i64,
    /// Its hash.
    pub(super) hash: Hash,
    /// How many entries were passed.
    pub(super) entries: i64,
}

/// The number of a checkpoint that nobody sealed who has our keys.
pub(super) struct Forged(pub(super) i64);

impl Walk {
    /// Begins behind the checkpoint, or before the first entry where there is none.
    pub(super) fn begin(
        platform: &Platform,
        chain: Uuid,
        checkpoint: Option<&Checkpoint>,
    ) -> Result<Self, Forged> {
        let Some(checkpoint) = checkpoint else { return Ok(Self { at: 0, hash: [0; 32], entries: 0 }) };
        let Checkpoint { seq, hash, at, sealed } = checkpoint;
        match platform.vault().open(SEAL, chain, sealed) {
            Ok(plain) if plain[..] == said(*seq, hash, *at)[..] => {
                Ok(Self { at: *seq, hash: *hash, entries: 0 })
            }
            _ => Err(Forged(*seq)),
        }
    }

    /// Goes on through a batch; stops before the first entry that does not follow.
    pub(super) fn follow(&mut self, rows: &[Row]) -> Result<(), Broken> {
        for row in rows {
            let hash = chain::link(&self.hash, &content(row));
            if row.seq != self.at + 1 || hash[..] != row.hash[..] {
                return Err(Broken);
            }
            *self = Self { at: row.seq, hash, entries: self.entries + 1 };
        }
        Ok(())
    }
}

/// The entry after the last one that was passed is missing, changed or in the wrong place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken;

/// A checkpoint at the end of a walk.
pub(super) fn seal(platform: &Platform, chain: Uuid, walk: &Walk) -> Checkpoint {
    let at = platform.now();
    let sealed = platform.vault().seal(SEAL, chain, &said(walk.at, &walk.hash, at));
    Checkpoint { seq: walk.at, hash: walk.hash, at, sealed }
}

/// Everything a checkpoint says. What is not in here could be changed unnoticed.
fn said(seq: i64, hash: &Hash, at: Timestamp) -> Vec<u8> {
    let micros = i64::try_from(at.get().unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX);
    [&seq.to_be_bytes()[..], &micros.to_be_bytes()[..], &hash[..]].concat()
}

/// Walks without keeping a thread of the requests busy: hashing a batch takes milliseconds.
pub(super) async fn follow_apart(
    mut walk: Walk,
    rows: Vec<Row>,
) -> Result<(Walk, Result<(), Broken>), AppError> {
    let walked = tokio::task::spawn_blocking(move || {
        let outcome = walk.follow(&rows);
        (walk, outcome)
    });
    // Only a panic ends it, and that is in the log.
    walked.await.map_err(|_| AppError::Internal)
}
