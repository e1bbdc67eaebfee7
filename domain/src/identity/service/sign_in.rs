//! Prove who you are, at the door.

use uuid::Uuid;

use super::{
    super::{
        Address, Password, Theme, safe_next,
        store::{self, Account},
    },
    guard::{self, Admission},
    notices::tell_of_arrival,
    secret,
};
use crate::{
    AppError, FieldIssue,
    access::{Anonymous, Grant, Purpose, SignInMethod, Tx},
    audit::{self, Deed, Factor, Refusal},
    platform::{Platform, hasher::Verified, random::Token},
    sessions::{self, Held, NewSession, known_devices, service::Proved},
};

/// What somebody typed at the door.
#[derive(Default)]
pub struct SignIn {
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
    /// Whether the session outlives the browser.
    pub remember: bool,
    /// The page they were going to.
    pub next: Option<String>,
    /// What came back of a challenge.
    pub captcha: Option<String>,
    /// The session whose cookie came along; the new one takes its place.
    pub replaces: Option<Uuid>,
}

/// How a sign-in went on.
pub enum Outcome {
    /// They are in, and go on to this page.
    SignedIn {
        /// The session.
        session: NewSession,
        /// The page they were going to, if it is one of ours.
        next: Option<String>,
        /// The theme of their account, for the device they came in with.
        theme: Theme,
    },
    /// The second factor is asked; this secret goes into the pending cookie.
    SecondFactor {
        /// The secret.
        pending: Token,
    },
}

/// Signs a person in. Unknown address, wrong password and locked account are one answer after the same work.
///
/// # Errors
/// [`AppError::CaptchaRequired`] before anything is looked at; [`AppError::WrongCredentials`];
/// [`AppError::EmailNotVerified`] after a right password; [`AppError::TooManyRequests`] while the account is locked for
/// this network; [`AppError::Busy`] while the password queue is full.
pub async fn sign_in(grant: &Grant<Anonymous>, typed: SignIn) -> Result<Outcome, AppError> {
    let door = knock(grant, &typed.email, &typed.password, typed.captcha.as_deref()).await?;
    let visit = Visit {
        method: SignInMethod::Password,
        proved: Proved::Whole,
        remember: typed.remember,
        next: typed.next.as_deref(),
        replaces: typed.replaces,
    };
    open(door, grant.platform(), FirstProof::Password, &visit).await
}

/// What somebody wants who comes in.
pub(crate) struct Visit<'a> {
    /// By what they come in.
    pub(crate) method: SignInMethod,
    /// How much of what can be asked was proved just now, where no second factor is.
    pub(crate) proved: Proved,
    /// Whether the session outlives the browser.
    pub(crate) remember: bool,
    /// The page they were going to.
    pub(crate) next: Option<&'a str>,
    /// The session whose cookie came along; the new one takes its place.
    pub(crate) replaces: Option<Uuid>,
}

/// What was proved before the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstProof {
    /// The password.
    Password,
    /// Who they are to a provider.
    Provider,
    /// The same, to a provider whose word the operator takes for both factors.
    ProviderForBoth,
}

/// A person whose first proof was right, with the account held in the transaction that lets them in.
pub(crate) struct Door {
    pub(crate) tx: Tx,
    pub(crate) user: Uuid,
    pub(crate) account: Held,
}

/// Proves address and password, for people and scripts alike.
///
/// # Errors
/// As [`sign_in`].
pub(crate) async fn knock(
    grant: &Grant<Anonymous>,
    email: &str,
    password: &str,
    captcha: Option<&str>,
) -> Result<Door, AppError> {
    grant.demand(Purpose::SignIn)?;
    let address = Address::parse(email).map_err(|issue| AppError::invalid("email", issue))?;
    if password.is_empty() {
        return Err(AppError::invalid("password", FieldIssue::Required));
    }
    let password = Password::as_typed(password);
    let admission = guard::admit(grant, &address, captcha).await?;
    let door = prove(grant, &address, &password, &admission).await;
    match &door {
        Ok(_) | Err(AppError::EmailNotVerified { .. }) => admission.succeeded(grant.platform()).await,
        Err(AppError::WrongCredentials) => {}
        Err(_) => admission.was_none(grant.platform()).await,
    }
    door
}

async fn prove(
    grant: &Grant<Anonymous>,
    address: &Address,
    password: &Password,
    admission: &Admission,
) -> Result<Door, AppError> {
    // Whoever changes the account while the password is hashed makes us look once more.
    for _ in 0..2 {
        if let Some(door) = attempt(grant, address, password, admission).await? {
            return Ok(door);
        }
    }
    refuse(grant, admission, None, Refusal::WrongPassword).await
}

/// `None` when the account changed between the look and the hold.
async fn attempt(
    grant: &Grant<Anonymous>,
    address: &Address,
    password: &Password,
    admission: &Admission,
) -> Result<Option<Door>, AppError> {
    let platform = grant.platform();
    let account = store::by_address(platform.db(), address.as_str()).await?;
    let mut hash = account.as_ref().and_then(|account| account.password_hash.clone());
    // Without an account the hasher works on a decoy, so that the time tells nothing.
    let verified = platform.hasher().verify(secret(password), hash.clone()).await?;
    let account = match admit(account, verified) {
        Ok(account) => account,
        Err((user, reason)) => return refuse(grant, admission, user, reason).await,
    };
    if let (Verified::YesButRehash, Some(old)) = (verified, &hash) {
        let new = platform.hasher().hash(secret(password)).await?;
        store::rehash(platform.db(), account.id, old, &new).await?;
        hash = Some(new);
    }
    let user = account.id;
    let mut tx = grant.begin().await?;
    // Only if the account still is what the password was compared with.
    let Some(account) = hold_proved(&mut tx, user, hash.as_deref()).await? else { return Ok(None) };
    tx.act_as(user);
    Ok(Some(Door { tx, user, account }))
}

