//! What happens when a refresh token is shown, and how a family ends.

use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    super::{
        ScriptSignIn, TokenPair,
        family::{Decision, IDLE, Shown, decide},
        store::families::{self as store, HeldFamily},
    },
    issue::{Member, SEAL, pair},
    keys,
};
use crate::{
    AppError, FieldIssue,
    access::{Anonymous, Grant, Own, Purpose, SteppedUp, Tx},
    audit::{self, Deed},
    identity::service::{TokenNews, tell_of_tokens},
    platform::{Platform, log::WhileDoing},
    sessions,
};

/// Gets the next pair for the newest refresh token of a family, and the same again for the one before within the grace.
///
/// # Errors
/// [`AppError::InvalidInput`] without one; [`AppError::TokenRefused`] for a token that is wrong, from the past, or of a family that has ended.
pub async fn refresh(grant: &Grant<Anonymous>, token: &str) -> Result<TokenPair, AppError> {
    grant.demand(Purpose::Refresh)?;
    let shown = Shown::read(given(token)?).ok_or(AppError::TokenRefused)?;
    let platform = grant.platform();
    // Before the transaction, so that nothing is counted on that could then not be signed.
    let signer = keys::signer(platform).await?;
    let mut tx = grant.begin().await?;
    let Held { row, key } = held(&mut tx, platform, &shown).await?;
    if row.locked {
        return Err(AppError::TokenRefused);
    }
    let user = row.user;
    let counter = match decide(&row.family, shown.counter, platform.now()) {
        Decision::Rotate { counter } => {
            store::rotate(tx.conn(), shown.family, counter, platform.now()).await?;
            tx.act_as(user);
            audit::note(&mut tx, Deed::TokensRefreshed { user, family: shown.family }).await?;
            tx.commit().await?;
            counter
        }
        Decision::Again => row.family.counter,
        Decision::Stolen => return end_stolen(tx, platform, user, shown.family).await,
        Decision::Unknown => {
            tracing::warn!(family.id = %shown.family, "a refresh token is newer than the database");
            return Err(AppError::TokenRefused);
        }
        Decision::Over => return Err(AppError::TokenRefused),
    };
    pair(platform, &signer, &Member { family: shown.family, user, key: &key, counter })
}

/// Somebody has a copy: who of the two is the owner cannot be known, so both are out and the owner is told.
async fn end_stolen<T>(mut tx: Tx, platform: &Platform, user: Uuid, family: Uuid) -> Result<T, AppError> {
    store::end(tx.conn(), family).await?;
    tell_of_tokens(&mut tx, platform, user, TokenNews::RefreshTokenCopied).await?;
    audit::note(&mut tx, Deed::RefreshTokenCopied { user, family }).await?;
    tx.commit().await?;
    Err(AppError::TokenRefused)
}

/// Signs a script out. Any genuine token of the family will do. A refresh token that is not, or whose family has ended,
/// leaves nothing to end, which is no problem (RFC 7009 §2.2).
///
/// # Errors
/// [`AppError::InvalidInput`] without a token; [`AppError::TokenRefused`] for what is no refresh token at all, so that
/// nobody believes another kind of token to be ended.
pub async fn revoke(grant: &Grant<Anonymous>, token: &str) -> Result<(), AppError> {
    grant.demand(Purpose::Refresh)?;
    let shown = Shown::read(given(token)?).ok_or(AppError::TokenRefused)?;
    let mut tx = grant.begin().await?;
    let Held { row, .. } = match held(&mut tx, grant.platform(), &shown).await {
        Ok(held) => held,
        Err(AppError::TokenRefused) => return Ok(()),
        Err(other) => return Err(other),
    };
    store::end(tx.conn(), shown.family).await?;
    tx.act_as(row.user);
    audit::note(&mut tx, Deed::TokensRevoked { user: row.user, family: shown.family }).await?;
    tx.commit().await
}

/// Where scripts are signed in to the caller's account, the newest first.
pub async fn sign_ins(grant: &Grant<Own>) -> Result<Vec<ScriptSignIn>, AppError> {
    let now = grant.platform().now();
    let rows = store::list(grant.platform().db(), grant.user(), now, now - IDLE).await?;
    let current = grant.person().session;
    let shown = |row: store::Listed| ScriptSignIn {
        id: row.id,
        program: sessions::describe(&row.user_agent),
        address: row.address.ip().to_string(),
        created_at: row.created_at.into(),
        refreshed_at: row.rotated_at.into(),
        expires_at: row.expires_at.into(),
        current: row.id == current,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// Signs one of the caller's scripts out.
///
/// # Errors
/// [`AppError::NotFound`] for one that has ended or is somebody else's.
pub async fn end_sign_in(grant: &Grant<SteppedUp>, family: Uuid) -> Result<(), AppError> {
    let user = grant.user();
    let mut tx = grant.begin().await?;
    if !store::end_own(tx.conn(), user, family).await? {
        return Err(AppError::NotFound);
    }
    audit::note(&mut tx, Deed::TokensRevoked { user, family }).await?;
    tx.commit().await
}

fn given(token: &str) -> Result<&str, AppError> {
    let token = token.trim();
    if token.is_empty() { Err(AppError::invalid("refresh_token", FieldIssue::Required)) } else { Ok(token) }
}

/// A family that is held for a token that is its own.
struct Held {
    row: HeldFamily,
    key: Zeroizing<Vec<u8>>,
}

async fn held(tx: &mut Tx, platform: &Platform, shown: &Shown) -> Result<Held, AppError> {
    let row = store::hold(tx.conn(), shown.family).await?.ok_or(AppError::TokenRefused)?;
    let key = platform
        .vault()
        .open(SEAL, shown.family, &row.sealed)
        .while_doing("opening the key of a family of refresh tokens")?;
    if !shown.is_genuine(&key) {
        return Err(AppError::TokenRefused);
    }
    Ok(Held { row, key })
}

/// Whether scripts are still signed in by a family.
pub(crate) async fn family_goes_on(tx: &mut Tx, family: Uuid) -> Result<bool, AppError> {
    store::goes_on(tx.conn(), family).await
}

/// Ends where scripts are signed in to an account, inside the transaction that gives the reason. Answers how many.
pub(crate) async fn end_families(tx: &mut Tx, user: Uuid, except: Option<Uuid>) -> Result<u64, AppError> {
    store::end_all(tx.conn(), user, except).await
}
