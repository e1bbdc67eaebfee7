//! A passkey as the second half of a sign-in, after the password.

use super::{
    super::{
        super::{
            Ceremony,
            service::{self as factor, Trust},
        },
        relying_party::{self, Answer},
        store::{self, Purpose},
    },
    Bound, Reply, begin, prove,
};
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::{Grant, HalfWayScope},
    audit::{Factor, Refusal},
    sessions::NewSession,
};

/// Asks the browser of a waiting sign-in for one of the account's passkeys.
///
/// # Errors
/// [`AppError::Conflict`] where the account has none, or the site has no name.
pub async fn begin_second_factor(grant: &Grant<HalfWayScope>) -> Result<Ceremony, AppError> {
    let platform = grant.platform();
    let known = store::credential_ids(platform.db(), grant.user()).await?;
    refuse_none(&known)?;
    let question = relying_party::ask_for_known(&relying_party::site(platform)?, &known)?;
    let mut tx = grant.begin().await?;
    let sign_in = grant.sign_in();
    let ceremony = begin(&mut tx, platform, &Bound::to_id(Purpose::SecondFactor, &sign_in), question).await?;
    tx.commit().await?;
    Ok(ceremony)
}

/// Finishes a sign-in with a passkey.
///
/// # Errors
/// [`AppError::PasskeyRefused`].
pub async fn finish_second_factor(
    grant: &Grant<HalfWayScope>,
    ceremony: &str,
    credential: &str,
    trust: Trust,
) -> Result<(NewSession, Option<String>), AppError> {
    let platform = grant.platform();
    let (user, sign_in) = (grant.user(), grant.sign_in());
    let answer = Answer::read("credential", credential)?;
    let mut tx = factor::begin_held(grant).await?;
    let bound = Bound::to_id(Purpose::SecondFactor, &sign_in);
    match prove(&mut tx, platform, user, &bound, &Reply { ceremony, answer: &answer }).await {
        Ok(()) => factor::finish(tx, grant, Factor::Passkey, trust).await,
        Err(refused) => factor::refuse(tx, user, refused, Refusal::WrongPasskey).await,
    }
}

/// Without one there is nothing to ask for: an empty list would ask for any passkey.
pub(super) fn refuse_none(known: &[Vec<u8>]) -> Result<(), AppError> {
    if known.is_empty() {
        return Err(AppError::Conflict { errors: vec![FieldProblem::new("passkey", FieldIssue::NoPasskey)] });
    }
    Ok(())
}
