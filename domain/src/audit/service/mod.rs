//! Write, read, export and check the trail, one file for each.

mod chains;
mod copy;
mod export;
mod filters;
mod follow;
mod note;
mod read;
mod retention;
mod verify;
mod walk;

pub(crate) use copy::Walk as CopyWalk;
pub use export::{Export, export};
pub use filters::Filters;
pub(crate) use follow::{entries_after, last_number};
pub(crate) use note::begin_chain;
pub use note::note;
pub use read::{Query, about_person, entries, entries_of_organization, entry};
pub use retention::retain;
pub use verify::{verify_chain, verify_chain_of_the_site};
pub use walk::SEALED;

use uuid::Uuid;

use super::{Entry, chain::Content, store::Row};
use crate::{
    AppError,
    access::{Grant, Scope, Tx},
};

/// The chain of the site itself.
const SITE: Uuid = Uuid::nil();

/// A transaction that may see the entries of a chain.
async fn open<S: Scope>(grant: &Grant<S>, chain: Uuid) -> Result<Tx, AppError> {
    let mut tx = grant.begin().await?;
    if chain != SITE {
        tx.enter(chain).await?;
    }
    Ok(tx)
}

/// What was hashed.
fn content(row: &Row) -> Content<'_> {
    Content {
        chain: row.chain,
        seq: row.seq,
        organization_id: row.organization_id,
        at: row.at.into(),
        actor: row.actor,
        action: &row.action,
        target: row.target.as_deref(),
        detail: &row.detail,
        address: &row.address,
        request_id: row.request_id,
    }
}

/// What is shown.
fn shown(row: Row) -> Entry {
    Entry {
        seq: row.seq,
        at: row.at.into(),
        actor: row.actor,
        actor_email: row.actor_email,
        action: row.action,
        target: row.target,
        organization_id: row.organization_id,
        address: row.address,
        request_id: row.request_id,
        detail: row.detail,
        hash: hex(&row.hash),
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |four: u8| DIGITS.get(usize::from(four)).copied().unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
