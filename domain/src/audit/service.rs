//! Write, read and check the trail.

use uuid::Uuid;

use super::{
    ChainReport, Deed, Entry,
    chain::{self, Content, Hash},
    store::{self, Filter, Row},
};
use crate::{
    AppError, FieldIssue, Page, Timestamp,
    access::{Grant, Site, SiteAction, Tx},
    values::{PAGE_DEFAULT, PAGE_MAX},
};

/// The chain of the site itself.
const SITE: Uuid = Uuid::nil();
/// How many entries are read at a time while a chain is checked.
const BATCH: i64 = 1_000;

/// Which entries somebody wants to see, as typed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// A user's id or whole address.
    pub actor: Option<String>,
    /// The beginning of an action's name.
    pub action: Option<String>,
    /// The whole name of a target.
    pub target: Option<String>,
    /// Not before.
    pub from: Option<String>,
    /// Before.
    pub to: Option<String>,
    /// How many.
    pub limit: Option<u16>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// Notes a deed in the transaction of the deed itself. The last thing before the commit: it locks the chain's head.
pub async fn note(tx: &mut Tx, deed: Deed) -> Result<(), AppError> {
    let request = tx.request().clone();
    let actor = tx.actor();
    let (last, before) = store::lock_head(tx.conn(), SITE).await?;
    // Read while nobody else appends, so that times are in the order of the numbers.
    let at = store::now(tx.conn()).await?;
    let target = deed.target();
    let detail = deed.detail().to_string();
    let address = request.address.to_string();
    let content = Content {
        chain: SITE,
        seq: last + 1,
        organization_id: None,
        at,
        actor,
        action: deed.action(),
        target: target.as_deref(),
        detail: &detail,
        address: &address,
        request_id: request.id,
    };
    let hash = chain::link(&before, &content);
    store::append(tx.conn(), &content, &hash).await
}

/// The entries of the site that match, the newest first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a filter that cannot be read.
pub async fn entries(grant: &Grant<Site>, query: Query) -> Result<Page<Entry>, AppError> {
    grant.demand(SiteAction::ReadAudit)?;
    let limit = query.limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(AppError::invalid("limit", FieldIssue::OutOfRange { min: 1, max: PAGE_MAX.into() }));
    }
    let before = match given(query.cursor.as_deref()) {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| AppError::invalid("cursor", FieldIssue::Unreadable))?,
    };
    let mut tx = grant.begin().await?;
    let actor = match given(query.actor.as_deref()) {
        None => None,
        Some(text) => match Uuid::parse_str(text) {
            Ok(id) => Some(id),
            // An address nobody has matches nothing, rather than everything.
            Err(_) => Some(store::person_by_address(tx.conn(), text).await?.unwrap_or(Uuid::max())),
        },
    };
    let filter = Filter {
        chain: SITE,
        actor,
        action: given(query.action.as_deref()),
        target: given(query.target.as_deref()),
        from: time_of("from", given(query.from.as_deref()))?,
        to: time_of("to", given(query.to.as_deref()))?,
        before,
        limit: i64::from(limit) + 1,
    };
    let mut rows = store::list(tx.conn(), &filter).await?;
    tx.commit().await?;
    let more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let next_cursor = if more { rows.last().map(|row| row.seq.to_string()) } else { None };
    Ok(Page { items: rows.into_iter().map(entry).collect(), next_cursor })
}

/// Reads the chain of the site as it is when the check begins, and checks that each entry follows from its predecessor.
///
/// Nobody who appends waits for it: what comes later is not read, and each batch is a statement of its own.
pub async fn verify_chain(grant: &Grant<Site>) -> Result<ChainReport, AppError> {
    grant.demand(SiteAction::VerifyAudit)?;
    let mut tx = grant.begin().await?;
    let (last, head) = store::head(tx.conn(), SITE).await?;
    tx.commit().await?;
    let mut walk = Walk { entries: 0, before: [0; 32] };
    let report = loop {
        let mut tx = grant.begin().await?;
        let rows = store::batch(tx.conn(), SITE, walk.entries, last, BATCH).await?;
        tx.commit().await?;
        if let Some(report) = walk.follow(&rows) {
            break report;
        }
        if rows.is_empty() {
            break walk.end(last, &head);
        }
    };
    conclude(grant, report).await
}

/// Notes the result. Whatever stands behind the head by then was not appended by us.
async fn conclude(grant: &Grant<Site>, mut report: ChainReport) -> Result<ChainReport, AppError> {
    let mut tx = grant.begin().await?;
    let (last, _) = store::lock_head(tx.conn(), SITE).await?;
    if report.ok && store::is_longer(tx.conn(), SITE, last).await? {
        report = ChainReport { ok: false, first_broken_seq: Some(last + 1), ..report };
    }
    note(&mut tx, Deed::ChainVerified { entries: report.entries, ok: report.ok }).await?;
    tx.commit().await?;
    Ok(report)
}

/// How far the check has come.
struct Walk {
    entries: i64,
    before: Hash,
}

impl Walk {
    /// Goes on through a batch; answers where the chain is broken, if it is.
    fn follow(&mut self, rows: &[Row]) -> Option<ChainReport> {
        for row in rows {
            let expected = self.entries + 1;
            let hash = chain::link(&self.before, &content(row));
            if row.seq != expected || hash[..] != row.hash[..] {
                return Some(self.broken());
            }
            self.before = hash;
            self.entries = expected;
        }
        None
    }

    /// The last entry must be the one that the head names.
    fn end(&self, last: i64, head: &Hash) -> ChainReport {
        if self.entries == last && self.before == *head {
            ChainReport { entries: self.entries, ok: true, first_broken_seq: None }
        } else {
            self.broken()
        }
    }

    fn broken(&self) -> ChainReport {
        ChainReport { entries: self.entries, ok: false, first_broken_seq: Some(self.entries + 1) }
    }
}

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

fn entry(row: Row) -> Entry {
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
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// An empty field of a filter form is no filter.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// RFC 3339, or what `<input type="datetime-local">` and `<input type="date">` send, in UTC.
fn time_of(field: &str, text: Option<&str>) -> Result<Option<Timestamp>, AppError> {
    let Some(text) = text else { return Ok(None) };
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{text}:00Z"),
        _ => text.to_owned(),
    };
    Timestamp::parse(&whole).map(Some).ok_or_else(|| AppError::invalid(field, FieldIssue::Unreadable))
}
