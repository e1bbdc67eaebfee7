//! Gives every refusal its final shape: `application/problem+json` for scripts, a page for people.
//!
//! Refusals arrive in three forms: marked by a layer of ours, as problem details from a server function, and as a
//! bare status from the router or a library. Nothing of the last kind's text is passed on.

use app::error::Problem;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
        response::Parts,
    },
    middleware::Next,
    response::Response,
};
use domain::AppError;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{body::in_memory, request_id::RequestId};
use crate::{
    answer::{Refused, accepts_html, status_of},
    html::{Markup, page},
    state::AppState,
};

const PROBLEM_JSON: &str = "application/problem+json";

/// Who is told, and under which id.
struct Reader {
    instance: Option<Uuid>,
    api: bool,
    wants_page: bool,
    stylesheet: String,
}

pub(crate) async fn problems(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let api = request.uri().path().starts_with("/api/");
    // Opening an endpoint in a browser shows its JSON; only a form that was sent from a page gets a page back.
    let form = request.method() == Method::POST;
    let reader = Reader {
        instance: request.extensions().get::<RequestId>().map(|id| id.0),
        api,
        wants_page: accepts_html(request.headers()) && (form || !api),
        stylesheet: state.site().stylesheet.clone(),
    };
    let response = next.run(request).await;
    match found(response).await {
        Found::Nothing(response) => response,
        Found::Refusal(error, parts) => tell(&error, parts, &reader),
        Found::BareStatus(parts, body) => bare_status(parts, body, &reader),
    }
}

/// Takes the error out of a refusal, for layers that tell it in their own way.
pub(super) enum Found {
    Nothing(Response),
    Refusal(AppError, Parts),
    BareStatus(Parts, Body),
}

pub(super) async fn found(response: Response) -> Found {
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return Found::Nothing(response);
    }
    let (mut parts, body) = response.into_parts();
    if let Some(Refused(error)) = parts.extensions.remove::<Refused>() {
        return Found::Refusal(error, parts);
    }
    match content_type(&parts.headers) {
        PROBLEM_JSON => match serde_json::from_slice::<Problem>(&in_memory(body).await) {
            Ok(Problem(error)) => Found::Refusal(error, parts),
            Err(_) => Found::Refusal(AppError::Internal, parts),
        },
        "text/html" => Found::Nothing(Response::from_parts(parts, body)),
        _ => Found::BareStatus(parts, body),
    }
}

/// A bare status under `/api/` becomes the problem it means; elsewhere a page, where somebody wants one.
fn bare_status(parts: Parts, body: Body, reader: &Reader) -> Response {
    if !reader.api && !reader.wants_page {
        return Response::from_parts(parts, body);
    }
    match parts.status {
        StatusCode::NOT_FOUND => tell(&AppError::NotFound, parts, reader),
        StatusCode::BAD_REQUEST => tell(&AppError::MalformedRequest, parts, reader),
        StatusCode::PAYLOAD_TOO_LARGE => {
            tell(&AppError::TooLarge { limit_bytes: crate::config::BODY_LIMIT as u64 }, parts, reader)
        }
        StatusCode::SERVICE_UNAVAILABLE => tell(&AppError::Busy { retry_after_s: 5 }, parts, reader),
        status if status.is_server_error() => tell(&AppError::Internal, parts, reader),
        status => tell_status(status, parts, reader),
    }
}

fn tell(error: &AppError, mut parts: Parts, reader: &Reader) -> Response {
    parts.status = status_of(error);
    if parts.status == StatusCode::UNAUTHORIZED {
        // Who shows a wrong bearer has been told more.
        parts.headers.entry(WWW_AUTHENTICATE).or_insert(HeaderValue::from_static("Bearer"));
    }
    if let AppError::TooManyRequests { retry_after_s } | AppError::Busy { retry_after_s } = error {
        parts.headers.insert(RETRY_AFTER, HeaderValue::from(*retry_after_s));
    }
    let problem = Problem(error.clone());
    if reader.wants_page {
        return shown(parts, problem.title(), &problem.detail(), reader);
    }
    written(parts, &problem.body(reader.instance))
}

/// Statuses without a kind of their own: RFC 9457 §4.2.1 gives them the type `about:blank` and their phrase.
fn tell_status(status: StatusCode, mut parts: Parts, reader: &Reader) -> Response {
    parts.status = status;
    let title = status.canonical_reason().unwrap_or("Refused");
    let detail = match status {
        StatusCode::METHOD_NOT_ALLOWED => "This path takes another method; the Allow header names it.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "Send application/json or application/x-www-form-urlencoded.",
        StatusCode::REQUEST_TIMEOUT => "The body did not arrive in time. Try again on a better connection.",
        _ => "The request was refused.",
    };
    if reader.wants_page {
        return shown(parts, title, detail, reader);
    }
    let mut body =
        json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail });
    if let (Some(id), Some(object)) = (reader.instance, body.as_object_mut()) {
        object.insert("instance".into(), id.to_string().into());
    }
    written(parts, &body)
}

fn written(mut parts: Parts, body: &Value) -> Response {
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    Response::from_parts(parts, Body::from(body.to_string()))
}

fn shown(parts: Parts, title: &str, detail: &str, reader: &Reader) -> Response {
    let id = reader.instance.map(|id| id.to_string()).unwrap_or_default();
    let main = Markup::new()
        .html("<p>")
        .text(detail)
        .html("</p>\n<p class=\"mt-4\"><a href=\"/\">Go to the first page</a></p>\n<p class=\"mt-4\"><small>Request ")
        .text(&id)
        .html("</small></p>");
    let mut response = page(parts.status, &reader.stylesheet, title, main);
    for (name, value) in &parts.headers {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            response.headers_mut().append(name, value.clone());
        }
    }
    response.extensions_mut().extend(parts.extensions);
    response
}

fn content_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}
