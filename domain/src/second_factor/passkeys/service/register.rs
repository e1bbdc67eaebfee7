//! Adds a passkey to an account.

use super::{
    super::{
        super::{Ceremony, Passkey, PasskeyAdded, PasskeyName, service as factor},
        relying_party::{self, NewAnswer},
        store::{self, NewPasskey, Purpose},
    },
    Bound, begin, take,
};
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::{Grant, SteppedUp},
    audit::{self, Deed},
    identity::service::{self as identity, PasskeyNews},
    sessions::{self, NewSession, known_devices},
};

/// How many passkeys an account can have: enough for every device of a person, and few enough to be looked through.
pub const MOST: u32 = 20;

/// Asks the browser of the caller for a new passkey. Devices that hold one of the account already are left out.
///
/// # Errors
/// [`AppError::Conflict`] where there are as many as there can be, or the site has no name.
pub async fn start(grant: &Grant<SteppedUp>) -> Result<Ceremony, AppError> {
    let platform = grant.platform();
    let user = grant.user();
    let site = relying_party::site(platform)?;
    let viewer = identity::me(&grant.own()).await?;
    let existing = store::credential_ids(platform.db(), user).await?;
    refuse_too_many(existing.len())?;
    let called = if viewer.display_name.is_empty() { &viewer.email } else { &viewer.display_name };
    let question = relying_party::ask_for_new(&site, user, &viewer.email, called, existing)?;
    let mut tx = grant.begin().await?;
    let session = grant.person().session;
    let ceremony = begin(&mut tx, platform, &Bound::to_id(Purpose::Register, &session), question).await?;
    tx.commit().await?;
    Ok(ceremony)
}

/// Keeps a new passkey. The session gets a new secret; where it is the first second factor of the account, there are
/// recovery codes as well.
///
/// # Errors
/// [`AppError::PasskeyRefused`]; [`AppError::Conflict`] for one that is kept already, or one too many.
pub async fn finish(
    grant: &Grant<SteppedUp>,
    ceremony: &str,
    credential: &str,
    name: &str,
) -> Result<(PasskeyAdded, NewSession), AppError> {
    let platform = grant.platform();
    let (user, session) = (grant.user(), grant.person().session);
    let answer = NewAnswer::read("credential", credential)?;
    let name = named(grant, name)?;
    let mut tx = grant.begin().await?;
    // Of two that are added at once each counts the other; and whoever signs in meanwhile is before this or after.
    let held = sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let state = take(&mut tx, &Bound::to_id(Purpose::Register, &session), ceremony, platform.now()).await?;
    let made = match relying_party::check_new(&relying_party::site(platform)?, &answer, state) {
        Ok(made) => made,
        Err(refused) => {
            // The ceremony is used up either way.
            tx.commit().await?;
            return Err(refused);
        }
    };
    refuse_too_many(usize::try_from(store::count(tx.conn(), user).await?).unwrap_or(usize::MAX))?;
    let passkey = Passkey {
        id: platform.new_id(),
        name: name.as_str().to_owned(),
        created_at: platform.now(),
        last_used_at: None,
        suspected_at: None,
    };
    let row = NewPasskey {
        id: passkey.id,
        user,
        credential_id: &made.credential_id,
        credential: &made.credential,
        name: name.as_str(),
        now: passkey.created_at,
    };
    if !store::insert(tx.conn(), &row).await? {
        return Err(conflict(FieldIssue::AlreadyDone));
    }
    let recovery_codes =
        if held.second_factor { None } else { Some(factor::first_codes(&mut tx, user).await?) };
    known_devices::distrust_all(&mut tx, user).await?;
    let session = sessions::service::renew(&mut tx, platform, session).await?;
    identity::tell_of_passkeys(&mut tx, platform, user, PasskeyNews::Added).await?;
    audit::note(&mut tx, Deed::PasskeyAdded { user, passkey: passkey.id }).await?;
    tx.commit().await?;
    Ok((PasskeyAdded { passkey, recovery_codes }, session))
}

/// What was typed, or the browser it is made in.
fn named(grant: &Grant<SteppedUp>, typed: &str) -> Result<PasskeyName, AppError> {
    if typed.trim().is_empty() {
        return Ok(PasskeyName::of_device(&sessions::describe(&grant.request().user_agent)));
    }
    PasskeyName::parse(typed).map_err(|issue| AppError::invalid("name", issue))
}

fn refuse_too_many(count: usize) -> Result<(), AppError> {
    if count < MOST as usize { Ok(()) } else { Err(conflict(FieldIssue::TooMany { max: MOST })) }
}

fn conflict(issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new("passkey", issue)] }
}
