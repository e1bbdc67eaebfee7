//! The worker: lets every cursor catch up, and keeps the lanes of every endpoint busy.
//!
//! Each endpoint has lanes of its own, so that one that is slow holds up nobody else. Order is not promised.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, Semaphore},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use uuid::Uuid;

use super::{
    super::store::{
        endpoints::{self, Busy},
        queue,
    },
    CHANNEL, derive,
    send::hand_over,
};
use crate::{
    AppError,
    access::{Grant, System},
    audit,
    platform::{Platform, bell, courier::Courier, log::WhileDoing},
};

/// How many deliveries of one endpoint this process sends at the same time.
const LANES: usize = 4;
/// How often the trail is looked at. A bell for each entry would be rung by every sign-in.
const POLL: Duration = Duration::from_secs(1);
/// How long a delivery belongs to the worker that took it: well above the courier's patience.
const LEASE: Duration = Duration::from_mins(1);

/// Sends events until told to stop; then finishes those being handed over. Outlives restarts of Postgres.
pub async fn run(platform: Platform, courier: Courier, stop: CancellationToken) {
    let bell = Arc::new(Notify::new());
    let listener = tokio::spawn(bell::listen(platform.clone(), CHANNEL, Arc::clone(&bell), stop.clone()));
    let mut lanes = Lanes { platform, courier, tasks: JoinSet::new(), gates: HashMap::new() };
    while !stop.is_cancelled() {
        // What fails is in the log already, and the next look is not far.
        let is_behind = lanes.turn().await.unwrap_or_default();
        if is_behind {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            Some(_) = lanes.tasks.join_next() => {}
            () = bell.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    while lanes.tasks.join_next().await.is_some() {}
    let _ = listener.await;
}

/// Lets every cursor catch up and sends everything that is due right now, one after the other. Answers how many attempts were
/// made.
///
/// For tests; the server uses [`run`].
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn run_once(platform: &Platform, courier: &Courier) -> Result<usize, AppError> {
    let grant = Grant::system(platform, "following the trail");
    for endpoint in look(&grant).await? {
        while endpoint.is_behind && !derive::catch_up(&grant, endpoint.id).await? {}
    }
    let mut count = 0;
    for endpoint in look(&grant).await? {
        while let Some(taken) = take(platform, endpoint.id).await? {
            hand_over(platform, courier, &taken).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// What is going on in this process.
struct Lanes {
    platform: Platform,
    courier: Courier,
    tasks: JoinSet<()>,
    /// How many more each endpoint may have.
    gates: HashMap<Uuid, Arc<Semaphore>>,
}

impl Lanes {
    /// Looks at every endpoint once; answers whether one is still behind the trail.
    async fn turn(&mut self) -> Result<bool, AppError> {
        self.gates.retain(|_, gate| gate.available_permits() < LANES);
        let grant = Grant::system(&self.platform, "following the trail");
        let mut is_behind = false;
        for endpoint in look(&grant).await? {
            // What fails for one is in the log, and holds up no other.
            if endpoint.is_behind {
                is_behind |= derive::catch_up(&grant, endpoint.id).await == Ok(false);
            }
            if endpoint.may_send {
                let _ = self.fill(&endpoint).await;
            }
        }
        Ok(is_behind)
    }

    /// Gives every free lane of an endpoint a delivery, as long as there are any. One that does not answer is tried by one
    /// lane alone.
    async fn fill(&mut self, endpoint: &Busy) -> Result<(), AppError> {
        let gate = self.gates.entry(endpoint.id).or_insert_with(|| Arc::new(Semaphore::new(LANES)));
        let gate = Arc::clone(gate);
        let most = if endpoint.is_failing { 1 } else { LANES };
        while LANES - gate.available_permits() < most {
            let Ok(permit) = Arc::clone(&gate).try_acquire_owned() else { return Ok(()) };
            let Some(taken) = take(&self.platform, endpoint.id).await? else { return Ok(()) };
            let (platform, courier) = (self.platform.clone(), self.courier.clone());
            let span = tracing::info_span!("webhook", webhook.id = %endpoint.id, delivery.id = %taken.id);
            let task = async move {
                // It goes when the task ends, however it ends.
                let _permit = permit;
                // What fails here is in the log; the lease ends, and the delivery is taken again.
                let _ = hand_over(&platform, &courier, &taken).await;
            };
            self.tasks.spawn(task.instrument(span));
        }
        Ok(())
    }
}

/// The endpoints that may have something to do.
async fn look(grant: &Grant<System>) -> Result<Vec<Busy>, AppError> {
    let db = grant.platform().db();
    let mut conn = db.acquire().await.while_doing("looking at the audit trail")?;
    let head = audit::service::last_number(&mut conn).await?;
    drop(conn);
    endpoints::with_work(db, head, grant.platform().now()).await
}

async fn take(platform: &Platform, endpoint: Uuid) -> Result<Option<queue::Taken>, AppError> {
    let now = platform.now();
    queue::take(platform.db(), endpoint, now, now + LEASE).await
}
