//! Open an account and confirm its address.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        Address, DisplayName, Registered, RegisteredState,
        credentials::{self, Problems},
        letters::{self, About},
        store::{self, Account, LetterKind, LinkPurpose, NewLink},
    },
    LETTERS, ask_captcha,
    invitations::{self, Shown},
    letter_requests, may_write_to,
    password::send_reset,
    policy, secret,
};
use crate::{
    AppError,
    access::{Anonymous, Grant, Purpose, Tx},
    audit::{self, Deed},
    organizations,
    platform::{
        Platform,
        letters::outbox,
        random::{Token, TokenHash},
    },
};

/// How long the link that confirms an address works.
const VERIFY_LIFETIME: Duration = Duration::from_hours(24);

/// What somebody typed to open an account.
#[derive(Default)]
pub struct Registration {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// How they want to be called.
    pub display_name: Option<String>,
    /// What came back of a challenge.
    pub captcha: Option<String>,
    /// The token of the letter that invited them, where one is needed.
    pub invitation: Option<String>,
}

/// Opens an account, or, when the address has one, tells its owner. The answer and the work are the same.
///
/// # Errors
/// [`AppError::InvalidInput`]; [`AppError::Conflict`] while nobody may open an account, or only with an invitation;
/// [`AppError::TokenRefused`] for an invitation that is wrong, used, expired or taken back; [`AppError::CaptchaRequired`];
/// [`AppError::Busy`] while the password queue is full.
pub async fn register(grant: &Grant<Anonymous>, typed: Registration) -> Result<Registered, AppError> {
    grant.demand(Purpose::Register)?;
    let platform = grant.platform();
    let mut problems = Problems::default();
    let address = problems.check("email", Address::parse(&typed.email));
    let password = problems
        .check("password", credentials::new_password(platform, &typed.password, address.as_ref()).await);
    let name =
        problems.check("display_name", DisplayName::parse(typed.display_name.as_deref().unwrap_or("")));
    let (Some(address), Some(password), Some(name)) = (address, password, name) else {
        return Err(problems.into_error());
    };
    let shown = Shown::of(typed.invitation.as_deref());
    policy::admit(platform, &address, shown).await?;
    ask_captcha(grant, typed.captcha.as_deref()).await?;
    let hash = platform.hasher().hash(secret(&password)).await?;
    let may_write = may_write_to(platform, address.as_str()).await;
    let mut tx = grant.begin().await?;
    let invitation = invitations::take(&mut tx, platform, &address, shown).await?;
    let fresh =
        store::insert(tx.conn(), platform.new_id(), &address, &name, Some(&hash), platform.now()).await?;
    let (user, deed) = if let Some(user) = fresh {
        if may_write {
            send_verification(&mut tx, platform, user, address.as_str(), Some(&hash)).await?;
        }
        (user, Deed::Registered { user })
    } else {
        let user = again(&mut tx, platform, &address, may_write).await?;
        (user, Deed::RegisteredAgain { user })
    };
    audit::note(&mut tx, deed).await?;
    invitations::note_taken(&mut tx, invitation, user).await?;
    tx.commit().await?;
    Ok(Registered { state: RegisteredState::CheckYourMail })
}

/// The address has an account: its owner gets a letter. While it is unconfirmed nobody knows who of those that registered
/// it owns it, so the letter lets its reader choose the password; what was typed just now is forgotten.
async fn again(
    tx: &mut Tx,
    platform: &Platform,
    address: &Address,
    may_write: bool,
) -> Result<Uuid, AppError> {
    let account =
        store::by_address(tx.conn(), address.as_str()).await?.ok_or(AppError::Busy { retry_after_s: 1 })?;
    if !account.verified {
        store::note_registered_again(tx.conn(), account.id, platform.now()).await?;
    }
    if may_write {
        if account.verified {
            let letter = letters::write(platform, &account.email, &About::AlreadyRegistered);
            outbox::put(platform, tx, letter).await?;
        } else {
            let token = Token::new();
            send_reset(tx, platform, &account, &token, &About::ChoosePassword(&token)).await?;
        }
    }
    Ok(account.id)
}

