//! Roles are given to members and groups, and taken from them.

use super::{
    super::{Assignment, GroupName, MemberName, store},
    typed::{Found, Paging, above_yourself, conflict, given, member_id, of_page, role_named, subject},
};
use crate::{
    AppError, FieldIssue, Page,
    access::{BuiltInRole, Grant, Organization, Permission, Permissions, Tx, evaluator::Subject},
    audit::{self, RoleDeed},
    organizations::service::{could_own, hold_first, names_owner, tell_of_owners},
};

/// To whom a role is given.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`] for a page that is none.
pub async fn assigned(
    grant: &Grant<Organization>,
    role: &str,
    limit: Option<u16>,
    cursor: Option<&str>,
) -> Result<Page<Assignment>, AppError> {
    grant.demand(Permission::ReadRoles)?;
    let paging = Paging::read(limit, cursor)?;
    let mut tx = grant.begin().await?;
    let role = role_named(&mut tx, role).await?;
    let rows =
        store::assigned(tx.conn(), grant.organization(), role.key(), paging.after, paging.one_more()).await?;
    tx.commit().await?;
    let Page { items, next_cursor } = of_page(rows, &paging, |row| row.subject);
    let items = items.into_iter().map(|row| {
        let member = row.user_id.zip(row.email).zip(row.display_name);
        let group = row.group_id.zip(row.group_name);
        Assignment {
            member: member.map(|((user_id, email), display_name)| MemberName {
                user_id,
                email,
                display_name,
            }),
            group: group.map(|(id, name)| GroupName { id, name }),
            assigned_at: row.assigned_at.into(),
        }
    });
    Ok(Page { items: items.collect(), next_cursor })
}

/// Gives a role to a member or a group; nothing changes for who has it. It may not allow more than the caller may do. What
/// only owners may do is given after a fresh proof, and a group cannot be an owner. Of another owner the owners are told.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`]; [`AppError::StepUpRequired`]; [`AppError::Conflict`] for more than the
/// caller may do, and for another owner of somebody's own organization, or one who cannot act.
pub async fn assign(
    grant: &Grant<Organization>,
    role: &str,
    member: Option<&str>,
    group: Option<&str>,
) -> Result<(), AppError> {
    let (mut tx, role, to) = begin(grant, role, member, group).await?;
    let is_owner = matches!(role, Found::BuiltIn(BuiltInRole::Owner));
    match (is_owner, to) {
        (true, Subject::Group(_)) => return Err(AppError::invalid("role", FieldIssue::NotAnOption)),
        (true, Subject::Member(user)) => could_own(&mut tx, "role", user).await?,
        (false, _) => {}
    }
    let now = grant.platform().now();
    if !store::assign(tx.conn(), grant.organization(), role.key(), to, now).await? {
        return Ok(());
    }
    if let (true, Subject::Member(user)) = (is_owner, to) {
        tell_of_owners(&mut tx, grant.platform(), &[user], grant.person().user).await?;
    }
    let deed = RoleDeed::RoleAssigned { role: role.name(), user: to.member(), group: to.group() };
    audit::note(&mut tx, deed).await?;
    tx.commit().await
}

/// Takes a role from a member or a group; nothing changes for who has it not. The last owner stays one.
///
/// # Errors
/// As [`assign`]; [`AppError::Conflict`] for the last owner.
pub async fn unassign(
    grant: &Grant<Organization>,
    role: &str,
    member: Option<&str>,
    group: Option<&str>,
) -> Result<(), AppError> {
    let (mut tx, role, from) = begin(grant, role, member, group).await?;
    if !store::unassign(tx.conn(), grant.organization(), role.key(), from).await? {
        return Ok(());
    }
    if let (Found::BuiltIn(BuiltInRole::Owner), Subject::Member(user)) = (&role, from)
        && !store::has_other_owner(tx.conn(), grant.organization(), user).await?
    {
        return Err(conflict("role", FieldIssue::LastOwner));
    }
    let deed = RoleDeed::RoleUnassigned { role: role.name(), user: from.member(), group: from.group() };
    audit::note(&mut tx, deed).await?;
    tx.commit().await
}

/// Holds who is to be an owner, then the organization, and reads what is meant, none above the caller.
async fn begin(
    grant: &Grant<Organization>,
    role: &str,
    member: Option<&str>,
    group: Option<&str>,
) -> Result<(Tx, Found, Subject), AppError> {
    grant.demand(Permission::AssignRoles)?;
    let mut tx = grant.begin().await?;
    if let Some(member) = given(member).filter(|_| names_owner(role))
        && let Ok(user) = member_id(&mut tx, "user_id", member).await
    {
        hold_first(&mut tx, vec![user]).await?;
    }
    let own: Permissions = grant.hold(&mut tx).await?;
    let role = role_named(&mut tx, role).await?;
    let subject = subject(&mut tx, member, group).await?;
    if !own.include(role.permissions()) {
        return Err(above_yourself("role"));
    }
    if role.permissions().are_owners() {
        grant.demand_fresh()?;
    }
    Ok((tx, role, subject))
}
