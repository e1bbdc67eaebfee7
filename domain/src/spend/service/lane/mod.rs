//! The fast way in: a process leases slices of budgets from Postgres and admits calls from memory.
//!
//! A slice is a hold like any other, so what all processes have leased and what is held otherwise never is more than the cap,
//! whatever they do with it, and whatever is killed. What calls have cost is booked in batches, and what is left is given back.
//! A slice whose process was killed ends by the clock of the database: what was booked stays, and what nobody can know of any
//! more is withheld until the window ends, because the provider may have been paid from it. Redis remembers for a moment
//! that a budget is certainly used up; without it Postgres is asked.

mod exhausted;
mod lease;
mod settled;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering, fence},
    },
    time::{Duration, Instant},
};

use tracing::Instrument as _;
use uuid::Uuid;

use self::settled::{Booked, Done};
use super::{super::Nano, LONGEST_NAME, read_name, within};
use crate::{
    AppError,
    access::{Grant, Organization, Permission},
    platform::Platform,
};

/// For how long calls are admitted from a slice; well below its time in the database, so that no clock matters.
const ADMITS_FOR: Duration = Duration::from_secs(20);
/// How long a slice is held in the database beyond what was last booked of it, in seconds.
const HELD_FOR_S: f64 = 120.0;

/// A call that wants in.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// Its name. One that was booked before is not billed again.
    pub request_id: String,
    /// The most it can cost.
    pub amount: Nano,
    /// Whose prices.
    pub provider: String,
    /// Of what.
    pub item: String,
    /// What it belongs to, as in a reservation.
    pub scope: String,
}

/// A call that was let in. It is settled once; one that is dropped costs what it could cost at most.
#[derive(Debug)]
pub struct Ticket {
    slice: Arc<Slice>,
    request_id: String,
    amount: Nano,
    is_settled: bool,
}

impl Ticket {
    /// Says what the call has cost; nothing for one that was not made. It is booked with the next batch.
    pub fn settle(mut self, cost: Nano) {
        self.note(cost);
    }

    fn note(&mut self, cost: Nano) {
        self.is_settled = true;
        let done = Done { event_id: std::mem::take(&mut self.request_id), held: self.amount, cost };
        self.slice.done().push(done);
    }
}

impl Drop for Ticket {
    /// Nobody said what came of it: it may have been made.
    fn drop(&mut self) {
        if !self.is_settled {
            let amount = self.amount;
            self.note(amount);
        }
    }
}

/// A part of budgets that this process may spend.
#[derive(Debug)]
struct Slice {
    id: Uuid,
    organization: Uuid,
    left: AtomicI64,
    admits_until: Instant,
    done: Mutex<Vec<Done>>,
    /// One books, the others wait: what is on its way is booked once.
    booked: tokio::sync::Mutex<Booked>,
}

impl Slice {
    /// Takes so much of it, if there is so much.
    fn take(&self, amount: i64) -> bool {
        let less = |left: i64| left.checked_sub(amount).filter(|left| *left >= 0);
        Instant::now() < self.admits_until
            && self.left.fetch_update(Ordering::AcqRel, Ordering::Acquire, less).is_ok()
    }

    fn done(&self) -> MutexGuard<'_, Vec<Done>> {
        // Nothing can panic while the lock is held, so a poisoned list is still a good one.
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose calls a slice is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    organization: Uuid,
    person: Uuid,
    token: Option<Uuid>,
    provider: String,
    item: String,
    scope: String,
}

/// Where calls of one kind are let in.
#[derive(Default)]
struct Gate {
    current: Mutex<Option<Arc<Slice>>>,
    /// One leases, the others wait for what it got.
    leasing: tokio::sync::Mutex<()>,
}

impl Gate {
    fn current(&self) -> MutexGuard<'_, Option<Arc<Slice>>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, amount: i64) -> Option<Arc<Slice>> {
        self.current().as_ref().filter(|slice| slice.take(amount)).cloned()
    }
}

/// The lane of a process. Cheap to clone.
#[derive(Clone)]
pub struct Lane(Arc<Inner>);

struct Inner {
    platform: Platform,
    gates: Mutex<HashMap<Key, Arc<Gate>>>,
    /// Slices that are current or were, until everything of them is booked and given back.
    slices: Mutex<Vec<Arc<Slice>>>,
}

impl Lane {
    /// A lane without any slice.
    #[must_use]
    pub fn new(platform: &Platform) -> Self {
        let inner = Inner { platform: platform.clone(), gates: Mutex::default(), slices: Mutex::default() };
        Self(Arc::new(inner))
    }

