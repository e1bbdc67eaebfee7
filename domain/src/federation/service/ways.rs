//! By what somebody signs in, and how that ends.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::{
    Identity, Offered, Ways,
    store::{self, Row},
};
use crate::{
    AppError, Timestamp,
    access::{Anonymous, Grant, Own, Purpose, SteppedUp, Tx},
    audit::{self, Deed},
    identity::service::{self as identity, ProviderNews},
    platform::{Platform, providers::Provider},
    sessions,
};

/// What the door offers.
///
/// # Errors
/// [`AppError::NotAllowed`] for another purpose.
pub fn offered(grant: &Grant<Anonymous>) -> Result<Vec<Offered>, AppError> {
    grant.demand(Purpose::SignIn)?;
    Ok(on_offer(grant.platform()))
}

/// The same for the head of every page.
#[must_use]
pub fn on_offer(platform: &Platform) -> Vec<Offered> {
    platform.providers().iter().map(offer).collect()
}

fn offer(provider: &Provider) -> Offered {
    let settings = provider.settings();
    Offered { id: settings.id.clone(), name: settings.name.clone() }
}

/// How the caller signs in, and what could be connected.
pub async fn ways(grant: &Grant<Own>, proof: Option<&Grant<SteppedUp>>) -> Result<Ways, AppError> {
    let platform = grant.platform();
    let has_password = identity::has_password(platform, grant.user()).await?;
    let rows = store::of_user(platform.db(), grant.user()).await?;
    let is_connected = |provider: &&Provider| rows.iter().any(|row| row.issuer == provider.settings().issuer);
    let available = platform.providers().iter().filter(|it| !is_connected(it)).map(offer).collect();
    let items = rows.into_iter().map(|row| shown(platform, row)).collect();
    Ok(Ways { has_password, is_proved: proof.is_some(), items, available })
}

fn shown(platform: &Platform, row: Row) -> Identity {
    let name = name_of(platform, &row.issuer);
    let Row { id, email, linked_at, last_used_at, .. } = row;
    Identity { id, name, email, linked_at: linked_at.into(), last_used_at: last_used_at.map(Timestamp::from) }
}

/// What a provider is called; its issuer where the operator does not name it any more.
fn name_of(platform: &Platform, issuer: &str) -> String {
    platform.providers().of_issuer(issuer).map_or_else(|| issuer.to_owned(), |it| it.settings().name.clone())
}

/// The connected providers of an account whose word is a fresh proof of its owner: those that say when somebody signed in
/// there, and are still configured.
pub(crate) async fn proving(platform: &Platform, user: Uuid) -> Result<Vec<Offered>, AppError> {
    // Most sites have none, and every page asks.
    if platform.providers().iter().next().is_none() {
        return Ok(Vec::new());
    }
    let rows = store::of_user(platform.db(), user).await?;
    let proving = configured(platform, &rows).filter(|provider| provider.settings().kind.tells_when());
    Ok(proving.map(offer).collect())
}

/// Whether a provider signs the owner of an account in. The account is held by the caller.
pub(crate) async fn is_way_in(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<bool, AppError> {
    let rows = store::of_user(tx.conn(), user).await?;
    Ok(configured(platform, &rows).next().is_some())
}

fn configured<'a>(platform: &'a Platform, rows: &'a [Row]) -> impl Iterator<Item = &'a Provider> {
    rows.iter().filter_map(|row| platform.providers().of_issuer(&row.issuer))
}

/// Disconnects a provider from the caller's account.
///
/// # Errors
/// [`AppError::NotFound`] for a connection that has ended or is somebody else's; [`AppError::Conflict`] where it is the
/// last way in.
pub async fn disconnect(grant: &Grant<SteppedUp>, id: Uuid) -> Result<(), AppError> {
    let (platform, user) = (grant.platform(), grant.user());
    let mut tx = grant.begin().await?;
    // Two at once would each find the other's way.
    let account = sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let issuer = store::delete(tx.conn(), user, id).await?.ok_or(AppError::NotFound)?;
    identity::keep_way_in(&mut tx, platform, user, &account).await?;
    note_disconnected(&mut tx, platform, user, &issuer).await?;
    tx.commit().await
}

/// Disconnects what was connected at `since` or later, because the account was somebody else's by then; inside the
/// transaction that gives the reason.
pub(crate) async fn disconnect_since(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    since: Timestamp,
) -> Result<(), AppError> {
    for issuer in store::delete_since(tx.conn(), user, since).await? {
        note_disconnected(tx, platform, user, &issuer).await?;
    }
    Ok(())
}

/// Disconnects every provider, inside the transaction that gives the reason.
pub(crate) async fn disconnect_all(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<(), AppError> {
    disconnect_since(tx, platform, user, Timestamp::new(time::OffsetDateTime::UNIX_EPOCH)).await
}

async fn note_disconnected(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    issuer: &str,
) -> Result<(), AppError> {
    let known = platform.providers().of_issuer(issuer).map(Provider::settings);
    // An issuer may hold signs that letters do not escape; a name may not.
    let name = known.map_or("a provider", |settings| settings.name.as_str());
    identity::tell_of_provider(tx, platform, user, name, ProviderNews::Disconnected).await?;
    let provider = known.map_or_else(|| issuer.to_owned(), |settings| settings.id.clone());
    audit::note(tx, Deed::ProviderDisconnected { user, provider }).await
}

/// What this room holds about somebody, for the copy of their data.
pub(crate) async fn copy_of(tx: &mut Tx, user: Uuid) -> Result<Value, AppError> {
    Ok(json!({ "providers": store::copy_of(tx.conn(), user).await? }))
}

/// Forgets who never came back. Safe to run on every replica at once.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    store::forget_attempts(platform.db(), platform.now()).await
}
