//! Groups are made, called otherwise, moved and deleted.

use super::{
    super::{
        Group, MOST_GROUPS, MadeGroup,
        store::{self, NewGroup},
    },
    allowed_by, demand_own, find, given, group_id, parent_id,
};
use crate::{
    AppError, FieldIssue, FieldProblem, Page,
    access::{Grant, Organization, Permission},
    audit::{self, RoleDeed},
    billing::{Entitlement, service::entitled},
    organizations::{
        roles::service::{Paging, name, of_page},
        service::Counter,
    },
};

/// The longest name, in characters.
const LONGEST: u32 = 100;

/// The tree, page by page in the order its groups were made; who reads it puts it together by `parent_id`.
///
/// # Errors
/// [`AppError::InvalidInput`] for a page that is none.
pub async fn groups(
    grant: &Grant<Organization>,
    limit: Option<u16>,
    cursor: Option<&str>,
) -> Result<Page<Group>, AppError> {
    grant.demand(Permission::ReadGroups)?;
    let paging = Paging::read(limit, cursor)?;
    let mut tx = grant.begin().await?;
    let rows = store::list(tx.conn(), grant.organization(), paging.after, paging.one_more()).await?;
    tx.commit().await?;
    let Page { items, next_cursor } = of_page(rows, &paging, |row| row.id);
    let items = items.into_iter().map(|row| Group {
        id: row.id,
        parent_id: row.parent_id,
        name: row.name,
        members: row.members,
        created_at: row.created_at.into(),
    });
    Ok(Page { items: items.collect(), next_cursor })
}

/// Makes a group, inside of another one or at the top.
///
/// # Errors
/// [`AppError::InvalidInput`]; [`AppError::NotFound`] for a parent that is not there; [`AppError::Conflict`] for a name that
/// another one beside it has, and for one too many; [`AppError::QuotaExceeded`] for more than the plan gives.
pub async fn create(
    grant: &Grant<Organization>,
    typed_name: &str,
    parent: Option<&str>,
) -> Result<MadeGroup, AppError> {
    grant.demand(Permission::CreateGroups)?;
    let name = name("name", typed_name, LONGEST)?;
    let parent = parent_id(parent)?;
    let (id, now) = (grant.platform().new_id(), grant.platform().now());
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    if store::count(tx.conn(), grant.organization()).await? >= i64::from(MOST_GROUPS) {
        return Err(conflict("name", FieldIssue::TooMany { max: MOST_GROUPS }));
    }
    entitled(&mut tx, &Counter, Entitlement::Groups, 1).await?;
    if let Some(parent) = parent {
        find(&mut tx, parent).await?;
    }
    let row = NewGroup { id, organization: grant.organization(), parent, name: &name, now };
    store::insert(tx.conn(), &row).await?;
    audit::note(&mut tx, RoleDeed::GroupMade { group: id, parent }).await?;
    tx.commit().await?;
    Ok(MadeGroup { id })
}

/// Calls a group otherwise.
///
/// # Errors
/// As [`create`].
pub async fn rename(grant: &Grant<Organization>, group: &str, typed_name: &str) -> Result<(), AppError> {
    grant.demand(Permission::UpdateGroups)?;
    let group = group_id("group_id", group)?;
    let name = name("name", typed_name, LONGEST)?;
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    if find(&mut tx, group).await?.name == name {
        return Ok(());
    }
    store::rename(tx.conn(), grant.organization(), group, &name).await?;
    audit::note(&mut tx, RoleDeed::GroupRenamed { group }).await?;
    tx.commit().await
}

/// Puts a group with all that is below it into another one, or at the top. Who is in it loses what came from above, and gets
/// what comes from there: neither may be more than the mover has.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for a place inside of itself, for a name that is taken there, and for more
/// than the mover may do; [`AppError::StepUpRequired`] where its people gain what only owners may do.
pub async fn move_to(grant: &Grant<Organization>, group: &str, parent: Option<&str>) -> Result<(), AppError> {
    grant.demand(Permission::UpdateGroups)?;
    let (group, parent) = (group_id("group_id", group)?, parent_id(parent)?);
    let mut tx = grant.begin().await?;
    // All who move groups of an organization come one after the other: two moves at once could make a ring.
    let own = grant.hold(&mut tx).await?;
    let before = find(&mut tx, group).await?;
    if before.parent_id == parent {
        return Ok(());
    }
    if let Some(parent) = parent {
        find(&mut tx, parent).await?;
        if store::is_at_or_above(tx.conn(), grant.organization(), group, parent).await? {
            return Err(conflict("parent_id", FieldIssue::InsideItself));
        }
    }
    let (lost, gained) = (allowed_by(&mut tx, before.parent_id).await?, allowed_by(&mut tx, parent).await?);
    demand_own("parent_id", own, gained.without(lost).and(lost.without(gained)))?;
    if gained.without(lost).are_owners() {
        grant.demand_fresh()?;
    }
    store::put_below(tx.conn(), grant.organization(), group, parent).await?;
    let deed = RoleDeed::GroupMoved { group, from: before.parent_id, to: parent };
    audit::note(&mut tx, deed).await?;
    tx.commit().await
}

/// Deletes a group. Groups below it stand in the way, unless they are lifted to where it was (`below` is `move`). Who is in it
/// or below loses what it gave: no more than the one has who deletes it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`]; [`AppError::Conflict`] for groups below it, for a name that is taken
/// where they are lifted to, and for more than the caller may do.
pub async fn delete(grant: &Grant<Organization>, group: &str, below: Option<&str>) -> Result<(), AppError> {
    grant.demand(Permission::DeleteGroups)?;
    let group = group_id("group_id", group)?;
    let lifts = match given(below) {
        None | Some("refuse") => false,
        Some("move") => true,
        Some(_) => return Err(AppError::invalid("below", FieldIssue::NotAnOption)),
    };
    let mut tx = grant.begin().await?;
    let own = grant.hold(&mut tx).await?;
    let before = find(&mut tx, group).await?;
    if !lifts && store::has_groups_below(tx.conn(), grant.organization(), group).await? {
        return Err(conflict("below", FieldIssue::HasGroups));
    }
    demand_own("group_id", own, allowed_by(&mut tx, Some(group)).await?)?;
    let lifted = store::lift(tx.conn(), grant.organization(), group, before.parent_id).await?;
    store::delete(tx.conn(), grant.organization(), group).await?;
    audit::note(&mut tx, RoleDeed::GroupDeleted { group, lifted }).await?;
    tx.commit().await
}

fn conflict(field: &str, issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new(field, issue)] }
}
