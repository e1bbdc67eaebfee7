//! "This was not me": the owner of an account shuts everybody out.

use super::{
    super::store::{self, LinkPurpose, NewLink},
    password::RESET_LIFETIME,
    shut_out::shut_out,
};
use crate::{
    AppError,
    access::{Anonymous, Grant, Purpose},
    audit::{self, Deed},
    federation,
    platform::random::{Token, TokenHash},
    second_factor,
    sessions::known_devices,
};

/// Ends every session and API token, forgets every browser, disconnects every provider and makes the password worthless:
/// whoever came in knows it. Answers the token with which the owner sets a new one. A second factor stays, and is asked at
/// the next sign-in; one that was turned on since that sign-in, and newer passkeys, do not.
///
/// # Errors
/// [`AppError::TokenRefused`] for a wrong, used or expired link.
pub async fn disown_sign_in(grant: &Grant<Anonymous>, token: &str) -> Result<Token, AppError> {
    grant.demand(Purpose::Letter)?;
    let hash = TokenHash::of(token.trim()).ok_or(AppError::TokenRefused)?;
    let now = grant.platform().now();
    let mut tx = grant.begin().await?;
    let link =
        store::use_link(tx.conn(), &hash, LinkPurpose::NotMe, now).await?.ok_or(AppError::TokenRefused)?;
    let user = link.user_id;
    tx.act_as(user);
    store::forget_password(tx.conn(), user).await?;
    store::spoil_links(tx.conn(), user, now).await?;
    shut_out(&mut tx, grant.platform(), user).await?;
    known_devices::forget_all(&mut tx, user).await?;
    // Whoever came in may have connected a provider of their own; the owner has a new password in a moment.
    federation::service::disconnect_all(&mut tx, grant.platform(), user).await?;
    second_factor::service::take_away_newer(&mut tx, grant.platform(), user, link.created_at.into()).await?;
    let reset = Token::new();
    let link = NewLink {
        user,
        purpose: LinkPurpose::ResetPassword,
        password_hash: None,
        now,
        expires_at: now + RESET_LIFETIME,
    };
    store::put_link(tx.conn(), &reset.hash(), &link).await?;
    audit::note(&mut tx, Deed::SignInDisowned { user }).await?;
    tx.commit().await?;
    Ok(reset)
}
