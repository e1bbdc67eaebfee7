//! Who may open an account where that needs an invitation.
//!
//! Promise: an invitation is good once, for seven days, and for the address it was sent to alone; a provider's word for that
//! address stands for the link of the letter.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        Address, Admission, Invitation, Registering,
        letters::{self, About},
        store::{self, NewInvitation},
    },
    policy,
};
use crate::{
    AppError, FieldIssue, FieldProblem, Page,
    access::Tx,
    audit::{self, Deed},
    platform::{
        Platform,
        letters::outbox,
        limiter::Allowance,
        random::{Token, TokenHash},
    },
    values::{PAGE_DEFAULT, PAGE_MAX},
};

/// Invitations that one address can be made to receive.
const INVITATIONS: Allowance = Allowance { name: "invitations-to", count: 5, per: Duration::from_hours(1) };
/// How long an invitation is good.
const LIFETIME: Duration = Duration::from_hours(7 * 24);
/// How long one that nobody took stays in the list, to be repeated.
const MEMORY: Duration = Duration::from_hours(30 * 24);

/// Invites an address, or once more, inside the transaction of an administrator. Answers the invitation and whether it is a
/// new one.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no address, or none of an allowed domain; [`AppError::Conflict`] for one that has an
/// account, and while nobody may open one; [`AppError::TooManyRequests`] while the address has had its share of letters.
pub async fn invite(tx: &mut Tx, platform: &Platform, email: &str) -> Result<(Uuid, bool), AppError> {
    let address = Address::parse(email).map_err(invalid)?;
    let policy = store::policy(tx.conn()).await?;
    if policy.registration == Registering::Closed {
        return Err(conflict(FieldIssue::RegistrationClosed));
    }
    policy.takes(address.as_str()).map_err(invalid)?;
    let account = store::by_address(tx.conn(), address.as_str()).await?;
    if account.is_some_and(|account| account.verified) {
        return Err(conflict(FieldIssue::HasAccount));
    }
    let verdict = platform.limiter().take(&INVITATIONS, &address.as_str().to_lowercase()).await;
    if !verdict.allowed {
        let wait = verdict.retry_after.unwrap_or(verdict.reset_after).as_secs();
        return Err(AppError::TooManyRequests { retry_after_s: u32::try_from(wait + 1).unwrap_or(u32::MAX) });
    }
    let (token, now) = (Token::new(), platform.now());
    let new = NewInvitation {
        id: platform.new_id(),
        email: address.as_str(),
        token: token.hash(),
        invited_by: tx.actor(),
        now,
        expires_at: now + LIFETIME,
    };
    let written = store::put_invitation(tx.conn(), &new).await?;
    // Of somebody who has no account yet nobody knows the time zone: it is told in UTC.
    let until = (now + LIFETIME).to_string();
    let letter =
        letters::write(platform, address.as_str(), &About::Invitation { token: &token, until: &until });
    outbox::put(platform, tx, letter).await?;
    Ok((written.id, written.is_new))
}

/// The invitations that nobody has taken yet, the newest first.
///
/// # Errors
/// [`AppError::InvalidInput`] for a limit or cursor that cannot be read.
pub async fn invitations(
    platform: &Platform,
    limit: Option<u16>,
    cursor: Option<&str>,
) -> Result<Page<Invitation>, AppError> {
    let limit = limit.unwrap_or(PAGE_DEFAULT);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(AppError::invalid("limit", FieldIssue::OutOfRange { min: 1, max: PAGE_MAX.into() }));
    }
    let before = match cursor.map(str::trim).filter(|cursor| !cursor.is_empty()) {
        None => None,
        Some(text) => {
            Some(Uuid::parse_str(text).map_err(|_| AppError::invalid("cursor", FieldIssue::Unreadable))?)
        }
    };
    let mut items = store::invitations(platform.db(), before, i64::from(limit) + 1, platform.now()).await?;
    let is_more = items.len() > usize::from(limit);
    items.truncate(limit.into());
    let next_cursor = if is_more { items.last().map(|last| last.id.to_string()) } else { None };
    Ok(Page { items, next_cursor })
}

