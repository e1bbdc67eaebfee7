//! Whoever was invited comes in.

use super::{
    super::{
        InvitationShown, Joined,
        store::{self, invitations, members},
    },
    conflict,
    give::Roles,
};
use crate::{
    AppError, FieldIssue,
    access::{Anonymous, Grant, Own, Permission, Purpose, hold_organization, permissions_of},
    audit::{self, OrganizationDeed},
    platform::random::TokenHash,
};

/// What the letter of an invitation leads to. Looking at it uses nothing up.
///
/// # Errors
/// [`AppError::TokenRefused`] for a link that is wrong, used, expired or taken back.
pub async fn invitation(grant: &Grant<Anonymous>, token: &str) -> Result<InvitationShown, AppError> {
    grant.demand(Purpose::Letter)?;
    let token = TokenHash::of(token.trim()).ok_or(AppError::TokenRefused)?;
    let mut tx = grant.begin().await?;
    let shown = invitations::by_token(tx.conn(), &token, grant.platform().now()).await?;
    let shown = shown.ok_or(AppError::TokenRefused)?;
    tx.enter(shown.organization).await?;
    let row = store::find(tx.conn(), shown.organization).await?.ok_or(AppError::TokenRefused)?;
    let roles = Roles::of(&mut tx).await?;
    let role = roles.stored(shown.built_in.as_deref(), shown.role_id).ok_or(AppError::TokenRefused)?;
    tx.commit().await?;
    Ok(InvitationShown {
        organization: row.name,
        email: shown.email,
        role: role.name.clone(),
        invited_by: shown.inviter.ok_or(AppError::TokenRefused)?,
        expires_at: shown.expires_at.into(),
    })
}

/// Makes the caller a member of the organization that invited their address. Of many at once one is the first.
///
/// # Errors
/// [`AppError::TokenRefused`] for a link that is wrong, used, expired or taken back, or whose sender could not send it any
/// more; [`AppError::InvalidInput`] for one that was sent to another address; [`AppError::Conflict`] while the organization is
/// about to be deleted.
pub async fn accept_invitation(grant: &Grant<Own>, token: &str) -> Result<Joined, AppError> {
    let token = TokenHash::of(token.trim()).ok_or(AppError::TokenRefused)?;
    let (user, now) = (grant.user(), grant.platform().now());
    let mut tx = grant.begin().await?;
    let shown = invitations::by_token(tx.conn(), &token, now).await?.ok_or(AppError::TokenRefused)?;
    let person = store::person(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    if !person.email.eq_ignore_ascii_case(&shown.email) {
        return Err(AppError::invalid("token", FieldIssue::InvitedElsewhere));
    }
    let organization = shown.organization;
    tx.enter(organization).await?;
    if hold_organization(&mut tx).await? {
        return Err(conflict("token", FieldIssue::AboutToEnd));
    }
    let row = store::find(tx.conn(), organization).await?.ok_or(AppError::TokenRefused)?;
    let roles = Roles::of(&mut tx).await?;
    let role = roles.stored(shown.built_in.as_deref(), shown.role_id).ok_or(AppError::TokenRefused)?;
    // Whoever sent it may have left since, or have become less; and the role may allow more than it did.
    let inviter = shown.invited_by.ok_or(AppError::TokenRefused)?;
    let theirs = permissions_of(&mut tx, inviter).await?;
    if !theirs.has(Permission::InviteMembers) || !theirs.include(role.permissions) {
        return Err(AppError::TokenRefused);
    }
    if !invitations::use_up(tx.conn(), organization, &token).await? {
        return Err(AppError::TokenRefused);
    }
    members::insert(tx.conn(), organization, user, now).await?;
    members::give(tx.conn(), organization, user, role.built_in_name(), role.id, now).await?;
    let deed = OrganizationDeed::Joined { user, invitation: shown.id, role: role.wire() };
    audit::note(&mut tx, deed).await?;
    tx.commit().await?;
    let made = row.made();
    Ok(Joined { organization_id: made.id, slug: made.slug })
}
