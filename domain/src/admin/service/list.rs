//! Finds accounts.

use super::{
    super::{Factor, Seen, Sort, Status, UserDetail, UserRow, cursor, store},
    user_id,
};
use crate::{
    AppError, FieldIssue, Page,
    access::{Grant, Site, SiteAction, SiteRole},
    audit, second_factor, sessions,
    values::{PAGE_DEFAULT, PAGE_MAX},
};

/// Which accounts somebody wants to see, as typed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Part of an address or name.
    pub q: Option<String>,
    /// A role's name.
    pub role: Option<String>,
    /// A status' name.
    pub status: Option<String>,
    /// `on` or `off`.
    pub second_factor: Option<String>,
    /// When they were here last.
    pub seen: Option<String>,
    /// An order's name.
    pub sort: Option<String>,
    /// How many.
    pub limit: Option<u16>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// The accounts that match.
///
/// # Errors
/// [`AppError::InvalidInput`] for a filter that is none.
pub async fn users(grant: &Grant<Site>, query: Query) -> Result<Page<UserRow>, AppError> {
    grant.demand(SiteAction::ReadUsers)?;
    let limit = query.limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(AppError::invalid("limit", FieldIssue::OutOfRange { min: 1, max: PAGE_MAX.into() }));
    }
    let q = given(query.q.as_deref());
    if q.is_some_and(|q| q.chars().count() > 254) {
        return Err(AppError::invalid("q", FieldIssue::TooLong { max: 254 }));
    }
    let sort = option("sort", query.sort.as_deref(), Sort::parse)?.unwrap_or_default();
    let after =
        |text| cursor::read(sort, text).ok_or_else(|| AppError::invalid("cursor", FieldIssue::Unreadable));
    let filter = store::Filter {
        pattern: q.map(like_pattern),
        role: option("role", query.role.as_deref(), SiteRole::parse)?,
        status: option("status", query.status.as_deref(), Status::parse)?,
        second_factor: option("second_factor", query.second_factor.as_deref(), Factor::parse)?,
        seen: option("seen", query.seen.as_deref(), Seen::parse)?,
        now: grant.platform().now(),
        sort,
        after: given(query.cursor.as_deref()).map(after).transpose()?,
        limit: i64::from(limit) + 1,
    };
    let mut found = store::list(grant.platform().db(), &filter).await?;
    let more = found.len() > usize::from(limit);
    found.truncate(limit.into());
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::write(sort, &last.key, last.user.id));
    Ok(Page { items: found.into_iter().map(|found| found.user).collect(), next_cursor })
}

fn option<T>(
    field: &str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, AppError> {
    given(text)
        .map(|text| parse(text).ok_or_else(|| AppError::invalid(field, FieldIssue::NotAnOption)))
        .transpose()
}

/// An empty field of a filter form is no filter.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// `%` and `_` are what was typed, not wildcards.
fn like_pattern(typed: &str) -> String {
    let escaped = typed.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// One account with its devices, its factors and its last entries in the trail.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::MalformedRequest`] for what is no id.
pub async fn user(grant: &Grant<Site>, user: &str) -> Result<UserDetail, AppError> {
    grant.demand(SiteAction::ReadUsers)?;
    let id = user_id(user)?;
    let platform = grant.platform();
    let user = store::find(platform.db(), id).await?.ok_or(AppError::NotFound)?;
    let own = (id == grant.person().user).then_some(grant.person().session);
    Ok(UserDetail {
        user,
        recovery_codes_left: second_factor::service::codes_left(platform, id).await?,
        devices: sessions::service::of_account(platform, id, own).await?,
        entries: audit::service::about_person(grant, id).await?,
    })
}
