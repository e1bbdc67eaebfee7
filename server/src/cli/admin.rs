//! `gatehouse admin`: what only the one who runs the machine may do.

use domain::{AppError, access::Grant, admin::service::invite_first_administrator};

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
