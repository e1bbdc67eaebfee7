//! `/.well-known/`: where to report a weakness, and where to change a password.

use std::time::Duration;

use axum::{
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
    response::{IntoResponse, Response},
};
use domain::Timestamp;

use crate::{answer::bare, state::AppState};

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
