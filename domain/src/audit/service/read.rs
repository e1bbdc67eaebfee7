//! Reads the trail, page by page or entry by entry.

use uuid::Uuid;

use super::{
    super::{Entry, store},
    Filters, SITE,
    filters::given,
    shown,
};
use crate::{
    AppError, FieldIssue, Page,
    access::{Grant, Organization, Permission, Person, Scope, Site, SiteAction, Verb, Via, site_allows},
    values::{PAGE_DEFAULT, PAGE_MAX},
};

/// How many entries stand on the page of a person.
const ABOUT: i64 = 20;

/// Which page of which entries somebody wants to see, as typed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// As in [`Filters`].
    pub actor: Option<String>,
    /// As in [`Filters`].
    pub action: Option<String>,
    /// As in [`Filters`].
    pub target: Option<String>,
    /// As in [`Filters`].
    pub from: Option<String>,
    /// As in [`Filters`].
    pub to: Option<String>,
    /// How many.
    pub limit: Option<u16>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// The entries of the site that match, the newest first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a filter that cannot be read.
pub async fn entries(grant: &Grant<Site>, query: Query) -> Result<Page<Entry>, AppError> {
    grant.demand(SiteAction::ReadAudit)?;
    page(grant, SITE, query).await
}

/// The entries of an organization that match, the newest first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a filter that cannot be read.
pub async fn entries_of_organization(
    grant: &Grant<Organization>,
    query: Query,
) -> Result<Page<Entry>, AppError> {
    grant.demand(Permission::ReadAudit)?;
    page(grant, grant.organization(), query).await
}

async fn page<S: Scope>(grant: &Grant<S>, chain: Uuid, query: Query) -> Result<Page<Entry>, AppError> {
    let limit = query.limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(AppError::invalid("limit", FieldIssue::OutOfRange { min: 1, max: PAGE_MAX.into() }));
    }
    let before = match given(query.cursor.as_deref()) {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| AppError::invalid("cursor", FieldIssue::Unreadable))?,
    };
    let Query { actor, action, target, from, to, .. } = query;
    let mut tx = grant.begin().await?;
    let filter = Filters { actor, action, target, from, to }.read(&mut tx, chain).await?;
    let mut rows = store::list(tx.conn(), &filter, before, i64::from(limit) + 1).await?;
    tx.commit().await?;
    let more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let next_cursor = if more { rows.last().map(|row| row.seq.to_string()) } else { None };
    Ok(Page { items: rows.into_iter().map(shown).collect(), next_cursor })
}

/// One entry of the site by its number.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no number; [`AppError::NotFound`].
pub async fn entry(grant: &Grant<Site>, seq: &str) -> Result<Entry, AppError> {
    grant.demand(SiteAction::ReadAudit)?;
    let seq = given(Some(seq)).ok_or_else(|| AppError::invalid("seq", FieldIssue::Required))?;
    let seq = seq.parse().map_err(|_| AppError::invalid("seq", FieldIssue::Unreadable))?;
    let mut tx = grant.begin().await?;
    let row = store::find(tx.conn(), SITE, seq).await?;
    tx.commit().await?;
    row.map(shown).ok_or(AppError::NotFound)
}

/// The last entries of and about a person, for whoever looks after people; nothing for those who may not read the trail.
pub async fn about_person(grant: &Grant<Site>, user: Uuid) -> Result<Vec<Entry>, AppError> {
    if !may_read(grant.person()) {
        return Ok(Vec::new());
    }
    let mut tx = grant.begin().await?;
    let rows = store::about(tx.conn(), SITE, user, &format!("user:{user}"), ABOUT).await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(shown).collect())
}

/// Whether somebody reads the trail: by their roles, and with an API token by its scopes as well.
fn may_read(person: &Person) -> bool {
    let is_in_scope = match &person.via {
        Via::ApiToken(scopes) => scopes.allow("audit", Verb::Read),
        Via::Cookie | Via::AccessToken => true,
    };
    is_in_scope && site_allows(&person.roles, SiteAction::ReadAudit)
}
