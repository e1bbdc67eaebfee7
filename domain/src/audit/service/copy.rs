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
    /// In whose trail it stands; null for that of the site.
    organization_id: Option<Uuid>,
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

/// The entries of and about somebody in the site's trail, the newest first, and then what they did in organizations, also in
/// those they have left; page after page.
pub(crate) struct Walk {
    user: Uuid,
    before: i64,
    /// Where the last page from organizations ended, once those of the site are through.
    elsewhere: Option<(Uuid, i64)>,
}

impl Walk {
    /// Begins at the newest.
    pub(crate) fn about(user: Uuid) -> Self {
        Self { user, before: i64::MAX, elsewhere: None }
    }

    /// The next page; an empty one is the end.
    pub(crate) async fn next_page(&mut self, tx: &mut Tx) -> Result<Vec<Copied>, AppError> {
        let rows = match self.elsewhere {
            None => self.of_site(tx).await?,
            Some(before) => store::in_organizations_before(tx.conn(), self.user, before, PAGE).await?,
        };
        if let (Some(last), Some(before)) = (rows.last(), &mut self.elsewhere) {
            *before = (last.chain, last.seq);
        }
        rows.into_iter().map(|row| copied(row, self.user)).collect()
    }

    /// A page from the site's trail, or the first one from organizations.
    async fn of_site(&mut self, tx: &mut Tx) -> Result<Vec<store::Row>, AppError> {
        let target = format!("user:{}", self.user);
        let rows = store::about_before(tx.conn(), SITE, self.user, &target, self.before, PAGE).await?;
        if let Some(last) = rows.last() {
            self.before = last.seq;
            return Ok(rows);
        }
        let newest = (Uuid::max(), i64::MAX);
        self.elsewhere = Some(newest);
        store::see_every_chain(tx.conn()).await?;
        store::in_organizations_before(tx.conn(), self.user, newest, PAGE).await
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
        organization_id: row.organization_id,
        seq,
        at: row.at.into(),
        by,
        action: row.action,
        target: row.target,
        address: (by != By::SomebodyElse).then_some(row.address),
        detail,
    })
}
