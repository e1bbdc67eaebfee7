//! Appends to the trail.

use super::{
    super::{
        Deed,
        chain::{self, Content},
        store,
    },
    SITE,
};
use crate::{AppError, access::Tx};

/// Notes a deed in the transaction of the deed itself. The last thing before the commit: it locks the chain's head.
pub async fn note(tx: &mut Tx, deed: Deed) -> Result<(), AppError> {
    let request = tx.request().clone();
    let actor = tx.actor();
    let (last, before) = store::lock_head(tx.conn(), SITE).await?;
    // Read while nobody else appends, so that times are in the order of the numbers.
    let at = store::now(tx.conn()).await?;
    let target = deed.target();
    let detail = deed.detail().to_string();
    let address = request.address.to_string();
    let content = Content {
        chain: SITE,
        seq: last + 1,
        organization_id: None,
        at,
        actor,
        action: deed.action(),
        target: target.as_deref(),
        detail: &detail,
        address: &address,
        request_id: request.id,
    };
    let hash = chain::link(&before, &content);
    store::append(tx.conn(), &content, &hash).await
}
