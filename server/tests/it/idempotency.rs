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
    harness::{App, PASSWORD, expect_done, wide},
    wire::{Cut, Wire},
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
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_gives_cookies_or_repeats_by_itself_has_no_keys(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member("ann@example.com").await;
    let change = json!({ "current_password": PASSWORD, "password": "nine quiet typewriters" });
    for (path, body) in
        [("/api/v1/second-factor/start", json!({})), ("/api/v1/identity/change-password", change)]
    {
        let answer = send(&ann, path, b"one", &body).await;
        expect_done(&answer);
        assert_eq!((answer.header(REPLAYED), count(&db, "idempotency_keys").await), ("", 0), "{path}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_may_not_any_more_sees_no_answer_either(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member("ann@example.com").await;
    expect_done(&send(&ann, CREATE, b"one", &token_named("a")).await);
    app.platform.clock().advance(Duration::from_mins(6));
    let stale = send(&ann, CREATE, b"one", &token_named("a")).await;
    assert_eq!(stale.problem(), "step-up-required");
    sqlx::raw_sql("UPDATE users SET locked_at = now()").execute(&db).await.expect("locks");
    let locked = send(&ann, CREATE, b"one", &token_named("a")).await;
    assert_eq!(locked.problem(), "sign-in-required");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_script_has_keys_of_its_own(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member("ann@example.com").await;
    let made = json!({ "name": "robot", "scopes": ["identity:write"] });
    let token = ann.post(CREATE, &made).await.json()["token"].as_str().expect("a token").to_owned();
    let script = app.client();
    let rename = async |name: &str, kind: &str| {
        let request = script
            .request(Method::POST, "/api/v1/identity/update-profile")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, kind)
            .header("idempotency-key", "one");
        script.send(request.body(Body::from(name.to_owned())).expect("valid")).await
    };
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    expect_done(&rename(r#"{"display_name": "Robot"}"#, json).await);
    assert_eq!(rename(r#"{"display_name": "Robot"}"#, json).await.header(REPLAYED), "true");
    assert_eq!(rename("display_name=Robot", form).await.problem(), "idempotency-mismatch");
    expect_done(
        &send(&ann, "/api/v1/identity/update-profile", b"one", &json!({ "display_name": "Ann" })).await,
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_client_that_goes_away_finds_its_key_free(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member("ann@example.com").await;
    let mut tx = db.begin().await.expect("begins");
    sqlx::raw_sql("SELECT id FROM users FOR NO KEY UPDATE").execute(&mut *tx).await.expect("holds");
    let body = token_named("a");
    let is_claimed = async {
        while count(&db, "idempotency_keys").await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        answer = send(&ann, CREATE, b"one", &body) => panic!("it waits for the account: {}", answer.text()),
        () = is_claimed => {}
    }
    tx.rollback().await.expect("lets go");
    let again = async {
        loop {
            let answer = send(&ann, CREATE, b"one", &body).await;
            if answer.status != StatusCode::CONFLICT {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let answer = tokio::time::timeout(Duration::from_secs(10), again).await.expect("within two minutes");
    expect_done(&answer);
    assert_eq!(count(&db, "api_tokens").await, 1);
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
    assert!(late.status == StatusCode::CONFLICT && late.text().contains("how it ended is not known"));
    assert_eq!(count(&db, "api_tokens").await, 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn when_the_database_is_lost_after_its_commit_a_repetition_does_nothing_twice(db: PgPool) {
    let wire = Wire::to(&db).await;
    let app = App::start_with(wide(wire.db.clone()), &[]).await;
    let ann = app.member("ann@example.com").await;
    wire.cut("INSERT INTO api_tokens", Cut::AfterCommit);
    let lost = send(&ann, CREATE, b"one", &token_named("a")).await;
    assert_eq!((lost.status, lost.problem().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "busy"));
    assert!(wire.is_cut());
    assert_eq!(count(&db, "api_tokens").await, 1, "it was done, and nobody was told");
    let early = send(&ann, CREATE, b"one", &token_named("a")).await;
    assert!(early.status == StatusCode::CONFLICT && early.text().contains("is being carried out"));
    app.platform.clock().advance(Duration::from_mins(2));
    let late = send(&ann, CREATE, b"one", &token_named("a")).await;
    assert!(late.status == StatusCode::CONFLICT && late.text().contains("how it ended is not known"));
    assert_eq!(count(&db, "api_tokens").await, 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn when_the_database_is_lost_before_its_commit_a_repetition_is_carried_out(db: PgPool) {
    let wire = Wire::to(&db).await;
    let app = App::start_with(wide(wire.db.clone()), &[]).await;
    let ann = app.member("ann@example.com").await;
    wire.cut("INSERT INTO api_tokens", Cut::BeforeCommit);
    let lost = send(&ann, CREATE, b"one", &token_named("a")).await;
    assert_eq!((lost.status, lost.problem().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "busy"));
    assert!(wire.is_cut());
    assert_eq!(count(&db, "api_tokens").await, 0);
    let again = send(&ann, CREATE, b"one", &token_named("a")).await;
    expect_done(&again);
    assert_eq!(again.header(REPLAYED), "", "it is the first that was carried out");
    let third = send(&ann, CREATE, b"one", &token_named("a")).await;
    assert_eq!((third.header(REPLAYED), &third.body), ("true", &again.body));
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
