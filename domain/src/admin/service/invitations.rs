//! Inviting people to open an account.

use uuid::Uuid;

use super::reason_of;
use crate::{
    AppError, FieldIssue, Page,
    access::{Grant, Site, SiteAction},
    audit::{self, Deed},
    identity::{Invitation, service as identity},
};

/// Invites an address, or once more: the newest link works, and for seven days.
///
/// # Errors
/// [`AppError::InvalidInput`]; [`AppError::Conflict`] for an address that has an account, and while nobody may open one;
/// [`AppError::TooManyRequests`] while the address has had its share of letters.
pub async fn invite_user(grant: &Grant<Site>, email: &str, reason: Option<&str>) -> Result<(), AppError> {
    grant.demand(SiteAction::InviteUser)?;
    let given = reason.filter(|reason| !reason.trim().is_empty());
    let reason = given.map(reason_of).transpose()?;
    let mut tx = grant.begin().await?;
    super::hold(&mut tx, grant, grant.person().user).await?;
    let (invitation, is_new) = identity::invite(&mut tx, grant.platform(), email).await?;
    audit::note(&mut tx, Deed::UserInvited { invitation, again: !is_new, reason }).await?;
    tx.commit().await
}

/// The invitations that nobody has taken yet, the newest first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a limit or cursor that cannot be read.
pub async fn invitations(
    grant: &Grant<Site>,
    limit: Option<u16>,
    cursor: Option<&str>,
) -> Result<Page<Invitation>, AppError> {
    grant.demand(SiteAction::ReadSettings)?;
    identity::invitations(grant.platform(), limit, cursor).await
}

/// Takes an invitation back: its link works no more.
///
/// # Errors
/// [`AppError::NotFound`] for one that was taken, or taken back.
pub async fn revoke_invitation(grant: &Grant<Site>, id: &str) -> Result<(), AppError> {
    grant.demand(SiteAction::InviteUser)?;
    if id.trim().is_empty() {
        return Err(AppError::invalid("id", FieldIssue::Required));
    }
    let invitation = Uuid::parse_str(id.trim()).map_err(|_| AppError::MalformedRequest)?;
    let mut tx = grant.begin().await?;
    super::hold(&mut tx, grant, grant.person().user).await?;
    identity::revoke_invitation(&mut tx, invitation).await?;
    audit::note(&mut tx, Deed::InvitationRevoked { invitation }).await?;
    tx.commit().await
}