async fn send_verification(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    address: &str,
    password_hash: Option<&str>,
) -> Result<(), AppError> {
    let token = Token::new();
    let now = platform.now();
    let link = NewLink {
        user,
        purpose: LinkPurpose::VerifyEmail,
        password_hash,
        now,
        expires_at: now + VERIFY_LIFETIME,
    };
    store::put_link(tx.conn(), &token.hash(), &link).await?;
    outbox::put(platform, tx, letters::write(platform, address, &About::Verify(&token))).await?;
    Ok(())
}

/// Asks for the confirmation again. Answer and time are the same for an address that has nothing to confirm.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no address.
pub async fn resend_verification(grant: &Grant<Anonymous>, email: &str) -> Result<(), AppError> {
    grant.demand(Purpose::Letter)?;
    letter_requests::ask(grant, LetterKind::Confirmation, email).await
}

/// Writes the letter that was asked for, if there is something to confirm.
pub(super) async fn confirm_again(
    tx: &mut Tx,
    platform: &Platform,
    account: &Account,
) -> Result<(), AppError> {
    if account.verified {
        return Ok(());
    }
    write_confirmation(tx, platform, account).await?;
    audit::note(tx, Deed::ConfirmationAsked { user: account.id }).await
}

/// Writes the letter for somebody who was asked for help, inside the transaction that gives the reason. Answers whether
/// there was something to confirm.
///
/// # Errors
/// [`AppError::TooManyRequests`] while the address has had its share of letters.
pub async fn send_confirmation(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<bool, AppError> {
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::NotFound)?;
    if account.verified {
        return Ok(false);
    }
    let verdict = platform.limiter().take(&LETTERS, &account.email.to_lowercase()).await;
    if !verdict.allowed {
        let wait = verdict.retry_after.unwrap_or(verdict.reset_after).as_secs();
        return Err(AppError::TooManyRequests { retry_after_s: u32::try_from(wait + 1).unwrap_or(u32::MAX) });
    }
    write_confirmation(tx, platform, &account).await?;
    Ok(true)
}

/// When the address was registered more than once, nobody knows which of the passwords is its owner's; the letter then
/// lets its reader choose one.
async fn write_confirmation(tx: &mut Tx, platform: &Platform, account: &Account) -> Result<(), AppError> {
    if store::registered_once(tx.conn(), account.id).await? {
        let hash = account.password_hash.as_deref();
        return send_verification(tx, platform, account.id, &account.email, hash).await;
    }
    let token = Token::new();
    send_reset(tx, platform, account, &token, &About::ChoosePassword(&token)).await
}

/// Confirms an address by the link of a letter. Of twenty at once exactly one succeeds.
///
/// # Errors
/// [`AppError::TokenRefused`] for a wrong, used or expired link.
pub async fn verify_email(grant: &Grant<Anonymous>, token: &str) -> Result<(), AppError> {
    grant.demand(Purpose::Letter)?;
    let hash = TokenHash::of(token.trim()).ok_or(AppError::TokenRefused)?;
    let now = grant.platform().now();
    let mut tx = grant.begin().await?;
    let link = store::use_link(tx.conn(), &hash, LinkPurpose::VerifyEmail, now)
        .await?
        .ok_or(AppError::TokenRefused)?;
    if !store::mark_verified(tx.conn(), link.user_id, link.password_hash.as_deref(), now).await? {
        return Err(AppError::TokenRefused);
    }
    store::spoil_links(tx.conn(), link.user_id, now).await?;
    tx.act_as(link.user_id);
    organizations::service::give_personal(&mut tx, grant.platform(), link.user_id).await?;
    audit::note(&mut tx, Deed::AddressVerified { user: link.user_id }).await?;
    tx.commit().await
}
