//! Comma-separated values that are written page after page, as their reader takes them.

use axum::{
    body::Body,
    http::{
        HeaderValue, Method,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::Response,
};
use bytes::Bytes;
use domain::AppError;
use futures::stream;

/// Whoever reads the pages of a file.
pub(super) trait Pages: Send + 'static {
    /// The next lines; nothing after the last.
    fn next(&mut self) -> impl Future<Output = Result<Option<String>, AppError>> + Send;
}

/// A file with a head and these pages. The first is read before the answer begins, so that a refusal is a refusal.
pub(super) async fn file<P: Pages>(
    method: &Method,
    name: &str,
    head: String,
    mut pages: P,
) -> Result<Response, AppError> {
    if method == Method::HEAD {
        return Ok(response(Body::empty(), name));
    }
    let page = pages.next().await?;
    let rest = page.is_some().then_some(pages);
    let first = Bytes::from(head + &page.unwrap_or_default());
    Ok(response(body(first, rest), name))
}

fn body<P: Pages>(first: Bytes, rest: Option<P>) -> Body {
    let pages = stream::try_unfold((Some(first), rest), |(ready, rest)| async move {
        if let Some(bytes) = ready {
            return Ok(Some((bytes, (None, rest))));
        }
        let Some(mut pages) = rest else { return Ok(None) };
        let Some(page) = pages.next().await? else { return Ok(None) };
        // An error ends the body without its end, which the reader sees as a broken connection.
        Ok::<_, AppError>(Some((Bytes::from(page), (None, Some(pages)))))
    });
    Body::from_stream(pages)
}

fn response(body: Body, name: &str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}
