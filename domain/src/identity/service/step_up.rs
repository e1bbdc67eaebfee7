//! Prove once more who you are, when you are in already.

use super::{
    super::{Password, ProofKind, ProofNeeded, store::Account},
    own_account, secret,
    sign_in::hold_proved,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Own},
    audit::{self, Deed, Proof},
    federation,
    platform::hasher::Verified,
    second_factor,
    sessions::{self, NewSession},
};

/// Which proof [`step_up`] asks of the caller.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn step_up_needs(grant: &Grant<Own>) -> Result<ProofNeeded, AppError> {
    let needed = own_account(grant).await?.proof_needed();
    with_providers(grant, needed).await
}

/// Adds the providers that prove it as well: where there is a second factor, none does.
pub(super) async fn with_providers(grant: &Grant<Own>, needed: ProofNeeded) -> Result<ProofNeeded, AppError> {
    match needed.proof {
        ProofKind::Code | ProofKind::Passkey => Ok(needed),
        ProofKind::Password | ProofKind::Provider => {
            let providers = federation::service::proving(grant.platform(), grant.user()).await?;
            Ok(ProofNeeded { providers, ..needed })
        }
    }
}

/// Gives a fresh proof: the code where there is a second factor, the password where there is none. Whatever is
/// given must be right. The session gets a new secret. A passkey and a provider have ways of their own,
/// `second_factor::passkeys::service::step_up` and `federation::service::prove`.
///
/// # Errors
/// [`AppError::InvalidInput`] when the needed proof is missing or the password wrong; [`AppError::CodeRefused`].
pub async fn step_up(
    grant: &Grant<Own>,
    password: Option<String>,
    code: Option<String>,
) -> Result<NewSession, AppError> {
    let platform = grant.platform();
    let account = own_account(grant).await?;
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let (password, code) = (given(password), given(code));
    let missing = match account.proof_needed().proof {
        ProofKind::Code => code.is_none().then_some("code"),
        // Neither a code nor the password proves as much as the sign-in did.
        ProofKind::Passkey => Some("credential"),
        ProofKind::Password => password.is_none().then_some("password"),
        ProofKind::Provider => Some("provider"),
    };
    if let Some(field) = missing {
        return Err(AppError::invalid(field, FieldIssue::Required));
    }
    if let Some(password) = password {
        prove_password(grant, &account, "password", &password).await?;
    }
    let mut tx = grant.begin().await?;
    let held = hold_proved(&mut tx, account.id, account.password_hash.as_deref()).await?;
    if held.is_none_or(|now| now.second_factor != account.authenticator) {
        return Err(AppError::SignInRequired);
    }
    if let Some(code) = code.filter(|_| account.authenticator) {
        let used = second_factor::service::use_code(&mut tx, platform, account.id, &code).await;
        if used == Err(AppError::CodeRefused) {
            audit::note(&mut tx, Deed::ProofRefused { user: account.id, proof: Proof::Code }).await?;
            tx.commit().await?;
            return Err(AppError::CodeRefused);
        }
        used?;
    }
    let session = sessions::service::prove(&mut tx, platform, grant.person().session).await?;
    audit::note(&mut tx, Deed::SteppedUp { user: account.id }).await?;
    tx.commit().await?;
    Ok(session)
}

/// Checks the password of somebody who is signed in already.
///
/// # Errors
/// [`AppError::InvalidInput`] naming `field`; [`AppError::TooManyRequests`] after too many wrong ones.
pub(super) async fn prove_password(
    grant: &Grant<Own>,
    account: &Account,
    field: &str,
    typed: &str,
) -> Result<(), AppError> {
    use crate::platform::limiter::Allowance;
    // A stolen session must not become a place to guess the password at leisure.
    const PROOF_TRIES: Allowance =
        Allowance { name: "password-proof", count: 10, per: std::time::Duration::from_mins(5) };
    let platform = grant.platform();
    if let Some(wait) = platform.limiter().take(&PROOF_TRIES, &account.id.to_string()).await.retry_after {
        return Err(AppError::TooManyRequests {
            retry_after_s: u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX),
        });
    }
    let password = Password::as_typed(typed);
    match platform.hasher().verify(secret(&password), account.password_hash.clone()).await? {
        Verified::No => {
            let mut tx = grant.begin().await?;
            audit::note(&mut tx, Deed::ProofRefused { user: account.id, proof: Proof::Password }).await?;
            tx.commit().await?;
            Err(AppError::invalid(field, FieldIssue::WrongPassword))
        }
        Verified::Yes | Verified::YesButRehash => Ok(()),
    }
}
