//! Organizations as those see them who look after the site.

use super::{
    super::{StaffOrganization, store::staff},
    given, read_cursor, read_limit, read_pattern,
};
use crate::{
    AppError, FieldIssue, Page,
    access::{Grant, Site, SiteAction},
};

/// Which organizations somebody wants to see, as typed.
#[derive(Clone, Debug, Default)]
pub struct StaffQuery {
    /// Part of a name, a slug or an owner's address.
    pub q: Option<String>,
    /// `personal` or `shared`.
    pub kind: Option<String>,
    /// How many.
    pub limit: Option<u16>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// The organizations that match, the newest first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a filter that is none.
pub async fn organizations(
    grant: &Grant<Site>,
    query: StaffQuery,
) -> Result<Page<StaffOrganization>, AppError> {
    grant.demand(SiteAction::ReadOrganizations)?;
    let limit = read_limit(query.limit)?;
    let personal = match given(query.kind.as_deref()) {
        None => None,
        Some("personal") => Some(true),
        Some("shared") => Some(false),
        Some(_) => return Err(AppError::invalid("kind", FieldIssue::NotAnOption)),
    };
    let filter = staff::Filter {
        pattern: read_pattern(query.q.as_deref())?,
        personal,
        before: read_cursor(query.cursor.as_deref())?,
        limit: i64::from(limit) + 1,
    };
    let mut tx = grant.begin().await?;
    let mut items = staff::list(tx.conn(), &filter).await?;
    tx.commit().await?;
    let more = items.len() > usize::from(limit);
    items.truncate(limit.into());
    let next_cursor = items.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Page { items, next_cursor })
}
