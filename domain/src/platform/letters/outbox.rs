//! Letters in the database: put there by a room, taken by a worker, and closed by the one who took them last.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{
    DeliveryProblem, Letter, Parcel,
    message::{Unwritable, one_line, read_address},
};
use crate::{
    AppError, Timestamp,
    access::Tx,
    platform::{
        Platform, bell,
        log::{Cause, WhileDoing as _},
        random,
        vault::Column,
    },
};

/// The channel that wakes the workers.
pub(super) const CHANNEL: &str = "letters";
/// What a sealed letter is sealed for.
const PURPOSE: &str = "letter";
/// Where letters are sealed.
pub const SEALED: Column = Column { table: "letters", record: "id", purpose: PURPOSE };
/// How long a worker may take before another one may take the letter.
const LEASE: Duration = Duration::from_mins(2);
/// How long a letter is tried at all; its links have expired by then.
const LIFETIME: Duration = Duration::from_hours(24);
/// How long it is remembered that a letter was sent, without its contents.
const MEMORY: Duration = Duration::from_hours(24 * 30);
/// The wait after the first failure; it doubles up to an hour.
const FIRST_WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// What is sealed.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Contents {
    pub(crate) to: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contents(***)")
    }
}

/// A letter that belongs to this worker until the lease ends.
pub(super) struct Taken {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) created_at: Timestamp,
    pub(super) attempts: i32,
    epoch: i64,
    sealed: Vec<u8>,
}

/// Puts a letter into the outbox; it leaves when the transaction is committed.
///
/// # Errors
/// [`AppError::Internal`] when address or subject could inject a header: the room should have refused them.
/// [`AppError::Busy`] while the database is away.
pub async fn put(platform: &Platform, tx: &mut Tx, letter: Letter) -> Result<Uuid, AppError> {
    let Letter { to, kind, subject, text, html } = letter;
    read_address(&to).and_then(|_| one_line(&subject)).while_doing("writing a letter")?;
    let id = platform.new_id();
    let contents = Contents { to, subject, text, html };
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(&contents).unwrap_or_default());
    let sealed = platform.vault().seal(PURPOSE, id, &plain);
    sqlx::query!(
        "INSERT INTO letters (id, kind, sealed, next_attempt_at, created_at) VALUES ($1, $2, $3, $4, $4)",
        id,
        kind,
        sealed,
        platform.now().get(),
    )
    .execute(tx.conn())
    .await
    .while_doing("putting a letter into the outbox")?;
    bell::ring(tx.conn(), CHANNEL).await?;
    Ok(id)
}

/// How many letters wait to be delivered.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn depth(platform: &Platform) -> Result<u64, AppError> {
    let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM letters WHERE state = 'waiting'"#)
        .fetch_one(platform.db())
        .await
        .while_doing("counting waiting letters")?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Takes the letter that is due the longest, if there is one.
pub(super) async fn take(platform: &Platform) -> Result<Option<Taken>, AppError> {
    let now = platform.now();
    sqlx::query!(
        r#"UPDATE letters SET attempts = attempts + 1, epoch = epoch + 1, lease_until = $2
           WHERE id = (
               SELECT id FROM letters
               WHERE state = 'waiting' AND next_attempt_at <= $1
                   AND (lease_until IS NULL OR lease_until <= $1)
               ORDER BY next_attempt_at
               FOR UPDATE SKIP LOCKED
               LIMIT 1
           )
           RETURNING id, kind, created_at, attempts, epoch, sealed"#,
        now.get(),
        (now + LEASE).get(),
    )
    .fetch_optional(platform.db())
    .await
    .while_doing("taking a letter")
    .map(|row| {
        row.map(|row| Taken {
            id: row.id,
            kind: row.kind,
            created_at: row.created_at.into(),
            attempts: row.attempts,
            epoch: row.epoch,
            sealed: row.sealed,
        })
    })
}

