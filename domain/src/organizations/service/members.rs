//! What becomes of members: other roles, removal, leaving.

use super::{
    super::store::{self, members},
    conflict,
    give::{Acting, tell_of_owners},
    hold_first, names_owner, read_id,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Organization, Own, Permission, enter_own, hold_organization},
    audit::{self, OrganizationDeed},
};

/// How many roles somebody can be given at once.
const MOST_ROLES: usize = 20;

/// Gives a member roles in place of those they have: names of those every organization has, and ids of its own.
///
/// # Errors
/// [`AppError::InvalidInput`]; [`AppError::NotFound`] for somebody who is no member; [`AppError::NotAllowed`] where one that is
/// given or taken is above the caller's own; [`AppError::Conflict`] for the last owner; [`AppError::StepUpRequired`] to make
/// somebody an owner.
pub async fn set_member_roles(
    grant: &Grant<Organization>,
    user_id: &str,
    roles: &[String],
) -> Result<(), AppError> {
    grant.demand(Permission::AssignRoles)?;
    let user = read_id("user_id", user_id)?;
    let typed: Vec<&String> = roles.iter().filter(|role| !role.trim().is_empty()).collect();
    if typed.is_empty() {
        return Err(AppError::invalid("roles", FieldIssue::Required));
    }
    if typed.len() > MOST_ROLES {
        return Err(AppError::invalid("roles", FieldIssue::NotAnOption));
    }
    let mut tx = grant.begin().await?;
    if typed.iter().any(|role| names_owner(role)) {
        hold_first(&mut tx, vec![user]).await?;
    }
    let acting = Acting::hold(grant, &mut tx, None).await?;
    let mut wanted = Vec::new();
    for name in typed {
        // What they have already may be above the caller's own, as long as it stays.
        let role =
            acting.roles.find(name).ok_or_else(|| AppError::invalid("roles", FieldIssue::NotAnOption))?;
        wanted.push(role.clone());
    }
    if acting.set_roles(&mut tx, user, &wanted).await? {
        tell_of_owners(&mut tx, grant.platform(), &[user], grant.person().user).await?;
    }
    tx.commit().await
}

/// Removes a member.
///
/// # Errors
/// [`AppError::NotFound`] for somebody who is no member; [`AppError::NotAllowed`] for somebody with more than the caller has;
/// [`AppError::Conflict`] for oneself, and for whose own organization it is.
pub async fn remove_member(grant: &Grant<Organization>, user_id: &str) -> Result<(), AppError> {
    grant.demand(Permission::RemoveMembers)?;
    let user = read_id("user_id", user_id)?;
    let mut tx = grant.begin().await?;
    let acting = Acting::hold(grant, &mut tx, None).await?;
    acting.remove(&mut tx, user).await?;
    tx.commit().await
}

/// Leaves an organization, which is named by its id or its slug. Needs no permission in it: nobody is kept.
///
/// # Errors
/// [`AppError::NotFound`] for one the caller does not belong to; [`AppError::Conflict`] for their own, and for its last owner.
pub async fn leave(grant: &Grant<Own>, id_or_slug: &str) -> Result<(), AppError> {
    let user = grant.user();
    let mut tx = grant.begin().await?;
    let organization = enter_own(&mut tx, id_or_slug, grant.person()).await?;
    hold_organization(&mut tx).await?;
    let row = store::find(tx.conn(), organization).await?.ok_or(AppError::NotFound)?;
    let given = members::given(tx.conn(), organization, user).await?.ok_or(AppError::NotFound)?;
    if row.personal_of == Some(user) {
        return Err(conflict("organization_id", FieldIssue::Personal));
    }
    let owns = given.iter().any(|role| role.built_in.as_deref() == Some("OWNER"));
    if owns && !members::has_another_owner(tx.conn(), organization, user).await? {
        return Err(conflict("organization_id", FieldIssue::LastOwner));
    }
    members::remove(tx.conn(), organization, user).await?;
    audit::note(&mut tx, OrganizationDeed::Left { user }).await?;
    tx.commit().await
}
