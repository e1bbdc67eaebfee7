//! `/livez` says that the process runs; `/readyz` says that it can work.
//!
//! Redis only remembers, so without it the server is ready and degraded; so it is without Turnstile, in whose place proof of
//! work is asked. Without Postgres, on an older schema, or
//! while it drains, it is not.

use std::time::Duration;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::platform::{db, redis::RedisState, turnstile::TurnstileState};
use serde_json::json;

use crate::state::AppState;

/// A balancer asks every few seconds and gives up sooner than people do.
const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) async fn livez() -> &'static str {
    "alive\n"
}

pub(crate) async fn readyz(State(state): State<AppState>) -> Response {
    let platform = state.platform();
    let schema = async { tokio::time::timeout(PATIENCE, db::schema_is_current(platform.db())).await };
    let (schema, redis) = tokio::join!(schema, platform.redis().ping());
    let (postgres, schema) = match schema {
        Ok(Ok(true)) => ("up", "current"),
        Ok(Ok(false)) => ("up", "outdated"),
        Ok(Err(_)) | Err(_) => ("away", "unknown"),
    };
    let turnstile = platform.turnstile().state(platform.now());
    let draining = state.readiness().is_draining();
    let ready = schema == "current" && !draining;
    let body = json!({
        "ready": ready,
        "degraded": redis == RedisState::Away || turnstile == TurnstileState::Away,
        "draining": draining,
        "postgres": postgres,
        "schema": schema,
        "redis": redis_word(redis),
        "captcha": captcha_word(turnstile),
    });
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(body)).into_response()
}

pub(crate) fn redis_word(state: RedisState) -> &'static str {
    match state {
        RedisState::Up => "up",
        RedisState::Away => "away",
        RedisState::NotConfigured => "not-configured",
    }
}

/// What a network under suspicion is asked at this moment.
fn captcha_word(state: TurnstileState) -> &'static str {
    match state {
        TurnstileState::Up => "turnstile",
        TurnstileState::Away => "proof-of-work, turnstile is away",
        TurnstileState::NotConfigured => "proof-of-work",
    }
}
