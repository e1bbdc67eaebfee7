//! A panic in a request becomes problem `internal`; the server goes on. The hook in `log.rs` writes the cause.

use std::panic::AssertUnwindSafe;

use axum::{extract::Request, middleware::Next, response::Response};
use domain::AppError;
use futures::FutureExt as _;

use crate::answer::refuse;

pub(crate) async fn catch_panic(request: Request, next: Next) -> Response {
    // Nothing of the request is used after a panic, so broken state cannot be seen.
    AssertUnwindSafe(next.run(request)).catch_unwind().await.unwrap_or_else(|_| refuse(AppError::Internal))
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, middleware::from_fn, routing::get};
    use tower::ServiceExt as _;

    use super::*;
    use crate::answer::Refused;

    async fn panicking() -> &'static str {
        panic!("canary")
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_problem_and_says_nothing() {
        let router: Router = Router::new().route("/", get(panicking)).layer(from_fn(catch_panic));
        let response = router.oneshot(Request::new(Body::empty())).await.expect("answers");
        assert_eq!(response.status().as_u16(), 500);
        assert!(matches!(response.extensions().get::<Refused>(), Some(Refused(AppError::Internal))));
    }
}
