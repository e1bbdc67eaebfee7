//! One worker's turn at an operation, and what a room says of its kind of work.

use std::{pin::Pin, time::Duration};

use uuid::Uuid;

use super::super::{
    OperationEvent, OperationFailure,
    store::{self, NewEntry, Taken},
};
use crate::{
    AppError,
    access::{Grant, System, Tx},
    audit::{self, Deed},
    platform::Platform,
};

/// How long a turn lasts unless it is extended; after so long without a sign another worker takes the operation.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// How often a turn is extended.
const BEAT: Duration = Duration::from_secs(10);
/// How often a step is begun, by itself, before the operation fails.
pub(super) const MOST_ATTEMPTS: i32 = 5;
/// The wait after the first failure of a step; it is four times as long after each further one, up to an hour.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// The kinds of work that a process knows.
pub type Works = &'static [&'static dyn Work];

/// A step that is under way.
pub type Doing<'a> = Pin<Box<dyn Future<Output = Result<Done, Trouble>> + Send + 'a>>;

/// One kind of operation.
///
/// A step may be begun again after it was interrupted anywhere, also by another process while the first one still
/// believes to be at it. So what it does outside of the database it names after the operation and the step, and what it does
/// inside it does in the transaction of [`Turn::finish`].
pub trait Work: Send + Sync {
    /// Its stable name, such as `data-export`.
    fn kind(&self) -> &'static str;

    /// The stable names of its steps, in their order. Operations that were asked for keep the steps of their time.
    fn steps(&self) -> &'static [&'static str];

    /// Does one step.
    fn step<'a>(&'a self, turn: &'a Turn, step: &'a str) -> Doing<'a>;

    /// Clears away whatever the steps may have done, finished or not.
    fn undo<'a>(&'a self, turn: &'a Turn) -> Doing<'a>;
}

/// Why a step did not come to its end.
#[derive(Debug)]
pub enum Trouble {
    /// The operation belongs to somebody else by now, was cancelled, or is gone. Nothing is left to be done.
    Lost,
    /// It failed. The cause is in the log.
    Failed(AppError),
}

impl From<AppError> for Trouble {
    fn from(error: AppError) -> Self {
        Self::Failed(error)
    }
}

/// A transaction in which a step is noted as done, and that waits for its effect. Only a turn makes one.
pub struct Done {
    tx: Tx,
}

impl Done {
    /// The transaction, for the effect of the step.
    pub fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }
}

/// What a worker is at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    Step,
    Undo,
}

/// A worker's turn at an operation.
pub struct Turn {
    platform: Platform,
    operation: Uuid,
    kind: String,
    user: Uuid,
    subject: Uuid,
    steps: Vec<String>,
    step: usize,
    attempt: i32,
    epoch: i64,
    aim: Aim,
}

impl Turn {
    pub(super) fn of(platform: &Platform, taken: Taken) -> Self {
        Self {
            platform: platform.clone(),
            operation: taken.id,
            kind: taken.kind,
            user: taken.user_id,
            subject: taken.subject,
            steps: taken.steps,
            step: usize::try_from(taken.step).unwrap_or_default(),
            attempt: taken.attempt,
            epoch: taken.epoch,
            aim: if taken.is_cancelling { Aim::Undo } else { Aim::Step },
        }
    }

    /// The hands to the outside.
    pub(crate) fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The operation.
    #[must_use]
    pub fn operation(&self) -> Uuid {
        self.operation
    }

    /// Who asked for it.
    #[must_use]
    pub fn user(&self) -> Uuid {
        self.user
    }

    /// What it is done to.
    #[must_use]
    pub fn subject(&self) -> Uuid {
        self.subject
    }

    /// The step, where a step is to be done.
    fn present(&self) -> Option<&str> {
        let step = self.steps.get(self.step).map(String::as_str);
        step.filter(|_| self.aim == Aim::Step)
    }

    /// Begins the transaction in which the step ends. It holds the operation, so that nobody else finishes the same step, or
    /// cancels it, until it is committed or given up.
    ///
    /// # Errors
    /// [`Trouble::Lost`] when the operation is not this worker's any more.
    pub async fn finish(&self) -> Result<Done, Trouble> {
        let now = self.platform.now();
        let mut tx = self.begin().await?;
        let is_ours = match self.aim {
            Aim::Step => store::finish(tx.conn(), self.operation, self.epoch, now, now + LEASE).await?,
            Aim::Undo => store::finish_undo(tx.conn(), self.operation, self.epoch, now).await?,
        };
        if !is_ours {
            return Err(Trouble::Lost);
        }
        let event = if self.aim == Aim::Undo { OperationEvent::Cancelled } else { OperationEvent::Done };
        self.log(&mut tx, event, self.present(), self.attempt).await?;
        if let Some(next) = self.steps.get(self.step + 1).filter(|_| self.aim == Aim::Step) {
            self.log(&mut tx, OperationEvent::Begun, Some(next), 1).await?;
        }
        Ok(Done { tx })
    }

