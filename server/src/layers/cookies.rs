//! Reads and writes the few cookies the process knows by name.

use app::cookies::find;
use axum::http::{HeaderMap, HeaderValue, header::COOKIE};

/// The value of a cookie; the first, if somebody sends two.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    find(headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()), name)
}

/// A short-lived cookie that only the server reads.
pub(crate) fn host_cookie(name: &str, value: &str, max_age_s: u32) -> Option<HeaderValue> {
    let text = format!("{name}={value}; Path=/; Max-Age={max_age_s}; Secure; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&text).ok()
}
