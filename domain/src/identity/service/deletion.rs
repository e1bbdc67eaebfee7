//! The end of an account: asked for by its owner, taken back within two weeks, and then for good.
//!
//! Promise: meanwhile a sign-in can do nothing but keep the account; afterwards no address of it is left, only its bare id
//! in the audit trail; and the last administrator stays.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        account_letters::{self, AccountNews},
        store,
    },
    letter_requests,
};
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::{Grant, Own, SteppedUp, System, Tx},
    audit::{self, Deed},
    organizations,
    platform::{
        Platform,
        letters::{outbox, withdraw},
        zones,
    },
    sessions::{self, NewSession},
};

/// How long the owner can come back.
const GRACE: Duration = Duration::from_hours(14 * 24);

/// Closes the account and marks it for deletion. Everybody is signed out of it, and its owner gets a letter.
///
/// # Errors
/// [`AppError::InvalidInput`] when `confirm_email` is not the address of the account; [`AppError::Conflict`] for the last
/// administrator, and for the last owner of an organization, which is named.
pub async fn delete_account(grant: &Grant<SteppedUp>, confirm_email: &str) -> Result<(), AppError> {
    let (platform, user) = (grant.platform(), grant.user());
    if confirm_email.trim().is_empty() {
        return Err(AppError::invalid("confirm_email", FieldIssue::Required));
    }
    let now = platform.now();
    let mut tx = grant.begin().await?;
    let is_last = store::is_last_administrator(tx.conn(), user).await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    if !account.email.eq_ignore_ascii_case(confirm_email.trim()) {
        return Err(AppError::invalid("confirm_email", FieldIssue::NotTheSame));
    }
    if is_last {
        let problem = FieldProblem::new("confirm_email", FieldIssue::LastAdministrator);
        return Err(AppError::Conflict { errors: vec![problem] });
    }
    organizations::service::refuse_last_owner(&mut tx, user, "confirm_email").await?;
    organizations::service::end_own_plan(&mut tx, platform, user).await?;
    let due_at = now + GRACE;
    store::mark_leaving(tx.conn(), user, due_at).await?;
    store::spoil_links(tx.conn(), user, now).await?;
    store::end_waiting_changes(tx.conn(), user, now).await?;
    sessions::service::end_all(&mut tx, user, None).await?;
    let news = AccountNews::DeletionAsked(zones::told(&account.time_zone, due_at));
    let news = account_letters::write(platform, &account.email, &news);
    outbox::put(platform, &mut tx, news).await?;
    audit::note(&mut tx, Deed::DeletionAsked { user }).await?;
    tx.commit().await
}

/// Keeps the account after all. The session gets a new secret, because it may do everything again.
///
/// # Errors
/// [`AppError::Conflict`] when nobody wants to delete the account.
pub async fn keep_account(grant: &Grant<Own>) -> Result<NewSession, AppError> {
    let (platform, user) = (grant.platform(), grant.user());
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let account = store::by_id(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    if !store::keep(tx.conn(), user).await? {
        let problem = FieldProblem::new("account", FieldIssue::AlreadyDone);
        return Err(AppError::Conflict { errors: vec![problem] });
    }
    let session = sessions::service::renew(&mut tx, platform, grant.person().session).await?;
    let news = account_letters::write(platform, &account.email, &AccountNews::Kept);
    outbox::put(platform, &mut tx, news).await?;
    audit::note(&mut tx, Deed::AccountKept { user }).await?;
    tx.commit().await?;
    Ok(session)
}

/// Deletes for good what has waited long enough, and says how many accounts that were. One that cannot be deleted keeps no
/// other; it is tried again the next time. Safe to run on every replica at once.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn delete_due(platform: &Platform) -> Result<u64, AppError> {
    let grant: Grant<System> = Grant::system(platform, "deleting accounts");
    let (mut last, mut count) = (Uuid::nil(), 0);
    loop {
        let mut tx = grant.begin().await?;
        let Some(due) = store::next_due(tx.conn(), platform.now(), last).await? else { return Ok(count) };
        last = due.id;
        match end(tx, platform, &due).await {
            Ok(is_done) => count += u64::from(is_done),
            // Where the database is away, the next question says so.
            Err(problem) => tracing::error!(user.id = %due.id, %problem, "an account is not deleted"),
        }
    }
}

/// Deletes one that is held, unless nobody would be left to run the site.
async fn end(mut tx: Tx, platform: &Platform, due: &store::Due) -> Result<bool, AppError> {
    if store::is_needed(tx.conn(), due.id).await? {
        tracing::warn!(user.id = %due.id, "the last administrator is not deleted; make somebody else one");
        return Ok(false);
    }
    organizations::service::forget_person(&mut tx, due.id).await?;
    organizations::service::end_invitations_to(&mut tx, &due.email).await?;
    store::delete(tx.conn(), due.id).await?;
    store::end_invitations_to(tx.conn(), &due.email).await?;
    withdraw::letters_to(platform, &mut tx, &due.email).await?;
    letter_requests::withdraw(platform, &mut tx, &due.email).await?;
    audit::note(&mut tx, Deed::AccountDeleted { user: due.id }).await?;
    tx.commit().await?;
    Ok(true)
}
