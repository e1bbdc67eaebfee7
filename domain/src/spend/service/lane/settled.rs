//! Books what calls of a slice have cost, many at once, and gives back what is left of one.

use std::{collections::HashSet, sync::atomic::Ordering};

use super::{
    super::{
        super::{
            Nano,
            store::{
                budgets, holds,
                ledger::Names,
                slices::{self, Batch},
            },
        },
        warn,
    },
    HELD_FOR_S, Slice,
};
use crate::{AppError, access::Grant, platform::Platform};

/// How many calls one transaction books.
const BATCH: usize = 1_000;

/// What came of a call.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) event_id: String,
    pub(super) held: Nano,
    pub(super) cost: Nano,
}

/// What has been booked of a slice, and what is on its way.
#[derive(Debug, Default)]
pub(super) struct Booked {
    /// How much of the slice those calls had that are booked for certain.
    used: i64,
    /// A batch of which nobody knows yet whether it is booked. It stays here when the database goes away in the middle, or when
    /// whoever asked stops waiting.
    pending: Vec<Done>,
}

impl Booked {
    /// Whether nothing is on its way.
    pub(super) fn is_everything(&self) -> bool {
        self.pending.is_empty()
    }
}

/// Books what has come together. What fails is tried again the next time, as the same batch.
pub(super) async fn book(platform: &Platform, slice: &Slice) -> Result<usize, AppError> {
    let mut booked = slice.booked.lock().await;
    let mut count = 0;
    loop {
        if booked.pending.is_empty() {
            let mut done = slice.done();
            let size = done.len().min(BATCH);
            booked.pending.extend(done.drain(..size));
        }
        if booked.pending.is_empty() {
            return Ok(count);
        }
        let used = book_batch(platform, slice, &booked).await?;
        count += booked.pending.len();
        booked.used = used;
        booked.pending.clear();
    }
}

/// Answers how much of the slice is used then.
async fn book_batch(platform: &Platform, slice: &Slice, booked: &Booked) -> Result<i64, AppError> {
    let batch = &booked.pending;
    let mut tx = Grant::system(platform, "booking calls of a slice").begin().await?;
    tx.enter(slice.organization).await?;
    let place = budgets::enter(tx.conn(), slice.organization, None).await?;
    let hold = holds::hold(tx.conn(), slice.organization, slice.id).await?.ok_or(AppError::NotFound)?;
    let above = budgets::hold_of(tx.conn(), slice.organization, slice.id).await?;
    let (now, day) = (place.now(platform), place.today(platform));
    let mut names = HashSet::new();
    // What cost nothing was not made; of one name the first counts.
    let billed: Vec<&Done> =
        batch.iter().filter(|done| done.cost > Nano::ZERO && names.insert(&done.event_id)).collect();
    let sum = |of: fn(&Done) -> Nano| batch.iter().map(|done| of(done).get()).sum::<i64>();
    let rows = Batch {
        organization: slice.organization,
        hold: &hold,
        event_ids: billed.iter().map(|done| Names::Leased.of(&done.event_id)).collect(),
        journals: billed.iter().map(|_| platform.new_id()).collect(),
        costs: billed.iter().map(|done| done.cost.get()).collect(),
        overruns: billed.iter().map(|done| (done.cost.get() - done.held.get()).max(0)).collect(),
        now,
        day,
    };
    let spent = slices::book(tx.conn(), &rows).await?;
    // Whether an earlier try was kept is not always known: the database says how much was used by then, so that nothing is
    // taken from the slice twice.
    let used = booked.used.saturating_add(sum(|done| done.held));
    let more = used.saturating_sub(hold.used_nano);
    slices::use_up(tx.conn(), slice.organization, slice.id, more, spent, HELD_FOR_S).await?;
    warn::crossings(&mut tx, platform, &above, day).await?;
    tx.commit().await?;
    Ok(used)
}

/// Gives back what is left.
pub(super) async fn give_back(platform: &Platform, slice: &Slice) -> Result<(), AppError> {
    slice.left.store(0, Ordering::Release);
    let mut tx = Grant::system(platform, "giving a slice back").begin().await?;
    tx.enter(slice.organization).await?;
    budgets::enter(tx.conn(), slice.organization, None).await?;
    holds::hold(tx.conn(), slice.organization, slice.id).await?;
    budgets::hold_of(tx.conn(), slice.organization, slice.id).await?;
    slices::give_back(tx.conn(), slice.organization, slice.id).await?;
    tx.commit().await
}
