//! Refuses what a browser sends on behalf of another site.
//!
//! `Sec-Fetch-Site` and `Origin` are set by the browser and cannot be forged by a page. A request that changes
//! something is refused when either speaks of elsewhere, and, when both are absent, when it brings a session: an
//! old browser could have been tricked into it, a script without cookies could not. Reads change nothing and need
//! no proof, because links from letters and other pages must work; but an API read that says it comes from
//! elsewhere and brings a session is refused as well. A request with a token and without a session is a script's.

use app::cookies::{PENDING, SESSION};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header::ORIGIN},
    middleware::Next,
    response::Response,
};
use domain::AppError;

use super::{bearer, cookies::cookie};
use crate::{answer::refuse, state::AppState};

pub(crate) async fn cross_site(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let config = state.config();
    let ours = Ours { origin: &config.http.public_url, development: !config.profile.is_production() };
    let path = request.uri().path();
    let api = path.starts_with("/api/");
    // No page can make a browser send a token, and we keep none where it could.
    let by_token = bearer::shown(path, request.headers()).is_some() && !brings_session(request.headers());
    if by_token || is_allowed(request.method(), api, request.headers(), &ours) {
        next.run(request).await
    } else {
        refuse(AppError::CrossSite)
    }
}

/// The origin people know us by.
struct Ours<'a> {
    origin: &'a str,
    development: bool,
}

impl Ours<'_> {
    /// Our public origin; on a laptop `localhost` and `127.0.0.1` are the same place if the port is.
    fn is(&self, origin: &str) -> bool {
        if origin == self.origin {
            return true;
        }
        let port = |url: &str| url.rsplit(':').next().map(str::to_owned);
        let loopback = ["http://localhost:", "http://127.0.0.1:", "http://[::1]:"];
        self.development
            && loopback.iter().any(|start| origin.starts_with(start))
            && loopback.iter().any(|start| self.origin.starts_with(start))
            && port(origin) == port(self.origin)
    }
}

fn brings_session(headers: &HeaderMap) -> bool {
    cookie(headers, SESSION).is_some() || cookie(headers, PENDING).is_some()
}

fn is_allowed(method: &Method, api: bool, headers: &HeaderMap, ours: &Ours<'_>) -> bool {
    let site = headers.get("sec-fetch-site").map(|value| value.to_str().unwrap_or("unreadable"));
    let origin = headers.get(ORIGIN).map(|value| value.to_str().unwrap_or("unreadable"));
    let elsewhere = site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
        || origin.is_some_and(|origin| !ours.is(origin));
    let with_session = brings_session(headers);
    if method.is_safe() {
        return !(api && elsewhere && with_session);
    }
    let silent = site.is_none() && origin.is_none();
    !(elsewhere || silent && with_session)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: Ours<'static> = Ours { origin: "https://gate.example.com", development: false };

    fn allowed(method: &Method, pairs: &[(&'static str, &'static str)]) -> bool {
        let headers = pairs
            .iter()
            .map(|(name, value)| {
                (axum::http::HeaderName::from_static(name), axum::http::HeaderValue::from_static(value))
            })
            .collect();
        is_allowed(method, true, &headers, &OURS)
    }

    const SESSION_COOKIE: (&str, &str) = ("cookie", "__Host-gate=x");

    #[test]
    fn a_change_from_elsewhere_is_refused_with_and_without_a_session() {
        for foreign in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://gate.example.com"),
            ("origin", "https://gate.example.com.evil.example"),
        ] {
            assert!(!allowed(&Method::POST, &[foreign]), "{foreign:?}");
            assert!(!allowed(&Method::POST, &[foreign, SESSION_COOKIE]), "{foreign:?}");
        }
        let torn = [("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")];
        assert!(!allowed(&Method::POST, &torn));
    }

    #[test]
    fn a_change_from_our_own_pages_is_taken() {
        assert!(allowed(&Method::POST, &[("sec-fetch-site", "same-origin"), SESSION_COOKIE]));
        assert!(allowed(&Method::POST, &[("sec-fetch-site", "none"), SESSION_COOKIE]));
        assert!(allowed(&Method::POST, &[("origin", "https://gate.example.com"), SESSION_COOKIE]));
    }

    #[test]
    fn without_both_headers_a_change_is_taken_only_without_a_session() {
        assert!(allowed(&Method::POST, &[]));
        assert!(!allowed(&Method::POST, &[SESSION_COOKIE]));
        assert!(!allowed(&Method::POST, &[("cookie", "__Host-gate-pending=x")]));
    }

    #[test]
    fn a_read_from_elsewhere_is_refused_only_with_a_session() {
        let foreign = ("sec-fetch-site", "cross-site");
        assert!(allowed(&Method::GET, &[foreign]));
        assert!(!allowed(&Method::GET, &[foreign, SESSION_COOKIE]));
        assert!(allowed(&Method::GET, &[SESSION_COOKIE]));
    }

    #[test]
    fn localhost_is_the_loopback_address_only_in_development_and_on_our_port() {
        let laptop = Ours { origin: "http://127.0.0.1:3000", development: true };
        assert!(laptop.is("http://localhost:3000"));
        assert!(!laptop.is("http://localhost:4000"));
        assert!(!laptop.is("http://localhost.evil.example:3000"));
        assert!(!Ours { origin: "http://127.0.0.1:3000", development: false }.is("http://localhost:3000"));
    }
}
