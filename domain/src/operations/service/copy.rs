//! What this room holds about somebody, for the copy of their data.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::store;
use crate::{AppError, access::Tx};

/// What they have asked for that took longer than a request, the one that makes the copy among it.
pub(crate) async fn copy_of(tx: &mut Tx, user: Uuid) -> Result<Value, AppError> {
    Ok(json!({ "operations": store::operations_of(tx.conn(), user).await? }))
}
