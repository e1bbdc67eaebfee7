//! Asks for a captcha, and takes what comes back.

use std::time::Duration;

use super::{
    Challenge, store,
    ticket::{self, Difficulty, Task, Ticket, Verdict},
};
use crate::{
    AppError,
    access::{Network, RequestFacts},
    platform::{
        Platform,
        limiter::Allowance,
        turnstile::{Opinion, Shown, TurnstileState},
    },
};

/// Patience costs an attacker nothing, so a network gets no further by it than a person would.
const PATIENCE: Allowance = Allowance { name: "captcha-wait", count: 6, per: Duration::from_mins(1) };

/// Uses are remembered for so long after they mattered: the clocks of two replicas need not agree.
const MEMORY: Duration = Duration::from_mins(10);

/// Makes a challenge: the widget of Turnstile where the operator chose it and it can be asked, else our own work. Nothing
/// is stored.
#[must_use]
pub fn issue(platform: &Platform, network: &Network, difficulty: Difficulty) -> Challenge {
    let (vault, now, turnstile) = (platform.vault(), platform.now(), platform.turnstile());
    match turnstile.settings().filter(|_| turnstile.state(now) == TurnstileState::Up) {
        Some(settings) => {
            Challenge::Turnstile(Box::new(ticket::issue_widget(vault, now, network, difficulty, settings)))
        }
        None => Challenge::ProofOfWork(ticket::issue(vault, now, network, difficulty)),
    }
}

/// Takes a solution or a waiting ticket, once. What is forged, expired, foreign, altered or used is not accepted.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn accept(
    platform: &Platform,
    request: &RequestFacts,
    given: Option<&str>,
) -> Result<bool, AppError> {
    let verdict = judge(platform, &request.network(), Difficulty::Normal, given);
    is_taken(platform, request, &verdict).await
}

/// Lets a try go on: nothing is asked, or what was asked has been given. Whoever comes too early keeps the ticket and
/// is told the rest of the time.
///
/// # Errors
/// [`AppError::CaptchaRequired`]; [`AppError::Busy`] while the database is away.
pub(crate) async fn demand(
    platform: &Platform,
    request: &RequestFacts,
    asked: Option<Difficulty>,
    given: Option<&str>,
) -> Result<(), AppError> {
    let Some(asked) = asked else { return Ok(()) };
    let network = request.network();
    let verdict = judge(platform, &network, asked, given);
    if is_taken(platform, request, &verdict).await? {
        return Ok(());
    }
    // Made only now: where Turnstile was just found away, it is of the other kind.
    let challenge = issue(platform, &network, asked);
    Err(AppError::CaptchaRequired {
        challenge: match verdict {
            Verdict::Early { left_s } => challenge.waited_for(given.unwrap_or_default(), left_s),
            _ => challenge,
        },
    })
}

/// Forgets what was used and would have expired by now; says how many rows that were.
pub(crate) async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    store::forget_uses(platform.db(), platform.now() - MEMORY).await
}

fn judge(platform: &Platform, network: &Network, asked: Difficulty, given: Option<&str>) -> Verdict {
    given.map_or(Verdict::Refused, |given| {
        ticket::judge(platform.vault(), platform.now(), network, asked, given)
    })
}

/// Whether what was judged is worth this try.
async fn is_taken(platform: &Platform, request: &RequestFacts, verdict: &Verdict) -> Result<bool, AppError> {
    match verdict {
        Verdict::Good(ticket) => take(platform, &request.network(), ticket).await,
        Verdict::Vouched(ticket, token) => take_vouched(platform, request, ticket, token).await,
        Verdict::Early { .. } | Verdict::Refused => Ok(false),
    }
}

/// Uses a good ticket up.
async fn take(platform: &Platform, network: &Network, ticket: &Ticket) -> Result<bool, AppError> {
    let is_patience = matches!(ticket.task, Task::Wait { .. });
    if is_patience && !platform.limiter().take(&PATIENCE, &network.to_string()).await.allowed {
        return Ok(false);
    }
    store::use_once(platform.db(), &ticket.id, ticket.until).await
}

/// Asks Turnstile about a token and uses the ticket up, whatever the answer. A ticket that was used before is not asked
/// about; one that nobody could be asked about stays unused, because nothing is known of it.
async fn take_vouched(
    platform: &Platform,
    request: &RequestFacts,
    ticket: &Ticket,
    token: &str,
) -> Result<bool, AppError> {
    if store::was_used(platform.db(), &ticket.id).await? {
        return Ok(false);
    }
    let shown = Shown { token, bound_to: &ticket.id, address: request.address };
    let opinion = platform.turnstile().ask(platform.now(), shown).await;
    if opinion == Opinion::Away {
        return Ok(false);
    }
    let is_first = store::use_once(platform.db(), &ticket.id, ticket.until).await?;
    Ok(is_first && opinion == Opinion::Human)
}
