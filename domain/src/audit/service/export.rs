//! The whole trail, or what of it matches, page after page.
//!
//! Promise: however long the trail is, only one page of it is in memory, and no transaction is longer than one page. What
//! is appended after the export began is not in it, so that it ends.

use super::{
    super::{
        Deed, Entry,
        store::{self, Filter},
    },
    Filters, SITE,
    filters::told,
    note, shown,
};
use crate::{
    AppError,
    access::{Grant, Site, SiteAction, site_allows},
};

/// How many entries are read at a time.
const PAGE: i64 = 1_000;
/// How many numbers one statement looks at, so that a filter that fits nothing has bounded statements as well.
const STRETCH: i64 = 100_000;

/// An export under way.
pub struct Export {
    grant: Grant<Site>,
    filter: Filter,
    after: i64,
    last: i64,
}

/// Begins an export, and notes it.
///
/// # Errors
/// [`AppError::InvalidInput`] for a filter that cannot be read.
pub async fn export(
    grant: &Grant<Site>,
    filters: &Filters,
    format: &'static str,
) -> Result<Export, AppError> {
    grant.demand(SiteAction::ReadAudit)?;
    let mut tx = grant.begin().await?;
    let filter = filters.read(&mut tx, SITE).await?;
    let (last, _) = store::head(tx.conn(), SITE).await?;
    note(&mut tx, Deed::AuditExported { format, filters: told(&filter) }).await?;
    tx.commit().await?;
    Ok(Export { grant: grant.clone(), filter, after: 0, last })
}

impl Export {
    /// The next entries, the oldest first; `None` after the last one.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] once whoever asked was locked or lost the role.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Entry>>, AppError> {
        while self.after < self.last {
            let until = self.last.min(self.after.saturating_add(STRETCH));
            let mut tx = self.grant.begin().await?;
            // An export may take longer than somebody stays an administrator.
            let roles = store::roles_of(tx.conn(), self.grant.person().user).await?;
            if !site_allows(&roles, SiteAction::ReadAudit) {
                return Err(AppError::NotAllowed);
            }
            let rows = store::following(tx.conn(), &self.filter, self.after, until, PAGE).await?;
            tx.commit().await?;
            let is_full = i64::try_from(rows.len()).is_ok_and(|count| count == PAGE);
            self.after = rows.last().filter(|_| is_full).map_or(until, |row| row.seq);
            if !rows.is_empty() {
                return Ok(Some(rows.into_iter().map(shown).collect()));
            }
        }
        Ok(None)
    }
}
