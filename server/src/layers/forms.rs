//! Forms of pages without wasm: a plain post runs as the JSON call it stands for, then the browser is sent on.
//!
//! After success it goes where the function says, else back to its page with the answer. After a refusal it goes
//! back with the problem and what was typed, except secrets. Both travel in a sealed cookie of one minute ([`flash`]).

use std::collections::BTreeMap;

use app::{
    flash::{Flash, Outcome},
    ui::kept_as,
};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{ACCEPT, CONTENT_TYPE, LOCATION, REFERER, SET_COOKIE},
        response::Parts,
    },
    middleware::Next,
    response::Response,
};
use server_fn::redirect::REDIRECT_HEADER;
use url::{Url, form_urlencoded};

use super::{
    body::in_memory,
    flash::{self, Holder},
    input::without_error_parameters,
    problems::{Found, found},
};
use crate::{
    answer::{accepts_html, bare},
    state::AppState,
};

/// Headers that belong to the answer of the function and not to the redirect: about its body, where it leads by other
/// ways, and when to try again (which a browser would wait for before it follows).
const NOT_OF_THE_REDIRECT: [&str; 6] =
    ["content-type", "content-length", "content-encoding", "location", REDIRECT_HEADER, "retry-after"];

pub(crate) async fn forms(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !is_plain_form(&request) {
        return next.run(request).await;
    }
    let path = request.uri().path().to_owned();
    let (mut parts, body) = request.into_parts();
    let bytes = in_memory(body).await;
    let holder = Holder::of_request(&parts.headers);
    let back = came_from(&parts.headers, &state.config().http.public_url);
    parts.headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let response = next.run(Request::from_parts(parts, Body::from(bytes.clone()))).await;
    match found(response).await {
        Found::Nothing(response) => after_success(&state, holder, path, response, &back).await,
        Found::Refusal(error, parts) => {
            let flash = Flash { path, outcome: Outcome::Refused(error), values: values_to_keep(&bytes) };
            returned(&state, parts, &back, Some((holder, flash)))
        }
        Found::BareStatus(parts, body) => Response::from_parts(parts, body),
    }
}

async fn after_success(
    state: &AppState,
    holder: Holder,
    path: String,
    response: Response,
    back: &str,
) -> Response {
    let (mut parts, body) = response.into_parts();
    // Only the functions of this server set it; it is a path of ours or the address of a sign-in provider.
    let location = parts.headers.remove(LOCATION).and_then(|value| value.to_str().ok().map(str::to_owned));
    if let Some(location) = location {
        return returned(state, parts, &location, None);
    }
    let answer = String::from_utf8(in_memory(body).await.to_vec()).unwrap_or_default();
    let flash = Flash { path, outcome: Outcome::Done(answer), values: BTreeMap::new() };
    returned(state, parts, back, Some((holder, flash)))
}

/// Sends the browser on with the headers of the answer, its cookies among them, and what the next page shows.
fn returned(state: &AppState, mut parts: Parts, location: &str, flash: Option<(Holder, Flash)>) -> Response {
    let mut response = bare(StatusCode::SEE_OTHER);
    for name in NOT_OF_THE_REDIRECT {
        parts.headers.remove(name);
    }
    let flash = flash.and_then(|(holder, flash)| flash::seal(state, holder.after(&parts.headers), flash));
    if let Some(cookie) = flash {
        parts.headers.append(SET_COOKIE, cookie);
    }
    let location = HeaderValue::from_str(location).unwrap_or(HeaderValue::from_static("/"));
    parts.headers.insert(LOCATION, location);
    *response.headers_mut() = parts.headers;
    response.extensions_mut().extend(parts.extensions);
    response
}

fn is_plain_form(request: &Request) -> bool {
    let content_type =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    request.method() == Method::POST
        && request.uri().path().starts_with("/api/")
        && accepts_html(request.headers())
        && content_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}

/// The page a form was sent from: path and query of a `Referer` of our own origin, without carried errors.
pub(crate) fn came_from(headers: &HeaderMap, public_url: &str) -> String {
    let referer = headers.get(REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(url) = Url::parse(referer) else { return "/".into() };
    let named = url.origin().ascii_serialization();
    // Behind a tunnel or as `localhost` the page has another name; `Host` is what the browser itself sent.
    let host = headers.get("host").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let same_host = !host.is_empty() && named.split("://").nth(1) == Some(host);
    if named != public_url && !same_host {
        return "/".into();
    }
    // A path that begins with two slashes would be another host.
    let path = format!("/{}", url.path().trim_start_matches('/'));
    let Some(query) = url.query() else { return path };
    let query = without_error_parameters(query).unwrap_or_else(|| query.to_owned());
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// What was typed, except what must never be written down.
fn values_to_keep(form: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(form)
        .filter(|(name, _)| !is_secret(name))
        .map(|(name, value)| (kept_as(&name, &value), value.into_owned()))
        .collect()
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "code" | "recovery_code" | "captcha")
        || ["password", "token", "secret", "invitation"].iter().any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &str = "https://gate.example.com";

    fn back(referer: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(REFERER, HeaderValue::from_static(referer));
        came_from(&headers, PUBLIC)
    }

    #[test]
    fn a_form_returns_to_its_page_and_nowhere_else() {
        assert_eq!(
            back("https://gate.example.com/sign-in?next=%2Faccount&__err=x"),
            "/sign-in?next=%2Faccount"
        );
        assert_eq!(back("https://gate.example.com//evil.example/x"), "/evil.example/x");
        for foreign in
            ["https://evil.example/sign-in", "http://gate.example.com/", "nonsense", "javascript:alert(1)"]
        {
            assert_eq!(back(foreign), "/");
        }
    }

    #[test]
    fn every_value_of_a_list_is_kept() {
        let kept = values_to_keep(b"name=x&scopes[]=a&scopes%5B%5D=b");
        let names: Vec<_> = kept.keys().map(String::as_str).collect();
        assert_eq!(names, ["name", "scopes[]a", "scopes[]b"]);
    }

    #[test]
    fn secrets_are_never_kept() {
        let form = b"email=a%40example.com&password=p&current_password=p&code=1&recovery_code=r&token=t&client_secret=s&captcha=c&refresh_token=r&invitation=i";
        let kept = values_to_keep(form);
        assert_eq!(kept.into_iter().collect::<Vec<_>>(), [("email".to_owned(), "a@example.com".to_owned())]);
    }
}
