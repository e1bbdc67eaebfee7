//! Files of the built site, compressed ahead of time.
//!
//! A name with a hash never changes its content and is kept for a year; everything else is asked for again. What is
//! not there is 404 and never a page, so that a stale script fails cleanly after a deploy.

use std::path::Path;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
    routing::get,
};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;

use crate::{answer::bare, site::is_hashed_name, state::AppState};

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// Scripts, wasm and styles.
pub(crate) async fn package(State(state): State<AppState>, request: Request) -> Response {
    let is_hashed = request.uri().path().rsplit('/').next().is_some_and(is_hashed_name);
    serve(&state, request, if is_hashed { FOR_EVER } else { ASK_AGAIN }).await
}

/// A route for each file and folder at the top of the site, such as the icon and the manifest. An unknown path
/// therefore never touches the disk.
pub(crate) fn fixed(state: &AppState) -> Router<AppState> {
    let names = top_of(&state.site().root);
    names.into_iter().fold(Router::new(), |router, Entry { name, is_folder }| {
        let path = if is_folder { format!("/{name}/{{*file}}") } else { format!("/{name}") };
        router.route(&path, get(other))
    })
}

async fn other(State(state): State<AppState>, request: Request) -> Response {
    serve(&state, request, ASK_AGAIN).await
}

async fn serve(state: &AppState, request: Request, cache: HeaderValue) -> Response {
    let folder = ServeDir::new(&state.site().root)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    let Ok(response) = folder.oneshot(request).await;
    let mut response = response.into_response();
    match response.status() {
        StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::NOT_MODIFIED => {
            response.headers_mut().insert(CACHE_CONTROL, cache);
            response
        }
        StatusCode::NOT_FOUND => bare(StatusCode::NOT_FOUND),
        _ => response,
    }
}

struct Entry {
    name: String,
    is_folder: bool,
}

/// Names that fit into a route as they are; the package folder has a route of its own.
fn top_of(root: &Path) -> Vec<Entry> {
    let Ok(entries) = std::fs::read_dir(root) else { return Vec::new() };
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let is_compressed = [".br", ".gz"].iter().any(|end| name.ends_with(end));
            let is_folder = entry.file_type().ok()?.is_dir();
            (plain(&name) && name != "pkg" && !is_compressed).then_some(Entry { name, is_folder })
        })
        .collect()
}
