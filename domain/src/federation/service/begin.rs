//! The way to a provider.

use uuid::Uuid;

use super::{
    super::{
        ProviderRefusal,
        store::{self, NewAttempt, Purpose},
    },
    AWAY_FOR, PROOF_MAX_AGE_S, Secrets, find, met, redirect_uri, refused,
};
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::{self, Anonymous, Grant, Own, SteppedUp, Tx},
    identity::safe_next,
    platform::{Platform, providers, random::Token},
    sessions,
};

/// A way that was begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub address: String,
    /// What it keeps until it is back.
    pub browser: Token,
}

/// Sends somebody to a provider, to sign in.
///
/// # Errors
/// [`AppError::NotFound`] for a provider that is not configured; [`AppError::ProviderRefused`] while it is away.
pub async fn begin_sign_in(
    grant: &Grant<Anonymous>,
    provider: &str,
    next: Option<&str>,
) -> Result<Begun, AppError> {
    grant.demand(access::Purpose::SignIn)?;
    let way = Way::to(grant.platform(), provider, Purpose::SignIn).await?;
    way.note(grant.begin().await?, grant.platform(), None, next).await
}

/// Sends somebody who is signed in to a provider, to connect it.
///
/// # Errors
/// As [`begin_sign_in`].
pub async fn begin_link(grant: &Grant<SteppedUp>, provider: &str) -> Result<Begun, AppError> {
    let way = Way::to(grant.platform(), provider, Purpose::Link).await?;
    way.note(grant.begin().await?, grant.platform(), Some(grant.person().session), None).await
}

/// Sends somebody who is signed in to a provider, to prove that it is still them.
///
/// # Errors
/// As [`begin_sign_in`]; [`AppError::Conflict`] where a second factor has to be shown instead;
/// [`AppError::ProviderRefused`] for a provider that does not say when somebody signed in there.
pub async fn begin_proof(grant: &Grant<Own>, provider: &str, next: Option<&str>) -> Result<Begun, AppError> {
    if grant.person().second_factor {
        let errors = vec![FieldProblem::new("second_factor", FieldIssue::FactorOn)];
        return Err(AppError::Conflict { errors });
    }
    if !find(grant.platform(), provider)?.settings().kind.tells_when() {
        return Err(refused(ProviderRefusal::Ageless));
    }
    let way = Way::to(grant.platform(), provider, Purpose::Prove).await?;
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    way.note(tx, grant.platform(), Some(grant.person().session), next).await
}

/// A way whose address is known and that nobody has gone yet.
struct Way<'a> {
    provider: &'a str,
    purpose: Purpose,
    state: Token,
    browser: Token,
    address: String,
}

impl<'a> Way<'a> {
    async fn to(platform: &Platform, id: &'a str, purpose: Purpose) -> Result<Self, AppError> {
        let provider = find(platform, id)?;
        let (state, browser) = (Token::new(), Token::new());
        let secrets = Secrets::of(&browser.reveal());
        let attempt = providers::Attempt {
            redirect_uri: &redirect_uri(platform, provider),
            state: &state.reveal(),
            nonce: &secrets.nonce,
            challenge: &secrets.challenge(),
            max_age_s: (purpose == Purpose::Prove).then_some(PROOF_MAX_AGE_S),
        };
        let address = provider.door(&attempt, platform.now()).await;
        let address = address.map_err(|problem| met(provider, problem))?;
        Ok(Self { provider: id, purpose, state, browser, address })
    }

    async fn note(
        self,
        mut tx: Tx,
        platform: &Platform,
        session: Option<Uuid>,
        next: Option<&str>,
    ) -> Result<Begun, AppError> {
        let now = platform.now();
        let attempt = NewAttempt {
            state: self.state.hash(),
            browser: self.browser.hash(),
            provider: self.provider,
            purpose: self.purpose,
            session,
            next: safe_next(next),
            now,
            expires_at: now + AWAY_FOR,
        };
        store::put_attempt(tx.conn(), &attempt).await?;
        tx.commit().await?;
        Ok(Begun { address: self.address, browser: self.browser })
    }
}
