//! Refusals as answers: any layer refuses with one call, and the problems layer gives every refusal its final shape.

use app::error::Problem;
use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header::ACCEPT},
    response::Response,
};
use domain::AppError;

/// Marks an answer as a refusal whose body is still to be written.
#[derive(Clone, Debug)]
pub(crate) struct Refused(pub(crate) AppError);

/// An answer without a body that says why; see [`crate::layers::problems`].
pub(crate) fn refuse(error: AppError) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status_of(&error);
    response.extensions_mut().insert(Refused(error));
    response
}

/// The HTTP status of an error.
pub(crate) fn status_of(error: &AppError) -> StatusCode {
    StatusCode::from_u16(Problem(error.clone()).status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// An answer of a status alone, for what the catalogue of problems does not name (405, 408, 415).
pub(crate) fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Whether a browser asks for a page. The wildcard of scripts is no such wish.
pub(crate) fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html")))
}
