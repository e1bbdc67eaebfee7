//! A request that comes twice is carried out once: keys that callers give their requests.
//!
//! A try claims the key, carries the request out and keeps its answer for a day. [`Tx::commit`] marks the key in the same
//! transaction as what the request does first, and only for the try that still has the claim. So of a try that was given
//! up on, because its process ended or its time was over, it is known whether it has begun to do something: if not, the
//! next one may; if so, the next one is told.
//!
//! A key belongs to the session, family or token that it came with. Whoever is in the same account by another door sees
//! nobody's answers.
//!
//! [`Tx::commit`]: super::Tx::commit

mod store;

use std::{fmt, time::Duration};

use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use self::store::{Asked, Found, Times};
use super::{Actor, Caller};
use crate::{
    AppError, FieldIssue, FieldProblem,
    platform::{Platform, log::WhileDoing, vault::Column},
};

/// The header.
pub const HEADER: &str = "Idempotency-Key";
/// How long a key is known.
pub const KEPT_FOR: Duration = Duration::from_hours(24);
/// How long a try may take; longer than `http.request_timeout` lets it, unless an operator says otherwise: then a second
/// try may be let in beside the first, which can do nothing any more.
const CLAIMED_FOR: Duration = Duration::from_mins(2);
/// How many keys of a day an account can have.
pub const MOST: i64 = 1000;
/// When somebody with too many may try again.
const RETRY_AFTER_S: u32 = 600;
/// The longest key.
const CHARACTERS: usize = 255;
/// What the vault seals answers for.
const PURPOSE: &str = "idempotent-answer";
/// Where answers are sealed.
pub const SEALED: Column = Column { table: "idempotency_keys", record: "claim", purpose: PURPOSE };

/// One try to carry out a request with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim(Uuid);

/// What is known of a request with a key.
pub enum Known {
    /// Nothing: it shall be carried out now.
    New(Claim),
    /// It was carried out, and this is its answer, as it was given to [`keep`].
    Answered(Vec<u8>),
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New(_) => "New",
            // It may hold a secret that is shown once.
            Self::Answered(_) => "Answered",
        })
    }
}

/// Claims a key for a request. `None` for a caller who is nobody yet: a key of theirs would be everybody's.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no key; [`AppError::IdempotencyMismatch`] for a key of another request;
/// [`AppError::Conflict`] while it is carried out, or when its answer was lost; [`AppError::TooManyRequests`] for an account
/// with [`MOST`] keys.
pub async fn claim(caller: &Caller, key: &str, request: &[&[u8]]) -> Result<Option<Known>, AppError> {
    let Actor::Person(person) = caller.actor() else { return Ok(None) };
    if key.is_empty() || key.len() > CHARACTERS || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(AppError::invalid(HEADER, FieldIssue::Unreadable));
    }
    let platform = caller.platform();
    let key = hash(&[person.session.as_bytes(), key.as_bytes()]);
    let asked = Asked { user: person.user, key, request: hash(request) };
    let now = platform.now();
    let times = Times { now, until: now + CLAIMED_FOR, old: now - KEPT_FOR };
    // Between the two looks a try may have been given up; then there is nothing to see, and the key is free.
    for _ in 0..2 {
        let claim = platform.new_id();
        if store::take(platform.db(), &asked, claim, &times, MOST).await? {
            return Ok(Some(Known::New(Claim(claim))));
        }
        if let Some(found) = store::find(platform.db(), &asked, now).await? {
            return known(platform, &asked, found).map(Some);
        }
    }
    if store::is_full(platform.db(), asked.user, MOST).await? {
        return Err(AppError::TooManyRequests { retry_after_s: RETRY_AFTER_S });
    }
    Err(conflict(FieldIssue::StillRunning))
}

fn known(platform: &Platform, asked: &Asked, found: Found) -> Result<Known, AppError> {
    if found.request_hash != asked.request {
        return Err(AppError::IdempotencyMismatch);
    }
    match found.sealed {
        Some(sealed) => {
            let answer = platform.vault().open(PURPOSE, found.claim, &sealed);
            let answer = answer.while_doing("opening the answer to a request with a key")?;
            Ok(Known::Answered(answer.to_vec()))
        }
        None if found.is_running => Err(conflict(FieldIssue::StillRunning)),
        None => Err(conflict(FieldIssue::AnswerLost)),
    }
}

/// Keeps the answer of a try. When that fails the request is done all the same, and whoever repeats it is told that.
pub async fn keep(caller: &Caller, claim: Claim, answer: &[u8]) -> Result<(), AppError> {
    let sealed = caller.platform().vault().seal(PURPOSE, claim.0, answer);
    store::keep(caller.platform().db(), claim.0, &sealed).await
}

/// Gives a key back after a try that has done nothing; one that has done something stays.
pub async fn give_back(caller: &Caller, claim: Claim) -> Result<(), AppError> {
    store::give_back(caller.platform().db(), claim.0).await
}

/// Marks the key inside the transaction that does something.
///
/// # Errors
/// [`AppError::Conflict`] for a try whose time is over, and whose place another one has taken.
pub(super) async fn take_effect(conn: &mut PgConnection, claim: Claim) -> Result<(), AppError> {
    if store::take_effect(conn, claim.0).await? { Ok(()) } else { Err(conflict(FieldIssue::StillRunning)) }
}

/// Forgets keys after a day. Safe to run on every replica at once.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    store::sweep(platform.db(), platform.now() - KEPT_FOR).await
}

/// Each part with its length, so that none can pretend to be two.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn conflict(issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new(HEADER, issue)] }
}
