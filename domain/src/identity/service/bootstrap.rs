//! The first administrator comes in by a one-time link; there is no default password.

use std::time::Duration;

use super::{
    super::{
        Address,
        credentials::{self, Problems},
        letters::{self, About},
        store,
    },
    secret,
    shut_out::shut_out,
};
use crate::{
    AppError, Timestamp,
    access::{Anonymous, Grant, Purpose, SignInMethod, System},
    audit::{self, Deed},
    federation, organizations,
    platform::{
        letters::outbox,
        random::{Token, TokenHash},
    },
    second_factor,
    sessions::{self, NewSession, service::Proved},
};

/// How long the one-time link works.
const LINK_LIFETIME: Duration = Duration::from_hours(24);

/// Makes the one-time link, or answers `None` when the site has an administrator.
pub async fn invite_first_administrator(grant: &Grant<System>) -> Result<Option<String>, AppError> {
    let platform = grant.platform();
    let mut tx = grant.begin().await?;
    if store::has_administrator(tx.conn()).await? {
        return Ok(None);
    }
    let token = Token::new();
    let now = platform.now();
    store::put_bootstrap_link(tx.conn(), &token.hash(), now, now + LINK_LIFETIME).await?;
    audit::note(&mut tx, Deed::BootstrapLinkMade).await?;
    tx.commit().await?;
    Ok(Some(format!("{}/welcome?token={}", platform.rules().public_url, token.reveal())))
}

/// Makes the first administrator and signs them in. Of two at once one is refused.
///
/// The link proves who runs the machine. So an account that the address has already is theirs from now on: it gets this
/// password and the role; whoever was signed in to it, or waits with a link for it, is out, and its second factor and providers
/// are gone.
///
/// # Errors
/// [`AppError::TokenRefused`] for a wrong, used or expired link, or when the site has an administrator;
/// [`AppError::InvalidInput`].
pub async fn bootstrap(
    grant: &Grant<Anonymous>,
    token: &str,
    email: &str,
    password: &str,
) -> Result<NewSession, AppError> {
    grant.demand(Purpose::Bootstrap)?;
    let link = TokenHash::of(token.trim()).ok_or(AppError::TokenRefused)?;
    let platform = grant.platform();
    let mut problems = Problems::default();
    let address = problems.check("email", Address::parse(email));
    let password =
        problems.check("password", credentials::new_password(platform, password, address.as_ref()).await);
    let (Some(address), Some(password)) = (address, password) else { return Err(problems.into_error()) };
    let phc = platform.hasher().hash(secret(&password)).await?;
    let now = platform.now();
    let mut tx = grant.begin().await?;
    if store::has_administrator(tx.conn()).await? || !store::use_bootstrap_link(tx.conn(), &link, now).await?
    {
        return Err(AppError::TokenRefused);
    }
    let admin = store::put_administrator(tx.conn(), platform.new_id(), &address, &phc, now).await?;
    let user = admin.id;
    tx.act_as(user);
    if !admin.is_new {
        store::spoil_all_links(tx.conn(), user, now).await?;
        // Whoever had the address before must not take it back.
        let ever = Timestamp::new(time::OffsetDateTime::UNIX_EPOCH);
        store::end_changes_since(tx.conn(), user, ever, now).await?;
        // What acted for a member must not act for an administrator.
        shut_out(&mut tx, platform, user).await?;
        second_factor::service::take_away(&mut tx, platform, user).await?;
        federation::service::disconnect_all(&mut tx, platform, user).await?;
        let letter = letters::write(platform, address.as_str(), &About::PasswordChanged);
        outbox::put(platform, &mut tx, letter).await?;
    }
    organizations::service::give_personal(&mut tx, platform, user).await?;
    let session = sessions::service::begin(&mut tx, platform, user, false, (SignInMethod::Password, Proved::Whole)).await?;
    audit::note(&mut tx, Deed::Bootstrapped { user, is_new: admin.is_new }).await?;
    tx.commit().await?;
    Ok(session)
}
