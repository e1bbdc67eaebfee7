//! What follows when an account may have been in other hands.

use uuid::Uuid;

use super::super::store;
use crate::{AppError, access::Tx, platform::Platform, second_factor, sessions, tokens};

/// Ends everything that somebody else may have begun or holds: sessions, scripts, API tokens, a change of address that waits
/// for its letter, and an authenticator that waits for its first code. A second factor that was turned on stays.
pub(super) async fn shut_out(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<(), AppError> {
    forget_waiting(tx, platform, user).await?;
    sessions::service::end_all(tx, user, None).await?;
    tokens::service::end_api_tokens(tx, platform, user).await?;
    Ok(())
}

/// Ends what was begun and waits: after a new password nothing goes on that was begun under the old one.
pub(super) async fn forget_waiting(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<(), AppError> {
    store::end_waiting_changes(tx.conn(), user, platform.now()).await?;
    second_factor::service::forget_waiting(tx, user).await
}
