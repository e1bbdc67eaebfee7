//! Reads a body once, as a whole, within a limit and within a time; the layers inside find it in memory.
//!
//! A body that is too large is read to its end and thrown away, up to a bound: a client that is still writing when
//! the connection closes sees a reset instead of the answer.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::CONTENT_LENGTH},
    middleware::Next,
    response::Response,
};
use bytes::{Bytes, BytesMut};
use domain::AppError;
use http_body_util::BodyExt as _;

use crate::{
    answer::{bare, refuse},
    config::BODY_LIMIT,
    state::AppState,
};

/// How much of a too large body is thrown away before the answer, in bytes.
const DISCARDED_AT_MOST: usize = 32 * 1024 * 1024;
/// How long that may take.
const DISCARDING_AT_MOST: Duration = Duration::from_secs(5);

pub(crate) async fn body_limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let (parts, mut body) = request.into_parts();
    if announced(&parts.headers).is_some_and(|length| length > BODY_LIMIT) {
        return too_large(body).await;
    }
    match tokio::time::timeout(state.config().http.body_timeout, read(&mut body)).await {
        Ok(Read::Whole(bytes)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Ok(Read::TooLarge) => too_large(body).await,
        Ok(Read::Broken) => refuse(AppError::MalformedRequest),
        Err(_) => bare(StatusCode::REQUEST_TIMEOUT),
    }
}

enum Read {
    Whole(Bytes),
    TooLarge,
    Broken,
}

async fn read(body: &mut Body) -> Read {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Read::Broken };
        let Some(data) = frame.data_ref() else { continue };
        if whole.len() + data.len() > BODY_LIMIT {
            return Read::TooLarge;
        }
        whole.extend_from_slice(data);
    }
    Read::Whole(whole.freeze())
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn too_large(mut body: Body) -> Response {
    let discard = async {
        let mut discarded = 0;
        while let Some(Ok(frame)) = body.frame().await {
            discarded += frame.data_ref().map_or(0, Bytes::len);
            if discarded > DISCARDED_AT_MOST {
                break;
            }
        }
    };
    // Whether all of it came or not, the answer is the same.
    let _ = tokio::time::timeout(DISCARDING_AT_MOST, discard).await;
    refuse(AppError::TooLarge { limit_bytes: BODY_LIMIT as u64 })
}

/// The body a layer outside has already read.
pub(crate) async fn in_memory(body: Body) -> Bytes {
    body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default()
}
