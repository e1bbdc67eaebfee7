//! The passkeys of an account: seen, named, removed.

use uuid::Uuid;

use super::super::{
    super::{Passkey, PasskeyName, service as factor},
    store,
};
use crate::{
    AppError, Timestamp,
    access::{Grant, Own, SteppedUp, Tx},
    audit::{self, Deed},
    identity::service::{self as identity, PasskeyNews},
    platform::Platform,
    sessions::{self, NewSession, known_devices},
};

/// The caller's passkeys, the newest first.
pub async fn list(grant: &Grant<Own>) -> Result<Vec<Passkey>, AppError> {
    let rows = store::list(grant.platform().db(), grant.user()).await?;
    Ok(rows.into_iter().map(shown).collect())
}

/// The passkeys of an account, for the copy of its data.
pub(in crate::second_factor) async fn of_account(tx: &mut Tx, user: Uuid) -> Result<Vec<Passkey>, AppError> {
    let rows = store::list(tx.conn(), user).await?;
    Ok(rows.into_iter().map(shown).collect())
}

fn shown(row: store::Listed) -> Passkey {
    Passkey {
        id: row.id,
        name: row.name,
        created_at: row.created_at.into(),
        last_used_at: row.last_used_at.map(Into::into),
        suspected_at: row.suspected_at.map(Into::into),
    }
}

/// Gives one of the caller's passkeys another name.
///
/// # Errors
/// [`AppError::NotFound`] for one that is removed or somebody else's; [`AppError::InvalidInput`].
pub async fn rename(grant: &Grant<Own>, passkey: Uuid, name: &str) -> Result<(), AppError> {
    let name = PasskeyName::parse(name).map_err(|issue| AppError::invalid("name", issue))?;
    let user = grant.user();
    let mut tx = grant.begin().await?;
    if !store::rename(tx.conn(), user, passkey, name.as_str()).await? {
        return Err(AppError::NotFound);
    }
    audit::note(&mut tx, Deed::PasskeyRenamed { user, passkey }).await?;
    tx.commit().await
}

/// Removes one of the caller's passkeys. With the last second factor of the account its recovery codes go as well. The
/// session gets a new secret.
///
/// # Errors
/// [`AppError::NotFound`] for one that is removed or somebody else's; [`AppError::Conflict`] where it is the last way in.
pub async fn remove(grant: &Grant<SteppedUp>, passkey: Uuid) -> Result<NewSession, AppError> {
    let platform = grant.platform();
    let user = grant.user();
    let mut tx = grant.begin().await?;
    // Of two that are removed at once one is the last.
    let account = sessions::service::hold_caller(&mut tx, grant.person()).await?;
    if !store::remove(tx.conn(), user, passkey).await? {
        return Err(AppError::NotFound);
    }
    identity::keep_way_in(&mut tx, platform, user, &account).await?;
    let is_on = factor::keep_codes_while_on(&mut tx, user).await?;
    known_devices::distrust_all(&mut tx, user).await?;
    let session = sessions::service::renew(&mut tx, platform, grant.person().session).await?;
    let news = if is_on { PasskeyNews::Removed } else { PasskeyNews::LastRemoved };
    identity::tell_of_passkeys(&mut tx, platform, user, news).await?;
    audit::note(&mut tx, Deed::PasskeyRemoved { user, passkey }).await?;
    tx.commit().await?;
    Ok(session)
}

/// Removes passkeys that were added at `since` or later, because the account was somebody else's by then, inside the
/// transaction that gives the reason.
pub async fn take_away_newer(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    since: Timestamp,
) -> Result<(), AppError> {
    let removed = store::remove_since(tx.conn(), user, Some(since)).await?;
    if removed.is_empty() {
        return Ok(());
    }
    factor::keep_codes_while_on(tx, user).await?;
    identity::tell_of_passkeys(tx, platform, user, PasskeyNews::Undone { count: removed.len() }).await?;
    for passkey in removed {
        audit::note(tx, Deed::PasskeyRemoved { user, passkey }).await?;
    }
    Ok(())
}