    /// Does what there is to do, and commits it. Answers whether more is to be done.
    pub(super) async fn once(&self, work: &dyn Work) -> Result<bool, Trouble> {
        let doing = async {
            let mut done = match self.present() {
                Some(step) => work.step(self, step).await?,
                None => work.undo(self).await?,
            };
            if self.aim == Aim::Undo {
                let (user, operation, kind) = (self.user, self.operation, self.kind.clone());
                audit::note(done.tx(), Deed::OperationCancelled { user, operation, kind }).await?;
            }
            done.tx.commit().await?;
            Ok(self.aim == Aim::Step && self.step + 1 < self.steps.len())
        };
        tokio::select! {
            outcome = doing => outcome,
            () = self.keep() => Err(Trouble::Lost),
        }
    }

    /// The turn at the next step.
    pub(super) fn next(self) -> Self {
        Self { step: self.step + 1, attempt: 1, ..self }
    }

    /// Whether this version knows what to do.
    pub(super) fn is_known(&self, work: &dyn Work) -> bool {
        self.present().is_none_or(|step| work.steps().contains(&step))
    }

    /// Extends the turn until somebody else has it.
    async fn keep(&self) {
        loop {
            tokio::time::sleep(BEAT).await;
            let until = self.platform.now() + LEASE;
            // While the database is away nobody else can take it either.
            let kept = store::extend(self.platform.db(), self.operation, self.epoch, until).await;
            if kept == Ok(false) {
                return;
            }
        }
    }

    /// Notes that the step was begun; fails the operation where it was begun too often and never came back. Answers whether
    /// it goes on.
    pub(super) async fn note_begun(&self, tx: &mut Tx) -> Result<bool, AppError> {
        if self.aim == Aim::Step && self.attempt > MOST_ATTEMPTS {
            self.fail(tx, OperationFailure::Interrupted).await?;
            return Ok(false);
        }
        self.log(tx, OperationEvent::Begun, self.present(), self.attempt).await?;
        Ok(true)
    }

    /// Notes that the step failed: it is tried again after a while, or the operation has failed.
    pub(super) async fn note_problem(&self, error: &AppError) -> Result<(), AppError> {
        let failure = match error {
            AppError::Busy { .. } => OperationFailure::Busy,
            _ => OperationFailure::Internal,
        };
        if self.aim == Aim::Step && self.attempt >= MOST_ATTEMPTS {
            let mut tx = self.begin().await?;
            self.fail(&mut tx, failure).await?;
            return tx.commit().await;
        }
        self.give_back(Some(failure), wait_after(self.attempt)).await
    }

    /// Gives the operation back, to be taken again after `wait`.
    pub(super) async fn give_back(
        &self,
        failure: Option<OperationFailure>,
        wait: Duration,
    ) -> Result<(), AppError> {
        let again_at = self.platform.now() + wait;
        let mut tx = self.begin().await?;
        if store::put_off(tx.conn(), self.operation, self.epoch, failure, again_at).await? {
            self.log(&mut tx, OperationEvent::PutOff, self.present(), self.attempt).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Leaves an operation to a version that knows its step, without a word in its log: nothing was begun.
    pub(super) async fn leave(&self, tx: &mut Tx, wait: Duration) -> Result<(), AppError> {
        let again_at = self.platform.now() + wait;
        store::put_off(tx.conn(), self.operation, self.epoch, None, again_at).await.map(drop)
    }

    async fn fail(&self, tx: &mut Tx, failure: OperationFailure) -> Result<(), AppError> {
        let (user, operation, kind) = (self.user, self.operation, self.kind.clone());
        if !store::fail(tx.conn(), operation, self.epoch, failure, self.platform.now()).await? {
            return Ok(());
        }
        self.log(tx, OperationEvent::Failed, self.present(), self.attempt).await?;
        tracing::error!(operation.id = %operation, kind, reason = failure.name(), "an operation has failed");
        let reason = failure.name();
        audit::note(tx, Deed::OperationFailed { user, operation, kind, reason }).await
    }

    async fn begin(&self) -> Result<Tx, AppError> {
        let grant: Grant<System> = Grant::system(&self.platform, "working on an operation");
        grant.begin().await
    }

    async fn log(
        &self,
        tx: &mut Tx,
        event: OperationEvent,
        step: Option<&str>,
        attempt: i32,
    ) -> Result<(), AppError> {
        let entry = NewEntry { operation: self.operation, at: self.platform.now(), event, step, attempt };
        store::append(tx.conn(), &entry).await
    }
}

fn wait_after(attempt: i32) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or_default().min(8) * 2;
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_fourfold_up_to_an_hour() {
        for (attempt, seconds) in
            [(0, 5), (1, 5), (2, 20), (3, 80), (4, 320), (5, 1280), (6, 3600), (900, 3600)]
        {
            assert_eq!(wait_after(attempt), Duration::from_secs(seconds), "after {attempt}");
        }
    }
}
