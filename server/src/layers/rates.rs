//! How often: each class of endpoint has its allowance, per address and, where known, per account.

use std::{net::IpAddr, time::Duration};

use app::endpoint::Rate;
use axum::{
    http::{HeaderName, HeaderValue},
    response::Response,
};
use domain::{
    AppError,
    access::{Actor, Caller},
    platform::limiter::{Allowance, Verdict},
};

use super::client::household;
use crate::{answer::refuse, state::AppState};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

const SIGN_IN: Allowance = Allowance { name: "sign-in", count: 10, per: MINUTE };
const LETTERS: Allowance = Allowance { name: "letters", count: 5, per: HOUR };
const WRITE: Allowance = Allowance { name: "write", count: 120, per: MINUTE };
const METER: Allowance = Allowance { name: "meter", count: 6_000, per: MINUTE };
const READ: Allowance = Allowance { name: "read", count: 600, per: MINUTE };

/// Events of another program: it sends many at a time, and those that are refused again.
const EVENTS: Allowance = Allowance { name: "events", count: 1200, per: MINUTE };

/// Counts an event from this address; a refusal is a ready answer.
pub(crate) async fn admit_event(state: &AppState, address: IpAddr) -> Result<(), Box<Response>> {
    let verdict = state.platform().limiter().take(&EVENTS, &format!("address:{}", household(address))).await;
    refuse_over(&EVENTS, verdict)
}

/// Counts this try; a refusal is a ready answer.
pub(crate) async fn admit(state: &AppState, caller: &Caller, rate: Rate) -> Result<(), Box<Response>> {
    let allowance = allowance(rate);
    let limiter = state.platform().limiter();
    let address = format!("address:{}", household(caller.request().address));
    refuse_over(&allowance, limiter.take(&allowance, &address).await)?;
    // Letters are counted per address alone: the reader of a mailbox is not the one who asks.
    if rate != Rate::Letters
        && let Some(account) = account(caller.actor())
    {
        refuse_over(&allowance, limiter.take(&allowance, &format!("account:{account}")).await)?;
    }
    Ok(())
}

fn allowance(rate: Rate) -> Allowance {
    match rate {
        Rate::SignIn => SIGN_IN,
        Rate::Letters => LETTERS,
        Rate::Write => WRITE,
        Rate::Meter => METER,
        Rate::Read => READ,
    }
}

fn account(actor: &Actor) -> Option<uuid::Uuid> {
    match actor {
        Actor::Nobody => None,
        Actor::HalfWay(half_way) => Some(half_way.user),
        Actor::Person(person) => Some(person.user),
        Actor::Impersonating(it) => Some(it.administrator),
    }
}

fn refuse_over(allowance: &Allowance, verdict: Verdict) -> Result<(), Box<Response>> {
    if verdict.allowed {
        return Ok(());
    }
    metrics::counter!("rate_limited_total", "rule" => allowance.name).increment(1);
    let wait = verdict.retry_after.unwrap_or(verdict.reset_after);
    let retry_after_s = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
    let mut response = refuse(AppError::TooManyRequests { retry_after_s });
    // draft-ietf-httpapi-ratelimit-headers: q is the quota, w its window, r what remains, t the seconds until more.
    let (name, window) = (allowance.name, allowance.per.as_secs());
    for (header, value) in [
        ("ratelimit-policy", format!("\"{name}\";q={};w={window}", verdict.limit)),
        ("ratelimit", format!("\"{name}\";r={};t={retry_after_s}", verdict.remaining)),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(header), value);
        }
    }
    Err(Box::new(response))
}
