//! `Authorization: Bearer`: where it counts, and what is answered to a wrong one (RFC 6750).
//!
//! A bearer is for scripts: it counts under `/api/`, `/exports/` and `/streams/`, and there it wins over a cookie. Pages do
//! not look at it.

use axum::{
    http::{
        HeaderMap, HeaderValue,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
    },
    response::Response,
};
use domain::{AppError, access::Actor, platform::Platform, tokens::service::resolve_bearer};

use crate::answer::refuse;

/// What the paths begin with where a bearer counts.
pub(super) const BEARER_PLACES: [&str; 3] = ["/api/", "/exports/", "/streams/"];

/// The token of a request, where one counts. Another scheme, such as that of a proxy in front of us, is none; what cannot
/// be read is a wrong one.
pub(super) fn shown<'a>(path: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    if !BEARER_PLACES.iter().any(|place| path.starts_with(place)) {
        return None;
    }
    let text = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Finds out who shows the token; a refusal is a ready answer.
pub(super) async fn resolve(platform: &Platform, token: &str) -> Result<Actor, Box<Response>> {
    match resolve_bearer(platform, token).await {
        Ok(Some(person)) => Ok(Actor::Person(person)),
        Ok(None) => Err(Box::new(wrong())),
        Err(error) => Err(Box::new(refuse(error))),
    }
}

fn wrong() -> Response {
    let mut response = refuse(AppError::SignInRequired);
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, value: &'static str) -> Option<String> {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
        shown(path, &headers).map(str::to_owned)
    }

    #[test]
    fn a_bearer_counts_where_scripts_call_and_nowhere_else() {
        for path in ["/api/v1/identity/me", "/exports/audit.csv", "/streams/organizations/1"] {
            assert_eq!(of(path, "Bearer x"), Some("x".into()), "{path}");
            assert_eq!(of(path, "bearer  x"), Some("x".into()), "{path}");
            assert_eq!(of(path, "Bearer"), Some(String::new()), "an empty one is a wrong one");
            assert_eq!(of(path, "Basic eDp5"), None, "{path}");
        }
        for path in ["/", "/account/tokens", "/apiary"] {
            assert_eq!(of(path, "Bearer x"), None, "{path}");
        }
    }
}
