//! `Idempotency-Key` over the wire: carried out once, answered every time.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header},
};
use futures::future::join_all;
use serde_json::{Value, json};
use sqlx::{PgPool, Row as _};

use crate::{
    client::{Answer, Client},
    harness::{App, expect_done},
};

const CREATE: &str = "/api/v1/tokens/create";
const REPLAYED: &str = "idempotent-replayed";

async fn send(client: &Client, path: &str, key: &[u8], body: &Value) -> Answer {
    let request = client
        .request(Method::POST, path)
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin")
        .header("idempotency-key", HeaderValue::from_bytes(key).expect("a header"));
    client.send(request.body(Body::from(body.to_string())).expect("valid")).await
}

fn token_named(name: &str) -> Value {
    json!({ "name": name, "scopes": ["identity:read"] })
}

async fn count(db: &PgPool, table: &'static str) -> i64 {
    let query = format!("SELECT count(*) FROM {table}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(query)).fetch_one(db).await.expect("counts").get(0)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_same_request_again_is_answered_as_the_first_time(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member("ann@example.com").await;
    let first = send(&ann, CREATE, b"one", &token_named("a")).await;
    expect_done(&first);
    assert_eq!(first.header(REPLAYED), "");
    let again = send(&ann, CREATE, b"one", &token_named("a")).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("content-type"), first.header("content-type"));
    assert_eq!(again.header(REPLAYED), "true");
    assert_eq!(count(&db, "api_tokens").await, 1);
    let kept = sqlx::raw_sql("SELECT sealed FROM idempotency_keys").fetch_one(&db).await.expect("a row");
    let token = first.json()["token"].as_str().expect("a token").as_bytes().to_vec();
    let kept: Vec<u8> = kept.get(0);
    assert!(!kept.windows(token.len()).any(|part| part == token), "the secret lies there in clear");
    expect_done(&send(&ann, CREATE, b"two", &token_named("a")).await);
    assert_eq!(count(&db, "api_tokens").await, 2, "another key is another request");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_key_belongs_to_one_request_of_one_account_for_a_day(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member("ann@example.com").await;
    let bob = app.member("bob@example.com").await;
    expect_done(&send(&ann, CREATE, b"one", &token_named("a")).await);
    for (path, body) in [(CREATE, token_named("b")), ("/api/v1/identity/update-profile", token_named("a"))] {
        let answer = send(&ann, path, b"one", &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.problem(), "idempotency-mismatch", "{path} {body}");
    }
    let theirs = send(&bob, CREATE, b"one", &token_named("b")).await;
    expect_done(&theirs);
    assert_eq!(theirs.header(REPLAYED), "", "somebody else's key is another one");
    app.platform.clock().advance(Duration::from_hours(24));
    let pool = domain::access::idempotency::sweep(&app.platform).await;
    assert_eq!((pool, count(&db, "idempotency_keys").await), (Ok(2), 0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_twenty_at_once_one_is_carried_out(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member("ann@example.com").await;
    let body = token_named("a");
    let answers = join_all((0..20).map(|_| send(&ann, CREATE, b"one", &body))).await;
    assert_eq!(count(&db, "api_tokens").await, 1);
    let first = answers.iter().find(|answer| answer.status.is_success()).expect("one is answered");
    for answer in &answers {
        let waits = answer.status == StatusCode::CONFLICT && answer.text().contains("is being carried out");
        assert!(waits || answer.body == first.body, "{}", answer.text());
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_was_refused_and_did_nothing_leaves_the_key_free(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member("ann@example.com").await;
    let refused = send(&ann, CREATE, b"one", &token_named("")).await;
    assert_eq!(refused.problem(), "invalid-input");
    expect_done(&send(&ann, CREATE, b"one", &token_named("a")).await);
    // A wrong password is noted in the trail: that has happened, and is told again without another look at it.
    let change = json!({ "current_password": "not the password", "password": "nine quiet typewriters" });
    let path = "/api/v1/identity/change-password";
    let in_browser = send(&ann, path, b"two", &change).await;
    assert_eq!((in_browser.problem().as_str(), in_browser.header(REPLAYED)), ("invalid-input", ""));
    assert_eq!(send(&ann, path, b"two", &change).await.header(REPLAYED), "", "a new cookie is given once");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_request_whose_answer_was_lost_is_not_carried_out_again(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member("ann@example.com").await;
    expect_done(&send(&ann, CREATE, b"one", &token_named("a")).await);
    // As if the process had ended between the two.
    sqlx::raw_sql("UPDATE idempotency_keys SET sealed = NULL").execute(&db).await.expect("forgets");
    let early = send(&ann, CREATE, b"one", &token_named("a")).await;
    assert!(early.status == StatusCode::CONFLICT && early.text().contains("is being carried out"));
    app.platform.clock().advance(Duration::from_mins(2));
    let late = send(&ann, CREATE, b"one", &token_named("a")).await;
    assert!(late.status == StatusCode::CONFLICT && late.text().contains("its answer was lost"));
    assert_eq!(count(&db, "api_tokens").await, 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_no_key_is_refused_and_nobody_has_keys(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member("ann@example.com").await;
    for key in [&b""[..], b"a b", b"\xe4", &[b'x'; 256]] {
        let answer = send(&ann, CREATE, key, &token_named("a")).await;
        assert_eq!(answer.problem(), "invalid-input", "{key:?}");
        assert!(answer.text().contains("Idempotency-Key"));
    }
    assert_eq!(count(&db, "api_tokens").await, 0);
    let typed = json!({ "email": "ann@example.com" });
    for _ in 0..2 {
        let answer = send(&app.client(), "/api/v1/identity/forgot-password", b"one", &typed).await;
        expect_done(&answer);
        assert_eq!(answer.header(REPLAYED), "");
    }
    assert_eq!(count(&db, "idempotency_keys").await, 0);
}
