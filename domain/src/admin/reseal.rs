//! Everything that the vault has sealed, under its active key: then the older keys can go.

use crate::{
    AppError,
    access::{Grant, System, idempotency},
    audit::{self, Deed},
    identity,
    platform::{
        letters::outbox,
        vault::{Column, Resealed, reseal},
    },
    second_factor, tokens, webhooks,
};

/// Every column with sealed values. A test looks for those that are missing.
pub const COLUMNS: [Column; 9] = [
    idempotency::SEALED,
    audit::service::SEALED,
    outbox::SEALED,
    identity::service::SEALED_REQUESTS,
    identity::service::SEALED_EXPORTS,
    second_factor::service::SEALED,
    tokens::service::SEALED_FAMILIES,
    tokens::service::SEALED_KEYS,
    webhooks::service::SEALED,
];

/// Seals anew what an older key has sealed. Safe on every replica at once.
///
/// # Errors
/// [`AppError::Busy`] while the database is away; what was done until then stays done.
pub async fn reseal_all(grant: &Grant<System>) -> Result<Resealed, AppError> {
    let mut found = Resealed::default();
    for column in &COLUMNS {
        found = found + reseal(grant.platform(), column).await?;
    }
    if found.done > 0 {
        let mut tx = grant.begin().await?;
        audit::note(&mut tx, Deed::ValuesResealed { count: found.done }).await?;
        tx.commit().await?;
    }
    Ok(found)
}
