//! Organizations and members as their members see them, and what an organization is called.

use std::time::Duration;

use super::{
    super::{
        MemberRow, MyOrganization, OrganizationDetail, RoleRef, Slug, organization_name,
        store::{self, members as store_members},
    },
    conflict,
    give::Roles,
    given,
    make::{read, zone_of},
    read_cursor, read_limit, read_pattern,
};
use crate::{
    AppError, FieldIssue, Page, Timestamp,
    access::{Grant, Organization, Own, Permission},
    audit::{self, OrganizationDeed},
    platform::limiter::Allowance,
};

/// For how long a former slug leads to its organization, and is nobody else's.
const FORMER: Duration = Duration::from_hours(90 * 24);
/// How often an organization gets another slug: each keeps its former one from everybody else.
const RENAMES: Allowance =
    Allowance { name: "organization-renames", count: 5, per: Duration::from_hours(24) };

/// Every organization of the caller, their own first.
pub async fn list(grant: &Grant<Own>) -> Result<Vec<MyOrganization>, AppError> {
    let mut tx = grant.begin().await?;
    let found = store::list_of(tx.conn(), grant.user()).await?;
    tx.commit().await?;
    Ok(found)
}

/// The organization, and what the caller may do in it.
pub async fn get(grant: &Grant<Organization>) -> Result<OrganizationDetail, AppError> {
    grant.demand(Permission::ReadOrganization)?;
    let (id, user) = (grant.organization(), grant.person().user);
    let mut tx = grant.begin().await?;
    let row = store::find(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    let members = store_members::count(tx.conn(), id).await?;
    let roles = store_members::given(tx.conn(), id, user).await?.ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(OrganizationDetail {
        id: row.id,
        slug: row.slug,
        name: row.name,
        personal: row.personal_of.is_some(),
        time_zone: row.time_zone,
        created_at: row.created_at.into(),
        deletes_at: row.deletes_at.map(Timestamp::from),
        members,
        roles: store_members::told(&roles),
        permissions: grant.permissions().names(),
    })
}

/// What is to be different; as typed. What is not there stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// For people.
    pub name: Option<String>,
    /// In addresses.
    pub slug: Option<String>,
    /// An IANA name.
    pub time_zone: Option<String>,
}

/// Changes what it is called, and in whose days it counts. Answers its slug.
///
/// # Errors
/// [`AppError::InvalidInput`] naming each field; [`AppError::Conflict`] for a slug that is taken;
/// [`AppError::TooManyRequests`] after many other slugs.
pub async fn update(grant: &Grant<Organization>, change: &Change) -> Result<String, AppError> {
    grant.demand(Permission::UpdateOrganization)?;
    let mut problems = Vec::new();
    let name = change.name.as_deref().map(|typed| read("name", organization_name(typed), &mut problems));
    let slug = change.slug.as_deref().map(|typed| read("slug", Slug::parse(typed), &mut problems));
    let zone =
        change.time_zone.as_deref().map(|typed| read("time_zone", zone_of(typed.trim()), &mut problems));
    if !problems.is_empty() {
        return Err(AppError::InvalidInput { errors: problems });
    }
    let (platform, id) = (grant.platform(), grant.organization());
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    let before = store::find(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    let name = name.flatten().unwrap_or_else(|| before.name.clone());
    let slug = slug.flatten().map_or_else(|| before.slug.clone(), |slug| slug.as_str().to_owned());
    let zone = zone.flatten().unwrap_or_else(|| before.time_zone.clone());
    let fields: Vec<&'static str> = [
        ("name", name != before.name),
        ("slug", slug != before.slug),
        ("time_zone", zone != before.time_zone),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect();
    if fields.is_empty() {
        return Ok(before.slug);
    }
    if slug != before.slug {
        let verdict = platform.limiter().take(&RENAMES, &id.to_string()).await;
        if !verdict.allowed {
            let wait = verdict.retry_after.unwrap_or(verdict.reset_after).as_secs();
            return Err(AppError::TooManyRequests {
                retry_after_s: u32::try_from(wait + 1).unwrap_or(u32::MAX),
            });
        }
        if !store::take_slug(tx.conn(), id, &slug).await? {
            return Err(conflict("slug", FieldIssue::Taken));
        }
        store::leave_slug(tx.conn(), id, &before.slug, platform.now() + FORMER).await?;
    }
    store::change(tx.conn(), id, &name, &slug, &zone).await?;
    audit::note(&mut tx, OrganizationDeed::Changed { organization: id, fields }).await?;
    tx.commit().await?;
    Ok(slug)
}

/// Which members somebody wants to see, as typed.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Part of an address or name.
    pub q: Option<String>,
    /// A role that they were given themselves.
    pub role: Option<String>,
    /// How many.
    pub limit: Option<u16>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// The members that match.
///
/// # Errors
/// [`AppError::InvalidInput`] for a filter that is none.
pub async fn members(grant: &Grant<Organization>, query: Query) -> Result<Page<MemberRow>, AppError> {
    grant.demand(Permission::ReadMembers)?;
    let limit = read_limit(query.limit)?;
    let pattern = read_pattern(query.q.as_deref())?;
    let after = read_cursor(query.cursor.as_deref())?;
    let mut tx = grant.begin().await?;
    let role = match given(query.role.as_deref()) {
        None => None,
        Some(typed) => {
            let roles = Roles::of(&mut tx).await?;
            let role = roles.find(typed).ok_or_else(|| AppError::invalid("role", FieldIssue::NotAnOption))?;
            Some(role.wire())
        }
    };
    let filter = store_members::Filter { pattern, role, after, limit: i64::from(limit) + 1 };
    let mut items = store_members::list(tx.conn(), grant.organization(), &filter).await?;
    tx.commit().await?;
    let more = items.len() > usize::from(limit);
    items.truncate(limit.into());
    let next_cursor = items.last().filter(|_| more).map(|last| last.user_id.to_string());
    Ok(Page { items, next_cursor })
}

/// The roles that the caller could give, the strongest first; nothing for somebody who may give none.
pub async fn assignable_roles(grant: &Grant<Organization>) -> Result<Vec<RoleRef>, AppError> {
    grant.demand(Permission::ReadMembers)?;
    let own = grant.permissions();
    if !own.has(Permission::AssignRoles) && !own.has(Permission::InviteMembers) {
        return Ok(Vec::new());
    }
    let mut tx = grant.begin().await?;
    let roles = Roles::of(&mut tx).await?;
    tx.commit().await?;
    Ok(roles.within(own))
}
