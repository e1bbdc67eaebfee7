//! Set up, ask for and remove the second factor.

use std::time::Duration;

use totp_rs::Totp;
use uuid::Uuid;

use super::{RecoveryCodes, Setup, State, Ways, passkeys::service as passkeys, qr, recovery, store, totp};
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    access::{Grant, HalfWayScope, Own, SignInMethod, SteppedUp, Tx},
    audit::{self, Deed, Factor, Proof, Refusal},
    identity::service::{self as identity, FactorChange},
    platform::{Platform, limiter::Allowance, log::WhileDoing, random, vault::Column},
    sessions::{self, NewSession, known_devices, service::Proved},
};

/// Whether the browser shall skip the second factor at the next sign-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// It is asked again.
    No,
    /// It is not asked for thirty days.
    ThisDevice,
}

/// Mistyping is common; guessing is not.
const CODE_TRIES: Allowance = Allowance { name: "code", count: 10, per: Duration::from_mins(5) };
/// Three of a million codes are good at any moment: at fifty tries a day a guesser, who has to have the password
/// already, needs twelve years for even odds.
const CODE_TRIES_A_DAY: Allowance = Allowance { name: "code-day", count: 50, per: Duration::from_hours(24) };
/// What the vault seals secrets for.
const PURPOSE: &str = "authenticator";
/// Where authenticators are sealed.
pub const SEALED: Column = Column { table: "authenticators", record: "user_id", purpose: PURPOSE };

/// Where the caller's second factor stands. The waiting secret is shown only after a fresh proof.
pub async fn state(grant: &Grant<Own>, proof: Option<&Grant<SteppedUp>>) -> Result<State, AppError> {
    let platform = grant.platform();
    let row = store::find(platform.db(), grant.user()).await?;
    let authenticator = row.as_ref().is_some_and(|row| row.confirmed);
    let passkeys = passkeys::count(platform, grant.user()).await?;
    let setup = match row {
        Some(row) if !row.confirmed && proof.is_some() => Some(shown(&open(platform, grant.user(), &row)?)?),
        _ => None,
    };
    Ok(State {
        enabled: authenticator || passkeys > 0,
        authenticator,
        passkeys,
        passkeys_possible: passkeys::is_possible(platform),
        recovery_codes_left: store::codes_left(platform.db(), grant.user()).await?,
        setup,
    })
}

/// By which ways the waiting sign-in can be finished.
pub async fn ways(grant: &Grant<HalfWayScope>) -> Result<Ways, AppError> {
    let platform = grant.platform();
    let row = store::find(platform.db(), grant.user()).await?;
    let passkey = passkeys::count(platform, grant.user()).await? > 0;
    Ok(Ways { code: row.is_some_and(|row| row.confirmed), passkey })
}

/// Makes a new secret. It counts only once a code of it was shown.
///
/// # Errors
/// [`AppError::Conflict`] while another one is in use.
pub async fn start(grant: &Grant<SteppedUp>, address: &str) -> Result<Setup, AppError> {
    let platform = grant.platform();
    let secret: [u8; totp::SECRET_BYTES] = random::bytes();
    let sealed = platform.vault().seal(PURPOSE, grant.user(), &secret);
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    if !store::put_unconfirmed(tx.conn(), grant.user(), &sealed, platform.now()).await? {
        return Err(conflict(FieldIssue::FactorOn));
    }
    audit::note(&mut tx, Deed::AuthenticatorStarted { user: grant.user() }).await?;
    tx.commit().await?;
    shown(&totp::authenticator(secret, address)?)
}

/// Turns the second factor on by the first code. The session gets a new secret.
///
/// # Errors
/// [`AppError::CodeRefused`]; [`AppError::Conflict`] when there is nothing to confirm.
pub async fn confirm(grant: &Grant<SteppedUp>, code: &str) -> Result<(RecoveryCodes, NewSession), AppError> {
    let platform = grant.platform();
    let user = grant.user();
    count_try(platform, user).await?;
    let row = store::find(platform.db(), user).await?.ok_or_else(|| conflict(FieldIssue::FactorOff))?;
    if row.confirmed {
        return Err(conflict(FieldIssue::FactorOn));
    }
    let step = totp::step_of(&open(platform, user, &row)?, code, platform.now());
    let mut tx = grant.begin().await?;
    // Whoever signs in meanwhile is either before this or asked for a code.
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let is_confirmed = match step {
        Some(step) => store::confirm(tx.conn(), user, &row.sealed, step, platform.now()).await?,
        None => false,
    };
    if !is_confirmed {
        audit::note(&mut tx, Deed::ProofRefused { user, proof: Proof::Code }).await?;
        tx.commit().await?;
        return Err(AppError::CodeRefused);
    }
    let codes = new_codes(&mut tx, user).await?;
    known_devices::distrust_all(&mut tx, user).await?;
    let session = sessions::service::renew(&mut tx, platform, grant.person().session).await?;
    identity::tell_of_factor(&mut tx, platform, user, FactorChange::On).await?;
    audit::note(&mut tx, Deed::AuthenticatorConfirmed { user }).await?;
    tx.commit().await?;
    Ok((codes, session))
}

