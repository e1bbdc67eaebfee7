//! When a captcha is asked: after some failures of a network for one account, or more of them for any.
//!
//! Counts in the limiter alone. The account is an address as it was typed, whether or not anybody has it.

use std::time::Duration;

use super::Difficulty;
use crate::access::Network;
use crate::platform::{Platform, limiter::Allowance};

const WINDOW: Duration = Duration::from_mins(15);

/// Failures of a network for one account after which it is asked.
const FOR_ACCOUNT: Allowance = Allowance { name: "captcha-account", count: 3, per: WINDOW };
/// Failures of a network for any account after which it is asked.
const FOR_NETWORK: Allowance = Allowance { name: "captcha-network", count: 10, per: WINDOW };

/// What a try of this network has to bring with it, if anything.
pub(in super::super) async fn suspicion(
    platform: &Platform,
    network: &Network,
    account: Option<&str>,
) -> Option<Difficulty> {
    let limiter = platform.limiter();
    if !limiter.look(&FOR_NETWORK, &network.to_string()).await.allowed {
        return Some(Difficulty::Raised);
    }
    let key = key(network, account?);
    // Not eased in development: this one is about a single account.
    (!limiter.exact().look(&FOR_ACCOUNT, &key).await.allowed).then_some(Difficulty::Normal)
}

/// Counts a failure.
pub(in super::super) async fn failed(platform: &Platform, network: &Network, account: &str) {
    let limiter = platform.limiter();
    limiter.take(&FOR_NETWORK, &network.to_string()).await;
    limiter.exact().take(&FOR_ACCOUNT, &key(network, account)).await;
}

fn key(network: &Network, account: &str) -> String {
    format!("{network} {}", account.to_lowercase())
}
