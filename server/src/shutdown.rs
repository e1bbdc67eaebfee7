//! The end: first say that no more work is wanted, then finish what has begun, then stop the workers.
//!
//! Promise: the whole end takes less than 30 seconds, after which Kubernetes kills (systemd waits 90 seconds, Docker
//! 10 unless it is told otherwise). A second signal waits for nothing.

use std::{io, time::Duration};

use sqlx::PgPool;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{listen::Ending, state::AppState};

/// How long a balancer needs to see that this process is not ready any more; part of no laptop's life.
const NOTICE: Duration = Duration::from_secs(3);
/// How long requests may take to finish. With the notice 25 seconds.
const DRAIN: Duration = Duration::from_secs(22);
/// How long workers may take to finish what they hold.
const WORKERS: Duration = Duration::from_secs(3);
/// How long the metrics may be read while the workers stop.
const METRICS: Duration = Duration::from_secs(1);
/// How long connections to the database may take to say goodbye.
const STORES: Duration = Duration::from_millis(500);
/// How long blocking calls may take that nobody waits for any more.
pub const RUNTIME: Duration = Duration::from_millis(500);

/// SIGTERM and SIGINT, heard from the moment this is made.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system does not let us listen for signals.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// What ends, and when.
#[derive(Clone, Default)]
pub struct Stop {
    serving: CancellationToken,
    work: CancellationToken,
    cut: CancellationToken,
}

impl Stop {
    /// How the public listener ends.
    #[must_use]
    pub fn serving(&self) -> Ending {
        Ending { stop: self.serving.clone(), drain: DRAIN, cut: self.cut.clone() }
    }

    /// How the listener for metrics ends: with the workers, after the last request.
    #[must_use]
    pub fn metrics(&self) -> Ending {
        Ending { stop: self.work.clone(), drain: METRICS, cut: self.cut.clone() }
    }

    /// When the workers end.
    #[must_use]
    pub fn work(&self) -> &CancellationToken {
        &self.work
    }

    /// Waits for the first signal, turns away new work, and cuts everything off at the second. Never returns.
    pub async fn at(self, mut signals: Signals, state: AppState) {
        let reason = signals.next().await;
        tracing::info!(reason, "draining");
        state.readiness().drain();
        if state.config().profile.is_production() {
            tokio::select! {
                () = tokio::time::sleep(NOTICE) => {}
                reason = signals.next() => self.cut_off(reason),
            }
        }
        self.serving.cancel();
        loop {
            let reason = signals.next().await;
            self.cut_off(reason);
        }
    }

    fn cut_off(&self, reason: &str) {
        tracing::warn!(reason, "a second signal: requests are cut off");
        self.cut.cancel();
    }

    /// Stops the workers, after the last request that may have given them work, and leaves the database.
    pub async fn workers(&self, tasks: &TaskTracker, db: &PgPool) {
        self.work.cancel();
        tasks.close();
        tokio::select! {
            () = self.cut.cancelled() => return,
            done = tokio::time::timeout(WORKERS, tasks.wait()) => if done.is_err() {
                tracing::warn!(workers = tasks.len(), "workers did not finish in time; their work is taken up again");
            }
        }
        // Connections that a worker still holds end with the process.
        let _ = tokio::time::timeout(STORES, db.close()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_end_is_shorter_than_the_patience_of_a_supervisor() {
        assert!(NOTICE + DRAIN <= Duration::from_secs(25));
        assert!(NOTICE + DRAIN + WORKERS.max(METRICS) + STORES + RUNTIME < Duration::from_secs(30));
    }
}
