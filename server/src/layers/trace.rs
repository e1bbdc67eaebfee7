//! One span and one line of log for each request, and its duration as a metric.
//!
//! The line names the route, never the path: paths and queries carry tokens. It names the account by id, never by
//! address, and no network address at all.

use std::time::{Duration, Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;
use uuid::Uuid;

use super::request_id::RequestId;

/// Who asked, in the extensions of the answer; the session layer puts it there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AskedBy(pub(crate) Uuid);

/// What nginx logs for a client that left before the answer; there is no such status on the wire.
const CLIENT_LEFT: u16 = 499;

pub(crate) async fn trace(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map_or_else(Uuid::nil, |id| id.0);
    let span = tracing::info_span!("request", request.id = %id);
    let mut pending = Pending::new(&request);
    async move {
        let response = next.run(request).await;
        pending.answered =
            Some((response.status().as_u16(), response.extensions().get::<AskedBy>().copied()));
        drop(pending);
        response
    }
    .instrument(span)
    .await
}

/// Writes its line when it is dropped, so that a client that leaves is seen as well.
struct Pending {
    started: Instant,
    method: &'static str,
    route: String,
    answered: Option<(u16, Option<AskedBy>)>,
}

impl Pending {
    fn new(request: &Request) -> Self {
        let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
        Self {
            started: Instant::now(),
            method: known(request.method()),
            route: route.to_owned(),
            answered: None,
        }
    }

    fn is_noise(&self) -> bool {
        matches!(self.route.as_str(), "/livez" | "/readyz" | "/pkg/{*file}")
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        let (status, asked_by) = self.answered.unwrap_or((CLIENT_LEFT, None));
        measure(self.method, &self.route, status, took);
        let user = asked_by.map(|AskedBy(id)| id.to_string());
        let (method, route, duration_ms) = (self.method, self.route.as_str(), took.as_secs_f64() * 1000.0);
        if self.is_noise() && status < 500 {
            tracing::debug!(
                http.method = method,
                http.route = route,
                http.status = status,
                duration_ms,
                "answered"
            );
        } else {
            tracing::info!(
                http.method = method,
                http.route = route,
                http.status = status,
                duration_ms,
                user.id = user.as_deref(),
                "answered"
            );
        }
    }
}

fn measure(method: &'static str, route: &str, status: u16, took: Duration) {
    metrics::histogram!(
        "http_server_request_duration_seconds",
        "method" => method, "route" => route.to_owned(), "status" => status.to_string()
    )
    .record(took);
}

/// The methods we know; anybody can invent others, and each would be a new time series.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
