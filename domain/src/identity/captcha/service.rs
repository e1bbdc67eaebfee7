//! Asks for a captcha, and takes what comes back.

use std::time::Duration;

use super::{
    Challenge, store,
    ticket::{self, Difficulty, Task, Ticket, Verdict},
};
use crate::{
    AppError,
    access::Network,
    platform::{Platform, limiter::Allowance},
};

/// Patience costs an attacker nothing, so a network gets no further by it than a person would.
const PATIENCE: Allowance = Allowance { name: "captcha-wait", count: 6, per: Duration::from_mins(1) };

/// Uses are remembered for so long after they mattered: the clocks of two replicas need not agree.
const MEMORY: Duration = Duration::from_mins(10);

/// Makes a challenge. Nothing is stored.
#[must_use]
pub fn issue(platform: &Platform, network: &Network, difficulty: Difficulty) -> Challenge {
    ticket::issue(platform.vault(), platform.now(), network, difficulty)
}

/// Takes a solution or a waiting ticket, once. What is forged, expired, foreign, altered or used is not accepted.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn accept(platform: &Platform, network: &Network, given: Option<&str>) -> Result<bool, AppError> {
    match judge(platform, network, Difficulty::Normal, given) {
        Verdict::Good(ticket) => take(platform, network, &ticket).await,
        Verdict::Early { .. } | Verdict::Refused => Ok(false),
    }
}

/// Lets a try go on: nothing is asked, or what was asked has been given. Whoever comes too early keeps the ticket and
/// is told the rest of the time.
///
/// # Errors
/// [`AppError::CaptchaRequired`]; [`AppError::Busy`] while the database is away.
pub(crate) async fn demand(
    platform: &Platform,
    network: &Network,
    asked: Option<Difficulty>,
    given: Option<&str>,
) -> Result<(), AppError> {
    let Some(asked) = asked else { return Ok(()) };
    let mut challenge = issue(platform, network, asked);
    match judge(platform, network, asked, given) {
        Verdict::Good(ticket) if take(platform, network, &ticket).await? => return Ok(()),
        Verdict::Early { left_s } => {
            challenge.wait_token = given.unwrap_or_default().to_owned();
            challenge.wait_s = left_s;
        }
        Verdict::Good(_) | Verdict::Refused => {}
    }
    Err(AppError::CaptchaRequired { challenge })
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

/// Uses a good ticket up.
async fn take(platform: &Platform, network: &Network, ticket: &Ticket) -> Result<bool, AppError> {
    let is_patience = matches!(ticket.task, Task::Wait { .. });
    if is_patience && !platform.limiter().take(&PATIENCE, &network.to_string()).await.allowed {
        return Ok(false);
    }
    store::use_once(platform.db(), &ticket.id, ticket.until).await
}
