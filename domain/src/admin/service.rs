//! What administrators and supporters do to accounts.

use uuid::Uuid;

use super::{Sort, Status, UserRow, cursor, store};
use crate::{
    AppError, FieldIssue, FieldProblem, Page,
    access::{Grant, Site, SiteAction, SiteRole, System, Tx, site_allows},
    audit::{self, Deed},
    identity::Address,
    second_factor, sessions,
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
    let sort = option("sort", query.sort.as_deref(), Sort::parse)?.unwrap_or_default();
    let after =
        |text| cursor::read(sort, text).ok_or_else(|| AppError::invalid("cursor", FieldIssue::Unreadable));
    let filter = store::Filter {
        pattern: q.map(like_pattern),
        role: option("role", query.role.as_deref(), SiteRole::parse)?,
        status: option("status", query.status.as_deref(), Status::parse)?,
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

/// Keeps a person from signing in and ends every session they have.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::NotAllowed`] for an administrator when the caller is none;
/// [`AppError::Conflict`] for oneself or a locked account; [`AppError::InvalidInput`] without a reason.
pub async fn lock_user(grant: &Grant<Site>, user: &str, reason: &str) -> Result<(), AppError> {
    grant.demand(SiteAction::LockUser)?;
    let (user, reason) = (user_id(user)?, reason_of(reason)?);
    let mut tx = grant.begin().await?;
    let held = hold(&mut tx, grant, user).await?;
    if user == grant.person().user {
        return Err(conflict(FieldIssue::Yourself));
    }
    held.may_be_touched()?;
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
    hold(&mut tx, grant, user).await?.may_be_touched()?;
    if !store::unlock(tx.conn(), user).await? {
        return Err(conflict(FieldIssue::AlreadyDone));
    }
    audit::note(&mut tx, Deed::UserUnlocked { user, reason }).await?;
    tx.commit().await
}

/// Takes the second factor of an account away and signs it out: the way back for somebody who has neither their phone nor
/// their codes, and nobody above them.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no address; [`AppError::NotFound`]; [`AppError::Conflict`] when it is off.
pub async fn reset_second_factor(grant: &Grant<System>, email: &str) -> Result<(), AppError> {
    let address = Address::parse(email).map_err(|issue| AppError::invalid("email", issue))?;
    let mut tx = grant.begin().await?;
    let user = store::hold_by_address(tx.conn(), address.as_str()).await?.ok_or(AppError::NotFound)?;
    if !second_factor::service::take_away(&mut tx, grant.platform(), user).await? {
        return Err(conflict(FieldIssue::FactorOff));
    }
    sessions::service::end_all(&mut tx, user, None).await?;
    audit::note(&mut tx, Deed::SecondFactorReset { user }).await?;
    tx.commit().await
}

/// The roles of the one who acts and of the one it is done to, as they are until the transaction ends.
struct Roles {
    caller: Vec<SiteRole>,
    other: Vec<SiteRole>,
}

impl Roles {
    fn may_be_touched(&self) -> Result<(), AppError> {
        let raised = self.other.iter().any(|role| *role != SiteRole::User);
        if raised && !self.caller.contains(&SiteRole::Admin) { Err(AppError::NotAllowed) } else { Ok(()) }
    }
}

/// Holds both accounts. The grant is from before: whoever was locked or lost the role meanwhile does nothing any more.
async fn hold(tx: &mut Tx, grant: &Grant<Site>, user: Uuid) -> Result<Roles, AppError> {
    let caller = grant.person().user;
    let held = store::hold(tx.conn(), &[caller, user]).await?;
    let find = |id| held.iter().find(|account| account.id == id);
    let acting = find(caller).filter(|account| !account.out).ok_or(AppError::SignInRequired)?;
    if !site_allows(&acting.roles, grant.action()) {
        return Err(AppError::NotAllowed);
    }
    let other = find(user).ok_or(AppError::NotFound)?;
    Ok(Roles { caller: acting.roles.clone(), other: other.roles.clone() })
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