/// Decides after the hash, never before it.
fn admit(account: Option<Account>, verified: Verified) -> Result<Account, (Option<Uuid>, Refusal)> {
    let Some(account) = account else { return Err((None, Refusal::UnknownAddress)) };
    let user = Some(account.id);
    match verified {
        Verified::No => Err((user, Refusal::WrongPassword)),
        _ if account.locked => Err((user, Refusal::Locked)),
        _ if !account.verified => Err((user, Refusal::NotVerified)),
        _ => Ok(account),
    }
}

async fn refuse<T>(
    grant: &Grant<Anonymous>,
    admission: &Admission,
    user: Option<Uuid>,
    reason: Refusal,
) -> Result<T, AppError> {
    let mut tx = grant.begin().await?;
    if reason != Refusal::NotVerified {
        admission.failed(&mut tx, grant.platform(), user).await?;
    }
    audit::note(&mut tx, Deed::SignInRefused { user, reason }).await?;
    tx.commit().await?;
    Err(match reason {
        Refusal::NotVerified => not_verified(),
        _ => AppError::WrongCredentials,
    })
}

/// Opens the session, or the wait for the second factor.
pub(crate) async fn open(
    door: Door,
    platform: &Platform,
    proof: FirstProof,
    visit: &Visit<'_>,
) -> Result<Outcome, AppError> {
    let Door { mut tx, user, account } = door;
    let factor = match (account.second_factor, proof) {
        (false, _) => Factor::None,
        (true, FirstProof::ProviderForBoth) => Factor::Provider,
        (true, _) if known_devices::is_trusted(&mut tx, platform, user).await? => Factor::TrustedDevice,
        (true, _) => return wait(tx, platform, user, proof, visit).await,
    };
    let_in(tx, platform, user, factor, visit).await
}

/// Lets somebody wait for the second factor, and ends the transaction.
async fn wait(
    mut tx: Tx,
    platform: &Platform,
    user: Uuid,
    proof: FirstProof,
    visit: &Visit<'_>,
) -> Result<Outcome, AppError> {
    sessions::service::give_up(&mut tx, visit.replaces).await?;
    let next = safe_next(visit.next);
    let kept = (visit.remember, visit.method.clone());
    let pending = sessions::service::begin_pending(&mut tx, platform, user, kept, next).await?;
    if proof == FirstProof::Password {
        audit::note(&mut tx, Deed::PasswordAccepted { user }).await?;
    }
    tx.commit().await?;
    Ok(Outcome::SecondFactor { pending })
}

/// Opens the session of somebody who has proved everything that was asked, and ends the transaction. The account is held
/// by the caller.
///
/// # Errors
/// [`AppError::EmailNotVerified`] for an account whose address is not confirmed.
pub(crate) async fn let_in(
    mut tx: Tx,
    platform: &Platform,
    user: Uuid,
    factor: Factor,
    visit: &Visit<'_>,
) -> Result<Outcome, AppError> {
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    if !account.verified {
        let deed = Deed::SignInRefused { user: Some(user), reason: Refusal::NotVerified };
        audit::note(&mut tx, deed).await?;
        tx.commit().await?;
        return Err(not_verified());
    }
    sessions::service::give_up(&mut tx, visit.replaces).await?;
    let theme = store::theme_of(tx.conn(), user).await?;
    let kept = (visit.remember, visit.method.clone());
    let session = enter(&mut tx, platform, user, kept, (factor, visit.proved)).await?;
    tx.commit().await?;
    Ok(Outcome::SignedIn { session, next: safe_next(visit.next).map(str::to_owned), theme })
}

fn not_verified() -> AppError {
    AppError::EmailNotVerified { resend: "/api/v1/identity/resend-verification".to_owned() }
}

/// Begins the session of somebody who has proved everything that was asked, and tells the owner of a browser they were
/// never in. `proved` says how much of it was just now.
pub(crate) async fn enter(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    (remembered, method): (bool, SignInMethod),
    (factor, proved): (Factor, Proved),
) -> Result<NewSession, AppError> {
    // What stands for the second factor is not the second factor.
    let skipped = matches!(factor, Factor::TrustedDevice | Factor::Provider);
    let proved = if skipped { Proved::InPart } else { proved };
    let session = sessions::service::begin(tx, platform, user, remembered, (method, proved)).await?;
    tell_of_arrival(tx, platform, user, &session).await?;
    audit::note(tx, Deed::SignedIn { user, session: session.id, factor }).await?;
    Ok(session)
}

/// Holds an account whose password still is the one that was compared; `None` when it was changed, locked or deleted
/// meanwhile.
pub(super) async fn hold_proved(
    tx: &mut Tx,
    user: Uuid,
    proved: Option<&str>,
) -> Result<Option<Held>, AppError> {
    let account = sessions::service::hold(tx, user).await?;
    Ok(account.filter(|account| account.password_hash.as_deref() == proved))
}
