//! The caller of a server function, on both roads: an HTTP request and a page that is being rendered.

use domain::{AppError, access::Caller};
use http::request::Parts;
use leptos::prelude::use_context;

/// The caller that the session layer put into the request.
///
/// # Errors
/// [`AppError::Internal`] outside of a request, which is a mistake in the server's layers.
pub fn caller() -> Result<Caller, AppError> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<Caller>().cloned()).ok_or_else(|| {
        tracing::error!("a server function ran without the session layer");
        AppError::Internal
    })
}
