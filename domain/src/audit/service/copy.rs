//! What the trail says of somebody, for the copy of their data.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{super::store, SITE};
use crate::{AppError, Timestamp, access::Tx};

/// How many entries are read at a time.
const PAGE: i64 = 500;

/// An entry in the words of the one it is about. Who else acted, and from where, is not theirs to take away.
#[derive(Serialize)]
pub(crate) struct Copied {
    seq: i64,
    at: Timestamp,
    by: By,
    action: String,
    target: Option<String>,
    /// The network address, unless it is that of somebody else who is known.
    address: Option<String>,
    detail: Value,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum By {
    You,
    SomebodyElse,
    NobodyKnown,
}

/// The entries of and about somebody, the newest first, page after page.
pub(crate) struct Walk {
    user: Uuid,
    before: i64,
}

impl Walk {
    /// Begins at the newest.
    pub(crate) fn about(user: Uuid) -> Self {
        Self { user, before: i64::MAX }
    }

    /// The next page; an empty one is the end.
    pub(crate) async fn next_page(&mut self, tx: &mut Tx) -> Result<Vec<Copied>, AppError> {
        let target = format!("user:{}", self.user);
        let rows = store::about_before(tx.conn(), SITE, self.user, &target, self.before, PAGE).await?;
        self.before = rows.last().map_or(self.before, |row| row.seq);
        rows.into_iter().map(|row| copied(row, self.user)).collect()
    }
}

fn copied(row: store::Row, user: Uuid) -> Result<Copied, AppError> {
    let by = match row.actor {
        Some(actor) if actor == user => By::You,
        Some(_) => By::SomebodyElse,
        None => By::NobodyKnown,
    };
    let seq = row.seq;
    let detail = serde_json::from_str(&row.detail).map_err(|_| {
        tracing::error!(seq, "an entry of the audit trail has no readable detail");
        AppError::Internal
    })?;
    Ok(Copied {
        seq,
        at: row.at.into(),
        by,
        action: row.action,
        target: row.target,
        address: (by != By::SomebodyElse).then_some(row.address),
        detail,
    })
}
