//! What runs beside the requests: letters are written and leave, events are sent, long operations go on, what has expired
//! is forgotten; billing periods end.
//!
//! Promise: a worker that fails or panics is started again; all of them end when the process drains.

mod housekeeping;
mod letters;

use std::{future::Future, time::Duration};

use domain::{
    billing::{
        service::{
            self as billing,
            pay::{self, Keeper},
        },
        stripe::{
            Stripe,
            inbox::{self, Keepers},
        },
    },
    identity::service::{MakeDataExport, answer_letter_requests},
    operations::service::{Works, work},
    platform::{
        Platform,
        courier::{self, Courier},
        letters::outbox,
    },
    spend::service as spend,
    webhooks::service as webhooks,
};
use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::config::Mail;
pub use letters::{UnusableMail, sink};

/// How long a worker that ended on its own rests before it is started again.
const REST: Duration = Duration::from_secs(5);

/// What this program knows to do step after step.
const WORKS: Works = &[&MakeDataExport];
/// Who keeps what follows from what Stripe tells.
const KEEPER: Keeper<'static> = Keeper { usage: &spend::Ledger };
const KEEPERS: Keepers<'static> = &[&KEEPER];

/// Starts every worker.
///
/// # Errors
/// [`UnusableMail`] when letters could not leave at all.
pub fn start(
    platform: &Platform,
    mail: &Mail,
    stripe: Option<Stripe>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<(), UnusableMail> {
    let sink = sink(mail)?;
    let (for_letters, for_requests, for_operations, for_webhooks) =
        (platform.clone(), platform.clone(), platform.clone(), platform.clone());
    let (for_holds, for_periods, for_housekeeping) = (platform.clone(), platform.clone(), platform.clone());
    let courier = Courier::new(platform.rules().webhook_reach.clone(), courier::PATIENCE);
    keep(tasks, stop, "letters", move |stop| letters::run(for_letters.clone(), sink.clone(), stop));
    keep(tasks, stop, "letter requests", move |stop| answer_letter_requests(for_requests.clone(), stop));
    keep(tasks, stop, "operations", move |stop| work(for_operations.clone(), WORKS, stop));
    keep(tasks, stop, "webhooks", move |stop| webhooks::run(for_webhooks.clone(), courier.clone(), stop));
    keep(tasks, stop, "holds", move |stop| spend::run(for_holds.clone(), stop));
    keep(tasks, stop, "periods", move |stop| billing::run(for_periods.clone(), &spend::Ledger, stop));
    if let Some(stripe) = stripe {
        let (for_events, for_methods) =
            ((platform.clone(), stripe.clone()), (platform.clone(), stripe.clone()));
        let for_acts = (platform.clone(), stripe);
        keep(tasks, stop, "stripe events", move |stop| {
            inbox::run(for_events.0.clone(), for_events.1.clone(), KEEPERS, stop)
        });
        keep(tasks, stop, "ways to pay", move |stop| {
            billing::run_methods(for_methods.0.clone(), for_methods.1.clone(), KEEPER, stop)
        });
        keep(tasks, stop, "stripe acts", move |stop| {
            pay::run(for_acts.0.clone(), for_acts.1.clone(), KEEPER, stop)
        });
    }
    keep(tasks, stop, "housekeeping", move |stop| housekeeping::run(for_housekeeping.clone(), stop));
    Ok(())
}

/// How many letters wait; `None` while the database is away.
pub(crate) async fn outbox_depth(platform: &Platform) -> Option<f64> {
    let depth = outbox::depth(platform).await.ok()?;
    Some(f64::from(u32::try_from(depth).unwrap_or(u32::MAX)))
}

/// Runs a worker until it is told to stop; starts it again when it ends before that.
fn keep<W, F>(tasks: &TaskTracker, stop: &CancellationToken, name: &'static str, worker: W) -> JoinHandle<()>
where
    W: Fn(CancellationToken) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let stop = stop.clone();
    tasks.spawn(async move {
        while !stop.is_cancelled() {
            // A task of its own, so that a panic ends the task and not the keeper.
            let ended = tokio::spawn(worker(stop.clone())).await;
            if stop.is_cancelled() {
                break;
            }
            tracing::error!(
                worker = name,
                panicked = ended.is_err(),
                "a worker ended by itself; starting it again"
            );
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(REST) => {}
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_panics_is_started_again_until_it_is_told_to_stop() {
        let (tasks, stop, starts) =
            (TaskTracker::new(), CancellationToken::new(), Arc::new(AtomicU32::new(0)));
        let counted = Arc::clone(&starts);
        keep(&tasks, &stop, "test", move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            async { panic!("planned") }
        });
        tokio::time::sleep(REST * 3).await;
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        assert!(starts.load(Ordering::Relaxed) >= 3);
    }
}
