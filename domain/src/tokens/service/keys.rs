//! The keys that sign access tokens: made on first need, renewed by schedule and by command.
//!
//! A new key is published before it signs, so that whoever verifies with a copy of the list knows it by then. The one
//! before stays published until everything it signed has expired.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::Serialize;
use uuid::Uuid;

use super::super::store::keys::{self as store, NewKey, Published};
use crate::{
    AppError, Timestamp,
    access::{Grant, System, Tx},
    audit::{self, Deed},
    platform::{
        Platform,
        log::WhileDoing,
        signing::{PublicKey, SigningKey},
        vault::Column,
    },
};

/// How long a key signs before the schedule brings the next one.
const TURN: Duration = Duration::from_hours(24 * 30);
/// How long a key is published before it signs: twice as long as the list may be kept (`max-age=300`).
const NOTICE: Duration = Duration::from_mins(10);
/// How long a key stays published after its turn. Its last token lives a quarter of an hour; the rest is for clocks.
const AFTERLIFE: Duration = Duration::from_hours(1);
/// What private keys are sealed for.
const SEAL: &str = "signing-key";
/// Where signing keys are sealed.
pub const SEALED_KEYS: Column = Column { table: "signing_keys", record: "id", purpose: SEAL };

/// What becomes of the keys before a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldKeys {
    /// They stay published until what they signed has expired.
    RunOut,
    /// They are worth nothing from now on, and neither is what they signed: somebody has a copy of one.
    Withdrawn,
}

/// The published keys as a JWK set (RFC 7517 §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwks {
    /// The newest first.
    pub keys: Vec<Jwk>,
}

/// One public key (RFC 7518 §6.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// The key type: an elliptic curve.
    pub kty: &'static str,
    /// The curve.
    pub crv: &'static str,
    /// The one algorithm it is for.
    pub alg: &'static str,
    /// What it is for: signatures.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// The name that tokens call it by.
    pub kid: Uuid,
    /// The first coordinate.
    pub x: String,
    /// The second one.
    pub y: String,
}

/// The published keys.
pub async fn jwks(platform: &Platform) -> Result<Jwks, AppError> {
    let published = store::published(platform.db(), None, superseded(platform)).await?;
    Ok(Jwks { keys: published.iter().map(jwk).collect() })
}

fn jwk(key: &Published) -> Jwk {
    let number = |bytes: [u8; 32]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let (x, y) = (number(key.public.x), number(key.public.y));
    Jwk { kty: "EC", crv: "P-256", alg: "ES256", usage: "sig", kid: key.id, x, y }
}

/// Whoever's successor has signed since before this moment is published no more.
fn superseded(platform: &Platform) -> Timestamp {
    platform.now() - AFTERLIFE
}

/// The published key of this name.
pub(super) async fn published(platform: &Platform, kid: Uuid) -> Result<Option<PublicKey>, AppError> {
    let found = store::published(platform.db(), Some(kid), superseded(platform)).await?;
    Ok(found.first().map(|key| key.public))
}

/// A key whose turn it is, opened.
pub(super) struct Signer {
    pub(super) kid: Uuid,
    pub(super) key: SigningKey,
}

/// The key whose turn it is; the first one is made here, if nobody did before.
pub(super) async fn signer(platform: &Platform) -> Result<Signer, AppError> {
    let mut current = store::current(platform.db(), platform.now()).await?;
    if current.is_none() {
        keep_signing_key(&Grant::system(platform, "making the first signing key")).await?;
        current = store::current(platform.db(), platform.now()).await?;
    }
    let current = current.ok_or(AppError::Busy { retry_after_s: 1 })?;
    let plain =
        platform.vault().open(SEAL, current.id, &current.sealed).while_doing("opening the signing key")?;
    let key = SigningKey::from_pkcs8(&plain).while_doing("reading the signing key")?;
    Ok(Signer { kid: current.id, key })
}

/// Makes a key when there is none, or when the newest has had its turn; forgets those that are published no more. Safe on
/// every replica at once. Answers whether it made one.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn keep_signing_key(grant: &Grant<System>) -> Result<bool, AppError> {
    let platform = grant.platform();
    let now = platform.now();
    let mut tx = grant.begin().await?;
    store::lock(tx.conn()).await?;
    let signs_from = match store::newest(tx.conn()).await? {
        None => Some(now),
        Some(made) if made + TURN <= now => Some(now + NOTICE),
        Some(_) => None,
    };
    if let Some(signs_from) = signs_from {
        make(&mut tx, platform, signs_from).await?;
    }
    let forgotten = store::forget(tx.conn(), superseded(platform)).await?;
    if forgotten > 0 {
        audit::note(&mut tx, Deed::SigningKeysForgotten { count: forgotten }).await?;
    }
    tx.commit().await?;
    Ok(signs_from.is_some())
}

/// Makes the next key out of turn, and answers its name.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn rotate_signing_key(grant: &Grant<System>, old: OldKeys) -> Result<Uuid, AppError> {
    let platform = grant.platform();
    let now = platform.now();
    let mut tx = grant.begin().await?;
    store::lock(tx.conn()).await?;
    let has_one = store::newest(tx.conn()).await?.is_some();
    if old == OldKeys::Withdrawn {
        let count = store::withdraw_all(tx.conn()).await?;
        audit::note(&mut tx, Deed::SigningKeysForgotten { count }).await?;
    }
    let signs_from = if has_one && old == OldKeys::RunOut { now + NOTICE } else { now };
    let kid = make(&mut tx, platform, signs_from).await?;
    tx.commit().await?;
    Ok(kid)
}

async fn make(tx: &mut Tx, platform: &Platform, signs_from: Timestamp) -> Result<Uuid, AppError> {
    let id = platform.new_id();
    let plain = SigningKey::generate().while_doing("making a signing key")?;
    let public = SigningKey::from_pkcs8(&plain)
        .and_then(|key| key.public())
        .while_doing("reading a new signing key")?;
    let sealed = platform.vault().seal(SEAL, id, &plain);
    let key = NewKey { id, public, sealed, now: platform.now(), signs_from };
    store::insert(tx.conn(), &key).await?;
    audit::note(tx, Deed::SigningKeyMade { key: id }).await?;
    Ok(id)
}
