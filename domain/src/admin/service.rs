//! What administrators and supporters do to accounts.

use uuid::Uuid;

use super::{Sort, Status, UserRow, store};
use crate::{
    AppError, FieldIssue, FieldProblem, Page,
    access::{Grant, Site, SiteAction, SiteRole},
    audit::{self, Deed},
    sessions,
    values::{PAGE_DEFAULT, PAGE_MAX},
};

pub use crate::identity::service::invite_first_administrator;

/// Which accounts somebody wants to see, as typed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Part of an address or name.
    pub q: Option<String>,
    /// A role's name.
    pub role: Option<String>,
    /// A status' name.
    pub status: Option<String>,
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
    let filter = store::Filter {
        pattern: q.map(like_pattern),
        role: option("role", query.role.as_deref(), SiteRole::parse)?,
        status: option("status", query.status.as_deref(), Status::parse)?,
        sort: option("sort", query.sort.as_deref(), Sort::parse)?.unwrap_or_default(),
        after: given(query.cursor.as_deref()).map(cursor_of).transpose()?,
        limit: i64::from(limit) + 1,
    };
    let mut items = store::list(grant.platform().db(), &filter).await?;
    let more = items.len() > usize::from(limit);
    items.truncate(limit.into());
    let next_cursor = if more { items.last().map(|row| row.id.to_string()) } else { None };
    Ok(Page { items, next_cursor })
}

/// A cursor is the id of the last row: where it stands in the order is read from the row itself.
fn cursor_of(text: &str) -> Result<Uuid, AppError> {
    Uuid::parse_str(text).map_err(|_| AppError::invalid("cursor", FieldIssue::Unreadable))
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

/// Keeps a person from signing in and ends every session they have.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::NotAllowed`] for an administrator when the caller is none;
/// [`AppError::Conflict`] for oneself or a locked account; [`AppError::InvalidInput`] without a reason.
pub async fn lock_user(grant: &Grant<Site>, user: &str, reason: &str) -> Result<(), AppError> {
    grant.demand(SiteAction::LockUser)?;
    let (user, reason) = (user_id(user)?, reason_of(reason)?);
    let mut tx = grant.begin().await?;
    let roles = store::roles_for_update(tx.conn(), user).await?.ok_or(AppError::NotFound)?;
    if user == grant.person().user {
        return Err(conflict(FieldIssue::Yourself));
    }
    may_touch(grant, &roles)?;
    if !store::lock(tx.conn(), user, grant.platform().now()).await? {
        return Err(conflict(FieldIssue::AlreadyDone));
    }
    sessions::service::end_all(&mut tx, user, None).await?;
    audit::note(&mut tx, Deed::UserLocked { user, reason }).await?;
    tx.commit().await
}

/// Lets a locked person in again.
///
/// # Errors
/// As [`lock_user`].
pub async fn unlock_user(grant: &Grant<Site>, user: &str, reason: &str) -> Result<(), AppError> {
    grant.demand(SiteAction::UnlockUser)?;
    let (user, reason) = (user_id(user)?, reason_of(reason)?);
    let mut tx = grant.begin().await?;
    let roles = store::roles_for_update(tx.conn(), user).await?.ok_or(AppError::NotFound)?;
    may_touch(grant, &roles)?;
    if !store::unlock(tx.conn(), user).await? {
        return Err(conflict(FieldIssue::AlreadyDone));
    }
    audit::note(&mut tx, Deed::UserUnlocked { user, reason }).await?;
    tx.commit().await
}

fn may_touch(grant: &Grant<Site>, roles: &[SiteRole]) -> Result<(), AppError> {
    let raised = roles.iter().any(|role| *role != SiteRole::User);
    if raised && !grant.person().roles.contains(&SiteRole::Admin) {
        Err(AppError::NotAllowed)
    } else {
        Ok(())
    }
}

fn user_id(text: &str) -> Result<Uuid, AppError> {
    if text.trim().is_empty() {
        return Err(AppError::invalid("user_id", FieldIssue::Required));
    }
    Uuid::parse_str(text.trim()).map_err(|_| AppError::MalformedRequest)
}

fn reason_of(typed: &str) -> Result<String, AppError> {
    let reason = typed.trim();
    let issue = if reason.is_empty() {
        FieldIssue::Required
    } else if reason.chars().count() > 500 {
        FieldIssue::TooLong { max: 500 }
    } else if reason.chars().any(|c| c.is_control() && c != '\n') {
        FieldIssue::ControlCharacter
    } else {
        return Ok(reason.to_owned());
    };
    Err(AppError::invalid("reason", issue))
}

fn conflict(issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new("user_id", issue)] }
}
