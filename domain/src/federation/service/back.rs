//! The way back from a provider: whose it is, and what it proves.

use uuid::Uuid;

use super::{
    super::{
        ProviderRefusal,
        store::{self, Purpose},
    },
    PROOF_MAX_AGE_S, Secrets, find, met, redirect_uri, refused,
};
use crate::{
    AppError,
    access::{self, Anonymous, Grant},
    audit::{self, Deed},
    platform::{
        providers::{Provider, ProviderProblem, Redemption, Somebody},
        random::TokenHash,
    },
};

/// What a browser came back with.
#[derive(Default)]
pub struct Answered {
    /// The provider that its address names.
    pub provider: String,
    /// The secret that it kept.
    pub browser: Option<String>,
    /// What it was sent with.
    pub state: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// The issuer that the answer names (RFC 9207).
    pub issuer: Option<String>,
    /// Why there is no code (RFC 6749 §4.1.2.1).
    pub error: Option<String>,
}

/// What somebody went for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// To sign in.
    SignIn,
    /// To connect the provider with the account of this session.
    Link,
    /// To prove that the one of this session is still the same.
    Prove,
}

/// Somebody who came back and was believed.
pub struct Returned {
    pub(super) provider: String,
    pub(super) errand: Errand,
    pub(super) session: Option<Uuid>,
    pub(super) next: Option<String>,
    pub(super) somebody: Somebody,
}

impl Returned {
    /// What they went for.
    #[must_use]
    pub fn errand(&self) -> Errand {
        self.errand
    }

    /// The page they were going to.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }
}

/// Somebody whose way has led nowhere.
#[derive(Debug)]
pub struct TurnedBack {
    /// Why.
    pub error: AppError,
    /// The page they were going to.
    pub next: Option<String>,
}

impl From<AppError> for TurnedBack {
    fn from(error: AppError) -> Self {
        Self { error, next: None }
    }
}

/// Takes the attempt that an answer belongs to, which is good once, and asks the provider who it is.
///
/// # Errors
/// [`AppError::ProviderRefused`]; [`AppError::NotFound`] for a provider that is not configured.
pub async fn come_back(grant: &Grant<Anonymous>, answered: &Answered) -> Result<Returned, TurnedBack> {
    grant.demand(access::Purpose::SignIn)?;
    let provider = find(grant.platform(), &answered.provider)?;
    let browser = answered.browser.as_deref().unwrap_or_default();
    let attempt = take(grant, answered, browser).await?;
    let somebody = match ask(grant, provider, answered, browser, attempt.purpose).await {
        Ok(somebody) => somebody,
        Err(error) => return Err(TurnedBack { error, next: attempt.next }),
    };
    let errand = match attempt.purpose {
        Purpose::SignIn => Errand::SignIn,
        Purpose::Link => Errand::Link,
        Purpose::Prove => Errand::Prove,
    };
    let provider = provider.settings().id.clone();
    Ok(Returned { provider, errand, session: attempt.session, next: attempt.next, somebody })
}

/// Asks the provider who it is.
async fn ask(
    grant: &Grant<Anonymous>,
    provider: &Provider,
    answered: &Answered,
    browser: &str,
    purpose: Purpose,
) -> Result<Somebody, AppError> {
    let platform = grant.platform();
    let code = match (&answered.error, &answered.code) {
        (Some(error), _) if error == "access_denied" => return Err(refused(ProviderRefusal::Declined)),
        (None, Some(code)) => code,
        _ => {
            let problem = ProviderProblem::Refused("it came back without a code");
            return Err(refuse(grant, provider, problem).await);
        }
    };
    let secrets = Secrets::of(browser);
    let redemption = Redemption {
        code,
        issuer: answered.issuer.as_deref(),
        redirect_uri: &redirect_uri(platform, provider),
        verifier: &secrets.verifier,
        nonce: &secrets.nonce,
        max_age_s: (purpose == Purpose::Prove).then_some(PROOF_MAX_AGE_S),
        now: platform.now(),
    };
    match provider.redeem(&redemption).await {
        Ok(somebody) => Ok(somebody),
        Err(problem) => Err(refuse(grant, provider, problem).await),
    }
}

async fn take(
    grant: &Grant<Anonymous>,
    answered: &Answered,
    browser: &str,
) -> Result<store::Attempt, AppError> {
    let worn_out = || refused(ProviderRefusal::Stale);
    let state = answered.state.as_deref().and_then(TokenHash::of).ok_or_else(worn_out)?;
    let browser = TokenHash::of(browser).ok_or_else(worn_out)?;
    let mut tx = grant.begin().await?;
    let now = grant.platform().now();
    let attempt = store::take_attempt(tx.conn(), &state, &browser, &answered.provider, now).await?;
    // Before the provider is asked: whatever comes of it, the answer was used.
    tx.commit().await?;
    attempt.ok_or_else(worn_out)
}

/// Notes an answer that was not believed; an outage is no deed.
async fn refuse(grant: &Grant<Anonymous>, provider: &Provider, problem: ProviderProblem) -> AppError {
    let error = met(provider, problem);
    let ProviderProblem::Refused(reason) = problem else { return error };
    let deed = Deed::ProviderRefused { provider: provider.settings().id.clone(), reason };
    let noted = async {
        let mut tx = grant.begin().await?;
        audit::note(&mut tx, deed).await?;
        tx.commit().await
    };
    noted.await.err().unwrap_or(error)
}
