//! Forms of pages without wasm: a redirect in every case, what was typed kept, secrets not.

use axum::http::{Method, StatusCode, header};
use serde_json::json;
use sqlx::PgPool;

use crate::{
    client::Client,
    harness::{App, PASSWORD},
};

const FLASH: &str = "__Host-gate-flash";

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_refused_form_returns_to_its_page_with_the_problem_in_a_sealed_cookie(db: PgPool) {
    let app = App::start(db).await;
    let client = app.client();
    let fields = [("email", "canary@example.com"), ("password", "canary-password")];
    let answer =
        client.submit("/api/v1/identity/sign-in", "/login?next=%2Fa&__err=x&__path=y", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(answer.header("location"), "/login?next=%2Fa");
    let flash = client.cookie(FLASH).expect("a flash");
    assert!(!flash.contains("canary"));
    let opened = app.platform.vault().open_short("flash", &flash).expect("opens");
    let text = String::from_utf8_lossy(&opened).into_owned();
    assert!(text.contains("wrong-credentials") && text.contains("canary@example.com"), "{text}");
    assert!(!text.contains("canary-password"), "{text}");
    let attributes = answer.headers.get_all(header::SET_COOKIE).iter().find_map(|it| it.to_str().ok());
    let attributes = attributes.expect("a cookie");
    for attribute in ["Path=/", "Max-Age=60", "Secure", "HttpOnly", "SameSite=Lax"] {
        assert!(attributes.contains(attribute), "{attributes}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_next_page_uses_the_flash_up(db: PgPool) {
    let app = App::start(db).await;
    let client = app.client();
    client
        .submit("/api/v1/identity/sign-in", "/login", &[("email", "a@example.com"), ("password", "x")])
        .await;
    assert!(client.cookie(FLASH).is_some());
    let page = client.get("/login").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(client.cookie(FLASH).is_none());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_forged_flash_is_ignored(db: PgPool) {
    let app = App::start(db).await;
    let client = app.client();
    client.set_cookie(FLASH, "Zm9yZ2Vk");
    assert_eq!(client.get("/login").await.status, StatusCode::OK);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_form_that_is_too_long_for_a_cookie_still_tells_its_problem(db: PgPool) {
    let app = App::start(db).await;
    let client = app.client();
    let long = "x".repeat(20_000);
    let answer = client
        .submit("/api/v1/identity/register", "/register", &[("email", &long), ("display_name", &long)])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(client.cookie(FLASH).is_some_and(|cookie| cookie.len() < 4000));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_person_signs_in_and_out_without_wasm(db: PgPool) {
    let app = App::start(db).await;
    app.member("member@example.com").await;
    let client = app.client();
    let fields = [("email", "member@example.com"), ("password", PASSWORD)];
    let answer = client.submit("/api/v1/identity/sign-in", "/login", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert!(client.cookie("__Host-gate").is_some());
    assert!(client.cookie(FLASH).is_none());
    let out = client.submit("/api/v1/identity/sign-out", "/", &[]).await;
    assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/login"));
    assert_eq!(out.header("clear-site-data"), "\"storage\"");
    assert_eq!((out.header("content-type"), out.header("serverfnredirect")), ("", ""));
    assert!(client.cookie("__Host-gate").is_none());
}

/// Somebody whose last form has made recovery codes, and one of these codes.
async fn with_fresh_codes(app: &App, email: &str) -> (Client, String) {
    let member = app.member(email).await;
    let started = member.post("/api/v1/second-factor/start", &json!({})).await;
    let secret = started.json()["secret"].as_str().expect("a secret").to_owned();
    let code = crate::harness::code(&secret, app.platform.now());
    let answer = member.submit("/api/v1/second-factor/confirm", "/2fa/setup", &[("code", &code)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let flash = member.cookie(FLASH).expect("a flash");
    let opened = app.platform.vault().open_short("flash", &flash).expect("opens");
    let text = String::from_utf8_lossy(&opened).into_owned();
    let codes = text.split("recovery_codes").nth(1).expect("codes");
    let code = codes.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').find(|part| part.len() > 8);
    (member, code.expect("a code").to_owned())
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_shown_once_is_shown_once_and_uncompressed(db: PgPool) {
    let app = App::start(db).await;
    let (member, code) = with_fresh_codes(&app, "member@example.com").await;
    let page = member.request(Method::GET, "/2fa/setup").header(header::ACCEPT_ENCODING, "br");
    let page = member.send(page.body(axum::body::Body::empty()).expect("valid")).await;
    assert_eq!(page.header("content-encoding"), "");
    assert!(page.text().contains(&code), "the codes are shown");
    assert!(!member.get("/2fa/setup").await.text().contains(&code), "once");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_copied_flash_shows_nothing_to_another_session(db: PgPool) {
    let app = App::start(db).await;
    let (member, code) = with_fresh_codes(&app, "member@example.com").await;
    let flash = member.cookie(FLASH).expect("a flash");
    for other in [app.member("other@example.com").await, app.client()] {
        other.set_cookie(FLASH, &flash);
        assert!(!other.get("/2fa/setup").await.text().contains(&code));
        assert!(other.cookie(FLASH).is_none(), "it is thrown away");
    }
    assert!(member.get("/2fa/setup").await.text().contains(&code));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_flash_that_was_kept_shows_nothing(db: PgPool) {
    let app = App::start(db).await;
    let (member, code) = with_fresh_codes(&app, "member@example.com").await;
    app.platform.clock().advance(std::time::Duration::from_secs(61));
    let page = member.get("/2fa/setup").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains(&code));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_choice_of_colours_is_kept_for_a_year(db: PgPool) {
    let app = App::start(db).await;
    let client = app.client();
    let answer = client.submit("/theme", "/account", &[("theme", "dark")]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/account"));
    assert_eq!(client.cookie("gate-theme").as_deref(), Some("dark"));
    let wrong = client.submit("/theme", "/account", &[("theme", "plaid; Domain=evil")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.header("content-type").starts_with("text/html"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_endpoint_opened_in_a_browser_shows_json_and_redirects_nowhere(db: PgPool) {
    let app = App::start(db).await;
    let client = app.client();
    let request = client
        .request(Method::GET, "/api/v1/identity/me")
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, "http://evil.example/");
    let answer = client.send(request.body(axum::body::Body::empty()).expect("valid")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.header("location"), "");
    assert_eq!(answer.problem(), "sign-in-required");
}
