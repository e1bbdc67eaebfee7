//! An answer within half a minute, or `busy`. The work is dropped with the request; transactions roll back.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use domain::AppError;

use crate::{answer::refuse, state::AppState};

/// When a caller may try again, in seconds.
const RETRY_AFTER_S: u32 = 5;

pub(crate) async fn timeout(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limit = state.config().http.request_timeout;
    if let Ok(response) = tokio::time::timeout(limit, next.run(request)).await {
        return response;
    }
    tracing::warn!(limit_s = limit.as_secs(), "the request took too long");
    refuse(AppError::Busy { retry_after_s: RETRY_AFTER_S })
}
