//! `Idempotency-Key`: the same request with the same key is carried out once, and answered as the first time.
//!
//! Stands inside the gate, so that whoever may not do something any more does not see its answer either, and before the
//! body becomes a form. Cookies are not kept with an answer: an endpoint that gives a browser a new one has no keys.

use app::endpoint::Endpoint;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE},
    middleware::Next,
    response::Response,
};
use domain::{
    AppError, FieldIssue,
    access::{
        Caller,
        idempotency::{self, Claim, HEADER, Known},
    },
};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};

use super::body::in_memory;
use crate::{
    answer::{Refused, refuse},
    state::AppState,
};

/// Says that an answer is one from before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Answers to changes are small; a larger one is not kept, and whoever asks again is told that it is done.
const KEPT_AT_MOST: usize = 256 * 1024;

/// An answer as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    content_type: Option<String>,
    body: Vec<u8>,
}

pub(crate) async fn idempotency(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let endpoint = state.endpoints().find(request.method(), request.uri().path());
    let (Some(key), true) = (request.headers().get(HEADER), endpoint.is_some_and(Endpoint::takes_keys))
    else {
        return next.run(request).await;
    };
    let Ok(key) = key.to_str().map(str::to_owned) else {
        return refuse(AppError::invalid(HEADER, FieldIssue::Unreadable));
    };
    once(&key, request, next).await.unwrap_or_else(refuse)
}

async fn once(key: &str, request: Request, next: Next) -> Result<Response, AppError> {
    let (mut parts, body) = request.into_parts();
    let caller = parts.extensions.get::<Caller>().cloned().ok_or(AppError::Internal)?;
    let body = in_memory(body).await;
    let kind = parts.headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let known = idempotency::claim(&caller, key, &[parts.uri.path().as_bytes(), kind, &body]).await?;
    let claim = match known {
        None => return Ok(next.run(Request::from_parts(parts, Body::from(body))).await),
        Some(Known::Answered(answer)) => return replayed(&answer),
        Some(Known::New(claim)) => claim,
    };
    parts.extensions.insert(caller.clone().with_claim(claim));
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    Ok(settled(&caller, claim, response).await)
}

/// Keeps the answer of what was done, and gives the key of what was not back.
async fn settled(caller: &Caller, claim: Claim, response: Response) -> Response {
    let is_refusal = !response.status().is_success();
    // What fails is in the log already; the key says then what is known, and the caller has the answer now.
    if is_refusal && idempotency::give_back(caller, claim).await != Ok(false) {
        return response;
    }
    if response.extensions().get::<Refused>().is_some() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            tracing::error!(%error, "reading our own answer");
            return refuse(AppError::Internal);
        }
    };
    let content_type =
        parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let kept = Kept { status: parts.status.as_u16(), content_type, body: body.to_vec() };
    if body.len() <= KEPT_AT_MOST
        && let Ok(answer) = serde_json::to_vec(&kept)
    {
        let _ = idempotency::keep(caller, claim, &answer).await;
    }
    Response::from_parts(parts, Body::from(body))
}

fn replayed(answer: &[u8]) -> Result<Response, AppError> {
    let unreadable = |error: serde_json::Error| {
        tracing::error!(%error, "reading an answer that was kept");
        AppError::Internal
    };
    let kept: Kept = serde_json::from_slice(answer).map_err(unreadable)?;
    let mut response = Response::new(Body::from(kept.body));
    *response.status_mut() = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    if let Some(kind) = kept.content_type.and_then(|kind| HeaderValue::from_str(&kind).ok()) {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
