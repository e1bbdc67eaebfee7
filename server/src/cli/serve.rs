//! `gatehouse serve`.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    boot::{self, BootProblem},
    config::Config,
    listen::{self, Limits},
    router,
    routes::metrics,
    shutdown,
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
    let (tasks, stop_work, stop_serving) =
        (TaskTracker::new(), CancellationToken::new(), CancellationToken::new());
    workers::start(state.platform(), &state.config().mail, &tasks, &stop_work)?;
    tell(&state);

    let limits = Limits {
        connections: state.config().http.connections,
        header_timeout: state.config().http.header_timeout,
    };
    let public = listen::serve(
        listener,
        router::router(state.clone(), pages),
        limits,
        stop_serving.clone(),
        shutdown::DRAIN,
    );
    // Metrics are read until the last request is done, and never by many.
    let private_limits = Limits { connections: 32, ..limits };
    let private_router = metrics::router(state.clone());
    let private = tokio::spawn(listen::serve(
        metrics_listener,
        private_router,
        private_limits,
        stop_work.clone(),
        std::time::Duration::from_secs(1),
    ));
    let farewell = async {
        let reason = shutdown::asked_to_stop().await?;
        shutdown::say_goodbye(&state, reason).await;
        stop_serving.cancel();
        Ok::<(), std::io::Error>(())
    };
    let ((), farewell) = tokio::join!(public, farewell);
    shutdown::stop_workers(&tasks, &stop_work).await;
    let _ = private.await;
    state.platform().db().close().await;
    tracing::info!("stopped");
    Ok(farewell?)
}

async fn open(address: SocketAddr) -> Result<TcpListener, BootProblem> {
    TcpListener::bind(address).await.map_err(|error| BootProblem::Listen { address, error })
}

fn tell(state: &AppState) {
    let config = state.config();
    for missing in state.site().missing() {
        tracing::warn!(missing, "a file of the site is missing");
    }
    tracing::info!(
        profile = %config.profile,
        listen = %config.http.listen,
        metrics = %config.http.metrics_listen,
        "Gatehouse serves {}",
        config.http.public_url
    );
}