/// Finishes a sign-in with a code.
///
/// # Errors
/// [`AppError::CodeRefused`] for a wrong, old or used code.
pub async fn verify(
    grant: &Grant<HalfWayScope>,
    code: &str,
    trust: Trust,
) -> Result<(NewSession, Option<String>), AppError> {
    let platform = grant.platform();
    let user = grant.user();
    let mut tx = begin_held(grant).await?;
    match use_code(&mut tx, platform, user, code).await {
        Ok(()) => finish(tx, grant, Factor::Code, trust).await,
        Err(refused) => refuse(tx, user, refused, Refusal::WrongCode).await,
    }
}

/// Finishes a sign-in with a recovery code.
///
/// # Errors
/// [`AppError::CodeRefused`] for a wrong or used code.
pub async fn recover(
    grant: &Grant<HalfWayScope>,
    code: &str,
) -> Result<(NewSession, Option<String>), AppError> {
    let platform = grant.platform();
    let user = grant.user();
    count_try(platform, user).await?;
    let mut tx = begin_held(grant).await?;
    let accepted = match recovery::hash(code) {
        Some(hash) => store::use_recovery_code(tx.conn(), user, &hash, platform.now()).await?,
        None => false,
    };
    if !accepted {
        return refuse(tx, user, AppError::CodeRefused, Refusal::WrongCode).await;
    }
    let left = store::codes_left(tx.conn(), user).await?;
    identity::tell_of_factor(&mut tx, platform, user, FactorChange::CodeUsed { left }).await?;
    audit::note(&mut tx, Deed::RecoveryCodeUsed { user, left }).await?;
    finish(tx, grant, Factor::RecoveryCode, Trust::No).await
}

/// Begins with the account held, so that whoever locks it or changes its password comes before or after all of this.
pub(super) async fn begin_held(grant: &Grant<HalfWayScope>) -> Result<Tx, AppError> {
    let mut tx = grant.begin().await?;
    sessions::service::hold(&mut tx, grant.user()).await?.ok_or(AppError::SignInRequired)?;
    Ok(tx)
}

pub(super) async fn finish(
    mut tx: Tx,
    grant: &Grant<HalfWayScope>,
    factor: Factor,
    trust: Trust,
) -> Result<(NewSession, Option<String>), AppError> {
    let platform = grant.platform();
    let pending = sessions::service::take_pending(&mut tx, platform, grant.sign_in()).await?;
    let user = pending.user_id;
    // One from before that was kept was begun by a password, as nearly all are.
    let method = pending.begun_by.as_deref().and_then(SignInMethod::parse).unwrap_or(SignInMethod::Password);
    let kept = (pending.remembered, method);
    let session = identity::enter(&mut tx, platform, user, kept, (factor, Proved::Whole)).await?;
    if let (Trust::ThisDevice, Some(arrival)) = (trust, &session.arrival) {
        known_devices::trust(&mut tx, platform, user, arrival.device).await?;
    }
    tx.commit().await?;
    Ok((session, pending.next))
}

pub(super) async fn refuse<T>(
    mut tx: Tx,
    user: Uuid,
    error: AppError,
    reason: Refusal,
) -> Result<T, AppError> {
    if matches!(error, AppError::CodeRefused | AppError::PasskeyRefused) {
        let deed = Deed::SignInRefused { user: Some(user), reason };
        audit::note(&mut tx, deed).await?;
        tx.commit().await?;
    }
    Err(error)
}

/// Uses up a code of a confirmed authenticator, for a sign-in or a step-up.
///
/// # Errors
/// [`AppError::CodeRefused`]; [`AppError::TooManyRequests`] after too many tries.
pub(crate) async fn use_code(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    code: &str,
) -> Result<(), AppError> {
    count_try(platform, user).await?;
    let row = store::find(tx.conn(), user).await?.filter(|row| row.confirmed).ok_or(AppError::CodeRefused)?;
    let step =
        totp::step_of(&open(platform, user, &row)?, code, platform.now()).ok_or(AppError::CodeRefused)?;
    if store::use_step(tx.conn(), user, step).await? { Ok(()) } else { Err(AppError::CodeRefused) }
}

/// Removes the authenticator. Without a passkey the second factor is off, and its recovery codes are gone.
///
/// # Errors
/// [`AppError::Conflict`] when there is none.
pub async fn disable(grant: &Grant<SteppedUp>) -> Result<NewSession, AppError> {
    let (platform, user) = (grant.platform(), grant.user());
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    if !store::remove(tx.conn(), user).await? {
        return Err(conflict(FieldIssue::FactorOff));
    }
    let is_on = keep_codes_while_on(&mut tx, user).await?;
    known_devices::distrust_all(&mut tx, user).await?;
    let session = sessions::service::renew(&mut tx, platform, grant.person().session).await?;
    let change = if is_on { FactorChange::PasskeysOnly } else { FactorChange::Off };
    identity::tell_of_factor(&mut tx, platform, user, change).await?;
    audit::note(&mut tx, Deed::AuthenticatorRemoved { user }).await?;
    tx.commit().await?;
    Ok(session)
}

