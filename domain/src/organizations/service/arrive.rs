//! Whoever was invited comes in.

use super::{
    super::{
        InvitationShown, Joined, policy,
        store::{self, invitations, members},
    },
    Counter, conflict,
    give::{Roles, tell_of_owners},
};
use crate::{
    AppError, FieldIssue,
    access::{Anonymous, Grant, Own, Permission, Purpose, hold_organization, permissions_of},
    audit::{self, OrganizationDeed},
    billing::{Entitlement, service::entitled},
    identity::Address,
    platform::random::TokenHash,
    sessions,
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
/// about to be deleted; [`AppError::QuotaExceeded`] where its plan has no seat left.
pub async fn accept_invitation(grant: &Grant<Own>, token: &str) -> Result<Joined, AppError> {
    let token = TokenHash::of(token.trim()).ok_or(AppError::TokenRefused)?;
    let (user, now) = (grant.user(), grant.platform().now());
    let mut tx = grant.begin().await?;
    // Nobody comes in while they are shut out of the site, or leave it.
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
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
    // Whoever sent it may have left since, have become less, or be locked; and the role may allow more than it did.
    let inviter = shown.invited_by.ok_or(AppError::TokenRefused)?;
    let can_act = members::who_can_act(tx.conn(), organization, inviter).await?.is_some();
    let theirs = permissions_of(&mut tx, inviter).await?;
    if !can_act || !theirs.has(Permission::InviteMembers) || !theirs.include(role.permissions) {
        return Err(AppError::TokenRefused);
    }
    // The policy may invite other domains by now.
    let address = Address::parse(&shown.email).map_err(|_| AppError::TokenRefused)?;
    if !policy::service::admits(tx.conn(), organization, &address).await? {
        return Err(AppError::TokenRefused);
    }
    if !invitations::use_up(tx.conn(), organization, &token).await? {
        return Err(AppError::TokenRefused);
    }
    if members::given(tx.conn(), organization, user).await?.is_none() {
        entitled(&mut tx, &Counter, Entitlement::Seats, 1).await?;
    }
    members::insert(tx.conn(), organization, user, now).await?;
    members::give(tx.conn(), organization, user, role.built_in_name(), role.id, now).await?;
    if role.owns() {
        tell_of_owners(&mut tx, grant.platform(), &[user], inviter).await?;
    }
    let deed = OrganizationDeed::Joined { user, invitation: shown.id, role: role.wire() };
    audit::note(&mut tx, deed).await?;
    tx.commit().await?;
    let made = row.made();
    Ok(Joined { organization_id: made.id, slug: made.slug })
}
