//! Forgets what ended a month ago, what waited that long at a paused endpoint, and what was removed.

use std::time::Duration;

use super::super::store::{endpoints, queue};
use crate::{AppError, platform::Platform};

/// How long deliveries that have ended are kept, with their attempts.
const MEMORY: Duration = Duration::from_hours(24 * 30);
/// How many go in one statement.
const BATCH: i64 = 5_000;
/// How many statements one turn has.
const BATCHES: u32 = 20;

/// Forgets old deliveries, those of removed endpoints, and secrets that sign no more. Answers how many deliveries. Safe on every replica at once.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    let now = platform.now();
    endpoints::forget_secrets(platform.db(), now).await?;
    let mut sum = 0;
    for _ in 0..BATCHES {
        let gone = queue::forget(platform.db(), now - MEMORY, BATCH).await?
            + queue::forget_idle(platform.db(), now - MEMORY, BATCH).await?;
        sum += gone;
        if gone == 0 {
            break;
        }
    }
    endpoints::forget_removed(platform.db()).await?;
    Ok(sum)
}
