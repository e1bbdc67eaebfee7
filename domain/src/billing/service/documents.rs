//! Documents, to be read by members of their organization, and by those who look after money.

use uuid::Uuid;

use super::{
    super::{
        Invoice, InvoiceHead, InvoiceState,
        store::documents::{self as store, Filter},
    },
    given, read_id,
};
use crate::{
    AppError, FieldIssue, Page, Timestamp,
    access::{Grant, Organization, Own, Permission, Site, SiteAction, Tx},
    typed,
};

/// Which page of a list, as typed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// How many.
    pub limit: Option<u16>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// Which documents of all organizations, as typed.
#[derive(Clone, Debug, Default)]
pub struct SiteQuery {
    /// Part of a number, or of what the customer is called.
    pub q: Option<String>,
    /// A state's name, or `overdue`.
    pub state: Option<String>,
    /// The rest.
    pub page: Query,
}

/// What is overdue is open; lists look for it by this name.
const OVERDUE: &str = "overdue";

/// The documents of an organization, the newest first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a page that is none.
pub async fn documents(grant: &Grant<Organization>, query: &Query) -> Result<Page<InvoiceHead>, AppError> {
    grant.demand(Permission::ReadBilling)?;
    let filter = Filter { organization: Some(grant.organization()), ..Filter::default() };
    let mut tx = grant.begin().await?;
    let page = list(&mut tx, filter, query, grant.platform().now()).await?;
    tx.commit().await?;
    Ok(page)
}

/// The documents of all organizations that match, the newest first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a filter or a page that is none.
pub async fn documents_for_staff(
    grant: &Grant<Site>,
    query: &SiteQuery,
) -> Result<Page<InvoiceHead>, AppError> {
    grant.demand(SiteAction::ReadBilling)?;
    let asked = given(query.state.as_deref());
    let only_overdue = asked == Some(OVERDUE);
    let state = match asked.filter(|_| !only_overdue) {
        None => None,
        Some(name) => Some(
            InvoiceState::parse(name).ok_or_else(|| AppError::invalid("state", FieldIssue::NotAnOption))?,
        ),
    };
    let filter = Filter { state, only_overdue, text: given(query.q.as_deref()), ..Filter::default() };
    let mut tx = grant.begin().await?;
    let page = list(&mut tx, filter, &query.page, grant.platform().now()).await?;
    tx.commit().await?;
    Ok(page)
}

async fn list(
    tx: &mut Tx,
    filter: Filter<'_>,
    query: &Query,
    now: Timestamp,
) -> Result<Page<InvoiceHead>, AppError> {
    let limit = typed::limit(query.limit)?;
    let before = given(query.cursor.as_deref())
        .map(|text| cursor(text).ok_or_else(|| AppError::invalid("cursor", FieldIssue::Unreadable)))
        .transpose()?;
    let filter = Filter { before, limit: i64::from(limit) + 1, ..filter };
    let mut rows = store::list(tx.conn(), filter, now).await?;
    let more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let items = rows.iter().map(|row| row.head(now)).collect::<Result<Vec<_>, _>>()?;
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|last| format!("{}_{}", last.issued_at.rfc3339(), last.id));
    Ok(Page { items, next_cursor })
}

fn cursor(text: &str) -> Option<(Timestamp, Uuid)> {
    let (at, id) = text.split_once('_')?;
    Some((Timestamp::parse(at)?, Uuid::parse_str(id).ok()?))
}

/// A document of an organization by its number, or its id.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`] where none is named.
pub async fn document(grant: &Grant<Organization>, number_or_id: &str) -> Result<Invoice, AppError> {
    grant.demand(Permission::ReadBilling)?;
    let named = given(Some(number_or_id)).ok_or_else(|| AppError::invalid("number", FieldIssue::Required))?;
    let id = Uuid::parse_str(named).ok();
    let number = id.is_none().then_some(named);
    let filter = Filter { organization: Some(grant.organization()), id, number, ..Filter::default() };
    let mut tx = grant.begin().await?;
    let found = one(&mut tx, filter, grant.platform().now()).await?;
    tx.commit().await?;
    Ok(found)
}

/// A document of whichever organization.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::MalformedRequest`] for what is no id.
pub async fn document_for_staff(grant: &Grant<Site>, id: &str) -> Result<Invoice, AppError> {
    grant.demand(SiteAction::ReadBilling)?;
    let filter = Filter { id: Some(read_id("invoice_id", id)?), ..Filter::default() };
    let mut tx = grant.begin().await?;
    let found = one(&mut tx, filter, grant.platform().now()).await?;
    tx.commit().await?;
    Ok(found)
}

pub(super) async fn one(tx: &mut Tx, filter: Filter<'_>, now: Timestamp) -> Result<Invoice, AppError> {
    let found = store::list(tx.conn(), Filter { limit: 1, ..filter }, now).await?.into_iter().next();
    found.ok_or(AppError::NotFound)?.whole(tx.conn(), now).await
}

/// The organization of a document, if it is one of the caller's.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::MalformedRequest`] for what is no id.
pub async fn owner_of(grant: &Grant<Own>, id: &str) -> Result<Uuid, AppError> {
    let id = read_id("id", id)?;
    let mut tx = grant.begin().await?;
    let owner = store::owner(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(owner)
}
