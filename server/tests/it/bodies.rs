//! What cannot be read is refused, and says so in the shape of a problem.

use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use domain::platform::testing;
use serde_json::json;
use sqlx::PgPool;

use crate::{
    client::{Answer, Client},
    harness::App,
};

const SIGN_IN: &str = "/api/v1/identity/sign-in";

async fn post(app: &App, content_type: &str, body: impl Into<Body>) -> Answer {
    let client = app.client();
    let request = client.request(Method::POST, SIGN_IN).header(header::CONTENT_TYPE, content_type);
    client.send(request.body(body.into()).expect("valid")).await
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn json_and_form_are_the_same_call(db: PgPool) {
    let app = App::start(db).await;
    let json =
        post(&app, "application/json; charset=utf-8", r#"{"email":"a@example.com","password":"x"}"#).await;
    let form = post(&app, "application/x-www-form-urlencoded", "email=a%40example.com&password=x").await;
    assert_eq!((json.status, json.problem()), (form.status, form.problem()));
    assert_eq!(json.problem(), "wrong-credentials");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_cannot_be_read_is_malformed(db: PgPool) {
    let app = App::start(db).await;
    for body in [&b"{"[..], b"[]", b"\"text\"", br#"{"email": "a\u0000b"}"#, b"{\"email\": \"\xff\xfe\"}"] {
        let answer = post(&app, "application/json", body.to_vec()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", String::from_utf8_lossy(body));
        assert_eq!(answer.problem(), "malformed-request");
    }
    for body in [&b"email=%ff"[..], b"email=a%00b", b"email=\xff"] {
        let answer = post(&app, "application/x-www-form-urlencoded", body.to_vec()).await;
        assert_eq!(answer.problem(), "malformed-request", "{}", String::from_utf8_lossy(body));
    }
    let query = app.client().get("/login?x=%ff").await;
    assert_eq!(query.problem(), "malformed-request");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_value_of_another_type_is_refused_at_its_field(db: PgPool) {
    let app = App::start(db).await;
    for (field, body) in [
        ("email", r#"{"email": {"a": 1}}"#),
        ("email", r#"{"email": ["a@example.com"]}"#),
        ("email", r#"{"email": false}"#),
        ("remember", r#"{"remember": "perhaps"}"#),
    ] {
        let answer = post(&app, "application/json", body).await;
        assert_eq!(answer.problem(), "invalid-input", "{body}");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{body}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn missing_fields_are_named(db: PgPool) {
    let app = App::start(db).await;
    let answer = app.client().post("/api/v1/identity/register", &json!({})).await;
    assert_eq!(answer.problem(), "invalid-input");
    let fields: Vec<String> = answer.json()["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|error| error["field"].as_str().map(str::to_owned))
        .collect();
    assert!(fields.contains(&"email".to_owned()), "{fields:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn another_encoding_is_an_unsupported_media_type(db: PgPool) {
    let app = App::start(db).await;
    let answer = post(&app, "text/xml", "<email/>").await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(answer.problem(), "about:blank");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn ten_megabytes_are_too_large_and_the_answer_arrives(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member("member@example.com").await;
    let ten = vec![b'a'; 10 * 1024 * 1024];
    let chunks: Vec<Vec<u8>> = ten.chunks(64 * 1024).map(<[u8]>::to_vec).collect();
    let streamed = || {
        let chunks = chunks.clone().into_iter().map(Ok::<_, std::io::Error>);
        Body::from_stream(futures::stream::iter(chunks))
    };
    for (client, limit_bytes) in [(&app.client(), 64 * 1024), (&member, 1024 * 1024)] {
        for body in [Body::from(ten.clone()), streamed()] {
            let answer = send(client, "/api/v1/identity/sign-in", body).await;
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
            assert_eq!(answer.problem(), "too-large");
            assert_eq!(answer.json()["limit_bytes"], limit_bytes);
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_a_session_a_form_is_taken_and_not_a_file(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member("member@example.com").await;
    let of = |length: usize| json!({ "display_name": "x".repeat(length) }).to_string();
    let path = "/api/v1/identity/register";
    assert_eq!(send(&app.client(), path, of(60 * 1024)).await.problem(), "invalid-input");
    assert_eq!(send(&app.client(), path, of(70 * 1024)).await.problem(), "too-large");
    assert_eq!(send(&member, path, of(1000 * 1024)).await.problem(), "invalid-input");
    assert_eq!(send(&member, path, of(1024 * 1024)).await.problem(), "too-large");
}

async fn send(client: &Client, path: &str, body: impl Into<Body>) -> Answer {
    let request = client
        .request(Method::POST, path)
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin");
    client.send(request.body(body.into()).expect("valid")).await
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_unknown_path_and_a_wrong_method_are_problems(db: PgPool) {
    let app = App::start(db).await;
    for path in ["/api/v1/nothing/here", "/api/v2", "/api/v1/identity/sign-in/"] {
        let answer = app.client().get(path).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (StatusCode::NOT_FOUND, "not-found"),
            "{path}"
        );
    }
    let read = app.client().get(SIGN_IN).await;
    assert_eq!(read.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(read.problem(), "about:blank");
    assert_eq!(read.header("allow"), "POST");
    let write = app.client().post("/api/v1/identity/me", &json!({})).await;
    assert_eq!(write.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn too_many_tries_are_told_when_to_come_back(db: PgPool) {
    let app = App::start_strict(db).await;
    let client = app.client();
    // Each for another account: several for one are asked for a captcha.
    let wrong = |n: u8| json!({ "email": format!("a{n}@example.com"), "password": "x" });
    for n in 0..10 {
        assert_eq!(client.post(SIGN_IN, &wrong(n)).await.problem(), "wrong-credentials");
    }
    let answer = client.post(SIGN_IN, &wrong(10)).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.problem(), "too-many-requests");
    assert_eq!(answer.header("retry-after"), "6");
    assert_eq!(answer.header("ratelimit-policy"), "\"sign-in\";q=10;w=60");
    assert_eq!(answer.header("ratelimit"), "\"sign-in\";r=0;t=6");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_forged_address_does_not_give_more_tries(db: PgPool) {
    let app = App::start_strict(db).await;
    let client = app.client();
    let mut last = String::new();
    for number in 0..11 {
        let request = client
            .request(Method::POST, SIGN_IN)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-forwarded-for", format!("198.51.100.{number}"))
            .header("forwarded", format!("for=198.51.100.{number}"));
        last = client
            .send(
                request.body(Body::from("{\"email\":\"a@example.com\",\"password\":\"x\"}")).expect("valid"),
            )
            .await
            .problem();
    }
    assert_eq!(last, "too-many-requests");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn behind_a_trusted_proxy_each_client_has_its_own_tries(db: PgPool) {
    let app =
        App::start_with(testing::platform(db), &[("GATEHOUSE_HTTP_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let client = app.client();
    for number in 0..11 {
        let request = client
            .request(Method::POST, SIGN_IN)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-forwarded-for", format!("203.0.113.1, 198.51.{number}.1"));
        let answer = client
            .send(
                request.body(Body::from("{\"email\":\"a@example.com\",\"password\":\"x\"}")).expect("valid"),
            )
            .await;
        assert_eq!(answer.problem(), "wrong-credentials");
    }
}
