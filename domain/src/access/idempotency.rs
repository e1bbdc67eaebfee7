//! A request that comes twice is carried out once: keys that callers give their requests.
//!
//! A try claims the key, carries the request out and keeps its answer for a day. [`Tx::commit`] marks the key in the same
//! transaction as whatever the request does, and only for the try that still has the claim. So a try that was given up on,
//! because its process ended or its time was over, either has done nothing, and the next one may; or it has done
//! everything, and the next one is told so.
//!
//! [`Tx::commit`]: super::Tx::commit

use std::time::Duration;

use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Actor, Caller};
use crate::{
    AppError, FieldIssue, FieldProblem,
    platform::{Platform, log::WhileDoing, vault::Column},
};

/// The header.
pub const HEADER: &str = "Idempotency-Key";
/// How long a key is known.
pub const KEPT_FOR: Duration = Duration::from_hours(24);
/// How long a try may take; longer than any request does.
const CLAIMED_FOR: Duration = Duration::from_mins(2);
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
#[derive(Debug)]
pub enum Known {
    /// Nothing: it shall be carried out now.
    New(Claim),
    /// It was carried out, and this is its answer, as it was given to [`keep`].
    Answered(Vec<u8>),
}

/// Claims a key for a request. `None` for a caller who is nobody yet: a key of theirs would be everybody's.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no key; [`AppError::IdempotencyMismatch`] for a key of another request;
/// [`AppError::Conflict`] while it is carried out, or when its answer was lost.
pub async fn claim(caller: &Caller, key: &str, request: &[&[u8]]) -> Result<Option<Known>, AppError> {
    let Actor::Person(person) = caller.actor() else { return Ok(None) };
    if key.is_empty() || key.len() > CHARACTERS || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(AppError::invalid(HEADER, FieldIssue::Unreadable));
    }
    let platform = caller.platform();
    let asked = Asked { user: person.user, key: hash(&[key.as_bytes()]), request: hash(request) };
    // Between the two looks a try may have been given up; then there is nothing to see, and the key is free.
    for _ in 0..2 {
        if let Some(claim) = take(platform, &asked).await? {
            return Ok(Some(Known::New(claim)));
        }
        if let Some(found) = look(platform, &asked).await? {
            return found.known(platform, &asked).map(Some);
        }
    }
    Err(conflict(FieldIssue::StillRunning))
}

/// Keeps the answer of a try. When that fails the request is done all the same, and whoever repeats it is told that.
pub async fn keep(caller: &Caller, claim: Claim, answer: &[u8]) -> Result<(), AppError> {
    let platform = caller.platform();
    let sealed = platform.vault().seal(PURPOSE, claim.0, answer);
    sqlx::query!("UPDATE idempotency_keys SET sealed = $2 WHERE claim = $1", claim.0, sealed)
        .execute(platform.db())
        .await
        .while_doing("keeping the answer to a request with a key")?;
    Ok(())
}

/// Gives a key back after a try that has done nothing; answers `false` when it has done something.
pub async fn give_back(caller: &Caller, claim: Claim) -> Result<bool, AppError> {
    let done = sqlx::query!("DELETE FROM idempotency_keys WHERE claim = $1 AND NOT took_effect", claim.0)
        .execute(caller.platform().db())
        .await
        .while_doing("giving a key back")?;
    Ok(done.rows_affected() == 1)
}

/// Marks the key inside the transaction that does something.
///
/// # Errors
/// [`AppError::Conflict`] for a try whose time is over, and whose place another one has taken.
pub(super) async fn take_effect(conn: &mut PgConnection, claim: Claim) -> Result<(), AppError> {
    let done = sqlx::query!("UPDATE idempotency_keys SET took_effect = true WHERE claim = $1", claim.0)
        .execute(conn)
        .await
        .while_doing("marking a key")?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(conflict(FieldIssue::StillRunning)) }
}

/// Forgets keys after a day. Safe to run on every replica at once.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    let old = platform.now() - KEPT_FOR;
    let done = sqlx::query!("DELETE FROM idempotency_keys WHERE created_at <= $1", old.get())
        .execute(platform.db())
        .await
        .while_doing("forgetting keys of requests")?;
    Ok(done.rows_affected())
}

struct Asked {
    user: Uuid,
    key: [u8; 32],
    request: [u8; 32],
}

struct Found {
    request_hash: Vec<u8>,
    claim: Uuid,
    is_running: bool,
    sealed: Option<Vec<u8>>,
}

impl Found {
    fn known(self, platform: &Platform, asked: &Asked) -> Result<Known, AppError> {
        if self.request_hash != asked.request {
            return Err(AppError::IdempotencyMismatch);
        }
        match self.sealed {
            Some(sealed) => {
                let answer = platform.vault().open(PURPOSE, self.claim, &sealed);
                let answer = answer.while_doing("opening the answer to a request with a key")?;
                Ok(Known::Answered(answer.to_vec()))
            }
            None if self.is_running => Err(conflict(FieldIssue::StillRunning)),
            None => Err(conflict(FieldIssue::AnswerLost)),
        }
    }
}

/// A key that is new, a day old, or whose last try is over and has done nothing.
async fn take(platform: &Platform, asked: &Asked) -> Result<Option<Claim>, AppError> {
    let (claim, now) = (Claim(platform.new_id()), platform.now());
    let done = sqlx::query!(
        "INSERT INTO idempotency_keys AS known (user_id, key_hash, request_hash, claim, claimed_until, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (user_id, key_hash) DO UPDATE
         SET request_hash = $3, claim = $4, claimed_until = $5, created_at = $6, took_effect = false, sealed = NULL
         WHERE known.created_at <= $7
            OR (known.request_hash = $3 AND NOT known.took_effect AND known.sealed IS NULL AND known.claimed_until <= $6)",
        asked.user,
        &asked.key[..],
        &asked.request[..],
        claim.0,
        (now + CLAIMED_FOR).get(),
        now.get(),
        (now - KEPT_FOR).get(),
    )
    .execute(platform.db())
    .await
    .while_doing("claiming a key")?;
    Ok((done.rows_affected() == 1).then_some(claim))
}

async fn look(platform: &Platform, asked: &Asked) -> Result<Option<Found>, AppError> {
    sqlx::query_as!(
        Found,
        r#"SELECT request_hash, claim, claimed_until > $3 AS "is_running!", sealed
           FROM idempotency_keys WHERE user_id = $1 AND key_hash = $2"#,
        asked.user,
        &asked.key[..],
        platform.now().get(),
    )
    .fetch_optional(platform.db())
    .await
    .while_doing("looking at a key")
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
