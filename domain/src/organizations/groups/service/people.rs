//! Who is in a group.

use super::{
    super::{GroupMember, store},
    allowed_by, demand_own, find, group_id,
};
use crate::{
    AppError, Page,
    access::{Grant, Organization, Permission},
    audit::{self, RoleDeed},
    organizations::roles::service::{Paging, member_id, of_page},
};

/// Who is in a group itself, in the order of their accounts.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`] for a page that is none.
pub async fn members(
    grant: &Grant<Organization>,
    group: &str,
    limit: Option<u16>,
    cursor: Option<&str>,
) -> Result<Page<GroupMember>, AppError> {
    grant.demand(Permission::ReadGroups)?;
    let group = group_id("group_id", group)?;
    let paging = Paging::read(limit, cursor)?;
    let mut tx = grant.begin().await?;
    find(&mut tx, group).await?;
    let rows =
        store::members(tx.conn(), grant.organization(), group, paging.after, paging.one_more()).await?;
    tx.commit().await?;
    Ok(of_page(rows, &paging, |row| row.user_id))
}

/// Puts a member into a group; nothing changes for one who is in it. What it gives may not be more than the caller has.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`] for who is no member; [`AppError::Conflict`] for more than the caller
/// may do.
pub async fn add(grant: &Grant<Organization>, group: &str, member: &str) -> Result<(), AppError> {
    grant.demand(Permission::UpdateGroups)?;
    let group = group_id("group_id", group)?;
    let mut tx = grant.begin().await?;
    let own = grant.hold(&mut tx).await?;
    find(&mut tx, group).await?;
    let user = member_id(&mut tx, "user_id", member).await?;
    demand_own("group_id", own, allowed_by(&mut tx, Some(group)).await?)?;
    if !store::add(tx.conn(), grant.organization(), group, user).await? {
        return Ok(());
    }
    audit::note(&mut tx, RoleDeed::GroupJoined { group, user }).await?;
    tx.commit().await
}

/// Takes a member out of a group; nothing changes for one who is not in it. What it gave may not be more than the caller has.
///
/// # Errors
/// As [`add`].
pub async fn remove(grant: &Grant<Organization>, group: &str, member: &str) -> Result<(), AppError> {
    grant.demand(Permission::UpdateGroups)?;
    let group = group_id("group_id", group)?;
    let mut tx = grant.begin().await?;
    let own = grant.hold(&mut tx).await?;
    find(&mut tx, group).await?;
    let user = member_id(&mut tx, "user_id", member).await?;
    demand_own("group_id", own, allowed_by(&mut tx, Some(group)).await?)?;
    if !store::remove(tx.conn(), grant.organization(), group, user).await? {
        return Ok(());
    }
    audit::note(&mut tx, RoleDeed::GroupLeft { group, user }).await?;
    tx.commit().await
}
