//! What Stripe tells: stored first, looked into afterwards.
//!
//! An event is stored as it came before it is answered, once under its id. A worker takes it with a lease and a fencing number,
//! reads the object it is about from Stripe, and keeps what it finds ([`stripe_objects`](Object)) unless a later look brought
//! something already. A pass over Stripe's own list brings events that never came.
//! Promise: when nothing is under way any more, every object that an event was about is here as Stripe has it, whatever came
//! late, twice, in another order or not at all, and whoever was killed meanwhile; until its customer, or the organization that
//! the customer stands for, is gone.

mod apply;
mod receive;
mod reconcile;
mod store;
mod work;

pub use apply::{Apply, Applying, Keepers, Kind, Object};
pub use receive::{LARGEST, receive};
pub use reconcile::{EVERY, reconcile, reconcile_if_due};
pub use work::{learn, run, run_once};

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    AppError,
    access::{Grant, Tx},
    platform::Platform,
};

/// What Stripe has to tell, and what is looked for in its list of events. Stripe takes at most 20 names at a time.
pub const EVENTS: [&str; 19] = [
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.updated",
    "customer.deleted",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "payment_method.attached",
    "payment_method.detached",
    "subscription_schedule.created",
    "subscription_schedule.updated",
    "subscription_schedule.released",
    "subscription_schedule.canceled",
    "subscription_schedule.completed",
];
/// The channel that wakes the workers.
const CHANNEL: &str = "stripe_events";
/// How long events are remembered after they have ended: Stripe repeats and lists them for 30 days.
const MEMORY: Duration = Duration::from_hours(24 * 35);
/// What was fetched so long ago is brought back by no look that goes on still.
const SETTLED: Duration = Duration::from_hours(1);
/// How many go in one statement.
const BATCH: i64 = 5_000;

/// An object as it was when Stripe was last asked. For tests, and for whoever will keep what follows from it.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn object(platform: &Platform, kind: Kind, id: &str) -> Result<Option<Object>, AppError> {
    let state = store::object(platform.db(), kind.name(), id).await?;
    Ok(state.map(|state| Object { kind, id: id.to_owned(), state }))
}

/// The same in a transaction.
pub(in crate::billing) async fn known(tx: &mut Tx, kind: Kind, id: &str) -> Result<Option<Object>, AppError> {
    let state = store::object(tx.conn(), kind.name(), id).await?;
    Ok(state.map(|state| Object { kind, id: id.to_owned(), state }))
}

/// What is known of a customer's objects of a kind, the oldest first. Those that are gone are left out.
pub(in crate::billing) async fn objects_of(
    tx: &mut Tx,
    customer: &str,
    kind: Kind,
) -> Result<Vec<Object>, AppError> {
    let found = store::of_customer(tx.conn(), customer, kind.name()).await?;
    Ok(found.into_iter().map(|(id, state)| Object { kind, id, state }).collect())
}

/// What Stripe told of the customer that somebody's own organization is, for the copy of their data.
pub(crate) async fn copy_of(tx: &mut Tx, user: Uuid) -> Result<Value, AppError> {
    let objects = store::copy_of(tx.conn(), user).await?;
    Ok(json!({ "stripe_objects": objects }))
}

/// Forgets events that ended long ago, and customers who are gone. Answers how many rows that were. Safe on every replica at
/// once.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    let (before, mut sum) = (platform.now() - MEMORY, forget_gone(platform).await?);
    loop {
        let gone = store::forget(platform.db(), before, BATCH).await?;
        sum += gone;
        if gone < BATCH.unsigned_abs() {
            return Ok(sum);
        }
    }
}

/// What is known of customers goes with them, and with their organization.
async fn forget_gone(platform: &Platform) -> Result<u64, AppError> {
    let before = platform.now() - SETTLED;
    let mut tx = Grant::system(platform, "forgetting customers of Stripe's who are gone").begin().await?;
    let objects = store::forget_nobodys(tx.conn(), before).await?;
    let customers = store::strip_customers(tx.conn(), before).await?;
    tx.commit().await?;
    Ok(objects + customers)
}
