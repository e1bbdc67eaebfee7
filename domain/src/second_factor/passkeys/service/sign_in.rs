//! A passkey as the whole sign-in: nobody types an address, the passkey says whose it is.

use uuid::Uuid;

use super::{
    super::{
        super::Ceremony,
        relying_party::{self, Answer},
        store,
    },
    Bound, Reply, begin, prove,
};
use crate::{
    AppError,
    access::{Anonymous, Grant, Purpose, SignInMethod, Tx},
    audit::{self, Deed, Factor, Refusal},
    identity::service::{self as identity, Outcome, Visit},
    platform::random::{Token, TokenHash},
    sessions::{self, service::Proved},
};

/// What a browser sends back, and what the person wants.
#[derive(Default)]
pub struct PasskeySignIn {
    /// The ceremony it answers.
    pub ceremony: String,
    /// The JSON of the `PublicKeyCredential`.
    pub credential: String,
    /// The secret of the browser that was asked, hashed.
    pub browser: Option<TokenHash>,
    /// Whether the session outlives the browser.
    pub remember: bool,
    /// The page they were going to.
    pub next: Option<String>,
    /// The session whose cookie came along; the new one takes its place.
    pub replaces: Option<Uuid>,
}

/// Asks a browser for any passkey of this site. Answers the secret that the browser shall bring back, where it has none.
///
/// # Errors
/// [`AppError::Conflict`] where the site has no name.
pub async fn begin_sign_in(
    grant: &Grant<Anonymous>,
    browser: Option<TokenHash>,
) -> Result<(Ceremony, Option<Token>), AppError> {
    grant.demand(Purpose::SignIn)?;
    let platform = grant.platform();
    let question = relying_party::ask_for_known(&relying_party::site(platform)?, &[])?;
    // A secret that the browser has already serves all its tabs.
    let secret = browser.is_none().then(Token::new);
    let browser = browser.or_else(|| secret.as_ref().map(Token::hash)).ok_or(AppError::Internal)?;
    let mut tx = grant.begin().await?;
    let ceremony = begin(&mut tx, platform, &Bound::to_browser(&browser), question).await?;
    tx.commit().await?;
    Ok((ceremony, secret))
}

/// Signs the owner of a passkey in, by the same door as a password and its second factor. Unknown, removed, wrong and late
/// are one answer, and so is the passkey of a locked account.
///
/// # Errors
/// [`AppError::PasskeyRefused`]; [`AppError::EmailNotVerified`] after a right passkey.
pub async fn sign_in(grant: &Grant<Anonymous>, typed: PasskeySignIn) -> Result<Outcome, AppError> {
    grant.demand(Purpose::SignIn)?;
    let platform = grant.platform();
    let answer = Answer::read("credential", &typed.credential)?;
    let browser = typed.browser.ok_or(AppError::PasskeyRefused)?;
    let mut tx = grant.begin().await?;
    let Some(user) = store::owner(tx.conn(), answer.credential_id()).await? else {
        return refuse(tx, None, Refusal::UnknownPasskey).await;
    };
    if sessions::service::hold(&mut tx, user).await?.is_none() {
        return refuse(tx, Some(user), Refusal::Locked).await;
    }
    let reply = Reply { ceremony: &typed.ceremony, answer: &answer };
    match prove(&mut tx, platform, user, &Bound::to_browser(&browser), &reply).await {
        Ok(()) => {}
        Err(AppError::PasskeyRefused) => return refuse(tx, Some(user), Refusal::WrongPasskey).await,
        Err(other) => return Err(other),
    }
    tx.act_as(user);
    let visit = Visit {
        method: SignInMethod::Passkey,
        proved: Proved::Whole,
        remember: typed.remember,
        next: typed.next.as_deref(),
        replaces: typed.replaces,
    };
    identity::let_in(tx, platform, user, Factor::PasskeyAlone, &visit).await
}

async fn refuse<T>(mut tx: Tx, user: Option<Uuid>, reason: Refusal) -> Result<T, AppError> {
    audit::note(&mut tx, Deed::SignInRefused { user, reason }).await?;
    tx.commit().await?;
    Err(AppError::PasskeyRefused)
}
