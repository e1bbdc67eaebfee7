//! The rule of the interface contract, over the wire: who may send what from where.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use sqlx::PgPool;

use crate::{client::Client, harness::App};

async fn sign_out(client: &Client, headers: &[(&str, &str)]) -> String {
    let mut request = client
        .request(Method::POST, "/api/v1/identity/sign-out")
        .header(header::CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = client.send(request.body(Body::from("{}")).expect("valid")).await;
    if answer.status.is_success() { "done".into() } else { answer.problem() }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_session_works_only_from_our_own_pages(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member("member@example.com").await;
    let ours = "http://127.0.0.1:3000";
    for refused in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "cross-site"), ("origin", ours)],
    ] {
        assert_eq!(sign_out(&member, refused).await, "cross-site", "{refused:?}");
    }
    assert_eq!(sign_out(&member, &[("origin", ours)]).await, "done");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_a_session_a_script_needs_no_origin_and_another_site_is_still_refused(db: PgPool) {
    let app = App::start(db).await;
    assert_eq!(sign_out(&app.client(), &[]).await, "sign-in-required");
    assert_eq!(sign_out(&app.client(), &[("origin", "https://evil.example")]).await, "cross-site");
    assert_eq!(sign_out(&app.client(), &[("sec-fetch-site", "cross-site")]).await, "cross-site");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_link_on_another_site_opens_a_page(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member("member@example.com").await;
    for (path, expected) in [("/login", StatusCode::OK), ("/api/v1/identity/me", StatusCode::FORBIDDEN)] {
        let request = member.request(Method::GET, path).header("sec-fetch-site", "cross-site");
        let answer = member.send(request.body(Body::empty()).expect("valid")).await;
        // A page may send somebody who is signed in on to another one.
        let status = if answer.status.is_redirection() { StatusCode::OK } else { answer.status };
        assert_eq!(status, expected, "{path}");
    }
}
