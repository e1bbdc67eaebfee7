//! Who is invited: sent, sent again, taken back.
//!
//! Promise: an invitation gives nothing that the one who sent it has not; that is decided when it is sent, and again when it is
//! taken.

use std::time::Duration;

use super::{
    super::{
        InvitationRow, InvitedPerson,
        letters::{self, News},
        policy,
        store::{
            self,
            invitations::{self as store_invitations, NewInvitation},
            members,
        },
    },
    conflict,
    give::{Acting, Role},
    read_cursor, read_id, read_limit,
};
use crate::{
    AppError, FieldIssue, Page,
    access::{Grant, Organization, Permission, Tx},
    audit::{self, OrganizationDeed},
    identity::Address,
    platform::{letters::outbox, limiter::Allowance, random::Token},
};

/// How long an invitation is good.
const LIFETIME: Duration = Duration::from_hours(7 * 24);
/// Invitations that one address can be made to receive.
const TO: Allowance =
    Allowance { name: "organization-invitations-to", count: 5, per: Duration::from_hours(1) };
/// Invitations that one person can send: enough for a company, too few for a flood.
const FROM: Allowance =
    Allowance { name: "organization-invitations-from", count: 1_000, per: Duration::from_hours(24) };

/// Invites an address, or once more: then the new link alone works.
///
/// # Errors
/// [`AppError::InvalidInput`]; [`AppError::NotAllowed`] for a role above the caller's own; [`AppError::Conflict`] for a member;
/// [`AppError::TooManyRequests`] while the address has had its share of letters.
pub async fn invite(grant: &Grant<Organization>, email: &str, role: &str) -> Result<InvitedPerson, AppError> {
    grant.demand(Permission::InviteMembers)?;
    let address = Address::parse(email).map_err(|issue| AppError::invalid("email", issue))?;
    let mut tx = grant.begin().await?;
    let acting = Acting::hold(grant, &mut tx, None).await?;
    let role = acting.role("role", role)?.clone();
    let invited = acting.invite(&mut tx, &address, &role).await?;
    tx.commit().await?;
    Ok(invited)
}

impl Acting<'_> {
    /// Invites an address to have this role, which the caller may give.
    pub(super) async fn invite(
        &self,
        tx: &mut Tx,
        address: &Address,
        role: &Role,
    ) -> Result<InvitedPerson, AppError> {
        let (platform, organization) = (self.grant.platform(), self.grant.organization());
        let user = self.grant.person().user;
        if role.owns() {
            self.may_make_owner("role")?;
        }
        if !policy::service::admits(tx.conn(), organization, address).await? {
            return Err(AppError::invalid("email", FieldIssue::DomainNotInvited));
        }
        if members::by_address(tx.conn(), organization, address.as_str()).await?.is_some() {
            return Err(conflict("email", FieldIssue::AlreadyAMember));
        }
        for (allowance, whose) in [(&TO, address.as_str().to_lowercase()), (&FROM, user.to_string())] {
            let verdict = platform.limiter().take(allowance, &whose).await;
            if !verdict.allowed {
                let wait = verdict.retry_after.unwrap_or(verdict.reset_after).as_secs();
                let retry_after_s = u32::try_from(wait + 1).unwrap_or(u32::MAX);
                return Err(AppError::TooManyRequests { retry_after_s });
            }
        }
        let (token, now) = (Token::new(), platform.now());
        let new = NewInvitation {
            id: platform.new_id(),
            organization,
            email: address.as_str(),
            token: token.hash(),
            built_in: role.built_in_name(),
            role: role.id,
            invited_by: Some(user),
            now,
            expires_at: now + LIFETIME,
        };
        let written = store_invitations::put(tx.conn(), &new).await?;
        let by = store::person(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
        let row = store::find(tx.conn(), organization).await?.ok_or(AppError::NotFound)?;
        // Of somebody who may have no account nobody knows the time zone: it is told in UTC.
        let until = (now + LIFETIME).to_string();
        let news = News::Invitation { token: &token, by: &by.email, role: &role.name, until: &until };
        outbox::put(platform, tx, letters::write(platform, address.as_str(), &row.name, &row.slug, &news))
            .await?;
        let deed = OrganizationDeed::Invited {
            invitation: written.id,
            role: role.wire(),
            renewed: !written.is_new,
            batch: self.batch,
        };
        audit::note(tx, deed).await?;
        Ok(InvitedPerson { invitation_id: written.id, renewed: !written.is_new })
    }
}

/// The invitations that nobody has taken yet, the newest first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a limit or cursor that cannot be read.
pub async fn invitations(
    grant: &Grant<Organization>,
    limit: Option<u16>,
    cursor: Option<&str>,
) -> Result<Page<InvitationRow>, AppError> {
    grant.demand(Permission::ReadMembers)?;
    let (limit, before) = (read_limit(limit)?, read_cursor(cursor)?);
    let now = grant.platform().now();
    let mut tx = grant.begin().await?;
    let organization = grant.organization();
    let mut items =
        store_invitations::list(tx.conn(), organization, before, i64::from(limit) + 1, now).await?;
    tx.commit().await?;
    let more = items.len() > usize::from(limit);
    items.truncate(limit.into());
    let next_cursor = items.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Page { items, next_cursor })
}

/// Takes an invitation back: its link works no more.
///
/// # Errors
/// [`AppError::NotFound`] for one that was taken, or taken back.
pub async fn revoke_invitation(grant: &Grant<Organization>, invitation_id: &str) -> Result<(), AppError> {
    grant.demand(Permission::InviteMembers)?;
    let invitation = read_id("invitation_id", invitation_id)?;
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    if !store_invitations::revoke(tx.conn(), grant.organization(), invitation).await? {
        return Err(AppError::NotFound);
    }
    audit::note(&mut tx, OrganizationDeed::InvitationRevoked { invitation }).await?;
    tx.commit().await
}
