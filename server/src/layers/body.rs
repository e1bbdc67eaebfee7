//! Reads a body once, as a whole, within a limit and within a time; the layers inside find it in memory.
//!
//! Nothing is read for a path that takes no body, so that the answer 404 or 405 costs a client more than us. Somebody
//! without a session may send a form, not a file. What is held at the same time is bounded by [`BodyRoom`].
//!
//! A body that is too large is read to its end and thrown away, up to a bound: a client that is still writing when
//! the connection closes sees a reset instead of the answer.
//!
//! [`BodyRoom`]: crate::body_room::BodyRoom

use std::time::Duration;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header::CONTENT_LENGTH, request::Parts},
    middleware::Next,
    response::Response,
};
use bytes::{Bytes, BytesMut};
use domain::{
    AppError,
    access::{Actor, Caller},
};
use http_body_util::BodyExt as _;

use crate::{
    answer::{bare, refuse},
    body_room::{Place, Share},
    config::{BODY_LIMIT, STRANGERS_BODY_LIMIT},
    router::FORMS,
    state::AppState,
};

/// How much of a too large body is thrown away before the answer, in bytes.
const DISCARDED_AT_MOST: usize = 32 * 1024 * 1024;
/// How long that may take.
const DISCARDING_AT_MOST: Duration = Duration::from_secs(5);
/// When a client may try again after there was no room, in seconds.
const RETRY_AFTER_S: u32 = 2;

pub(crate) async fn body_limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if !takes_body(&state, &parts) {
        return next.run(Request::from_parts(parts, Body::empty())).await;
    }
    let is_person = parts.extensions.get::<Caller>().is_some_and(|it| matches!(it.actor(), Actor::Person(_)));
    let (share, limit) =
        if is_person { (Share::People, BODY_LIMIT) } else { (Share::Strangers, STRANGERS_BODY_LIMIT) };
    match whole(&state, &parts.headers, body, share, limit).await {
        // The place is kept until the answer is there, because layers and functions hold the body until then.
        Ok((bytes, _place)) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refusal) => *refusal,
    }
}

/// A body, within a limit and a time, and the room it takes as long as the place is kept; a refusal is a ready answer.
pub(crate) async fn whole(
    state: &AppState,
    headers: &HeaderMap,
    mut body: Body,
    share: Share,
    limit: usize,
) -> Result<(Bytes, Place), Box<Response>> {
    if announced(headers).is_some_and(|length| length > limit) {
        return Err(Box::new(too_large(body, limit).await));
    }
    let mut place = state.body_room().place(share);
    let reading = read(&mut body, limit, &mut place);
    Err(Box::new(match tokio::time::timeout(state.config().http.body_timeout, reading).await {
        Ok(Read::Whole(bytes)) => return Ok((bytes, place)),
        Ok(Read::TooLarge) => too_large(body, limit).await,
        Ok(Read::NoRoom) => no_room(body).await,
        Ok(Read::Broken) => refuse(AppError::MalformedRequest),
        Err(_) => bare(StatusCode::REQUEST_TIMEOUT),
    }))
}

fn takes_body(state: &AppState, parts: &Parts) -> bool {
    let path = parts.uri.path();
    parts.method == Method::POST
        && (FORMS.contains(&path) || state.endpoints().find(&parts.method, path).is_some())
}

enum Read {
    Whole(Bytes),
    TooLarge,
    NoRoom,
    Broken,
}

async fn read(body: &mut Body, limit: usize, place: &mut Place) -> Read {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Read::Broken };
        let Some(data) = frame.data_ref() else { continue };
        let length = whole.len() + data.len();
        if length > limit {
            return Read::TooLarge;
        }
        if place.grow_to(length).is_err() {
            return Read::NoRoom;
        }
        whole.extend_from_slice(data);
    }
    Read::Whole(whole.freeze())
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn too_large(body: Body, limit: usize) -> Response {
    discard(body).await;
    refuse(AppError::TooLarge { limit_bytes: limit as u64 })
}

async fn no_room(body: Body) -> Response {
    metrics::counter!("bodies_refused_total").increment(1);
    discard(body).await;
    refuse(AppError::Busy { retry_after_s: RETRY_AFTER_S })
}

async fn discard(mut body: Body) {
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
}

/// The body a layer outside has already read.
pub(crate) async fn in_memory(body: Body) -> Bytes {
    body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default()
}