/// Takes an invitation back, inside the transaction of an administrator: its link works no more.
///
/// # Errors
/// [`AppError::NotFound`] for one that was taken, or taken back.
pub async fn revoke_invitation(tx: &mut Tx, invitation: Uuid) -> Result<(), AppError> {
    if store::revoke_invitation(tx.conn(), invitation).await? { Ok(()) } else { Err(AppError::NotFound) }
}

/// What somebody shows who wants to open an account.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    /// The link of a letter.
    Link(TokenHash),
    /// Something that was never such a link.
    Unreadable,
    /// Nothing.
    Nothing,
}

impl Shown {
    /// Reads what came with a registration.
    pub(super) fn of(typed: Option<&str>) -> Self {
        match typed.map(str::trim).filter(|typed| !typed.is_empty()) {
            None => Self::Nothing,
            Some(typed) => TokenHash::of(typed).map_or(Self::Unreadable, Self::Link),
        }
    }
}

/// Refuses who shows no invitation for this address, before anything else is looked up or hashed.
pub(super) async fn check(platform: &Platform, address: &Address, shown: Shown) -> Result<(), AppError> {
    let token = match shown {
        Shown::Link(token) => token,
        Shown::Unreadable => return Err(AppError::TokenRefused),
        Shown::Nothing => return Err(conflict(FieldIssue::InvitationNeeded)),
    };
    match store::is_invited_by(platform.db(), &token, address.as_str(), platform.now()).await? {
        Some(true) => Ok(()),
        Some(false) => Err(invalid(FieldIssue::InvitedElsewhere)),
        None => Err(AppError::TokenRefused),
    }
}

/// Uses an invitation up, in the transaction that opens the account. Where none is needed only its own link does, so that
/// nobody uses up what was sent to somebody else.
///
/// # Errors
/// [`AppError::TokenRefused`] where it is needed, and was taken or taken back this very moment; those of
/// [`policy::admission`].
pub(super) async fn take(
    tx: &mut Tx,
    platform: &Platform,
    address: &Address,
    shown: Shown,
) -> Result<Option<Uuid>, AppError> {
    // The policy may have changed while the password was hashed; this is when it counts.
    let admission = policy::admission(tx.conn(), address).await?;
    let invitation = match &shown {
        Shown::Link(link) => {
            store::use_invitation(tx.conn(), address.as_str(), Some(link), platform.now()).await?
        }
        Shown::Unreadable | Shown::Nothing => None,
    };
    match admission {
        Admission::ByInvitation if invitation.is_none() => Err(AppError::TokenRefused),
        Admission::ByInvitation | Admission::Free => Ok(invitation),
    }
}

/// Uses up the invitation of an address that a provider vouches for; answers whether there was one.
pub(super) async fn take_for(
    tx: &mut Tx,
    platform: &Platform,
    address: &Address,
) -> Result<Option<Uuid>, AppError> {
    store::use_invitation(tx.conn(), address.as_str(), None, platform.now()).await
}

/// Notes that an invitation has led to an account.
pub(super) async fn note_taken(tx: &mut Tx, invitation: Option<Uuid>, user: Uuid) -> Result<(), AppError> {
    match invitation {
        Some(invitation) => audit::note(tx, Deed::InvitationTaken { invitation, user }).await,
        None => Ok(()),
    }
}

/// Forgets invitations that nobody has taken for long. Safe on every replica at once.
pub(super) async fn forget_old(platform: &Platform) -> Result<u64, AppError> {
    store::forget_invitations(platform.db(), platform.now() - MEMORY).await
}

fn invalid(issue: FieldIssue) -> AppError {
    AppError::invalid("email", issue)
}

fn conflict(issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new("email", issue)] }
}
