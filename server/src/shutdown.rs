//! The end: first say that no more work is wanted, then finish what has begun, then stop the workers.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::state::AppState;

/// How long requests may take to finish. systemd and containers kill after 30 seconds by default.
pub const DRAIN: Duration = Duration::from_secs(25);
/// How long a balancer needs to see that this process is not ready any more; part of no laptop's life.
const NOTICE: Duration = Duration::from_secs(3);
/// How long workers may take to finish what they hold.
const WORKERS: Duration = Duration::from_secs(5);

/// Waits for SIGTERM or SIGINT.
///
/// # Errors
/// When the system does not let us listen for signals.
pub async fn asked_to_stop() -> std::io::Result<&'static str> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}

/// Turns away new work and waits until balancers have noticed. A second signal does not wait.
pub async fn say_goodbye(state: &AppState, reason: &str) {
    tracing::info!(reason, "draining");
    state.readiness().drain();
    if state.config().profile.is_production() {
        tokio::select! {
            () = tokio::time::sleep(NOTICE) => {}
            _ = asked_to_stop() => {}
        }
    }
}

/// Stops the workers, after the last request that may have given them work.
pub async fn stop_workers(tasks: &TaskTracker, stop: &CancellationToken) {
    stop.cancel();
    tasks.close();
    if tokio::time::timeout(WORKERS, tasks.wait()).await.is_err() {
        tracing::warn!(workers = tasks.len(), "workers did not finish in time; their work is taken up again");
    }
}
