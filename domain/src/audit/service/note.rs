//! Appends to the trail.

use uuid::Uuid;

use super::{
    super::{
        Chain, Noted,
        chain::{self, Content},
        store,
    },
    SITE,
};
use crate::{AppError, access::Tx};

/// Notes a deed in the transaction of the deed itself, in the chain of the organization where it was done in one. The last
/// thing before the commit: it locks the chain's head.
pub async fn note<D: Noted>(tx: &mut Tx, deed: D) -> Result<(), AppError> {
    append(tx, D::CHAIN, deed.action(), deed.target().as_deref(), &deed.detail().to_string()).await
}

async fn append(
    tx: &mut Tx,
    chain: Chain,
    action: &str,
    target: Option<&str>,
    detail: &str,
) -> Result<(), AppError> {
    let request = tx.request().clone();
    let actor = tx.actor();
    let organization_id = match chain {
        Chain::Site => None,
        Chain::Organization => Some(tx.organization()?),
    };
    let chain = organization_id.unwrap_or(SITE);
    let (last, before) = store::lock_head(tx.conn(), chain).await?;
    // Read while nobody else appends, so that times are in the order of the numbers.
    let at = store::now(tx.conn()).await?;
    let address = request.address.to_string();
    let content = Content {
        chain,
        seq: last + 1,
        organization_id,
        at,
        actor,
        action,
        target,
        detail,
        address: &address,
        request_id: request.id,
    };
    let hash = chain::link(&before, &content);
    store::append(tx.conn(), &content, &hash).await
}

/// Begins the chain of an organization that is just made.
pub(crate) async fn begin_chain(tx: &mut Tx, organization: Uuid) -> Result<(), AppError> {
    store::begin_chain(tx.conn(), organization).await
}