impl Taken {
    /// Opens the letter.
    pub(super) fn open(&self, platform: &Platform) -> Result<Parcel, DeliveryProblem> {
        // A missing key may be put back into the ring, so the letter waits for it.
        let plain = platform
            .vault()
            .open(PURPOSE, self.id, &self.sealed)
            .map_err(|problem| DeliveryProblem::Later(problem.to_string()))?;
        let contents =
            serde_json::from_slice(&plain).map_err(|_| DeliveryProblem::Never("unreadable letter".into()))?;
        Ok(Parcel { id: self.id, written_at: self.created_at, kind: self.kind.clone(), contents })
    }

    /// Notes that the letter has left, and forgets what it said. `false` when another worker has taken it
    /// since.
    pub(super) async fn note_sent(&self, platform: &Platform) -> Result<bool, AppError> {
        let done = sqlx::query!(
            "UPDATE letters SET
                 state = 'sent', sent_at = $3, sealed = '', lease_until = NULL, last_problem = NULL
             WHERE id = $1 AND epoch = $2 AND state = 'waiting'",
            self.id,
            self.epoch,
            platform.now().get(),
        )
        .execute(platform.db())
        .await
        .while_doing("noting that a letter has left")?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes why the letter has not left, and when it is tried again, if ever.
    pub(super) async fn note_problem(
        &self,
        platform: &Platform,
        problem: &DeliveryProblem,
    ) -> Result<Next, AppError> {
        let now = platform.now();
        let again_at = now + wait_after(self.attempts);
        let is_over = matches!(problem, DeliveryProblem::Never(_)) || again_at - self.created_at > LIFETIME;
        sqlx::query!(
            "UPDATE letters SET
                 state = CASE WHEN $3 THEN 'failed' ELSE state END,
                 sealed = CASE WHEN $3 THEN ''::bytea ELSE sealed END,
                 next_attempt_at = $4, lease_until = NULL, last_problem = $5
             WHERE id = $1 AND epoch = $2 AND state = 'waiting'",
            self.id,
            self.epoch,
            is_over,
            again_at.get(),
            problem.code(),
        )
        .execute(platform.db())
        .await
        .while_doing("noting why a letter has not left")?;
        Ok(if is_over { Next::GivenUp } else { Next::At(again_at) })
    }
}

/// What happens to a letter that has not left.
pub(super) enum Next {
    At(Timestamp),
    GivenUp,
}

/// To whom a waiting letter goes; `None` when it cannot be opened.
pub(super) fn recipient(platform: &Platform, id: Uuid, sealed: &[u8]) -> Option<String> {
    let plain = platform.vault().open(PURPOSE, id, sealed).ok()?;
    let contents: Contents = serde_json::from_slice(&plain).ok()?;
    Some(contents.to.clone())
}

/// Forgets letters that were closed a month ago. Returns how many.
pub(super) async fn forget_old(platform: &Platform) -> Result<u64, AppError> {
    let before = platform.now() - MEMORY;
    sqlx::query!("DELETE FROM letters WHERE state <> 'waiting' AND created_at < $1", before.get())
        .execute(platform.db())
        .await
        .while_doing("forgetting old letters")
        .map(|done| done.rows_affected())
}

impl Cause for Unwritable {
    fn passes(&self) -> bool {
        false
    }
}

/// Doubles with each attempt, and is up to a fifth shorter by chance, so that letters that failed together do
/// not come back together.
fn wait_after(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    let wait = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
    let [chance] = random::bytes::<1>();
    wait.saturating_sub(wait / 5 * u32::from(chance) / 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_an_hour_and_varies_by_a_fifth() {
        for (attempts, longest) in [(1, 10), (2, 20), (5, 160), (9, 2560), (10, 3600), (100, 3600)] {
            let longest = Duration::from_secs(longest);
            for _ in 0..100 {
                let wait = wait_after(attempts);
                assert!(wait <= longest && wait >= longest * 4 / 5, "{wait:?} after {attempts}");
            }
        }
    }
}
