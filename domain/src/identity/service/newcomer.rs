//! Opens accounts for people whose address a sign-in provider vouches for.

use uuid::Uuid;

use super::{
    super::{Address, Admission, DisplayName, ProfileChange, store},
    invitations, policy,
};
use crate::{
    AppError, FieldIssue,
    access::Tx,
    audit::{self, Deed},
    organizations,
    platform::Platform,
    sessions,
};

/// Whether somebody new may have an address.
pub(crate) enum Newcomer {
    /// This account is theirs now; it has no password.
    Let(Uuid),
    /// The address has an account that is somebody's, or that is locked.
    Known,
    /// The site takes no new accounts, or none with such an address.
    NotAdmitted(FieldIssue),
}

/// Opens an account without a password for a confirmed address, where the site takes new ones.
///
/// An account that waits for its confirmation becomes theirs: that of its password is whoever registered first, and only
/// the provider knows who reads the letters. The password, the name and the links of that registration are forgotten.
pub(crate) async fn let_newcomer(
    tx: &mut Tx,
    platform: &Platform,
    address: &Address,
    name: &str,
) -> Result<Newcomer, AppError> {
    if is_known(tx, address).await? {
        return Ok(Newcomer::Known);
    }
    let invitation = match policy::judge(tx.conn(), address).await? {
        Err(issue) => return Ok(Newcomer::NotAdmitted(issue)),
        Ok(admission) => {
            let invitation = invitations::take_for(tx, platform, address).await?;
            if admission == Admission::ByInvitation && invitation.is_none() {
                return Ok(Newcomer::NotAdmitted(FieldIssue::InvitationNeeded));
            }
            invitation
        }
    };
    let name = DisplayName::parse(name).unwrap_or_default();
    let now = platform.now();
    let user = match store::insert(tx.conn(), platform.new_id(), address, &name, None, now).await? {
        Some(user) => {
            audit::note(tx, Deed::Registered { user }).await?;
            user
        }
        None => match unconfirmed(tx, address).await? {
            Some(user) => {
                store::forget_password(tx.conn(), user).await?;
                store::spoil_links(tx.conn(), user, now).await?;
                let change = ProfileChange { display_name: Some(name), ..ProfileChange::default() };
                store::change_profile(tx.conn(), user, &change).await?;
                user
            }
            None => return Ok(Newcomer::Known),
        },
    };
    if !store::mark_verified(tx.conn(), user, None, now).await? {
        return Ok(Newcomer::Known);
    }
    organizations::service::give_personal(tx, platform, user).await?;
    audit::note(tx, Deed::AddressVerified { user }).await?;
    invitations::note_taken(tx, invitation, user).await?;
    Ok(Newcomer::Let(user))
}

/// Holds the account of an address that nobody has confirmed.
async fn unconfirmed(tx: &mut Tx, address: &Address) -> Result<Option<Uuid>, AppError> {
    let account = store::by_address(tx.conn(), address.as_str()).await?;
    let Some(account) = account.filter(|account| !account.verified) else { return Ok(None) };
    let held = sessions::service::hold(tx, account.id).await?;
    Ok(held.map(|_| account.id))
}

/// Whether an address has an account that is somebody's.
pub(crate) async fn is_known(tx: &mut Tx, address: &Address) -> Result<bool, AppError> {
    let account = store::by_address(tx.conn(), address.as_str()).await?;
    Ok(account.is_some_and(|account| account.verified))
}

/// Whether an account has a password.
pub(crate) async fn has_password(platform: &Platform, user: Uuid) -> Result<bool, AppError> {
    let account = store::by_id(platform.db(), user).await?.ok_or(AppError::SignInRequired)?;
    Ok(account.password_hash.is_some())
}
