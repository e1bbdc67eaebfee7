//! The rules of passkeys: what begins a ceremony, what ends it, and what follows.

mod manage;
mod register;
mod second_factor;
mod sign_in;
mod step_up;

use std::time::Duration;

use uuid::Uuid;

pub(in crate::second_factor) use self::manage::of_account;
pub use self::{
    manage::{list, remove, rename, take_away_newer},
    register::{MOST, finish, start},
    second_factor::{begin_second_factor, finish_second_factor},
    sign_in::{PasskeySignIn, begin_sign_in, sign_in},
    step_up::{begin_step_up, step_up},
};
use super::{
    super::Ceremony,
    relying_party::{self, Answer, Question, Verdict},
    store::{self, NewCeremony, Purpose},
};
use crate::{
    AppError, Timestamp,
    access::Tx,
    audit::{self, Deed},
    identity::service::{self as identity, PasskeyNews},
    platform::{Platform, random::TokenHash},
};

/// How long a browser may take to answer; the time that browsers give their own dialog (WebAuthn §15.1).
pub const CEREMONY_LIFETIME: Duration = Duration::from_mins(5);

/// A ceremony and who alone may end it.
struct Bound<'a> {
    purpose: Purpose,
    to: &'a [u8],
}

impl<'a> Bound<'a> {
    /// To a session, or to a sign-in that waits.
    fn to_id(purpose: Purpose, id: &'a Uuid) -> Self {
        Self { purpose, to: id.as_bytes() }
    }

    /// To a browser in which nobody is signed in yet.
    fn to_browser(browser: &'a TokenHash) -> Self {
        Self { purpose: Purpose::SignIn, to: &browser.0 }
    }
}

/// Remembers what was asked, and says what to ask.
async fn begin(
    tx: &mut Tx,
    platform: &Platform,
    bound: &Bound<'_>,
    question: Question,
) -> Result<Ceremony, AppError> {
    let Question { options, state } = question;
    let (id, now) = (platform.new_id(), platform.now());
    let ceremony = NewCeremony {
        id,
        purpose: bound.purpose,
        bound_to: bound.to,
        state: &state,
        now,
        expires_at: now + CEREMONY_LIFETIME,
    };
    store::put_ceremony(tx.conn(), &ceremony).await?;
    Ok(Ceremony { ceremony: id, public_key: options })
}

/// What a browser sends back.
struct Reply<'a> {
    ceremony: &'a str,
    answer: &'a Answer,
}

/// Takes the ceremony and checks the answer of one of the account's passkeys. The account is held by the caller, who also
/// commits what is refused: a ceremony is used up either way.
///
/// # Errors
/// [`AppError::PasskeyRefused`] for everything that is not right.
async fn prove(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    bound: &Bound<'_>,
    reply: &Reply<'_>,
) -> Result<(), AppError> {
    let now = platform.now();
    let state = take(tx, bound, reply.ceremony, now).await?;
    if reply.answer.names_another_than(user) {
        return Err(AppError::PasskeyRefused);
    }
    let passkey = store::lock(tx.conn(), user, reply.answer.credential_id()).await?;
    let passkey = passkey.ok_or(AppError::PasskeyRefused)?;
    let site = relying_party::site(platform)?;
    match relying_party::check(&site, reply.answer, state, passkey.credential)? {
        Verdict::Right(credential) => store::note_use(tx.conn(), passkey.id, &credential, now).await,
        Verdict::Wrong => Err(AppError::PasskeyRefused),
        Verdict::CounterWentBack => {
            store::suspect(tx.conn(), passkey.id, now).await?;
            // Once: whoever tries on and on does not fill a mailbox.
            if !passkey.suspected {
                identity::tell_of_passkeys(tx, platform, user, PasskeyNews::Suspected).await?;
            }
            audit::note(tx, Deed::PasskeySuspected { user, passkey: passkey.id }).await?;
            Err(AppError::PasskeyRefused)
        }
    }
}

/// Takes a ceremony by the id that came back; one that was never begun, is used up, late or somebody else's is none.
async fn take(
    tx: &mut Tx,
    bound: &Bound<'_>,
    ceremony: &str,
    now: Timestamp,
) -> Result<serde_json::Value, AppError> {
    let id = ceremony.parse().map_err(|_| AppError::PasskeyRefused)?;
    let state = store::take_ceremony(tx.conn(), id, bound.purpose, bound.to, now).await?;
    state.ok_or(AppError::PasskeyRefused)
}

/// Forgets ceremonies that nobody ended. Safe to run on every replica at once.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    store::sweep(platform.db(), platform.now()).await
}

/// Whether passkeys can be added here at all.
pub(in crate::second_factor) fn is_possible(platform: &Platform) -> bool {
    relying_party::is_possible(platform)
}

/// Whether a passkey signs the owner of an account in. The account is held by the caller.
pub(crate) async fn is_way_in(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<bool, AppError> {
    Ok(is_possible(platform) && store::count(tx.conn(), user).await? > 0)
}

/// How many passkeys an account has.
pub(in crate::second_factor) async fn count(platform: &Platform, user: Uuid) -> Result<i64, AppError> {
    store::count(platform.db(), user).await
}

/// Removes every passkey of an account, inside the transaction that gives the reason and tells its owner. Answers whether
/// there were any.
pub(in crate::second_factor) async fn remove_all(tx: &mut Tx, user: Uuid) -> Result<bool, AppError> {
    Ok(!store::remove_since(tx.conn(), user, None).await?.is_empty())
}
