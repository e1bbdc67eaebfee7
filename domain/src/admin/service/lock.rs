//! Keeps people out and lets them in again.

use uuid::Uuid;

use super::{
    super::{LockLine, LockOutcome, LockReport, store},
    conflict, hold, reason_of, user_id,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Site, SiteAction},
    audit::{self, Deed},
    sessions,
    values::PAGE_MAX,
};

/// Keeps a person from signing in and ends every session they have.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::NotAllowed`] for an administrator when the caller is none;
/// [`AppError::Conflict`] for oneself or a locked account; [`AppError::InvalidInput`] without a reason.
pub async fn lock_user(grant: &Grant<Site>, user: &str, reason: &str) -> Result<(), AppError> {
    grant.demand(SiteAction::LockUser)?;
    let (user, reason) = (user_id(user)?, reason_of(reason)?);
    lock_one(grant, user, reason).await
}

/// Locks several accounts for one reason, each on its own: what stands in the way of one is no reason to spare the others.
///
/// # Errors
/// [`AppError::InvalidInput`] for nobody, too many, or no reason.
pub async fn lock_users(grant: &Grant<Site>, users: &[String], reason: &str) -> Result<LockReport, AppError> {
    grant.demand(SiteAction::LockUser)?;
    if users.is_empty() {
        return Err(AppError::invalid("user_ids", FieldIssue::NobodyChosen));
    }
    if users.len() > usize::from(PAGE_MAX) {
        return Err(AppError::invalid("user_ids", FieldIssue::OutOfRange { min: 1, max: PAGE_MAX.into() }));
    }
    let reason = reason_of(reason)?;
    let mut items: Vec<LockLine> = Vec::new();
    for user_id in users {
        // Ticked once, sent twice: one line is enough.
        if items.iter().any(|line| line.user_id == *user_id) {
            continue;
        }
        let done = match super::user_id(user_id) {
            Ok(user) => lock_one(grant, user, reason.clone()).await,
            Err(_) => Err(AppError::NotFound),
        };
        items.push(LockLine { user_id: user_id.clone(), outcome: outcome(&done) });
    }
    Ok(LockReport { items })
}

fn outcome(done: &Result<(), AppError>) -> LockOutcome {
    let Err(error) = done else { return LockOutcome::Locked };
    match (error, error.of_field("user_id").map(|problem| &problem.issue)) {
        (_, Some(FieldIssue::Yourself)) => LockOutcome::Yourself,
        (_, Some(FieldIssue::AlreadyDone)) => LockOutcome::AlreadyLocked,
        (AppError::NotAllowed, _) => LockOutcome::NotAllowed,
        (AppError::NotFound, _) => LockOutcome::NotFound,
        _ => LockOutcome::Failed,
    }
}

/// The one who asks is an administrator or helper who is not locked, held until the end, and never the one who is locked:
/// so there is always an administrator left.
async fn lock_one(grant: &Grant<Site>, user: Uuid, reason: String) -> Result<(), AppError> {
    let mut tx = grant.begin().await?;
    let held = hold(&mut tx, grant, user).await?;
    if user == grant.person().user {
        return Err(conflict(FieldIssue::Yourself));
    }
    held.may_be_touched()?;
    if !store::lock(tx.conn(), user, grant.platform().now()).await? {
        return Err(conflict(FieldIssue::AlreadyDone));
    }
    sessions::service::end_all(&mut tx, user, None).await?;
    audit::note(&mut tx, Deed::UserLocked { user, reason }).await?;
    tx.commit().await
}

/// Lets a locked person in again.
///
/// # Errors
/// As [`lock_user`].
pub async fn unlock_user(grant: &Grant<Site>, user: &str, reason: &str) -> Result<(), AppError> {
    grant.demand(SiteAction::UnlockUser)?;
    let (user, reason) = (user_id(user)?, reason_of(reason)?);
    let mut tx = grant.begin().await?;
    hold(&mut tx, grant, user).await?.may_be_touched()?;
    if !store::unlock(tx.conn(), user).await? {
        return Err(conflict(FieldIssue::AlreadyDone));
    }
    audit::note(&mut tx, Deed::UserUnlocked { user, reason }).await?;
    tx.commit().await
}
