//! A passkey as a fresh proof of somebody who is in.

use super::{
    super::{
        super::Ceremony,
        relying_party::{self, Answer},
        store::{self, Purpose},
    },
    Bound, Reply, begin, prove,
    second_factor::refuse_none,
};
use crate::{
    AppError,
    access::{Grant, Own},
    audit::{self, Deed, Proof},
    sessions::{self, NewSession},
};

/// Asks the browser of the caller for one of their passkeys.
///
/// # Errors
/// [`AppError::Conflict`] where the account has none, or the site has no name.
pub async fn begin_step_up(grant: &Grant<Own>) -> Result<Ceremony, AppError> {
    let platform = grant.platform();
    let known = store::credential_ids(platform.db(), grant.user()).await?;
    refuse_none(&known)?;
    let question = relying_party::ask_for_known(&relying_party::site(platform)?, &known)?;
    let mut tx = grant.begin().await?;
    let session = grant.person().session;
    let ceremony = begin(&mut tx, platform, &Bound::to_id(Purpose::StepUp, &session), question).await?;
    tx.commit().await?;
    Ok(ceremony)
}

/// Gives a fresh proof. The session gets a new secret.
///
/// # Errors
/// [`AppError::PasskeyRefused`].
pub async fn step_up(grant: &Grant<Own>, ceremony: &str, credential: &str) -> Result<NewSession, AppError> {
    let platform = grant.platform();
    let (user, session) = (grant.user(), grant.person().session);
    let answer = Answer::read("credential", credential)?;
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let bound = Bound::to_id(Purpose::StepUp, &session);
    match prove(&mut tx, platform, user, &bound, &Reply { ceremony, answer: &answer }).await {
        Ok(()) => {}
        Err(AppError::PasskeyRefused) => {
            audit::note(&mut tx, Deed::ProofRefused { user, proof: Proof::Passkey }).await?;
            tx.commit().await?;
            return Err(AppError::PasskeyRefused);
        }
        Err(other) => return Err(other),
    }
    let session = sessions::service::prove(&mut tx, platform, session).await?;
    audit::note(&mut tx, Deed::SteppedUp { user }).await?;
    tx.commit().await?;
    Ok(session)
}
