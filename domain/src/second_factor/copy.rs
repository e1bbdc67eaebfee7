//! What this room holds about somebody, for the copy of their data: that there is a factor and when it was used, never what
//! would let somebody use it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{passkeys::service as passkeys, store};
use crate::{AppError, access::Tx};

/// The authenticator, how many recovery codes are left, and the passkeys by name.
pub(crate) async fn copy_of(tx: &mut Tx, user: Uuid) -> Result<Value, AppError> {
    let authenticator = store::times_of(tx.conn(), user).await?;
    let authenticator = authenticator
        .map(|times| json!({ "created_at": times.created_at, "confirmed_at": times.confirmed_at }));
    Ok(json!({
        "authenticator": authenticator,
        "recovery_codes_left": store::codes_left(tx.conn(), user).await?,
        "passkeys": passkeys::of_account(tx, user).await?,
    }))
}
