//! Browsers in which people have signed in before.
//!
//! A browser keeps one secret of 256 bits for more than a year; a row for each person who used it says what they know of
//! it. It opens nothing: whoever has it is excepted from the lockout that strangers cause, its owner is not told of it as
//! something new, and, where they asked for that, it skips the second factor for thirty days.

use std::time::Duration;

use uuid::Uuid;

use super::{TrustedDevice, device, store};
use crate::{
    AppError,
    access::{Grant, Own, RequestFacts, Tx},
    audit::{self, Deed},
    platform::{
        Platform,
        random::{Token, TokenHash},
    },
};

/// How long a browser keeps its secret: as long as browsers keep any cookie (RFC 6265bis).
pub const KNOWN_FOR: Duration = Duration::from_hours(24 * 400);
/// How long a trusted browser skips the second factor.
pub const TRUSTED_FOR: Duration = Duration::from_hours(24 * 30);
/// How many browsers of a person are known; the ones unused the longest are forgotten.
const MOST: i64 = 20;

/// What a new session found out about its browser.
#[derive(Debug)]
pub struct Arrival {
    /// The browser.
    pub device: Uuid,
    /// The secret it shall keep, where it had none of ours.
    pub secret: Option<Token>,
    /// Whether its owner was there before.
    pub news: News,
}

/// Whether a sign-in from this browser is news to its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// They were here before, or have never been anywhere.
    Nothing,
    /// They have only been in other browsers so far.
    NewDevice,
}

/// The browser that a request came with, if the account of this address was used there before.
pub(crate) async fn of_address(
    platform: &Platform,
    request: &RequestFacts,
    address: &str,
) -> Result<Option<Uuid>, AppError> {
    match &request.device {
        Some(hash) => store::device_of_address(platform.db(), hash, address).await,
        None => Ok(None),
    }
}

/// Whether the person may skip the second factor in the browser of this transaction's request.
pub(crate) async fn is_trusted(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<bool, AppError> {
    match tx.request().device {
        Some(hash) => store::is_trusted(tx.conn(), &hash, user, platform.now()).await,
        None => Ok(false),
    }
}

/// Notes that a person begins a session in the browser of this transaction's request.
pub(super) async fn arrive(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<Arrival, AppError> {
    let request = tx.request().clone();
    let (hash, secret) = secret_of(tx, &request).await?;
    let id = platform.new_id();
    let seen = store::note_use(tx.conn(), id, user, &hash, &request.user_agent, platform.now(), MOST).await?;
    let is_news = seen.is_new && store::has_others(tx.conn(), user, seen.id).await?;
    let news = if is_news { News::NewDevice } else { News::Nothing };
    Ok(Arrival { device: seen.id, secret, news })
}

async fn secret_of(tx: &mut Tx, request: &RequestFacts) -> Result<(TokenHash, Option<Token>), AppError> {
    if let Some(hash) = request.device
        && store::is_ours(tx.conn(), &hash).await?
    {
        return Ok((hash, None));
    }
    let secret = Token::new();
    Ok((secret.hash(), Some(secret)))
}

/// Lets the browser of a new session skip the second factor from now on.
pub(crate) async fn trust(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    device: Uuid,
) -> Result<(), AppError> {
    store::trust(tx.conn(), device, platform.now() + TRUSTED_FOR).await?;
    audit::note(tx, Deed::DeviceTrusted { user, device }).await
}

/// Asks for the second factor everywhere again, inside the transaction that gives the reason.
pub(crate) async fn distrust_all(tx: &mut Tx, user: Uuid) -> Result<(), AppError> {
    store::distrust_all(tx.conn(), user).await
}

/// Forgets every browser of a person, inside the transaction that gives the reason.
pub(crate) async fn forget_all(tx: &mut Tx, user: Uuid) -> Result<(), AppError> {
    store::forget_all(tx.conn(), user).await
}

/// The caller's browsers that skip the second factor, the last used first.
pub async fn trusted(grant: &Grant<Own>) -> Result<Vec<TrustedDevice>, AppError> {
    let platform = grant.platform();
    let rows = store::trusted(platform.db(), grant.user(), platform.now()).await?;
    let here = grant.request().device;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(TrustedDevice {
                id: row.id,
                device: device::describe(&row.user_agent),
                created_at: row.created_at.into(),
                last_used_at: row.last_used_at.into(),
                trusted_until: row.trusted_until?.into(),
                current: here.is_some_and(|hash| hash.0[..] == row.token_hash[..]),
            })
        })
        .collect())
}

/// Forgets one of the caller's browsers: the next sign-in there asks for everything.
///
/// # Errors
/// [`AppError::NotFound`] for one that is forgotten already or somebody else's.
pub async fn forget(grant: &Grant<Own>, device: Uuid) -> Result<(), AppError> {
    let mut tx = grant.begin().await?;
    if !store::forget(tx.conn(), grant.user(), device).await? {
        return Err(AppError::NotFound);
    }
    audit::note(&mut tx, Deed::DeviceForgotten { user: grant.user(), device }).await?;
    tx.commit().await
}
