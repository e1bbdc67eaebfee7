//! Who may try a password now, and who has to give work or patience first.
//!
//! Failures are counted by (account, network), so that a stranger elsewhere cannot lock the owner out; a browser in which
//! the owner has signed in before has a count of its own, so that a stranger in the same network cannot either. Addresses
//! without an account are counted like the others. Nobody is made to wait inside a request.

use std::time::Duration;

use uuid::Uuid;

use super::super::{
    Address,
    captcha::{self, Difficulty},
};
use crate::{
    AppError,
    access::{Anonymous, Grant, Network, Tx},
    audit::{self, Deed},
    platform::{
        Platform,
        strikes::{Count, Rule, Strikes},
    },
    sessions::known_devices,
};

const WINDOW: Duration = Duration::from_mins(15);

/// Wrong passwords for one account from one network, or from one known browser.
const PASSWORDS: Rule =
    Rule { name: "password", most: Some(5), window: WINDOW, lock: Duration::from_mins(5) };
/// Addresses that a network has tried in vain; one counts once.
const TRIED: Rule =
    Rule { name: "password-tried", most: None, window: Duration::from_hours(3), lock: Duration::ZERO };
/// How many different ones: who reuses lists of stolen passwords tries many accounts, each once or twice.
const ACCOUNTS: Rule = Rule { name: "password-accounts", ..TRIED };
/// From so many on a network is suspected.
const STUFFING: u32 = 15;

/// A try that was let through, and counts as a failure until it is known to be none.
pub(super) struct Admission {
    key: String,
    address: String,
    network: Network,
    /// Whether the browser is one in which the owner has signed in before.
    is_known: bool,
    strikes: u32,
}

/// Lets a try of a password through.
///
/// # Errors
/// [`AppError::TooManyRequests`] after five failures in a quarter of an hour, for five minutes;
/// [`AppError::CaptchaRequired`] before that, and wherever the network is under suspicion. A known browser is never asked.
pub(super) async fn admit(
    grant: &Grant<Anonymous>,
    address: &Address,
    captcha: Option<&str>,
) -> Result<Admission, AppError> {
    let platform = grant.platform();
    let request = grant.request();
    let network = request.network();
    let address = address.as_str().to_lowercase();
    let known = known_devices::of_address(platform, request, &address).await?;
    let key = match known {
        Some(device) => format!("device:{device}"),
        None => format!("{network}:{address}"),
    };
    let strikes = platform.strikes();
    refuse_locked(strikes.look(&PASSWORDS, &key).await)?;
    if known.is_none() {
        let asked = suspicion(platform, &network, &address).await;
        captcha::demand(platform, request, asked, captcha).await?;
    }
    let count = strikes.take(&PASSWORDS, &key).await;
    refuse_locked(count)?;
    Ok(Admission { key, address, network, is_known: known.is_some(), strikes: count.strikes })
}

fn refuse_locked(count: Count) -> Result<(), AppError> {
    let Some(wait) = count.locked_for else { return Ok(()) };
    metrics::counter!("sign_ins_locked_out_total").increment(1);
    let retry_after_s = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
    Err(AppError::TooManyRequests { retry_after_s })
}

/// A network that tries many accounts is asked for more at every one of them.
async fn suspicion(platform: &Platform, network: &Network, address: &str) -> Option<Difficulty> {
    let strikes = platform.strikes();
    let accounts = strikes.look(&ACCOUNTS, &network.to_string()).await.strikes;
    if accounts >= STUFFING.saturating_mul(strikes.factor()) {
        return Some(Difficulty::Raised);
    }
    captcha::suspicion(platform, network, Some(address)).await
}

impl Admission {
    /// The password was right.
    pub(super) async fn succeeded(&self, platform: &Platform) {
        platform.strikes().forgive(&PASSWORDS, &self.key).await;
    }

    /// Nobody got as far as looking at the password.
    pub(super) async fn was_none(&self, platform: &Platform) {
        platform.strikes().give_back(&PASSWORDS, &self.key).await;
    }

    /// The password was wrong, or nobody's: writes down a lock and a suspicion that began with it.
    pub(super) async fn failed(
        &self,
        tx: &mut Tx,
        platform: &Platform,
        user: Option<Uuid>,
    ) -> Result<(), AppError> {
        let strikes = platform.strikes();
        let network = self.network;
        if PASSWORDS.most.map(|most| most.saturating_mul(strikes.factor())) == Some(self.strikes) {
            audit::note(tx, Deed::LockedOut { user, network }).await?;
        }
        if self.is_known {
            return Ok(());
        }
        captcha::failed(platform, &network, &self.address).await;
        let accounts = self.different_accounts(strikes).await;
        if accounts == Some(STUFFING.saturating_mul(strikes.factor())) {
            metrics::counter!("stuffing_suspected_total").increment(1);
            audit::note(tx, Deed::StuffingSuspected { network, accounts: STUFFING }).await?;
        }
        Ok(())
    }

    /// How many accounts the network has tried, where this one is new among them.
    async fn different_accounts(&self, strikes: &Strikes) -> Option<u32> {
        let one = format!("{}:{}", self.network, self.address);
        if strikes.take(&TRIED, &one).await.strikes > 1 {
            return None;
        }
        Some(strikes.take(&ACCOUNTS, &self.network.to_string()).await.strikes)
    }
}
