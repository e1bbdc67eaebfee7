//! Set up, ask for and remove the second factor.

use std::time::Duration;

use totp_rs::Totp;
use uuid::Uuid;

use super::{RecoveryCodes, Setup, State, qr, recovery, store, totp};
use crate::{
    AppError, FieldIssue,
    access::{Grant, HalfWayScope, Own, SteppedUp, Tx},
    audit::{self, Deed, Refusal},
    platform::{Platform, limiter::Allowance, log::WhileDoing, random},
    sessions::{self, NewSession},
};

/// Guessing six digits: at ten tries in five minutes a guesser needs a year for even odds.
const CODE_TRIES: Allowance = Allowance { name: "code", count: 10, per: Duration::from_mins(5) };
/// What the vault seals secrets for.
const PURPOSE: &str = "authenticator";

/// Whether an account has a confirmed authenticator.
pub(crate) async fn is_enabled(platform: &Platform, user: Uuid) -> Result<bool, AppError> {
    Ok(store::find(platform.db(), user).await?.is_some_and(|row| row.confirmed))
}

/// Where the caller's second factor stands. The waiting secret is shown only after a fresh proof.
pub async fn state(grant: &Grant<Own>, proof: Option<&Grant<SteppedUp>>) -> Result<State, AppError> {
    let platform = grant.platform();
    let row = store::find(platform.db(), grant.user()).await?;
    let enabled = row.as_ref().is_some_and(|row| row.confirmed);
    let setup = match row {
        Some(row) if !row.confirmed && proof.is_some() => Some(shown(&open(platform, grant.user(), &row)?)?),
        _ => None,
    };
    Ok(State { enabled, recovery_codes_left: store::codes_left(platform.db(), grant.user()).await?, setup })
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
    if !store::put_unconfirmed(tx.conn(), grant.user(), &sealed, platform.now()).await? {
        return Err(already_enabled());
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
    let row =
        store::find(platform.db(), user).await?.filter(|row| !row.confirmed).ok_or_else(already_enabled)?;
    let step =
        totp::step_of(&open(platform, user, &row)?, code, platform.now()).ok_or(AppError::CodeRefused)?;
    let mut tx = grant.begin().await?;
    if !store::confirm(tx.conn(), user, &row.sealed, step, platform.now()).await? {
        return Err(AppError::CodeRefused);
    }
    let codes = new_codes(&mut tx, user).await?;
    let session = sessions::service::renew(&mut tx, platform, grant.person().session).await?;
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
) -> Result<(NewSession, Option<String>), AppError> {
    let platform = grant.platform();
    let user = grant.user();
    let mut tx = grant.begin().await?;
    match use_code(&mut tx, platform, user, code).await {
        Ok(()) => finish(tx, grant).await,
        Err(refused) => refuse(tx, user, refused).await,
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
    let mut tx = grant.begin().await?;
    let accepted = match recovery::hash(code) {
        Some(hash) => store::use_recovery_code(tx.conn(), user, &hash, platform.now()).await?,
        None => false,
    };
    if !accepted {
        return refuse(tx, user, AppError::CodeRefused).await;
    }
    let left = store::codes_left(tx.conn(), user).await?;
    audit::note(&mut tx, Deed::RecoveryCodeUsed { user, left }).await?;
    finish(tx, grant).await
}

async fn finish(mut tx: Tx, grant: &Grant<HalfWayScope>) -> Result<(NewSession, Option<String>), AppError> {
    let platform = grant.platform();
    let pending = sessions::service::take_pending(&mut tx, platform, grant.sign_in()).await?;
    let session = sessions::service::begin(&mut tx, platform, pending.user_id, pending.remembered).await?;
    let deed = Deed::SignedIn { user: pending.user_id, session: session.id, second_factor: true };
    audit::note(&mut tx, deed).await?;
    tx.commit().await?;
    Ok((session, pending.next))
}

async fn refuse<T>(mut tx: Tx, user: Uuid, error: AppError) -> Result<T, AppError> {
    if error == AppError::CodeRefused {
        let deed = Deed::SignInRefused { user: Some(user), reason: Refusal::WrongCode };
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

/// Turns the second factor off.
///
/// # Errors
/// [`AppError::Conflict`] when it is off already.
pub async fn disable(grant: &Grant<SteppedUp>) -> Result<NewSession, AppError> {
    let user = grant.user();
    let mut tx = grant.begin().await?;
    if !store::remove(tx.conn(), user).await? {
        return Err(already_enabled());
    }
    let session = sessions::service::renew(&mut tx, grant.platform(), grant.person().session).await?;
    audit::note(&mut tx, Deed::AuthenticatorRemoved { user }).await?;
    tx.commit().await?;
    Ok(session)
}

/// Replaces all recovery codes.
///
/// # Errors
/// [`AppError::Conflict`] without a second factor.
pub async fn new_recovery_codes(grant: &Grant<SteppedUp>) -> Result<RecoveryCodes, AppError> {
    let user = grant.user();
    if !is_enabled(grant.platform(), user).await? {
        return Err(already_enabled());
    }
    let mut tx = grant.begin().await?;
    let codes = new_codes(&mut tx, user).await?;
    audit::note(&mut tx, Deed::RecoveryCodesMade { user }).await?;
    tx.commit().await?;
    Ok(codes)
}

async fn new_codes(tx: &mut Tx, user: Uuid) -> Result<RecoveryCodes, AppError> {
    let recovery_codes = recovery::generate();
    let hashes: Vec<_> =
        recovery_codes.iter().filter_map(|code| recovery::hash(code)).map(Vec::from).collect();
    store::replace_recovery_codes(tx.conn(), user, &hashes).await?;
    Ok(RecoveryCodes { recovery_codes })
}

async fn count_try(platform: &Platform, user: Uuid) -> Result<(), AppError> {
    let verdict = platform.limiter().take(&CODE_TRIES, &user.to_string()).await;
    match verdict.retry_after {
        None => Ok(()),
        Some(wait) => Err(AppError::TooManyRequests {
            retry_after_s: u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX),
        }),
    }
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

fn already_enabled() -> AppError {
    AppError::Conflict { errors: vec![crate::FieldProblem::new("second_factor", FieldIssue::AlreadyDone)] }
}
