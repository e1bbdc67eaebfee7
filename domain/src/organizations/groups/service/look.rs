//! Some groups, and where they stand: no more than a page has.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    super::{
        FoundGroup, MOST_ABOVE,
        store::{self, Place, Wanted},
    },
    find, given, group_id,
};
use crate::{
    AppError, FieldIssue, Page,
    access::{Grant, Organization, Permission, Tx},
    organizations::{
        roles::{
            GroupName,
            service::{Paging, of_page},
        },
        service::read_pattern,
    },
};

/// Which groups are looked for, as typed.
#[derive(Clone, Debug, Default)]
pub struct Looking {
    /// What their name has in it.
    pub q: Option<String>,
    /// The group they are right below, or `top`; without it those anywhere.
    pub inside: Option<String>,
    /// How many rows.
    pub limit: Option<u16>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// Groups of one place of the tree, or with something in their name, in the order they were made.
///
/// # Errors
/// [`AppError::NotFound`] for a place that is not there; [`AppError::InvalidInput`] for what cannot be looked for, and for a
/// page that is none.
pub async fn look_for(grant: &Grant<Organization>, typed: &Looking) -> Result<Page<FoundGroup>, AppError> {
    grant.demand(Permission::ReadGroups)?;
    let paging = Paging::read(typed.limit, typed.cursor.as_deref())?;
    // A zero byte is no text for Postgres.
    if typed.q.as_deref().is_some_and(|q| q.contains('\0')) {
        return Err(AppError::invalid("q", FieldIssue::ControlCharacter));
    }
    let pattern = read_pattern(typed.q.as_deref())?;
    let (anywhere, parent) = match given(typed.inside.as_deref()) {
        None => (true, None),
        Some("top") => (false, None),
        Some(text) => (false, Some(group_id("inside", text)?)),
    };
    let (after, limit) = (paging.after, paging.one_more());
    let wanted = Wanted { pattern, anywhere, parent, one: None, after, limit };
    let mut tx = grant.begin().await?;
    if let Some(parent) = parent {
        find(&mut tx, parent).await?;
    }
    let rows = store::look_for(tx.conn(), grant.organization(), &wanted).await?;
    let Page { items, next_cursor } = of_page(rows, &paging, |row| row.id);
    let items = placed(&mut tx, items).await?;
    tx.commit().await?;
    Ok(Page { items, next_cursor })
}

/// One group.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn group(grant: &Grant<Organization>, group: &str) -> Result<FoundGroup, AppError> {
    grant.demand(Permission::ReadGroups)?;
    let one = Some(group_id("group_id", group)?);
    let (anywhere, after) = (true, Uuid::nil());
    let wanted = Wanted { pattern: None, anywhere, parent: None, one, after, limit: 1 };
    let mut tx = grant.begin().await?;
    let rows = store::look_for(tx.conn(), grant.organization(), &wanted).await?;
    let found = placed(&mut tx, rows).await?.pop().ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(found)
}

/// With what is above each.
async fn placed(tx: &mut Tx, rows: Vec<Place>) -> Result<Vec<FoundGroup>, AppError> {
    let organization = tx.organization()?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut above: HashMap<Uuid, Vec<GroupName>> = HashMap::new();
    for (id, name) in store::above(tx.conn(), organization, &ids, MOST_ABOVE.into()).await? {
        above.entry(id).or_default().push(name);
    }
    let found = rows.into_iter().map(|row| FoundGroup {
        above: above.remove(&row.id).unwrap_or_default(),
        id: row.id,
        parent_id: row.parent_id,
        name: row.name,
        members: row.members,
        groups: row.groups,
    });
    Ok(found.collect())
}
