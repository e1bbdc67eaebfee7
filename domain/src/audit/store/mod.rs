//! The tables of the trail: what was noted, where each chain ends, and what a sealed checkpoint stands for.

mod chain;
mod checkpoints;
mod read;

pub(crate) use chain::{
    Ends, append, batch, begin_chain, ends_after, head, is_longer, lock_head, now, see_every_chain, whole,
};
pub(crate) use checkpoints::{Checkpoint, aged_after, checkpoint, forget, hold_retention, put_checkpoint};
pub(crate) use read::{Filter, about, about_before, find, following, list, person_by_address, roles_of};

use time::OffsetDateTime;
use uuid::Uuid;

/// A stored entry.
pub(crate) struct Row {
    pub(crate) chain: Uuid,
    pub(crate) seq: i64,
    pub(crate) organization_id: Option<Uuid>,
    pub(crate) at: OffsetDateTime,
    pub(crate) actor: Option<Uuid>,
    pub(crate) actor_email: Option<String>,
    pub(crate) action: String,
    pub(crate) target: Option<String>,
    pub(crate) detail: String,
    pub(crate) address: String,
    pub(crate) request_id: Uuid,
    pub(crate) hash: Vec<u8>,
}
