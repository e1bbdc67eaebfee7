//! Who is invited: sent, sent again, taken back.
//!
//! Promise: an invitation gives nothing that the one who sent it has not; that is decided when it is sent, and again when it is
//! taken. Nobody replaces one, or takes one back, that gives more than they have.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        InvitationRow, InvitedPerson,
        letters::{self, News},
        policy,
        store::{
            self,
            invitations::{self as store_invitations, NewInvitation, Waiting},
            members,
        },
    },
    allowed, conflict,
    give::{Acting, Role},
    read_cursor, read_id, read_limit,
};
use crate::{
    AppError, FieldIssue, Page,
    access::{Grant, Organization, Permission, Tx},
    audit::{self, OrganizationDeed},
    identity::Address,
    platform::{
        letters::outbox,
        limiter::{Allowance, Limiter, Verdict},
        random::Token,
    },
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
/// [`AppError::InvalidInput`]; [`AppError::NotAllowed`] for a role above the caller's own, and where an invitation with more
/// waits for the address; [`AppError::Conflict`] for a member; [`AppError::TooManyRequests`] while the address has had its share
/// of letters.
pub async fn invite(grant: &Grant<Organization>, email: &str, role: &str) -> Result<InvitedPerson, AppError> {
    grant.demand(Permission::InviteMembers)?;
    let address = Address::parse(email).map_err(|issue| AppError::invalid("email", issue))?;
    let mut tx = grant.begin().await?;
    let acting = Acting::hold(grant, &mut tx, None).await?;
    let role = acting.role("role", role)?.clone();
    let mut sending = Sending::default();
    let invited = acting.invite(&mut tx, &address, &role, &mut sending).await?;
    sending.take(grant.platform().limiter(), grant.person().user).await?;
    tx.commit().await?;
    Ok(invited)
}

/// To whom a transaction sends invitations. They are counted at its end, when nothing else can refuse it: what is not sent
/// uses nothing up.
#[derive(Default)]
pub(super) struct Sending(Vec<String>);

impl Sending {
    /// One letter more, if there is an allowance left beside those before it.
    async fn plan(&mut self, limiter: &Limiter, from: Uuid, to: &Address) -> Result<(), AppError> {
        let to = to.as_str().to_lowercase();
        let to_them = self.0.iter().filter(|other| **other == to).count();
        for (allowance, whose, planned) in
            [(&TO, to.clone(), to_them), (&FROM, from.to_string(), self.0.len())]
        {
            let verdict = limiter.look(allowance, &whose).await;
            let is_left = verdict.allowed && planned <= verdict.remaining as usize;
            allowed(&Verdict { allowed: is_left, ..verdict })?;
        }
        self.0.push(to);
        Ok(())
    }

    /// Counts them. Refuses all of it where somebody else was faster.
    pub(super) async fn take(self, limiter: &Limiter, from: Uuid) -> Result<(), AppError> {
        for to in self.0 {
            for (allowance, whose) in [(&TO, to), (&FROM, from.to_string())] {
                allowed(&limiter.take(allowance, &whose).await)?;
            }
        }
        Ok(())
    }
}

impl Acting<'_> {
    /// Invites an address to have this role, which the caller may give. The letter is planned, and counted by whoever commits.
    pub(super) async fn invite(
        &self,
        tx: &mut Tx,
        address: &Address,
        role: &Role,
        sending: &mut Sending,
    ) -> Result<InvitedPerson, AppError> {
        let (platform, organization) = (self.grant.platform(), self.grant.organization());
        let user = self.grant.person().user;
        if role.permissions.are_owners() {
            self.grant.demand_fresh()?;
        }
        if role.owns() {
            self.may_make_owner("role")?;
        }
        if !policy::service::admits(tx.conn(), organization, address).await? {
            return Err(AppError::invalid("email", FieldIssue::DomainNotInvited));
        }
        if members::by_address(tx.conn(), organization, address.as_str()).await?.is_some() {
            return Err(conflict("email", FieldIssue::AlreadyAMember));
        }
        let now = platform.now();
        let waiting =
            store_invitations::waiting(tx.conn(), organization, None, Some(address.as_str()), now).await?;
        self.may_end(waiting.as_ref())?;
        sending.plan(platform.limiter(), user, address).await?;
        let token = Token::new();
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

    /// Nobody takes from others, by another letter or without one, what they could not give them.
    fn may_end(&self, waiting: Option<&Waiting>) -> Result<(), AppError> {
        let Some(waiting) = waiting else { return Ok(()) };
        let role = self.roles.stored(waiting.built_in.as_deref(), waiting.role_id);
        self.may_give(role.ok_or(AppError::NotAllowed)?)
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
/// [`AppError::NotFound`] for one that was taken, or taken back; [`AppError::NotAllowed`] for one with a role above the
/// caller's own that is still good.
pub async fn revoke_invitation(grant: &Grant<Organization>, invitation_id: &str) -> Result<(), AppError> {
    grant.demand(Permission::InviteMembers)?;
    let invitation = read_id("invitation_id", invitation_id)?;
    let now = grant.platform().now();
    let mut tx = grant.begin().await?;
    let acting = Acting::hold(grant, &mut tx, None).await?;
    let waiting =
        store_invitations::waiting(tx.conn(), grant.organization(), Some(invitation), None, now).await?;
    acting.may_end(waiting.as_ref())?;
    if !store_invitations::revoke(tx.conn(), grant.organization(), invitation).await? {
        return Err(AppError::NotFound);
    }
    audit::note(&mut tx, OrganizationDeed::InvitationRevoked { invitation }).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Timestamp,
        platform::{clock::Clock, redis::Redis},
    };

    fn limiter() -> Limiter {
        let clock = Clock::fixed(Timestamp::parse("2026-11-21T12:00:00Z").expect("valid"));
        Limiter::new(Redis::absent(), clock, 1)
    }

    fn address(number: u32) -> Address {
        Address::parse(&format!("p{number}@example.com")).expect("an address")
    }

    #[tokio::test]
    async fn a_list_is_counted_as_a_whole_before_any_of_it_is_sent() {
        let (limiter, from, mut sending) = (limiter(), Uuid::nil(), Sending::default());
        for number in 0..FROM.count {
            assert_eq!(sending.plan(&limiter, from, &address(number)).await, Ok(()), "{number}");
        }
        let more = sending.plan(&limiter, from, &address(FROM.count)).await;
        assert!(matches!(more, Err(AppError::TooManyRequests { .. })), "{more:?}");
        let left = limiter.look(&FROM, &from.to_string()).await;
        assert!(left.allowed && left.remaining == FROM.count - 1, "nothing is used up yet: {left:?}");
        assert_eq!(sending.take(&limiter, from).await, Ok(()));
        assert!(!limiter.look(&FROM, &from.to_string()).await.allowed);
    }

    #[tokio::test]
    async fn an_address_in_a_list_over_and_over_is_no_way_around_its_share() {
        let (limiter, from, mut sending) = (limiter(), Uuid::nil(), Sending::default());
        for _ in 0..TO.count {
            assert_eq!(sending.plan(&limiter, from, &address(1)).await, Ok(()));
        }
        let more = sending.plan(&limiter, from, &address(1)).await;
        assert!(matches!(more, Err(AppError::TooManyRequests { .. })), "{more:?}");
        assert_eq!(sending.plan(&limiter, from, &address(2)).await, Ok(()), "another one");
    }
}
