//! Numbers for Prometheus, on a listener of their own that is not for the public.

use std::sync::OnceLock;

use axum::{
    Router,
    extract::State,
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::platform::turnstile::TurnstileState;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::state::AppState;

/// The bounds of the OpenTelemetry semantic conventions for HTTP, in seconds.
const SECONDS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// The recorder belongs to the process, not to one server: tests start several.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to record. `None` if somebody else already does, which is a mistake in the program.
pub(crate) fn record() -> Option<PrometheusHandle> {
    let install = || {
        let builder =
            PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS);
        match builder.and_then(PrometheusBuilder::install_recorder) {
            Ok(handle) => {
                let commit = option_env!("GATEHOUSE_BUILD_COMMIT").unwrap_or("unknown");
                ::metrics::gauge!("build_info", "version" => env!("CARGO_PKG_VERSION"), "commit" => commit)
                    .set(1);
                Some(handle)
            }
            Err(error) => {
                tracing::error!(%error, "metrics cannot be recorded");
                None
            }
        }
    };
    RECORDER.get_or_init(install).clone()
}

/// The router of the metrics listener.
pub(crate) fn router(state: AppState) -> Router {
    Router::new().route("/metrics", get(show)).route("/livez", get(super::health::livez)).with_state(state)
}

async fn show(State(state): State<AppState>) -> Response {
    let Some(handle) = record() else { return String::new().into_response() };
    look_at_stores(&state).await;
    handle.run_upkeep();
    let mut response = handle.render().into_response();
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Numbers that are looked up when somebody asks for them.
async fn look_at_stores(state: &AppState) {
    let pool = state.platform().db();
    let size = pool.size();
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    ::metrics::gauge!("db_pool_idle").set(idle);
    ::metrics::gauge!("db_pool_in_use").set(size.saturating_sub(idle));
    let turnstile = state.platform().turnstile().state(state.platform().now());
    if turnstile != TurnstileState::NotConfigured {
        let is_away = u32::from(turnstile == TurnstileState::Away);
        ::metrics::gauge!("captcha_turnstile_away").set(is_away);
    }
    ::metrics::gauge!("db_pool_max").set(state.config().database.connections);
    if let Some(depth) = crate::workers::outbox_depth(state.platform()).await {
        ::metrics::gauge!("email_outbox_depth").set(depth);
    }
}
