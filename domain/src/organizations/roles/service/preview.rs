//! What a change would come to: the same evaluator, and nothing is changed.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    super::{MemberName, Preview, RoleChange, store},
    typed::{Found, Paging, given, of_page, permissions, role_named, subject},
};
use crate::{
    AppError, FieldIssue, Page,
    access::{
        Grant, Organization, Permission, Permissions,
        evaluator::{Trial, try_out},
    },
};

/// What is tried out, as typed.
#[derive(Clone, Debug, Default)]
pub struct Trying {
    /// The role; nothing for one that is not there yet.
    pub role: Option<String>,
    /// `change`, which is what is meant when nobody says; `delete`, `assign` or `unassign`.
    pub act: Option<String>,
    /// What it would allow; for `assign` and `unassign` of a role that is there nothing.
    pub permissions: Vec<String>,
    /// Who would have it, or no more.
    pub user_id: Option<String>,
    /// The group that would have it, or no more.
    pub group_id: Option<String>,
    /// How many rows.
    pub limit: Option<u16>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// What can be tried out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Change,
    Delete,
    Assign,
    Unassign,
}

/// Tries a change of a role out: who would gain, and who would lose what. What is above the caller can be looked at as well.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`].
pub async fn preview(grant: &Grant<Organization>, typed: &Trying) -> Result<Preview, AppError> {
    grant.demand(Permission::ReadRoles)?;
    let paging = Paging::read(typed.limit, typed.cursor.as_deref())?;
    let act = match given(typed.act.as_deref()) {
        None | Some("change") => Act::Change,
        Some("delete") => Act::Delete,
        Some("assign") => Act::Assign,
        Some("unassign") => Act::Unassign,
        Some(_) => return Err(AppError::invalid("act", FieldIssue::NotAnOption)),
    };
    let mut tx = grant.begin().await?;
    let role = match given(typed.role.as_deref()) {
        Some(role) => Some(role_named(&mut tx, role).await?),
        None if act == Act::Change || act == Act::Assign => None,
        None => return Err(AppError::invalid("role", FieldIssue::Required)),
    };
    let (before, after) = content(role.as_ref(), act, &typed.permissions)?;
    let (user, group) = (typed.user_id.as_deref(), typed.group_id.as_deref());
    let moved = match act {
        Act::Assign | Act::Unassign => Some(subject(&mut tx, user, group).await?),
        Act::Change | Act::Delete => None,
    };
    let trial = Trial {
        built_in: role.as_ref().and_then(|role| match role {
            Found::BuiltIn(role) => Some(*role),
            Found::Made(_) => None,
        }),
        made: role.as_ref().and_then(|role| role.key().1),
        before,
        after,
        given_to: moved.filter(|_| act == Act::Assign),
        taken_from: moved.filter(|_| act == Act::Unassign),
        place: paging.after,
        limit: paging.one_more(),
    };
    let found = try_out(tx.conn(), grant.organization(), &trial).await?;
    let Page { items, next_cursor } = of_page(found.rows, &paging, |row| row.0);
    let users: Vec<Uuid> = items.iter().map(|row| row.0).collect();
    let names = store::named(tx.conn(), grant.organization(), &users).await?;
    tx.commit().await?;
    let mut names: HashMap<Uuid, MemberName> = names.into_iter().map(|it| (it.user_id, it)).collect();
    let items = items.into_iter().filter_map(|(user, gains, loses)| {
        let member = names.remove(&user)?;
        Some(RoleChange { member, gains: gains.names(), loses: loses.names() })
    });
    Ok(Preview { gaining: found.gaining, losing: found.losing, items: items.collect(), next_cursor })
}

/// What the role allows, and what it would allow.
fn content(
    role: Option<&Found>,
    act: Act,
    typed: &[String],
) -> Result<(Permissions, Permissions), AppError> {
    let before = role.map_or(Permissions::NONE, Found::permissions);
    let typed = || permissions(typed).map_err(|issue| AppError::invalid("permissions", issue));
    let after = match (act, role) {
        (Act::Delete | Act::Change, Some(Found::BuiltIn(_))) => {
            return Err(AppError::invalid("role", FieldIssue::NotAnOption));
        }
        (Act::Delete, _) => Permissions::NONE,
        (Act::Assign | Act::Unassign, Some(_)) => before,
        (Act::Change, _) | (Act::Assign | Act::Unassign, None) => typed()?,
    };
    Ok((before, after))
}
