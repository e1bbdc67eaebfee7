//! Forgets what works no more.

use std::time::Duration;

use super::super::{
    family::IDLE,
    store::{api_tokens, families},
};
use crate::{AppError, platform::Platform};

/// How long an expired API token stays in its owner's list, so that they see why a script stopped.
const SHOWN: Duration = Duration::from_hours(24 * 30);

/// Forgets families that have ended and API tokens that expired a month ago. Safe on every replica at once.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    let now = platform.now();
    let ended = families::sweep(platform.db(), now, now - IDLE).await?;
    Ok(ended + api_tokens::sweep(platform.db(), now - SHOWN).await?)
}
