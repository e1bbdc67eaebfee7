//! One way in: JSON objects become form encoding, so that each server function is written once.
//!
//! What no function should ever see is refused here: invalid UTF-8, nul characters, broken JSON, values of another type.
//! Forged `__path` and `__err` parameters, by which Leptos would show a foreign error on a page, are taken out.

use app::endpoint::{FieldDoc, FieldKind};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode, Uri,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE},
        uri::PathAndQuery,
    },
    middleware::Next,
    response::Response,
};
use domain::{AppError, FieldIssue};
use percent_encoding::percent_decode;
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

use super::body::in_memory;
use crate::{
    answer::{bare, refuse},
    state::AppState,
};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

pub(crate) async fn input(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if !is_clean(request.uri().query().unwrap_or_default().as_bytes()) {
        return refuse(AppError::MalformedRequest);
    }
    if let Some(uri) = without_forged_errors(request.uri()) {
        *request.uri_mut() = uri;
    }
    if !request.uri().path().starts_with("/api/v1/") {
        // To Leptos, a request that does not ask for HTML is a call of its own browser half, and a redirect to the
        // sign-in page would be a 200. Here are only pages, whoever asks for them.
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/html"));
        return next.run(request).await;
    }
    // Leptos answers a request that accepts HTML with a redirect of its own; forms have their own layer.
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
    if request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
    }
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    // An unknown path has no fields; who asked for it is told so further in.
    let endpoint = state.endpoints().find(request.method(), request.uri().path());
    let fields = endpoint.map(|endpoint| (endpoint.fields)()).unwrap_or_default();
    match as_form(request, &fields).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal,
    }
}

