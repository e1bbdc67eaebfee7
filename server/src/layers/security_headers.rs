//! What every answer tells the browser to refuse (OWASP ASVS 5.0, chapter 3.4).
//!
//! The nonce of the content security policy is made here and given to Leptos through the request's extensions, so
//! that header and page agree.

use std::sync::LazyLock;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{
            CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};
use leptos::nonce::Nonce;

use crate::state::AppState;

/// Features no page of ours uses; passkeys need the one that stays.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), \
    geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=(), \
    publickey-credentials-create=(self), publickey-credentials-get=(self)";

/// Two years, as the preload list of browsers asks for.
const HSTS: &str = "max-age=63072000; includeSubDomains";

pub(crate) async fn security_headers(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let nonce = Nonce::new();
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let widget =
        state.config().captcha.turnstile.as_ref().map(|it| it.script_url.origin().ascii_serialization());
    if let Ok(policy) = HeaderValue::from_str(&policy(&nonce, reload_socket(&state), widget.as_deref())) {
        set(headers, CONTENT_SECURITY_POLICY, policy);
    }
    set(headers, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A form without wasm goes back to where it came from, so our own origin must see the whole address.
    set(headers, REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    set(headers, name("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    set(headers, name("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    set(headers, name("permissions-policy"), HeaderValue::from_static(PERMISSIONS));
    if state.config().profile.is_production() {
        set(headers, STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    response
}

/// A route may be stricter, such as the frame that shows a letter; what it set stays.
fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.entry(name).or_insert(value);
}

const fn name(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

/// Where `cargo xtask run --watch` tells the page of a new build; nowhere in production.
fn reload_socket(state: &AppState) -> Option<u32> {
    static WATCHED: LazyLock<bool> = LazyLock::new(|| std::env::var_os("LEPTOS_WATCH").is_some());
    (*WATCHED && !state.config().profile.is_production()).then(|| state.leptos().reload_port)
}

/// `widget` is the origin of a captcha's program, and of the frame it draws, where the operator chose one.
fn policy(nonce: &str, reload_socket: Option<u32>, widget: Option<&str>) -> String {
    let connect = reload_socket
        .map(|port| format!("connect-src 'self' ws://127.0.0.1:{port} ws://localhost:{port}; "))
        .unwrap_or_default();
    let (script, frame) = widget
        .map(|origin| (format!(" {origin}"), format!("frame-src 'self' {origin}; ")))
        .unwrap_or_default();
    // The pages at the door carry their styles within, under the nonce, to be readable after one request.
    format!(
        "default-src 'self'; {connect}script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'{script}; {frame}\
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; worker-src 'self'; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'"
    )
}
