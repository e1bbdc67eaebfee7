//! `gatehouse admin`: what only the one who runs the machine may do.

use domain::{
    AppError,
    access::Grant,
    admin::{
        reseal::reseal_all,
        service::{invite_first_administrator, reset_second_factor as reset},
    },
    tokens::service::{OldKeys, rotate_signing_key as rotate},
};

use super::print;
use crate::{
    boot::{self, BootProblem},
    config::Config,
};

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub(super) enum InviteProblem {
    /// The configuration.
    #[error(transparent)]
    Boot(#[from] BootProblem),
    /// The service.
    #[error("no link was made: {0}. The log says why; try `gatehouse doctor`.")]
    Refused(#[from] AppError),
    /// There is one already.
    #[error("there is an administrator already; they give roles under Administration")]
    NotNeeded,
}

/// Prints the link alone, so that a script can open it.
pub(super) async fn invite(config: &Config, if_none: bool) -> Result<(), InviteProblem> {
    let platform = boot::platform(config)?;
    let grant = Grant::system(&platform, "inviting the first administrator");
    match invite_first_administrator(&grant).await? {
        Some(link) => print::line(&link),
        None if if_none => {}
        None => return Err(InviteProblem::NotNeeded),
    }
    platform.db().close().await;
    Ok(())
}

/// Why a second factor stays.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResetProblem {
    /// The configuration.
    #[error(transparent)]
    Boot(#[from] BootProblem),
    /// The address.
    #[error("no account has this address")]
    Nobody,
    /// There is none.
    #[error("this account has no second factor; its password is all it needs")]
    Off,
    /// The service.
    #[error("nothing was changed: {0}. The log says why; try `gatehouse doctor`.")]
    Refused(AppError),
}

impl From<AppError> for ResetProblem {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotFound | AppError::InvalidInput { .. } => Self::Nobody,
            AppError::Conflict { .. } => Self::Off,
            other => Self::Refused(other),
        }
    }
}

/// The way back for whoever lost phone and codes; the owner of the account gets a letter.
pub(super) async fn reset_second_factor(config: &Config, email: &str) -> Result<(), ResetProblem> {
    let platform = boot::platform(config)?;
    reset(&Grant::system(&platform, "resetting a second factor"), email).await?;
    platform.db().close().await;
    print::line(&"The second factor is off, and the account is signed out everywhere.");
    Ok(())
}

/// Why older keys are still needed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResealProblem {
    /// The configuration.
    #[error(transparent)]
    Boot(#[from] BootProblem),
    /// The service.
    #[error(
        "not everything was sealed anew: {0}. What was stays so; run this again. The log says why; try `gatehouse doctor`."
    )]
    Refused(#[from] AppError),
    /// A key is missing.
    #[error(
        "{0} values open with no key of `security.vault_keys`; the log names them. Put the missing key back."
    )]
    Closed(u64),
}

/// Says how many values there were; fails when some need a key that is not there.
pub(super) async fn reseal(config: &Config) -> Result<(), ResealProblem> {
    let platform = boot::platform(config)?;
    let found = reseal_all(&Grant::system(&platform, "sealing anew")).await?;
    platform.db().close().await;
    print::line(&format_args!("{} values were sealed anew.", found.done));
    if found.closed > 0 {
        return Err(ResealProblem::Closed(found.closed));
    }
    print::line(&"Everything is sealed with the active key; the older ones can go.");
    Ok(())
}

/// Why the keys stay as they are.
#[derive(Debug, thiserror::Error)]
pub(super) enum RotationProblem {
    /// The configuration.
    #[error(transparent)]
    Boot(#[from] BootProblem),
    /// The service.
    #[error("no key was made: {0}. The log says why; try `gatehouse doctor`.")]
    Refused(#[from] AppError),
}

/// Prints the name of the new key alone, so that a script can look for it in `/.well-known/jwks.json`.
pub(super) async fn rotate_signing_key(config: &Config, old: OldKeys) -> Result<(), RotationProblem> {
    let platform = boot::platform(config)?;
    let kid = rotate(&Grant::system(&platform, "rotating the signing key"), old).await?;
    platform.db().close().await;
    print::line(&kid);
    Ok(())
}
