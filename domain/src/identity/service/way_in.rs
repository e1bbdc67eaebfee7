//! Nobody takes away their own last way in.

use uuid::Uuid;

use crate::{
    AppError, FieldIssue, FieldProblem, access::Tx, federation, platform::Platform,
    second_factor::passkeys::service as passkeys, sessions::Held,
};

/// Refuses what has just ended the last way into an account, inside its transaction, which is then given up. The account
/// is held by the caller: two ways that end at once would each find the other.
///
/// # Errors
/// [`AppError::Conflict`] where there is neither a password nor a provider nor a passkey.
pub(crate) async fn keep_way_in(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    account: &Held,
) -> Result<(), AppError> {
    let is_left = account.password_hash.is_some()
        || federation::service::is_way_in(tx, platform, user).await?
        || passkeys::is_way_in(tx, platform, user).await?;
    if is_left {
        return Ok(());
    }
    Err(AppError::Conflict { errors: vec![FieldProblem::new("id", FieldIssue::LastWayIn)] })
}
