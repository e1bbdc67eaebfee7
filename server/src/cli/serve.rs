//! `gatehouse serve`.

use std::net::SocketAddr;

use domain::platform::db::open_all;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use crate::{
    boot::{self, BootProblem},
    config::Config,
    listen::{self, Limits},
    router,
    routes::metrics,
    shutdown::{Signals, Stop},
    state::AppState,
    workers,
};

pub(super) async fn run(config: Config) -> Result<(), BootProblem> {
    metrics::record();
    let platform = boot::platform(&config)?;
    let state = boot::state(config, platform)?;
    let pages = router::pages();
    let listener = open(state.config().http.listen).await?;
    let metrics_listener = open(state.config().http.metrics_listen).await?;
    let signals = Signals::listen()?;
    let (tasks, stop) = (TaskTracker::new(), Stop::default());
    let stripe = state.stripe().cloned();
    workers::start(state.platform(), &state.config().mail, stripe, &tasks, stop.work())?;
    let db = state.platform().db().clone();
    tasks.spawn(async move { open_all(&db).await });
    tell(&state);

    let limits = Limits::of(&state.config().http);
    // Metrics are never read by many.
    let private_limits = Limits { connections: 32, ..limits.clone() };
    let private =
        listen::serve(metrics_listener, metrics::router(state.clone()), private_limits, stop.metrics());
    let private = tokio::spawn(private);
    let listening = tokio::spawn(stop.clone().at(signals, state.clone()));
    listen::serve(listener, router::router(state.clone(), pages), limits, stop.serving()).await;
    stop.workers(&tasks, state.platform().db()).await;
    let _ = private.await;
    listening.abort();
    tracing::info!("stopped");
    Ok(())
}

async fn open(address: SocketAddr) -> Result<TcpListener, BootProblem> {
    TcpListener::bind(address).await.map_err(|error| BootProblem::Listen { address, error })
}

fn tell(state: &AppState) {
    let config = state.config();
    for missing in state.site().missing() {
        tracing::warn!(missing, "a file of the site is missing");
    }
    for variable in config.ignored() {
        tracing::warn!(
            variable,
            "a variable of the environment has our prefix but is no key, and has no effect"
        );
    }
    tracing::info!(
        profile = %config.profile,
        listen = %config.http.listen,
        metrics = %config.http.metrics_listen,
        "Gatehouse serves {}",
        config.http.public_url
    );
}
