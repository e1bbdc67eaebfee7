//! The rules of this room, one file per journey.

mod bootstrap;
mod letter_requests;
mod notices;
mod password;
mod policy;
mod profile;
mod register;
mod sign_in;
mod sweep;

pub use bootstrap::{bootstrap, invite_first_administrator};
pub use letter_requests::{answer_letter_requests, answer_letter_requests_once};
pub use notices::{FactorChange, tell_of_factor};
pub use password::{change_password, forgot_password, reset_password};
pub use policy::{change_registration_policy, registration_policy};
pub use profile::{me, update_profile};
pub use register::{Registration, register, resend_verification, send_confirmation, verify_email};
pub use sign_in::{Outcome, SignIn, sign_in, step_up};
pub use sweep::sweep;

use std::time::Duration;

use crate::{
    AppError,
    access::{Anonymous, Grant},
    platform::limiter::Allowance,
};

/// Letters one address can be made to receive; more are silently not written, so that nobody's mailbox is flooded
/// and nobody learns why.
const LETTERS: Allowance = Allowance { name: "letters-to", count: 5, per: Duration::from_hours(1) };

/// Whether this address may get one more letter now.
async fn may_write_to(grant: &Grant<Anonymous>, address: &str) -> bool {
    grant.platform().limiter().take(&LETTERS, &address.to_lowercase()).await.allowed
}

/// A password as a secret, for the hasher.
fn secret(password: &super::Password) -> secrecy::SecretString {
    secrecy::SecretString::from(password.reveal())
}

/// The account of a signed-in person; it can only be missing when it was deleted this very moment.
async fn own_account(grant: &Grant<crate::access::Own>) -> Result<super::store::Account, AppError> {
    super::store::by_id(grant.platform().db(), grant.user()).await?.ok_or(AppError::SignInRequired)
}