/// Takes the second factor of an account away, its passkeys among it, inside the transaction that gives the reason, and
/// tells its owner. Answers whether there was one.
pub async fn take_away(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<bool, AppError> {
    sessions::service::hold(tx, user).await?;
    let had_authenticator = store::remove(tx.conn(), user).await?;
    let had_passkeys = passkeys::remove_all(tx, user).await?;
    store::remove_waiting(tx.conn(), user).await?;
    if !had_authenticator && !had_passkeys {
        return Ok(false);
    }
    store::forget_recovery_codes(tx.conn(), user).await?;
    known_devices::distrust_all(tx, user).await?;
    identity::tell_of_factor(tx, platform, user, FactorChange::Reset).await?;
    Ok(true)
}

/// Takes away a second factor that was turned on at `since` or later, because the account was somebody else's by then.
pub async fn take_away_newer(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    since: Timestamp,
) -> Result<(), AppError> {
    passkeys::take_away_newer(tx, platform, user, since).await?;
    if store::remove_newer(tx.conn(), user, since).await? {
        keep_codes_while_on(tx, user).await?;
        identity::tell_of_factor(tx, platform, user, FactorChange::Undone).await?;
        audit::note(tx, Deed::AuthenticatorRemoved { user }).await?;
    }
    Ok(())
}

/// Forgets an authenticator that waits for its first code: somebody else may know its secret.
pub(crate) async fn forget_waiting(tx: &mut Tx, user: Uuid) -> Result<(), AppError> {
    store::remove_waiting(tx.conn(), user).await
}

/// How many recovery codes an account has left, for a room whose grant allows to look.
pub(crate) async fn codes_left(platform: &Platform, user: Uuid) -> Result<i64, AppError> {
    store::codes_left(platform.db(), user).await
}

/// Replaces all recovery codes.
///
/// # Errors
/// [`AppError::Conflict`] without a second factor.
pub async fn new_recovery_codes(grant: &Grant<SteppedUp>) -> Result<RecoveryCodes, AppError> {
    let user = grant.user();
    let mut tx = begin_with_factor(grant).await?;
    let codes = new_codes(&mut tx, user).await?;
    identity::tell_of_factor(&mut tx, grant.platform(), user, FactorChange::CodesReplaced).await?;
    audit::note(&mut tx, Deed::RecoveryCodesMade { user }).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Begins with the caller's account held, so that of two who replace the codes one comes after the other.
async fn begin_with_factor(grant: &Grant<SteppedUp>) -> Result<Tx, AppError> {
    let mut tx = grant.begin().await?;
    let held = sessions::service::hold_caller(&mut tx, grant.person()).await?;
    if held.second_factor { Ok(tx) } else { Err(conflict(FieldIssue::FactorOff)) }
}

/// The recovery codes that come with the first second factor of an account.
pub(super) async fn first_codes(tx: &mut Tx, user: Uuid) -> Result<Vec<String>, AppError> {
    Ok(new_codes(tx, user).await?.recovery_codes)
}

/// After a factor was removed: without another one the recovery codes go as well. Answers whether there is one. The
/// account is held by the caller.
pub(super) async fn keep_codes_while_on(tx: &mut Tx, user: Uuid) -> Result<bool, AppError> {
    let is_on = store::is_on(tx.conn(), user).await?;
    if !is_on {
        store::forget_recovery_codes(tx.conn(), user).await?;
    }
    Ok(is_on)
}

async fn new_codes(tx: &mut Tx, user: Uuid) -> Result<RecoveryCodes, AppError> {
    let recovery_codes = recovery::generate();
    let hashes: Vec<_> =
        recovery_codes.iter().filter_map(|code| recovery::hash(code)).map(Vec::from).collect();
    store::replace_recovery_codes(tx.conn(), user, &hashes).await?;
    Ok(RecoveryCodes { recovery_codes })
}

async fn count_try(platform: &Platform, user: Uuid) -> Result<(), AppError> {
    for allowance in [&CODE_TRIES, &CODE_TRIES_A_DAY] {
        if let Some(wait) = platform.limiter().take(allowance, &user.to_string()).await.retry_after {
            let retry_after_s = u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX);
            return Err(AppError::TooManyRequests { retry_after_s });
        }
    }
    Ok(())
}

fn open(platform: &Platform, user: Uuid, row: &store::Row) -> Result<Totp, AppError> {
    let plain = platform.vault().open(PURPOSE, user, &row.sealed).while_doing("opening an authenticator")?;
    let secret = <[u8; totp::SECRET_BYTES]>::try_from(&plain[..]).map_err(|_| {
        tracing::error!(user.id = %user, "an authenticator's secret has the wrong length");
        AppError::Internal
    })?;
    totp::authenticator(secret, &row.email)
}

fn shown(totp: &Totp) -> Result<Setup, AppError> {
    let otpauth_url = totp.to_url().map_err(|error| {
        tracing::error!(%error, "writing an otpauth address");
        AppError::Internal
    })?;
    Ok(Setup { secret: totp.secret().to_base32(), qr_svg: qr::svg(&otpauth_url)?, otpauth_url })
}

fn conflict(issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new("second_factor", issue)] }
}
