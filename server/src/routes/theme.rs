//! `POST /theme`: light, dark, or as the system says, kept in a cookie that pages read while they are drawn.

use app::ui::theme::Theme;
use axum::{
    body::Bytes,
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{LOCATION, SET_COOKIE},
    },
    response::Response,
};
use domain::{AppError, FieldIssue};
use url::form_urlencoded;

use crate::{
    answer::{bare, refuse},
    layers::forms::came_from,
    state::AppState,
};

pub(crate) async fn choose(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let typed = form_urlencoded::parse(&body).find(|(name, _)| name == "theme").map(|(_, value)| value);
    let theme = match typed.as_deref().map(Theme::parse) {
        Some(Some(theme)) => theme,
        Some(None) => return refuse(AppError::invalid("theme", FieldIssue::NotAnOption)),
        None => return refuse(AppError::invalid("theme", FieldIssue::Required)),
    };
    let back = came_from(&headers, &state.config().http.public_url);
    let mut response = bare(StatusCode::SEE_OTHER);
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_str(&back).unwrap_or(HeaderValue::from_static("/")));
    if let Ok(cookie) = HeaderValue::from_str(&theme.cookie()) {
        headers.append(SET_COOKIE, cookie);
    }
    response
}
