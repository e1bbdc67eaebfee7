//! What was typed, read.

use uuid::Uuid;

use super::super::{store, title};
pub(super) use crate::typed::{conflict, line};
pub(in crate::organizations) use crate::typed::{given, read_id};
use crate::{
    AppError, FieldIssue, Page,
    access::{BuiltInRole, Permission, Permissions, Tx, evaluator::Subject},
    typed,
};

/// Reads a name.
pub(in crate::organizations) fn name(field: &str, typed: &str, most: u32) -> Result<String, AppError> {
    let text = line(typed, most).map_err(|issue| AppError::invalid(field, issue))?;
    if text.is_empty() { Err(AppError::invalid(field, FieldIssue::Required)) } else { Ok(text) }
}

/// Reads a permission.
pub(super) fn permission(typed: &str) -> Result<Permission, AppError> {
    match typed.trim() {
        "" => Err(AppError::invalid("permission", FieldIssue::Required)),
        name => {
            Permission::parse(name).ok_or_else(|| AppError::invalid("permission", FieldIssue::NotAnOption))
        }
    }
}

/// Reads permissions, at least one.
pub(super) fn permissions(typed: &[String]) -> Result<Permissions, FieldIssue> {
    let names = typed.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    let read: Option<Permissions> = names.map(Permission::parse).collect();
    match read {
        None => Err(FieldIssue::NotAnOption),
        Some(none) if none.is_empty() => Err(FieldIssue::Required),
        Some(some) => Ok(some),
    }
}

/// It is more than the caller may do.
pub(in crate::organizations) fn above_yourself(field: &str) -> AppError {
    conflict(field, FieldIssue::AboveYourself)
}

/// Which page of a list is wanted.
pub(in crate::organizations) struct Paging {
    /// The last one of the page before.
    pub(in crate::organizations) after: Uuid,
    limit: u16,
}

impl Paging {
    pub(in crate::organizations) fn read(limit: Option<u16>, cursor: Option<&str>) -> Result<Self, AppError> {
        let limit = typed::limit(limit)?;
        let after = given(cursor).map_or(Ok(Uuid::nil()), Uuid::parse_str);
        let after = after.map_err(|_| AppError::invalid("cursor", FieldIssue::Unreadable))?;
        Ok(Self { after, limit })
    }

    /// One row more than the page has says that there is another page.
    pub(in crate::organizations) fn one_more(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// The rows of a page, and where the next one begins.
pub(in crate::organizations) fn of_page<T>(
    mut rows: Vec<T>,
    paging: &Paging,
    id: impl Fn(&T) -> Uuid,
) -> Page<T> {
    let more = rows.len() > usize::from(paging.limit);
    rows.truncate(paging.limit.into());
    let next_cursor = rows.last().filter(|_| more).map(|row| id(row).to_string());
    Page { items: rows, next_cursor }
}

/// The member with this id or address.
pub(in crate::organizations) async fn member_id(
    tx: &mut Tx,
    field: &str,
    typed: &str,
) -> Result<Uuid, AppError> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Err(AppError::invalid(field, FieldIssue::Required));
    }
    let organization = tx.organization()?;
    let nobody = || AppError::invalid(field, FieldIssue::NotAMember);
    // A zero byte is no text for Postgres.
    if typed.contains('\0') {
        return Err(nobody());
    }
    if let Ok(id) = Uuid::parse_str(typed) {
        let is_one = store::is_member(tx.conn(), organization, id).await?;
        return if is_one { Ok(id) } else { Err(nobody()) };
    }
    store::member_at(tx.conn(), organization, typed).await?.ok_or_else(nobody)
}

/// To whom a role is given: a member, or a group; one of both.
pub(super) async fn subject(
    tx: &mut Tx,
    member: Option<&str>,
    group: Option<&str>,
) -> Result<Subject, AppError> {
    let organization = tx.organization()?;
    match (given(member), given(group)) {
        (Some(member), None) => Ok(Subject::Member(member_id(tx, "user_id", member).await?)),
        (None, Some(group)) => {
            let group = read_id("group_id", group)?;
            if !store::is_group(tx.conn(), organization, group).await? {
                return Err(AppError::NotFound);
            }
            Ok(Subject::Group(group))
        }
        (None, None) => Err(AppError::invalid("user_id", FieldIssue::Required)),
        (Some(_), Some(_)) => Err(AppError::invalid("group_id", FieldIssue::NotAnOption)),
    }
}

/// A role that is there.
pub(super) enum Found {
    BuiltIn(BuiltInRole),
    Made(store::Listed),
}

impl Found {
    pub(super) fn permissions(&self) -> Permissions {
        match self {
            Self::BuiltIn(role) => role.permissions(),
            Self::Made(row) => Permissions::named(row.permissions.iter().map(String::as_str)),
        }
    }

    /// As the table of assignments names it.
    pub(super) fn key(&self) -> (Option<&'static str>, Option<Uuid>) {
        match self {
            Self::BuiltIn(role) => (Some(role.name()), None),
            Self::Made(row) => (None, Some(row.id)),
        }
    }

    /// As requests name it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::BuiltIn(role) => role.name().to_owned(),
            Self::Made(row) => row.id.to_string(),
        }
    }
}

/// The role with this name or id.
pub(super) async fn role_named(tx: &mut Tx, typed: &str) -> Result<Found, AppError> {
    let typed = typed.trim();
    if let Some(role) = BuiltInRole::parse(typed) {
        return Ok(Found::BuiltIn(role));
    }
    let id = read_id("role", typed)?;
    let organization = tx.organization()?;
    store::find(tx.conn(), organization, id).await?.map(Found::Made).ok_or(AppError::NotFound)
}

/// Whether a role that every organization has is called so.
pub(super) fn is_built_in_name(name: &str) -> bool {
    BuiltInRole::ALL.into_iter().any(|role| title(role).0.eq_ignore_ascii_case(name))
}
