//! `Idempotency-Key`: the same request with the same key is carried out once, and answered as the first time.
//!
//! Stands inside the gate, so that whoever may not do something any more does not see its answer either, and before the
//! body becomes a form. Only what was done is kept, and without its headers: an endpoint that gives a browser the cookie
//! of its session has no keys.

use app::endpoint::Endpoint;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header::CONTENT_TYPE},
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

use super::body::in_memory;
use crate::{answer::refuse, state::AppState};

/// Says that an answer is one from before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Answers to changes are small; a larger one is not kept, and whoever asks again is told to look.
const KEPT_AT_MOST: usize = 16 * 1024;

/// A try under way. When the client goes away, or the time is over, what was begun is rolled back; then the key is free for
/// the next try.
struct Try {
    caller: Caller,
    claim: Claim,
    is_settled: bool,
}

impl Try {
    /// Keeps the answer of what was done, and gives the key of what was not back. What fails is in the log already; the key
    /// says then what is known, and the caller has the answer now.
    async fn settle(mut self, response: Response) -> Response {
        if !response.status().is_success() {
            let _ = idempotency::give_back(&self.caller, self.claim).await;
            self.is_settled = true;
            return response;
        }
        let (parts, body) = response.into_parts();
        let body = in_memory(body).await;
        if body.len() <= KEPT_AT_MOST {
            let kind = parts.headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
            let _ = idempotency::keep(&self.caller, self.claim, &[kind, b"\n", &body].concat()).await;
        }
        self.is_settled = true;
        Response::from_parts(parts, Body::from(body))
    }
}

impl Drop for Try {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let (caller, claim) = (self.caller.clone(), self.claim);
        tokio::spawn(async move {
            let _ = idempotency::give_back(&caller, claim).await;
        });
    }
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
    let attempt = Try { caller, claim, is_settled: false };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    Ok(attempt.settle(response).await)
}

fn replayed(answer: &[u8]) -> Result<Response, AppError> {
    let end = answer.iter().position(|byte| *byte == b'\n').ok_or_else(|| {
        tracing::error!("an answer that was kept has no type");
        AppError::Internal
    })?;
    let (kind, body) = answer.split_at(end);
    let mut response = Response::new(Body::from(body.get(1..).unwrap_or_default().to_vec()));
    if let Ok(kind) = HeaderValue::from_bytes(kind) {
        response.headers_mut().insert(CONTENT_TYPE, kind);
    }
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
