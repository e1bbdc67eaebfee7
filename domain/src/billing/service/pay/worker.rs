//! What was written down and not answered is asked again, and what nobody could cancel any more is ended.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    super::{
        super::{
            store::subscriptions,
            stripe::{
                Stripe,
                customers::{self, CUSTOMER},
                store::{
                    customers as mapping,
                    intents::{self, Intent},
                },
            },
        },
        ends::end_with_period,
    },
    Keeper, Kind, Wish, acts,
};
use crate::{
    AppError,
    access::{Grant, System, hold_organization},
    billing::Currency,
    platform::Platform,
};

/// How often it is looked for work.
const POLL: Duration = Duration::from_secs(5);
/// How long an act belongs to the worker that took it: well above the time that its questions are tried.
const LEASE: Duration = Duration::from_mins(5);
/// How long it rests before an end that came to nothing is asked for anew.
const REST: Duration = Duration::from_hours(1);
/// For how long the same act can be asked again: Stripe remembers keys for a day.
const REMEMBERED: Duration = Duration::from_hours(23);
/// How long it is remembered what was done.
const MEMORY: Duration = Duration::from_hours(24 * 35);
/// How many are looked for at a time.
const BATCH: i64 = 100;

/// Asks again, until told to stop. Outlives restarts of Postgres.
pub async fn run(platform: Platform, stripe: Stripe, keeper: Keeper<'static>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        // What fails is in the log already, and the next look is not far.
        let _ = run_once(&platform, &stripe, keeper).await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Does everything that is due right now; answers how much that was. What fails for one organization holds up no other.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn run_once(platform: &Platform, stripe: &Stripe, keeper: Keeper<'_>) -> Result<usize, AppError> {
    let grant = Grant::system(platform, "asking Stripe again");
    end_what_nobody_cancels(&grant).await?;
    let mut tx = grant.begin().await?;
    let due = intents::due(tx.conn(), platform.now(), BATCH).await?;
    drop(tx);
    let mut count = 0;
    for (id, organization) in due {
        if let Some(intent) = take(&grant, id, organization).await? {
            count += 1;
            // What fails is in the log, and comes round again.
            let _ = resume(&grant, stripe, keeper, &intent).await;
        }
    }
    forget(&grant).await?;
    Ok(count)
}

async fn take(grant: &Grant<System>, id: Uuid, organization: Uuid) -> Result<Option<Intent>, AppError> {
    let mut tx = grant.begin().await?;
    tx.enter(organization).await?;
    let now = grant.platform().now();
    let taken = intents::take(tx.conn(), id, now, now + LEASE).await?;
    tx.commit().await?;
    Ok(taken)
}

async fn resume(
    grant: &Grant<System>,
    stripe: &Stripe,
    keeper: Keeper<'_>,
    intent: &Intent,
) -> Result<(), AppError> {
    let platform = grant.platform();
    if platform.now() >= intent.created_at() + REMEMBERED {
        tracing::error!(
            intent.id = %intent.id,
            intent.kind,
            organization.id = %intent.organization,
            "what was asked of Stripe was not answered for a day and is given up; what Stripe has is what counts"
        );
        return acts::give_up(platform, intent).await;
    }
    if intent.kind == CUSTOMER {
        return customers::make(grant, stripe, intent).await.map(drop);
    }
    acts::perform(platform, stripe, keeper, intent).await.map(drop)
}

/// Stripe would go on for organizations that are about to be deleted, or gone.
async fn end_what_nobody_cancels(grant: &Grant<System>) -> Result<(), AppError> {
    let mut tx = grant.begin().await?;
    let since = grant.platform().now() - REST;
    let ending = subscriptions::ending_at_stripe(tx.conn(), since, BATCH).await?;
    let left = mapping::left_behind(tx.conn(), since, BATCH).await?;
    drop(tx);
    for organization in ending {
        tell(organization, end(grant, organization).await);
    }
    for organization in left {
        tell(organization, stop(grant, organization).await);
    }
    Ok(())
}

fn tell(organization: Uuid, outcome: Result<(), AppError>) {
    if let Err(error) = outcome {
        tracing::error!(organization.id = %organization, %error, "what is paid for at Stripe was not ended; it is tried again");
    }
}

/// Writes down that what is paid for ends with its period.
async fn end(grant: &Grant<System>, organization: Uuid) -> Result<(), AppError> {
    let mut tx = grant.begin().await?;
    tx.enter(organization).await?;
    match hold_organization(&mut tx).await {
        Ok(_) => {}
        // It has gone since it was found.
        Err(AppError::NotFound) => return Ok(()),
        Err(problem) => return Err(problem),
    }
    end_with_period(&mut tx, grant.platform()).await?;
    tx.commit().await
}

/// Writes down that what an organization that is gone pays for ends at once.
async fn stop(grant: &Grant<System>, organization: Uuid) -> Result<(), AppError> {
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    tx.enter(organization).await?;
    if intents::open_act(tx.conn(), organization).await?.is_some() {
        return Ok(());
    }
    // Nothing is wanted but that.
    let wish = Wish {
        version: Uuid::nil(),
        plan: String::new(),
        extra_seats: 0,
        currency: Currency::EUR,
        slug: String::new(),
    };
    let wish = serde_json::to_value(wish).map_err(|_| AppError::Internal)?;
    let now = platform.now();
    let intent = Intent::new(platform.new_id(), organization, Kind::Stop.name(), wish, now);
    intents::insert(tx.conn(), &intent, None, now).await?;
    tracing::info!(organization.id = %organization, "an organization is gone, and what it pays for at Stripe ends");
    tx.commit().await
}

async fn forget(grant: &Grant<System>) -> Result<(), AppError> {
    let before = grant.platform().now() - MEMORY;
    let mut tx = grant.begin().await?;
    for organization in intents::old(tx.conn(), before, BATCH).await? {
        tx.enter(organization).await?;
        intents::forget(tx.conn(), organization, before).await?;
    }
    tx.commit().await
}
