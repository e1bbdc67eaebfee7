//! What this room holds about somebody, for the copy of their data.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::store::copy as store;
use crate::{AppError, access::Tx};

/// To whom the invoices of their own organization are written, and those that are issued. What others owe is not theirs.
pub(crate) async fn copy_of(tx: &mut Tx, user: Uuid) -> Result<Value, AppError> {
    let details = store::details_of(tx.conn(), user).await?;
    let invoices = store::documents_of(tx.conn(), user).await?;
    Ok(json!({ "billing_details": details, "invoices": invoices }))
}