async fn as_form(request: Request, fields: &[FieldDoc]) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let bytes = in_memory(body).await;
    let form = match media_type(&parts.headers).as_str() {
        "application/x-www-form-urlencoded" => bytes.to_vec(),
        "application/json" => json_as_form(&bytes, fields).map_err(refuse)?,
        _ if bytes.is_empty() => Vec::new(),
        _ => return Err(bare(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
    };
    if !is_clean(&form) {
        return Err(refuse(AppError::MalformedRequest));
    }
    parts.headers.insert(CONTENT_TYPE, FORM);
    parts.headers.remove(CONTENT_LENGTH);
    Ok(Request::from_parts(parts, Body::from(form)))
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether form encoding carries text only: valid UTF-8 without a nul, which Postgres would refuse.
fn is_clean(encoded: &[u8]) -> bool {
    let decoded: Vec<u8> = percent_decode(encoded).collect();
    !decoded.contains(&0) && std::str::from_utf8(&decoded).is_ok()
}

/// The form encoding of a JSON object, by the types that the endpoint's fields have. An empty body is an empty object.
fn json_as_form(bytes: &[u8], fields: &[FieldDoc]) -> Result<Vec<u8>, AppError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let mut object: Map<String, Value> =
        serde_json::from_slice(bytes).map_err(|_| AppError::MalformedRequest)?;
    let mut form = Serializer::new(String::new());
    for field in fields {
        // A field that is null is a field that was not given.
        let Some(value) = object.remove(field.name).filter(|value| !value.is_null()) else { continue };
        match texts(field.kind, value).ok_or_else(|| AppError::invalid(field.name, FieldIssue::Unreadable))? {
            Texts::One(text) => drop(form.append_pair(field.name, &text)),
            Texts::Several(texts) => {
                for (index, text) in texts.iter().enumerate() {
                    form.append_pair(&format!("{}[{index}]", field.name), text);
                }
            }
        }
    }
    Ok(form.finish().into_bytes())
}

/// What a form says for a value.
enum Texts {
    One(String),
    Several(Vec<String>),
}

/// `None` for a value of another type: `false` is not the text "false".
fn texts(kind: FieldKind, value: Value) -> Option<Texts> {
    match (kind, value) {
        (FieldKind::Text, Value::String(text)) => Some(Texts::One(text)),
        (FieldKind::Number, Value::Number(number)) => Some(Texts::One(number.to_string())),
        (FieldKind::Flag, Value::Bool(flag)) => Some(Texts::One(flag.to_string())),
        (FieldKind::List, Value::Array(items)) => {
            let texts = items.into_iter().map(|item| match item {
                Value::String(text) => Some(text),
                _ => None,
            });
            texts.collect::<Option<_>>().map(Texts::Several)
        }
        (FieldKind::Numbers, Value::Array(items)) => {
            let texts = items.into_iter().map(|item| match item {
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
            texts.collect::<Option<_>>().map(Texts::Several)
        }
        _ => None,
    }
}

/// The address without `__path` and `__err`; `None` when it had neither.
fn without_forged_errors(uri: &Uri) -> Option<Uri> {
    let query = without_error_parameters(uri.query()?)?;
    let path = uri.path();
    let text = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}

/// A query without the parameters by which Leptos carries errors; `None` when it had none.
pub(super) fn without_error_parameters(query: &str) -> Option<String> {
    let is_error = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        let name: Vec<u8> = percent_decode(name.as_bytes()).collect();
        name == b"__path" || name == b"__err"
    };
    query.split('&').any(|pair| is_error(&pair)).then(|| {
        let kept: Vec<&str> = query.split('&').filter(|pair| !is_error(pair)).collect();
        kept.join("&")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn field(name: &'static str, kind: FieldKind) -> FieldDoc {
        FieldDoc { name, kind, optional: true }
    }

    const FIELDS: [FieldDoc; 6] = [
        field("email", FieldKind::Text),
        field("limit", FieldKind::Number),
        field("next", FieldKind::Text),
        field("remember", FieldKind::Flag),
        field("roles", FieldKind::List),
        field("warn_at", FieldKind::Numbers),
    ];

    fn form(json: &str) -> Result<String, AppError> {
        json_as_form(json.as_bytes(), &FIELDS).map(|form| String::from_utf8(form).expect("text"))
    }

    #[test]
    fn a_json_object_becomes_the_form_a_page_would_send() {
        let text = form(r#"{"email": "a+b@example.com", "remember": true, "limit": 25, "next": null}"#);
        assert_eq!(text.as_deref(), Ok("email=a%2Bb%40example.com&limit=25&remember=true"));
        assert_eq!(
            form(r#"{"roles": ["ADMIN", "USER"]}"#).as_deref(),
            Ok("roles%5B0%5D=ADMIN&roles%5B1%5D=USER")
        );
        assert_eq!(form(r#"{"warn_at": [50, 100]}"#).as_deref(), Ok("warn_at%5B0%5D=50&warn_at%5B1%5D=100"));
        assert_eq!(form(r#"{"unknown": {"is": "ignored"}, "next": "/"}"#).as_deref(), Ok("next=%2F"));
        assert_eq!(form("").as_deref(), Ok(""));
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        for text in ["[]", "1", "null", "{", "{\"email\": \"\u{ff}\""] {
            assert_eq!(form(text), Err(AppError::MalformedRequest), "{text}");
        }
        assert_eq!(json_as_form(b"{\"email\": \"\xff\"}", &FIELDS), Err(AppError::MalformedRequest));
    }

    #[test]
    fn a_value_of_another_type_is_refused_at_its_field() {
        for (name, value) in [
            ("email", "false"),
            ("email", "1"),
            ("email", r#"{"b": 1}"#),
            ("email", r#"["a@example.com"]"#),
            ("limit", r#""25""#),
            ("remember", r#""true""#),
            ("remember", "1"),
            ("roles", r#""ADMIN""#),
            ("roles", "[{}]"),
            ("roles", "[null]"),
            ("roles", "[1]"),
            ("warn_at", r#"["50"]"#),
            ("warn_at", "50"),
        ] {
            let refused = form(&format!(r#"{{"{name}": {value}}}"#));
            assert_eq!(refused, Err(AppError::invalid(name, FieldIssue::Unreadable)), "{name}: {value}");
        }
    }

    #[test]
    fn invalid_utf8_and_nul_characters_are_no_text() {
        assert!(is_clean(b"email=%C3%A9&x=1+2"));
        for encoded in [&b"email=%FF"[..], b"email=%00", b"email=\xff", b"a%00b=1"] {
            assert!(!is_clean(encoded));
        }
        let nul = json_as_form(br#"{"email": "a\u0000b"}"#, &FIELDS).expect("valid JSON");
        assert!(!is_clean(&nul));
    }

    #[test]
    fn forged_errors_are_taken_out_of_the_address() {
        let clean = |text: &str| without_forged_errors(&text.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(clean("/sign-in?next=%2F&__err=abc&__path=%2Fapi").as_deref(), Some("/sign-in?next=%2F"));
        assert_eq!(clean("/sign-in?%5F%5Ferr=abc").as_deref(), Some("/sign-in"));
        assert_eq!(clean("/sign-in?next=%2F"), None);
    }
}
