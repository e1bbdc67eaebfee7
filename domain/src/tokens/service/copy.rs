//! What this room holds about somebody, for the copy of their data.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::store::copy as store;
use crate::{AppError, access::Tx};

/// API tokens without their secrets, and where scripts are signed in.
pub(crate) async fn copy_of(tx: &mut Tx, user: Uuid) -> Result<Value, AppError> {
    let api_tokens = store::api_tokens_of(tx.conn(), user).await?;
    Ok(json!({ "api_tokens": api_tokens, "script_sign_ins": store::sign_ins_of(tx.conn(), user).await? }))
}
