//! Forgotten and changed passwords.

use std::time::Duration;

use super::{
    super::{
        Address,
        credentials::new_password,
        letters::{self, About},
        store::{self, LinkPurpose, NewLink},
    },
    may_write_to, own_account, secret,
    sign_in::prove_password,
};
use crate::{
    AppError, FieldIssue,
    access::{Anonymous, Grant, Own, Purpose},
    audit::{self, Deed},
    platform::{
        letters::outbox,
        random::{Token, TokenHash},
    },
    sessions::{self, NewSession},
};

/// How long the link that sets a new password works.
const RESET_LIFETIME: Duration = Duration::from_mins(30);

/// Writes a letter with a link to set a new password, if the address has an account. The answer is the same if not.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no address.
pub async fn forgot_password(grant: &Grant<Anonymous>, email: &str) -> Result<(), AppError> {
    grant.demand(Purpose::Letter)?;
    let address = Address::parse(email).map_err(|issue| AppError::invalid("email", issue))?;
    let platform = grant.platform();
    let may_write = may_write_to(grant, address.as_str()).await;
    let mut tx = grant.begin().await?;
    if let Some(account) = store::by_address(tx.conn(), address.as_str()).await?
        && may_write
    {
        let token = Token::new();
        let now = platform.now();
        let link = NewLink {
            user: account.id,
            purpose: LinkPurpose::ResetPassword,
            password_hash: None,
            now,
            expires_at: now + RESET_LIFETIME,
        };
        store::put_link(tx.conn(), &token.hash(), &link).await?;
        outbox::put(platform, &mut tx, letters::write(platform, &account.email, &About::Reset(&token)))
            .await?;
        audit::note(&mut tx, Deed::ResetAsked { user: account.id }).await?;
    }
    tx.commit().await
}

/// Sets a new password by the link of a letter, ends every session, and proves the address on the way. A second
/// factor is still asked at the next sign-in.
///
/// # Errors
/// [`AppError::TokenRefused`]; [`AppError::InvalidInput`] for the password, which does not use up the link.
pub async fn reset_password(grant: &Grant<Anonymous>, token: &str, password: &str) -> Result<(), AppError> {
    grant.demand(Purpose::Letter)?;
    let hash = TokenHash::of(token.trim()).ok_or(AppError::TokenRefused)?;
    let password = new_password(password, None).map_err(|issue| AppError::invalid("password", issue))?;
    let platform = grant.platform();
    // Hashed before the transaction, so that no connection waits for the hasher.
    let phc = platform.hasher().hash(secret(&password)).await?;
    let now = platform.now();
    let mut tx = grant.begin().await?;
    let link = store::use_link(tx.conn(), &hash, LinkPurpose::ResetPassword, now)
        .await?
        .ok_or(AppError::TokenRefused)?;
    let user = link.user_id;
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::TokenRefused)?;
    new_password(password.reveal(), Address::parse(&account.email).ok().as_ref())
        .map_err(|issue| AppError::invalid("password", issue))?;
    store::set_password(tx.conn(), user, &phc).await?;
    store::mark_verified(tx.conn(), user, None, now).await?;
    store::spoil_links(tx.conn(), user, now).await?;
    sessions::service::end_all(&mut tx, user, None).await?;
    outbox::put(platform, &mut tx, letters::write(platform, &account.email, &About::PasswordChanged)).await?;
    tx.act_as(user);
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
    prove_password(platform, &account, "current_password", current).await?;
    if current == password {
        return Err(AppError::invalid("password", FieldIssue::Unchanged));
    }
    let owner = Address::parse(&account.email).ok();
    let new = new_password(password, owner.as_ref()).map_err(|issue| AppError::invalid("password", issue))?;
    let phc = platform.hasher().hash(secret(&new)).await?;
    let mut tx = grant.begin().await?;
    store::set_password(tx.conn(), account.id, &phc).await?;
    store::spoil_links(tx.conn(), account.id, platform.now()).await?;
    sessions::service::end_all(&mut tx, account.id, Some(grant.person().session)).await?;
    let session = sessions::service::renew(&mut tx, platform, grant.person().session).await?;
    outbox::put(platform, &mut tx, letters::write(platform, &account.email, &About::PasswordChanged)).await?;
    audit::note(&mut tx, Deed::PasswordChanged { user: account.id }).await?;
    tx.commit().await?;
    Ok(session)
}
