//! Who may open an account: asked by registration, read and changed by administrators.

use sqlx::PgExecutor;

use super::{
    super::{
        Address, Admission,
        policy::{RegistrationNotice, RegistrationPolicy},
        store,
    },
    invitations::{self, Shown},
};
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::{Anonymous, Grant, Purpose, Tx},
    platform::Platform,
};

/// What holds at the moment.
pub async fn registration_policy(platform: &Platform) -> Result<RegistrationPolicy, AppError> {
    store::policy(platform.db()).await
}

/// What everybody may know of it, before they type anything.
pub async fn registration_notice(grant: &Grant<Anonymous>) -> Result<RegistrationNotice, AppError> {
    grant.demand(Purpose::Register)?;
    let policy = store::policy(grant.platform().db()).await?;
    Ok(RegistrationNotice { registration: policy.registration })
}

/// Changes what holds, inside the transaction that gives the reason; answers what held before.
pub async fn change_registration_policy(
    tx: &mut Tx,
    policy: &RegistrationPolicy,
) -> Result<RegistrationPolicy, AppError> {
    let before = store::hold_policy(tx.conn()).await?;
    store::put_policy(tx.conn(), policy).await?;
    Ok(before)
}

/// Refuses who may not open an account, before anything is looked up or hashed: the answer and the work depend on the
/// address as typed and on the invitation that is shown, never on whether the address has an account.
pub(super) async fn admit(platform: &Platform, address: &Address, shown: Shown) -> Result<(), AppError> {
    match admission(platform.db(), address).await? {
        Admission::Free => Ok(()),
        Admission::ByInvitation => invitations::check(platform, address, shown).await,
    }
}

/// How an account may be opened for this address now.
///
/// # Errors
/// [`AppError::Conflict`] and [`AppError::InvalidInput`] where none may.
pub(super) async fn admission(db: impl PgExecutor<'_>, address: &Address) -> Result<Admission, AppError> {
    judge(db, address).await?.map_err(|issue| match issue {
        FieldIssue::RegistrationClosed => {
            AppError::Conflict { errors: vec![FieldProblem::new("email", FieldIssue::RegistrationClosed)] }
        }
        issue => AppError::invalid("email", issue),
    })
}

/// Whether an account may be opened for this address and how, and else what stands in the way.
pub(super) async fn judge(
    db: impl PgExecutor<'_>,
    address: &Address,
) -> Result<Result<Admission, FieldIssue>, AppError> {
    Ok(store::policy(db).await?.admits(address.as_str()))
}

/// Refuses an address that no new account could have, for somebody who wants to move to it.
pub(super) async fn take(platform: &Platform, address: &Address) -> Result<(), AppError> {
    let policy = store::policy(platform.db()).await?;
    policy.takes(address.as_str()).map_err(|issue| AppError::invalid("email", issue))
}
