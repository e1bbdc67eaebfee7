//! The questions about who may do what.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    super::{Explanation, Holder, MemberName, MemberPermissions, store, title},
    chains::chains,
    typed::{Paging, given, member_id, of_page, permission},
};
use crate::{
    AppError, Page,
    access::{
        BuiltInRole, Grant, Member, Organization, Permission, Permissions, Tx,
        evaluator::{holders, of_member, of_members},
    },
    organizations::RoleRef,
};

/// How many are named who could give a role.
const MOST_TO_ASK: usize = 5;
/// Among how many they are looked for.
const LOOKED_AT: i64 = 100;

/// Members × permissions: what each may do.
///
/// # Errors
/// [`AppError::InvalidInput`] for a page that is none.
pub async fn matrix(
    grant: &Grant<Organization>,
    limit: Option<u16>,
    cursor: Option<&str>,
) -> Result<Page<MemberPermissions>, AppError> {
    grant.demand(Permission::ReadRoles)?;
    let paging = Paging::read(limit, cursor)?;
    let organization = grant.organization();
    let mut tx = grant.begin().await?;
    let rows = store::members(tx.conn(), organization, paging.after, paging.one_more()).await?;
    let Page { items, next_cursor } = of_page(rows, &paging, |row| row.user_id);
    let users: Vec<Uuid> = items.iter().map(|row| row.user_id).collect();
    let has = of_members(tx.conn(), organization, &users).await?;
    tx.commit().await?;
    let items = items.into_iter().map(|member| {
        let permissions = has.get(&member.user_id).copied().unwrap_or_default().names();
        MemberPermissions { member, permissions }
    });
    Ok(Page { items: items.collect(), next_cursor })
}

/// Who may do something, and why.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no permission, or no page.
pub async fn who_can(
    grant: &Grant<Organization>,
    typed: &str,
    limit: Option<u16>,
    cursor: Option<&str>,
) -> Result<Page<Holder>, AppError> {
    grant.demand(Permission::ReadRoles)?;
    let (permission, paging) = (permission(typed)?, Paging::read(limit, cursor)?);
    let organization = grant.organization();
    let mut tx = grant.begin().await?;
    let rows = holders(tx.conn(), organization, permission, paging.after, paging.one_more()).await?;
    let Page { items: users, next_cursor } = of_page(rows, &paging, |id| *id);
    let members = store::named(tx.conn(), organization, &users).await?;
    let mut why = chains(&mut tx, &users, permission).await?;
    tx.commit().await?;
    let items = members.into_iter().map(|member| {
        let ways = why.remove(&member.user_id).unwrap_or_default();
        Holder { member, ways }
    });
    Ok(Page { items: items.collect(), next_cursor })
}

/// Why somebody may do something, or why not and who could help. Every member may ask that about themselves.
///
/// # Errors
/// [`AppError::NotAllowed`] to ask it about others without the permission to; [`AppError::InvalidInput`] for who is no member,
/// and for what is no permission.
pub async fn explain(asking: &Member, user: Option<&str>, typed: &str) -> Result<Explanation, AppError> {
    let grant = asking.own()?;
    let own = asking.permissions();
    let mut tx = grant.begin().await?;
    tx.enter(asking.organization()).await?;
    let user = match given(user) {
        None => grant.user(),
        // Before anything is looked up: who may not ask learns nothing about who is there.
        Some(_) if !own.has(Permission::ReadRoles) => return Err(AppError::NotAllowed),
        Some(typed) => member_id(&mut tx, "user_id", typed).await?,
    };
    let permission = permission(typed)?;
    let allowed = of_member(tx.conn(), asking.organization(), user).await?.has(permission);
    let ways = chains(&mut tx, &[user], permission).await?.remove(&user).unwrap_or_default();
    let (roles, ask) = if allowed {
        (Vec::new(), Vec::new())
    } else {
        (roles_with(&mut tx, permission, own).await?, who_could_help(&mut tx, permission, own).await?)
    };
    let member = store::named(tx.conn(), asking.organization(), &[user]).await?.pop().ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(Explanation { member, permission: permission.name().to_owned(), allowed, ways, roles, ask })
}

/// The roles that allow it, as far as the caller may see them.
async fn roles_with(
    tx: &mut Tx,
    permission: Permission,
    own: Permissions,
) -> Result<Vec<RoleRef>, AppError> {
    let organization = tx.organization()?;
    let built_in = BuiltInRole::ALL.into_iter().rev().filter(|role| role.permissions().has(permission));
    let named = |role: BuiltInRole| RoleRef { role: role.name().to_owned(), name: title(role).0.to_owned() };
    let mut roles: Vec<RoleRef> = built_in.map(named).collect();
    if own.has(Permission::ReadRoles) {
        let made = store::list(tx.conn(), organization).await?.into_iter();
        let made = made.filter(|row| row.permissions.iter().any(|name| name == permission.name()));
        roles.extend(made.map(|row| RoleRef { role: row.id.to_string(), name: row.name }));
    }
    Ok(roles)
}

/// Some who may give roles and have it themselves, as far as the caller may see who is there.
async fn who_could_help(
    tx: &mut Tx,
    permission: Permission,
    own: Permissions,
) -> Result<Vec<MemberName>, AppError> {
    if !own.has(Permission::ReadMembers) {
        return Ok(Vec::new());
    }
    let organization = tx.organization()?;
    let able = holders(tx.conn(), organization, Permission::AssignRoles, Uuid::nil(), LOOKED_AT).await?;
    let has: HashMap<Uuid, Permissions> = of_members(tx.conn(), organization, &able).await?;
    let could = |user: &Uuid| has.get(user).is_some_and(|theirs| theirs.has(permission));
    let found: Vec<Uuid> = able.into_iter().filter(could).take(MOST_TO_ASK).collect();
    store::named(tx.conn(), organization, &found).await
}
