//! Forgotten and changed passwords.

use std::time::Duration;

use super::{
    super::{
        Address, Password,
        credentials::new_password,
        letters::{self, About},
        store::{self, Account, LetterKind, LinkPurpose, NewLink},
    },
    ask_captcha, letter_requests, own_account, secret,
    shut_out::{forget_waiting, shut_out},
    sign_in::hold_proved,
    step_up::prove_password,
};
use crate::{
    AppError, FieldIssue,
    access::{Anonymous, Grant, Own, Purpose, Tx},
    audit::{self, Deed},
    organizations,
    platform::{
        Platform,
        letters::outbox,
        random::{Token, TokenHash},
    },
    sessions::{self, NewSession},
};

/// How long the link that sets a new password works.
pub(super) const RESET_LIFETIME: Duration = Duration::from_mins(30);

/// Asks for a letter with a link to set a new password. Answer and time are the same for an unknown address.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no address; [`AppError::CaptchaRequired`].
pub async fn forgot_password(
    grant: &Grant<Anonymous>,
    email: &str,
    captcha: Option<&str>,
) -> Result<(), AppError> {
    grant.demand(Purpose::Letter)?;
    ask_captcha(grant, captcha).await?;
    letter_requests::ask(grant, LetterKind::NewPassword, email).await
}

/// Writes the letter that was asked for, to an address that has an account.
pub(super) async fn send_forgotten(
    tx: &mut Tx,
    platform: &Platform,
    account: &Account,
) -> Result<(), AppError> {
    let token = Token::new();
    send_reset(tx, platform, account, &token, &About::Reset(&token)).await?;
    audit::note(tx, Deed::ResetAsked { user: account.id }).await
}

/// Writes a letter with a link to set a password. `about` gives it its words.
pub(super) async fn send_reset(
    tx: &mut Tx,
    platform: &Platform,
    account: &Account,
    token: &Token,
    about: &About<'_>,
) -> Result<(), AppError> {
    let now = platform.now();
    let link = NewLink {
        user: account.id,
        purpose: LinkPurpose::ResetPassword,
        password_hash: None,
        now,
        expires_at: now + RESET_LIFETIME,
    };
    store::put_link(tx.conn(), &token.hash(), &link).await?;
    outbox::put(platform, tx, letters::write(platform, &account.email, about)).await?;
    Ok(())
}

/// Sets a new password by the link of a letter, ends every session and every token, and proves the address on the way. A second
/// factor is still asked at the next sign-in.
///
/// # Errors
/// [`AppError::TokenRefused`]; [`AppError::InvalidInput`] for the password, which does not use up the link.
pub async fn reset_password(grant: &Grant<Anonymous>, token: &str, password: &str) -> Result<(), AppError> {
    grant.demand(Purpose::Letter)?;
    let hash = TokenHash::of(token.trim()).ok_or(AppError::TokenRefused)?;
    let platform = grant.platform();
    let password =
        new_password(platform, password, None).await.map_err(|issue| AppError::invalid("password", issue))?;
    // Hashed before the transaction, so that no connection waits for the hasher.
    let phc = platform.hasher().hash(secret(&password)).await?;
    let now = platform.now();
    let mut tx = grant.begin().await?;
    let link = store::use_link(tx.conn(), &hash, LinkPurpose::ResetPassword, now)
        .await?
        .ok_or(AppError::TokenRefused)?;
    let user = link.user_id;
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::TokenRefused)?;
    Password::parse(password.reveal(), Address::parse(&account.email).ok().as_ref())
        .map_err(|issue| AppError::invalid("password", issue))?;
    store::set_password(tx.conn(), user, &phc).await?;
    if store::mark_verified(tx.conn(), user, None, now).await? {
        organizations::service::give_personal(&mut tx, platform, user).await?;
    }
    store::spoil_links(tx.conn(), user, now).await?;
    tx.act_as(user);
    // API tokens as well: whoever knew the old password could have made them. A change by its owner, who still has it,
    // leaves them alone.
    shut_out(&mut tx, platform, user).await?;
    outbox::put(platform, &mut tx, letters::write(platform, &account.email, &About::PasswordChanged)).await?;
    audit::note(&mut tx, Deed::PasswordReset { user }).await?;
    tx.commit().await
}

/// Changes the password, ends the other sessions and tells the owner by letter.
///
/// # Errors
/// [`AppError::InvalidInput`] naming `current_password` or `password`.
pub async fn change_password(
    grant: &Grant<Own>,
    current: &str,
    password: &str,
) -> Result<NewSession, AppError> {
    let platform = grant.platform();
    let account = own_account(grant).await?;
    prove_password(grant, &account, "current_password", current).await?;
    if current == password {
        return Err(AppError::invalid("password", FieldIssue::Unchanged));
    }
    let owner = Address::parse(&account.email).ok();
    let new = new_password(platform, password, owner.as_ref())
        .await
        .map_err(|issue| AppError::invalid("password", issue))?;
    let phc = platform.hasher().hash(secret(&new)).await?;
    let mut tx = grant.begin().await?;
    let held = hold_proved(&mut tx, account.id, account.password_hash.as_deref()).await?;
    let Some(held) = held else { return Err(AppError::SignInRequired) };
    store::set_password(tx.conn(), account.id, &phc).await?;
    store::spoil_links(tx.conn(), account.id, platform.now()).await?;
    forget_waiting(&mut tx, platform, account.id).await?;
    sessions::service::end_all(&mut tx, account.id, Some(grant.person().session)).await?;
    let session = grant.person().session;
    // Where there is a second factor, the password alone is no fresh proof.
    let session = if held.second_factor {
        sessions::service::renew(&mut tx, platform, session).await?
    } else {
        sessions::service::prove(&mut tx, platform, session).await?
    };
    outbox::put(platform, &mut tx, letters::write(platform, &account.email, &About::PasswordChanged)).await?;
    audit::note(&mut tx, Deed::PasswordChanged { user: account.id }).await?;
    tx.commit().await?;
    Ok(session)
}
