//! Helps people back in: a lost second factor, a letter that never came.

use super::{super::store, conflict, hold, reason_of, user_id};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Site, SiteAction, System},
    audit::{self, Deed},
    identity::{self, Address},
    second_factor, sessions,
};

/// Takes the second factor of an account away and signs it out: the way back for somebody who has neither their phone nor
/// their codes, and nobody above them.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no address; [`AppError::NotFound`]; [`AppError::Conflict`] when it is off.
pub async fn reset_second_factor(grant: &Grant<System>, email: &str) -> Result<(), AppError> {
    let address = Address::parse(email).map_err(|issue| AppError::invalid("email", issue))?;
    let mut tx = grant.begin().await?;
    let user = store::hold_by_address(tx.conn(), address.as_str()).await?.ok_or(AppError::NotFound)?;
    if !second_factor::service::take_away(&mut tx, grant.platform(), user).await? {
        return Err(conflict(FieldIssue::FactorOff));
    }
    sessions::service::end_all(&mut tx, user, None).await?;
    audit::note(&mut tx, Deed::SecondFactorReset { user, reason: None }).await?;
    tx.commit().await
}

/// Takes a lost second factor away for somebody who asked for help. Their sessions end, since whoever holds one may be the
/// reason for the call, and the owner gets a letter, since the caller may not be the owner.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::NotAllowed`] for staff when the caller is no administrator;
/// [`AppError::Conflict`] for oneself or when it is off; [`AppError::InvalidInput`] without a reason.
pub async fn take_second_factor(grant: &Grant<Site>, user: &str, reason: &str) -> Result<(), AppError> {
    grant.demand(SiteAction::ResetSecondFactor)?;
    let (user, reason) = (user_id(user)?, reason_of(reason)?);
    let mut tx = grant.begin().await?;
    let held = hold(&mut tx, grant, user).await?;
    if user == grant.person().user {
        return Err(conflict(FieldIssue::Yourself));
    }
    held.may_be_touched()?;
    if !second_factor::service::take_away(&mut tx, grant.platform(), user).await? {
        return Err(conflict(FieldIssue::FactorMissing));
    }
    sessions::service::end_all(&mut tx, user, None).await?;
    audit::note(&mut tx, Deed::SecondFactorReset { user, reason: Some(reason) }).await?;
    tx.commit().await
}

/// Sends the letter that confirms an address again.
///
/// # Errors
/// As [`take_second_factor`]; [`AppError::Conflict`] for an address that is confirmed; [`AppError::TooManyRequests`] while
/// it has had its share of letters.
pub async fn resend_verification(grant: &Grant<Site>, user: &str, reason: &str) -> Result<(), AppError> {
    grant.demand(SiteAction::ResendVerification)?;
    let (user, reason) = (user_id(user)?, reason_of(reason)?);
    let mut tx = grant.begin().await?;
    hold(&mut tx, grant, user).await?.may_be_touched()?;
    if !identity::service::send_confirmation(&mut tx, grant.platform(), user).await? {
        return Err(conflict(FieldIssue::AlreadyDone));
    }
    audit::note(&mut tx, Deed::VerificationResent { user, reason }).await?;
    tx.commit().await
}
