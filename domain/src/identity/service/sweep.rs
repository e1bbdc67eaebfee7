//! Forgets links that work no more, and accounts that nobody ever confirmed.

use std::time::Duration;

use super::{
    super::{captcha, store},
    export, invitations,
};
use crate::{
    AppError,
    access::{Grant, System},
    audit::{self, Deed},
    platform::Platform,
};

/// How long an account may wait for its confirmation. Documented in `docs/operating.md`.
const UNCONFIRMED: Duration = Duration::from_hours(7 * 24);
/// How long a request for a letter is tried; nobody waits for it any more.
const REQUESTS: Duration = Duration::from_hours(24);
/// How many accounts are deleted in one transaction.
const BATCH: i64 = 500;

/// Forgets what has expired, and says how many rows that were. Safe to run on every replica at once.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    let now = platform.now();
    let links = store::forget_links(platform.db(), now).await?;
    let changes = store::forget_address_changes(platform.db(), now).await?;
    let requests = store::forget_letter_requests(platform.db(), now - REQUESTS).await?;
    let captchas = captcha::sweep(platform).await?;
    let exports = export::forget_expired(platform).await?;
    let invited = invitations::forget_old(platform).await?;
    Ok(links + changes + requests + captchas + exports + invited + forget_unconfirmed(platform).await?)
}

async fn forget_unconfirmed(platform: &Platform) -> Result<u64, AppError> {
    let grant: Grant<System> = Grant::system(platform, "forgetting unconfirmed accounts");
    let now = platform.now();
    let mut sum = 0;
    loop {
        let mut tx = grant.begin().await?;
        let count = store::forget_unconfirmed(tx.conn(), now - UNCONFIRMED, now, BATCH).await?;
        if count == 0 {
            return Ok(sum);
        }
        audit::note(&mut tx, Deed::UnconfirmedForgotten { count }).await?;
        tx.commit().await?;
        sum += count;
    }
}
