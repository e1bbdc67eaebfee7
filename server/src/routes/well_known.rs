//! `/.well-known/`: where to report a weakness, where to change a password, and the keys that verify access tokens.

use std::time::Duration;

use axum::{
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LOCATION},
    },
    response::{IntoResponse, Response},
};
use domain::{Timestamp, tokens::service::jwks as published_keys};
use sha2::{Digest as _, Sha256};

use crate::{
    answer::{bare, refuse},
    state::AppState,
};

/// RFC 9116 §2.5.5 recommends less than a year; what is served is always half a year from being stale.
const VALID_FOR: Duration = Duration::from_hours(180 * 24);

/// RFC 9116. Without a contact there is no such file.
pub(crate) async fn security_txt(State(state): State<AppState>) -> Response {
    let config = state.config();
    let Some(contact) = &config.security.contact else { return bare(StatusCode::NOT_FOUND) };
    let expires = whole_seconds(state.platform().now() + VALID_FOR);
    let address = &config.http.public_url;
    let text = format!(
        "Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en\nCanonical: {address}/.well-known/security.txt\n"
    );
    let mut response = text.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Readers of the file expect no fraction of a second.
fn whole_seconds(at: Timestamp) -> String {
    let text = at.rfc3339();
    match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text,
    }
}

/// <https://w3c.github.io/webappsec-change-password-url/>: password managers look here.
pub(crate) async fn change_password() -> Response {
    let mut response = bare(StatusCode::SEE_OTHER);
    response.headers_mut().insert(LOCATION, HeaderValue::from_static("/account/security"));
    response
}

/// RFC 7517. A new key is here ten minutes before it signs, so five minutes of a copy are never too old.
pub(crate) async fn jwks(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let keys = match published_keys(state.platform()).await {
        Ok(keys) => serde_json::to_vec(&keys).unwrap_or_default(),
        Err(error) => return refuse(error),
    };
    let tag =
        Sha256::digest(&keys).iter().take(8).fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}"));
    let tag = format!("{tag}\"");
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Compression may have made it a weak one (RFC 9110 §13.1.2 compares them alike).
    let is_known = known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag);
    let mut response = if is_known { bare(StatusCode::NOT_MODIFIED) } else { keys.into_response() };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/jwk-set+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(ETAG, tag);
    }
    response
}
