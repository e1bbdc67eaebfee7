//! A name for every request: on the answer, in every log line, in every problem and audit entry.
//!
//! It is always ours. An id from outside could be a secret, a forgery, or a line break.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use uuid::Uuid;

use crate::state::AppState;

/// The id of this request, in its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestId(pub(crate) Uuid);

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) async fn request_id(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id = state.platform().new_id();
    request.extensions_mut().insert(RequestId(id));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
