//! Ends holds whose time is over by the clock of the database: what was never sent on is free again, what was sent on is
//! settled at what is known of it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{
    super::{
        Nano,
        store::{
            budgets::{self, Place},
            holds::{self, Due, End, Row},
            ledger::Rated,
            slices,
        },
    },
    settle::{Booking, close},
};
use crate::{
    AppError,
    access::{Grant, System, Tx},
    platform::Platform,
};

/// How often they are looked for.
const EVERY: Duration = Duration::from_secs(2);
/// How many at a time.
const BATCH: i64 = 200;

/// Ends holds until told to stop. Safe on every replica at once.
pub async fn run(platform: Platform, stop: CancellationToken) {
    let mut turns = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = turns.tick() => {}
        }
        // What fails is in the log already, and comes round again.
        while !stop.is_cancelled()
            && expire_due(&platform)
                .await
                .is_ok_and(|count| i64::try_from(count).is_ok_and(|count| count == BATCH))
        {}
    }
}

/// Ends the holds whose time is over, as many as fit into one turn, and says how many those were.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn expire_due(platform: &Platform) -> Result<usize, AppError> {
    let grant = Grant::system(platform, "ending holds");
    let mut tx = grant.begin().await?;
    let due = holds::due(tx.conn(), BATCH).await?;
    tx.commit().await?;
    let mut count = 0;
    for one in &due {
        match expire(&grant, one).await {
            Ok(is_ended) => count += usize::from(is_ended),
            Err(error) => {
                // The first in the row comes round first: it is put off, or nobody's holds would ever end behind it. While the
                // database is away that fails as well, and the turn ends.
                tracing::error!(hold.id = %one.id, %error, "a hold could not be ended; it is tried again later");
                postpone(&grant, one).await?;
            }
        }
    }
    Ok(count)
}

async fn postpone(grant: &Grant<System>, due: &Due) -> Result<(), AppError> {
    let mut tx = grant.begin().await?;
    tx.enter(due.organization_id).await?;
    holds::postpone(tx.conn(), due.organization_id, due.id).await?;
    tx.commit().await
}

/// Ends one, unless somebody else has, or does.
async fn expire(grant: &Grant<System>, due: &Due) -> Result<bool, AppError> {
    let platform = grant.platform();
    let mut tx = grant.begin().await?;
    tx.enter(due.organization_id).await?;
    let place = budgets::enter(tx.conn(), due.organization_id, None).await?;
    let Some(hold) = holds::hold_due(tx.conn(), due.organization_id, due.id).await? else { return Ok(false) };
    if hold.kind == "slice" {
        tracing::warn!(hold.id = %hold.id, "a process has not been heard of; what it may have spent is withheld");
        slices::withhold(tx.conn(), due.organization_id, hold.id).await?;
    } else if let Some(known) = hold.known_nano {
        tracing::warn!(hold.id = %hold.id, "a call was never settled; it is billed at what is known of it");
        bill_known(&mut tx, platform, &place, &hold, Nano::new(known)).await?;
    } else {
        let above = budgets::hold_of(tx.conn(), due.organization_id, hold.id).await?;
        holds::end(tx.conn(), due.organization_id, &End { hold: &hold, state: "expired", spent: 0 }).await?;
        super::warn::crossings(&mut tx, platform, &above, place.today(platform)).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Bills what is known of a call, under the name of its request; under another one where something else has taken that name.
/// Clients choose names, also that of somebody else's hold, so the last one is a name that nobody can know before.
async fn bill_known(
    tx: &mut Tx,
    platform: &Platform,
    place: &Place,
    hold: &Row,
    known: Nano,
) -> Result<(), AppError> {
    let mut booking = Booking {
        event_id: hold.request_id.clone(),
        source: "expired",
        occurred_at: place.now(platform),
        rated: Rated::default(),
        cost: known,
        priced: true,
    };
    for next in [hold.id, platform.new_id()] {
        match close(tx, platform, place, hold, &booking).await {
            Err(error) if error.of_field("event_id").is_some() => booking.event_id = next.to_string(),
            closed => return closed.map(drop),
        }
    }
    close(tx, platform, place, hold, &booking).await.map(drop)
}
