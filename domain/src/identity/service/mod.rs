//! The rules of this room, one file per journey.

mod address;
mod bootstrap;
mod deletion;
mod export;
mod guard;
mod invitations;
mod letter_requests;
mod newcomer;
mod not_me;
mod notices;
mod password;
mod policy;
mod profile;
mod register;
mod shut_out;
mod sign_in;
mod step_up;
mod sweep;
mod way_in;

pub use address::{change_email, confirm_email, undo_email};
pub use bootstrap::{bootstrap, invite_first_administrator};
pub use deletion::{delete_account, delete_due, keep_account};
pub use export::{Download, MakeDataExport, SEALED_EXPORTS, data_export, download, export_data};
pub use invitations::{invitations, invite, revoke_invitation};
pub use letter_requests::{SEALED_REQUESTS, answer_letter_requests, answer_letter_requests_once};
pub(crate) use newcomer::{Newcomer, has_password, is_known, let_newcomer};
pub use not_me::disown_sign_in;
pub use notices::{
    FactorChange, InvoiceNews, PasskeyNews, ProviderNews, SiteNews, SpendNews, TokenNews,
    tell_administrators, tell_of_factor, tell_of_invoice, tell_of_passkeys, tell_of_provider, tell_of_spend,
    tell_of_tokens,
};
pub(crate) use notices::{Looking, tell_of_look};
pub use password::{change_password, forgot_password, reset_password};
pub use policy::{change_registration_policy, registration_notice, registration_policy};
pub use profile::{me, theme_at_the_door, time_zones, update_profile};
pub use register::{Registration, register, resend_verification, send_confirmation, verify_email};
pub(crate) use sign_in::{Door, FirstProof, Visit, enter, knock, let_in, open};
pub use sign_in::{Outcome, SignIn, sign_in};
pub use step_up::{step_up, step_up_needs};
pub use sweep::sweep;
pub(crate) use way_in::keep_way_in;

use std::time::Duration;

use super::captcha::{self, Challenge, Difficulty};
use crate::{
    AppError,
    access::{Anonymous, Grant, Purpose},
    platform::{Platform, limiter::Allowance},
};

/// Letters one address can be made to receive; more are silently not written, so that nobody's mailbox is flooded
/// and nobody learns why.
const LETTERS: Allowance = Allowance { name: "letters-to", count: 5, per: Duration::from_hours(1) };

/// Whether this address may get one more letter now.
async fn may_write_to(platform: &Platform, address: &str) -> bool {
    platform.limiter().take(&LETTERS, &address.to_lowercase()).await.allowed
}

/// Asks for a captcha where the network is under suspicion, whatever account it is about.
async fn ask_captcha(grant: &Grant<Anonymous>, given: Option<&str>) -> Result<(), AppError> {
    let platform = grant.platform();
    let network = grant.request().network();
    let asked = captcha::suspicion(platform, &network, None).await;
    captcha::demand(platform, grant.request(), asked, given).await
}

/// A challenge to be solved before a try is made: as hard as this network's next try would ask for.
///
/// # Errors
/// [`AppError::NotAllowed`] for another purpose.
pub async fn challenge(grant: &Grant<Anonymous>) -> Result<Challenge, AppError> {
    grant.demand(Purpose::SignIn)?;
    let network = grant.request().network();
    let asked = captcha::suspicion(grant.platform(), &network, None).await;
    Ok(captcha::issue(grant.platform(), &network, asked.unwrap_or(Difficulty::Normal)))
}

/// A password as a secret, for the hasher.
fn secret(password: &super::Password) -> secrecy::SecretString {
    secrecy::SecretString::from(password.reveal())
}

/// The account of a signed-in person; it can only be missing when it was deleted this very moment.
async fn own_account(
    grant: &crate::access::Grant<crate::access::Own>,
) -> Result<super::store::Account, AppError> {
    super::store::by_id(grant.platform().db(), grant.user()).await?.ok_or(AppError::SignInRequired)
}
