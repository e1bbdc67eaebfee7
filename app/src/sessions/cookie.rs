//! The cookies of a browser session. Nothing else in the house writes a `Set-Cookie` for them.
//!
//! `__Host-` binds them to this host and to https (browsers treat loopback as safe), `HttpOnly` keeps scripts away,
//! `SameSite=Lax` lets links from letters arrive signed in.

use domain::{
    platform::random::{Token, TokenHash},
    sessions::{NewSession, known_devices::KNOWN_FOR},
};
use http::{HeaderName, HeaderValue, header::SET_COOKIE};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::{
    cookies::{self, DEVICE, PASSKEY, PENDING, SESSION},
    ui::theme::Theme,
};

/// Keeps a new session and the secret of its browser, and forgets a sign-in that waited for it.
pub(crate) fn keep(session: &NewSession) {
    for cookie in of_session(session) {
        set(&cookie);
    }
}

/// The same as texts, for a route that is no server function.
#[must_use]
pub fn of_session(session: &NewSession) -> Vec<String> {
    let age = session.keep_for.map(|age| format!("; Max-Age={}", age.as_secs())).unwrap_or_default();
    let mut cookies =
        vec![format!("{SESSION}={}; Path=/; Secure; HttpOnly; SameSite=Lax{age}", session.token.reveal())];
    cookies.push(expired(PENDING));
    if let Some(secret) = session.arrival.as_ref().and_then(|arrival| arrival.secret.as_ref()) {
        let age = KNOWN_FOR.as_secs();
        cookies.push(format!(
            "{DEVICE}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}",
            secret.reveal()
        ));
    }
    cookies
}

/// Keeps a sign-in that waits for its second factor.
pub(crate) fn keep_pending(token: &Token) {
    set(&of_pending(token));
}

/// The same as text, for a route that is no server function.
#[must_use]
pub fn of_pending(token: &Token) -> String {
    format!("{PENDING}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600", token.reveal())
}

/// Keeps the secret of a browser that is asked for a passkey, until the browser closes.
pub(crate) fn keep_passkey_browser(token: &Token) {
    set(&format!("{PASSKEY}={}; Path=/; Secure; HttpOnly; SameSite=Lax", token.reveal()));
}

/// The browser that was asked for a passkey, as the request says.
pub(crate) fn passkey_browser() -> Option<TokenHash> {
    let parts = use_context::<http::request::Parts>()?;
    let headers = parts.headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    TokenHash::of(cookies::find(headers, PASSKEY)?)
}

/// Keeps the choice of colours.
pub(crate) fn keep_theme(theme: Theme) {
    set(&theme.cookie());
}

/// Shows a device the theme of the account that came in. An account that goes by the device leaves it as it is.
pub(crate) fn follow_theme(theme: domain::identity::Theme) {
    if let Some(cookie) = of_theme(theme) {
        set(&cookie);
    }
}

/// The same as text, for a route that is no server function.
#[must_use]
pub fn of_theme(theme: domain::identity::Theme) -> Option<String> {
    Theme::parse(theme.name()).filter(|theme| *theme != Theme::System).map(Theme::cookie)
}

/// Forgets the session.
pub(crate) fn forget() {
    set(&expired(SESSION));
    set(&expired(PENDING));
    // What this site kept in the browser goes as well. Not `"cache"`: personal answers are never kept there, and
    // emptying it holds up the next page for seconds.
    append(HeaderName::from_static("clear-site-data"), "\"storage\"");
}

fn expired(name: &str) -> String {
    format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
}

fn set(cookie: &str) {
    append(SET_COOKIE, cookie);
}

fn append(name: HeaderName, value: &str) {
    let (Some(response), Ok(value)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(value)) else {
        return;
    };
    response.append_header(name, value);
}