    /// Lets a call in: from memory where a slice has enough left, and else by a new slice.
    ///
    /// # Errors
    /// As [`super::reserve`].
    pub async fn admit(&self, grant: &Grant<Organization>, call: &Call) -> Result<Ticket, AppError> {
        grant.demand(Permission::ReserveSpend)?;
        let amount = call.amount.get();
        if amount <= 0 {
            return Err(AppError::invalid("amount", crate::FieldIssue::NotPositive));
        }
        within("amount", call.amount)?;
        // A name that the ledger does not take would keep every call of its batch out of it.
        let request_id = read_name("request_id", &call.request_id, LONGEST_NAME)?;
        let gate = self.gate(lease::key(grant, call));
        if let Some(slice) = gate.take(amount) {
            return Ok(ticket(slice, request_id, call.amount));
        }
        if let Some(refusal) = exhausted::known(&self.0.platform, grant, call).await {
            return Err(refusal);
        }
        // Whoever stops waiting does not stop the lease: one that is held in the database and known to nobody here would be
        // withheld until the window ends.
        let leasing = {
            let (lane, grant, call) = (self.clone(), grant.clone(), call.clone());
            tokio::spawn(async move { lane.lease(&gate, &grant, &call).await }.in_current_span())
        };
        let slice = leasing.await.map_err(|error| {
            tracing::error!(%error, "leasing a slice did not come to its end");
            AppError::Internal
        })??;
        Ok(ticket(slice, request_id, call.amount))
    }

    /// A slice with what the call needs taken from it already. Where nobody waits for the answer any more, that much of it is
    /// used by nobody, and given back with the rest.
    async fn lease(
        &self,
        gate: &Gate,
        grant: &Grant<Organization>,
        call: &Call,
    ) -> Result<Arc<Slice>, AppError> {
        let amount = call.amount.get();
        let _leasing = gate.leasing.lock().await;
        // Somebody may have leased one meanwhile.
        if let Some(slice) = gate.take(amount) {
            return Ok(slice);
        }
        let slice = Arc::new(lease::lease(&self.0.platform, grant, call).await?);
        self.slices().push(Arc::clone(&slice));
        // Its own call first: whoever is faster would leave it without.
        slice.left.fetch_sub(amount, Ordering::AcqRel);
        *gate.current() = Some(Arc::clone(&slice));
        Ok(slice)
    }

    /// Books what calls have cost, and gives back what is left of slices that nobody uses any more. Answers how many calls
    /// were booked. Whoever stops waiting for it loses nothing.
    ///
    /// # Errors
    /// [`AppError::Busy`] while the database is away: nothing is lost, and booked the next time.
    pub async fn flush(&self) -> Result<usize, AppError> {
        let all: Vec<_> = self.slices().clone();
        let (mut count, mut failed) = (0, None);
        for slice in all {
            match self.flush_one(&slice).await {
                Ok(booked) => count += booked,
                // There is no such organization any more, and nobody who could be billed.
                Err(AppError::NotFound) => self.forget(&slice),
                // The calls of the others are booked all the same.
                Err(error) => failed = Some(error),
            }
        }
        self.gates().retain(|_, gate| Arc::strong_count(gate) > 1 || gate.current().is_some());
        failed.map_or(Ok(count), Err)
    }

    async fn flush_one(&self, slice: &Arc<Slice>) -> Result<usize, AppError> {
        let count = settled::book(&self.0.platform, slice).await?;
        if self.is_over(slice) {
            settled::give_back(&self.0.platform, slice).await?;
            self.forget(slice);
        }
        Ok(count)
    }

    fn forget(&self, slice: &Slice) {
        self.slices().retain(|other| other.id != slice.id);
    }

    /// Gives everything back that no call has; for a process that ends.
    ///
    /// # Errors
    /// As [`Lane::flush`].
    pub async fn close(&self) -> Result<(), AppError> {
        for gate in self.gates().values() {
            gate.current().take();
        }
        self.gates().clear();
        self.flush().await.map(drop)
    }

    /// Whether nobody is let in by it any more, and everybody who was has told what it cost.
    fn is_over(&self, slice: &Arc<Slice>) -> bool {
        let is_late = Instant::now() >= slice.admits_until;
        let mut is_current = false;
        for gate in self.gates().values() {
            let mut current = gate.current();
            if current.as_ref().is_some_and(|current| current.id == slice.id) {
                // From here on nobody finds it: somebody who is just being let in has it already, and is counted below.
                if is_late {
                    current.take();
                } else {
                    is_current = true;
                }
            }
        }
        // One is in the list of slices, one is the caller's; every ticket has one more, and tells its cost before it lets go.
        if is_current || Arc::strong_count(slice) > 2 {
            return false;
        }
        fence(Ordering::Acquire);
        let is_told = slice.done().is_empty();
        is_told && slice.booked.try_lock().is_ok_and(|booked| booked.is_everything())
    }

    fn gate(&self, key: Key) -> Arc<Gate> {
        Arc::clone(self.gates().entry(key).or_default())
    }

    fn gates(&self) -> MutexGuard<'_, HashMap<Key, Arc<Gate>>> {
        self.0.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slices(&self) -> MutexGuard<'_, Vec<Arc<Slice>>> {
        self.0.slices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ticket(slice: Arc<Slice>, request_id: String, amount: Nano) -> Ticket {
    Ticket { slice, request_id, amount, is_settled: false }
}
