//! Reads and writes the few cookies the process knows by name.

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};

/// The session of a browser; 256 bits, opaque.
pub(crate) const SESSION: &str = "__Host-gate";
/// Between password and second factor.
pub(crate) const PENDING: &str = "__Host-gate-pending";
/// Light, dark, or as the system says.
pub(crate) const THEME: &str = "gate-theme";

/// The value of a cookie; the first, if somebody sends two.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// A short-lived cookie that only the server reads.
pub(crate) fn host_cookie(name: &str, value: &str, max_age_s: u32) -> Option<HeaderValue> {
    let text = format!("{name}={value}; Path=/; Max-Age={max_age_s}; Secure; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; __Host-gate-pending=p"));
        headers.append(COOKIE, HeaderValue::from_static("__Host-gate=s=1; __Host-gate=second"));
        assert_eq!(cookie(&headers, SESSION), Some("s=1"));
        assert_eq!(cookie(&headers, PENDING), Some("p"));
        assert_eq!(cookie(&headers, "gate"), None);
    }
}
