//! `/exports/account.json`: the copy of everything the site holds about the one who asks.

use axum::{
    Extension,
    body::Body,
    extract::State,
    http::{
        HeaderValue, Method,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::Response,
};
use bytes::Bytes;
use domain::{
    AppError,
    access::Caller,
    identity::service::{Download, download},
};
use futures::stream;

use crate::{answer::refuse, state::AppState};

pub(crate) async fn json(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    method: Method,
) -> Response {
    answer(&state, &caller, &method).await.unwrap_or_else(refuse)
}

async fn answer(state: &AppState, caller: &Caller, method: &Method) -> Result<Response, AppError> {
    let grant = caller.stepped_up()?;
    let date = state.platform().now().rfc3339();
    let name = format!("gatehouse-account-{}.json", date.get(..10).unwrap_or_default());
    let mut copy = download(&grant).await?;
    let bytes = copy.bytes();
    // `HEAD` takes nothing away, and is not noted.
    if method == Method::HEAD {
        return Ok(file(Body::empty(), &name, bytes));
    }
    let first = copy.next_piece().await?.map(Bytes::from);
    Ok(file(body(first, copy), &name, bytes))
}

/// What is there already, then piece after piece as the reader takes them.
fn body(first: Option<Bytes>, copy: Download) -> Body {
    let pieces = stream::try_unfold((first, copy), |(ready, mut copy)| async move {
        let piece = match ready {
            Some(bytes) => Some(bytes),
            None => copy.next_piece().await?.map(Bytes::from),
        };
        // An error ends the body without its end, which the reader sees as a broken connection.
        Ok::<_, AppError>(piece.map(|piece| (piece, (None, copy))))
    });
    Body::from_stream(pieces)
}

fn file(body: Body, name: &str, bytes: u64) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_LENGTH, bytes.into());
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}
