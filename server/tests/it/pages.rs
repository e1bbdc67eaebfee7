//! Pages as whoever asks for them gets them.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use sqlx::PgPool;

use crate::harness::App;

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_visitor_is_sent_to_the_door_whatever_they_accept(db: PgPool) {
    let app = App::start(db).await;
    let client = app.client();
    for (path, door) in [
        ("/admin/users?q=a", "/login?next="),
        ("/account/security", "/login?next="),
        ("/admin/webhooks/00000000-0000-0000-0000-000000000000?state=failed", "/login?next="),
        ("/2fa/setup", "/login?next="),
        ("/2fa/verify", "/login"),
    ] {
        for accepted in [None, Some("*/*"), Some("application/json"), Some("text/html")] {
            let mut request = client.request(Method::GET, path);
            if let Some(accepted) = accepted {
                request = request.header(header::ACCEPT, accepted);
            }
            let answer = client.send(request.body(Body::empty()).expect("valid")).await;
            assert_eq!(answer.status, StatusCode::FOUND, "{path} {accepted:?}");
            assert!(answer.header("location").starts_with(door), "{path}: {}", answer.header("location"));
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_is_in_is_not_asked_for_a_code_again(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member("member@example.com").await;
    let answer = member.get("/2fa/verify").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::FOUND, "/"));
    assert!(!answer.text().contains("name=\"code\""), "no form for a code");
}
