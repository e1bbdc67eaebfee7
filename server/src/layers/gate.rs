//! Checks what an endpoint declares before it runs: how often, then by whom.
//!
//! Services decide again through their grants, because server rendering calls functions without HTTP. This layer
//! makes the declaration true for every endpoint, including the one somebody forgets to guard.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use domain::{AppError, access::Caller};

use super::rates::admit;
use crate::{answer::refuse, state::AppState};

pub(crate) async fn gate(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(endpoint) = state.endpoints().find(request.method(), request.uri().path()) else {
        return next.run(request).await;
    };
    let Some(caller) = request.extensions().get::<Caller>() else {
        tracing::error!("a request came to the gate without a caller");
        return refuse(AppError::Internal);
    };
    if let Err(refusal) = admit(&state, caller, endpoint.rate).await {
        return *refusal;
    }
    if let Err(error) = caller.check(endpoint.need) {
        return refuse(error);
    }
    next.run(request).await
}
