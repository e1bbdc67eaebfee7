//! Another address for an account: asked for by who is in, made by the link of a letter to the new address, and undone by
//! the link of a letter to the old one.
//!
//! Promise: nobody learns here which addresses have accounts; and who reads the old address can put it back for 72 hours,
//! whatever else was changed meanwhile. Sessions go on, because no proof of theirs has changed; an undone change ends all.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        Address,
        account_letters::{self, AccountNews},
        store::{self, LinkPurpose, Moved, NewAddressChange, NewLink, UndoneChange},
    },
    may_write_to,
    password::RESET_LIFETIME,
    policy,
    shut_out::shut_out,
};
use crate::{
    AppError, FieldIssue,
    access::{Anonymous, Grant, Purpose, SteppedUp, Tx},
    audit::{self, Deed},
    federation,
    platform::{
        Platform,
        letters::outbox,
        random::{Token, TokenHash},
    },
    second_factor,
    sessions::{self, known_devices},
};

/// How long a change can be confirmed, and cancelled.
const CONFIRM_LIFETIME: Duration = Duration::from_hours(24);
/// How long a confirmed change can be undone.
const UNDO_LIFETIME: Duration = Duration::from_hours(72);

/// Asks for another address. Answer and work are the same for an address that has an account; its owner gets a letter.
/// What was asked for before and not confirmed ends.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no address, the address as it is, or one of a domain whose addresses are not
/// taken.
pub async fn change_email(grant: &Grant<SteppedUp>, email: &str) -> Result<(), AppError> {
    let address = Address::parse(email).map_err(|issue| AppError::invalid("email", issue))?;
    let (platform, user) = (grant.platform(), grant.user());
    policy::take(platform, &address).await?;
    let may_write = may_write_to(platform, address.as_str()).await;
    let (confirm, undo, now) = (Token::new(), Token::new(), platform.now());
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    if account.email.eq_ignore_ascii_case(address.as_str()) {
        return Err(AppError::invalid("email", FieldIssue::Unchanged));
    }
    store::end_waiting_changes(tx.conn(), user, now).await?;
    let change = NewAddressChange {
        id: platform.new_id(),
        user,
        old_email: &account.email,
        new_email: address.as_str(),
        confirm: confirm.hash(),
        undo: undo.hash(),
        now,
        expires_at: now + CONFIRM_LIFETIME,
    };
    store::put_address_change(tx.conn(), &change).await?;
    let owner = store::by_address(tx.conn(), address.as_str()).await?.filter(|owner| owner.verified);
    let (to, news) = match &owner {
        Some(owner) => (owner.email.as_str(), AccountNews::Wanted),
        None => (address.as_str(), AccountNews::ConfirmNew(&confirm)),
    };
    if may_write {
        outbox::put(platform, &mut tx, account_letters::write(platform, to, &news)).await?;
    }
    let warning = account_letters::write(platform, &account.email, &AccountNews::ChangeAsked(&undo));
    outbox::put(platform, &mut tx, warning).await?;
    audit::note(&mut tx, Deed::AddressChangeAsked { user }).await?;
    tx.commit().await
}

/// Makes the change by the link of the letter to the new address. Links in letters to the old one work no more, but the
/// way back does. Of two accounts that want the same address the second is refused.
///
/// # Errors
/// [`AppError::TokenRefused`] for a wrong, used or expired link, or when the address has an account by now.
pub async fn confirm_email(grant: &Grant<Anonymous>, token: &str) -> Result<(), AppError> {
    grant.demand(Purpose::Letter)?;
    let hash = TokenHash::of(token.trim()).ok_or(AppError::TokenRefused)?;
    let platform = grant.platform();
    let (undo, now) = (Token::new(), platform.now());
    let mut tx = grant.begin().await?;
    let change = store::confirm_change(tx.conn(), &hash, &undo.hash(), now, now + UNDO_LIFETIME)
        .await?
        .ok_or(AppError::TokenRefused)?;
    let user = change.user_id;
    let moved = store::move_address(tx.conn(), user, &change.new_email, now).await?;
    store::spoil_all_links(tx.conn(), user, now).await?;
    let news = account_letters::write(platform, &change.old_email, &AccountNews::Changed(&undo));
    outbox::put(platform, &mut tx, news).await?;
    tx.act_as(user);
    note_forgotten(&mut tx, &moved).await?;
    audit::note(&mut tx, Deed::AddressChanged { user }).await?;
    tx.commit().await
}

/// Undoes a change by the link of a letter to the old address: cancels one that waits, and for one that was confirmed
/// puts the old address back, with everything that came after it. Then everybody is signed out, the password works no
/// more, a second factor or a provider that was added since is gone, and the answer is a token to choose a new password with.
///
/// # Errors
/// [`AppError::TokenRefused`] for a wrong, used or expired link.
pub async fn undo_email(grant: &Grant<Anonymous>, token: &str) -> Result<Option<Token>, AppError> {
    grant.demand(Purpose::Letter)?;
    let hash = TokenHash::of(token.trim()).ok_or(AppError::TokenRefused)?;
    let platform = grant.platform();
    let now = platform.now();
    let mut tx = grant.begin().await?;
    let change = store::undo_change(tx.conn(), &hash, now).await?.ok_or(AppError::TokenRefused)?;
    let user = change.user_id;
    tx.act_as(user);
    let way_in = if change.was_confirmed { Some(put_back(&mut tx, platform, &change).await?) } else { None };
    audit::note(&mut tx, Deed::AddressChangeUndone { user, was_confirmed: change.was_confirmed }).await?;
    tx.commit().await?;
    Ok(way_in)
}

async fn put_back(tx: &mut Tx, platform: &Platform, change: &UndoneChange) -> Result<Token, AppError> {
    let (user, now) = (change.user_id, platform.now());
    store::end_changes_since(tx.conn(), user, change.asked_at, now).await?;
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::TokenRefused)?;
    let moved = store::move_address(tx.conn(), user, &change.old_email, now).await?;
    store::distrust(tx.conn(), user).await?;
    store::spoil_all_links(tx.conn(), user, now).await?;
    let way_in = way_in(tx, platform, user).await?;
    second_factor::service::take_away_newer(tx, platform, user, change.asked_at).await?;
    federation::service::disconnect_since(tx, platform, user, change.asked_at).await?;
    shut_out(tx, platform, user).await?;
    known_devices::forget_all(tx, user).await?;
    for address in [&change.old_email, &account.email] {
        outbox::put(platform, tx, account_letters::write(platform, address, &AccountNews::PutBack)).await?;
    }
    note_forgotten(tx, &moved).await?;
    Ok(way_in)
}

async fn note_forgotten(tx: &mut Tx, moved: &Moved) -> Result<(), AppError> {
    match moved.unconfirmed {
        0 => Ok(()),
        count => audit::note(tx, Deed::UnconfirmedForgotten { count }).await,
    }
}

/// The same link that a letter for a new password has: who opened this letter would open that one too.
async fn way_in(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<Token, AppError> {
    let (token, now) = (Token::new(), platform.now());
    let link = NewLink {
        user,
        purpose: LinkPurpose::ResetPassword,
        password_hash: None,
        now,
        expires_at: now + RESET_LIFETIME,
    };
    store::put_link(tx.conn(), &token.hash(), &link).await?;
    Ok(token)
}
