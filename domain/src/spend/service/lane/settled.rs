//! Books what calls of a slice have cost, many at once, and gives back what is left of one.

use std::{collections::HashSet, sync::atomic::Ordering};

use super::{
    super::{
        super::{
            Nano,
            store::{
                budgets, holds,
                slices::{self, Batch},
            },
        },
        warn,
    },
    HELD_FOR_S, Slice,
};
use crate::{
    AppError,
    access::Grant,
    platform::{Platform, zones},
};

/// How many calls one transaction books.
const BATCH: usize = 1_000;

/// What came of a call.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) event_id: String,
    pub(super) held: Nano,
    pub(super) cost: Nano,
}

/// Books what has come together. What fails goes back into the list.
pub(super) async fn book(platform: &Platform, slice: &Slice) -> Result<usize, AppError> {
    let mut count = 0;
    loop {
        let batch: Vec<Done> = {
            let mut done = slice.done();
            let size = done.len().min(BATCH);
            done.drain(..size).collect()
        };
        if batch.is_empty() {
            return Ok(count);
        }
        if let Err(error) = book_batch(platform, slice, &batch).await {
            slice.done().extend(batch);
            return Err(error);
        }
        count += batch.len();
    }
}

async fn book_batch(platform: &Platform, slice: &Slice, batch: &[Done]) -> Result<(), AppError> {
    let mut tx = Grant::system(platform, "booking calls of a slice").begin().await?;
    tx.enter(slice.organization).await?;
    let place = budgets::enter(tx.conn(), slice.organization, None).await?;
    let hold = holds::hold(tx.conn(), slice.organization, slice.id).await?.ok_or(AppError::NotFound)?;
    let above = budgets::hold_of(tx.conn(), slice.organization, slice.id).await?;
    let now = platform.now();
    let day = zones::day(&place.time_zone, now);
    let mut names = HashSet::new();
    // What cost nothing was not made; of one name the first counts.
    let billed: Vec<&Done> =
        batch.iter().filter(|done| done.cost > Nano::ZERO && names.insert(&done.event_id)).collect();
    let sum = |of: fn(&Done) -> Nano| batch.iter().map(|done| of(done).get()).sum::<i64>();
    let rows = Batch {
        organization: slice.organization,
        hold: &hold,
        event_ids: billed.iter().map(|done| done.event_id.clone()).collect(),
        journals: billed.iter().map(|_| platform.new_id()).collect(),
        costs: billed.iter().map(|done| done.cost.get()).collect(),
        overruns: billed.iter().map(|done| (done.cost.get() - done.held.get()).max(0)).collect(),
        now,
        day,
    };
    let spent = slices::book(tx.conn(), &rows).await?;
    slices::use_up(tx.conn(), slice.organization, slice.id, sum(|done| done.held), spent, HELD_FOR_S).await?;
    warn::crossings(&mut tx, platform, &above, day).await?;
    tx.commit().await
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
