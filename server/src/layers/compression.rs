//! Compresses answers that are made on the spot.
//!
//! Files of the site are compressed ahead of time and carry `Content-Encoding` already, which this layer respects.
//! BREACH needs a secret and reflected input in the same answer, thousands of times. Our long-lived secrets travel
//! in cookies, never in bodies; a page holds a nonce, but a new one each time; the answers and the pages that show a
//! secret once (API tokens, authenticator keys, recovery codes) are left out all the same.

use axum::http::{HeaderMap, Response, StatusCode, Version};
use tower_http::compression::{
    CompressionLayer, CompressionLevel,
    predicate::{DefaultPredicate, Predicate},
};

/// Marks an answer that must not be compressed, in its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShowsSecret;

/// The layer; the fastest level, because a page is made for one reader.
pub(crate) fn compression() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .br(true)
        .gzip(true)
        .quality(CompressionLevel::Fastest)
        .compress_when(DefaultPredicate::new().and(shows_no_secret))
}

fn shows_no_secret(_: StatusCode, _: Version, _: &HeaderMap, extensions: &axum::http::Extensions) -> bool {
    extensions.get::<ShowsSecret>().is_none()
}

/// Where answers and pages show a secret once.
const SECRETS: [&str; 7] = [
    "/2fa/",
    "/account/tokens",
    "/admin/webhooks",
    "/api/v1/admin/create-webhook",
    "/api/v1/admin/rotate-webhook-secret",
    "/api/v1/second-factor/",
    "/api/v1/tokens/",
];

/// Whether the answers of this path show a secret once.
fn path_shows_secret(path: &str) -> bool {
    SECRETS.iter().any(|room| path.starts_with(room))
}

/// Puts the mark on the answers that need it.
pub(crate) async fn mark_secrets(
    request: axum::extract::Request,
    next: axum::middleware::Next,
) -> Response<axum::body::Body> {
    let shows_secret = path_shows_secret(request.uri().path());
    let mut response = next.run(request).await;
    if shows_secret {
        response.extensions_mut().insert(ShowsSecret);
    }
    response
}
