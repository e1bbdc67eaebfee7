//! Every endpoint is called by those who may not. There is no list of exceptions: a new endpoint is covered the
//! moment it is declared.
//!
//! Each rule is proved twice: with the gate, and without it, where the endpoint alone refuses. While a page is
//! rendered there is no gate.

use app::endpoint::{Endpoint, all};
use axum::http::{Method, StatusCode};
use domain::{
    access::Need,
    platform::{Platform, clock::Clock, limiter::Limiter, testing::parts},
};
use serde_json::json;
use server::router::Access;
use sqlx::PgPool;

use crate::{
    client::{Answer, Client},
    harness::{App, PASSWORD, expect_done},
};

async fn call(client: &Client, endpoint: &Endpoint) -> Answer {
    if endpoint.method == Method::GET {
        client.get(endpoint.path).await
    } else {
        client.post(endpoint.path, &json!({})).await
    }
}

fn name(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.path)
}

/// The server with the gate, and without it.
async fn both(db: PgPool) -> [(&'static str, App); 2] {
    [
        ("with the gate", App::start(db.clone()).await),
        ("by the endpoint alone", App::start_without_gate(db).await),
    ]
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_reaches_only_what_is_declared_for_nobody(db: PgPool) {
    for (how, app) in both(db).await {
        for endpoint in all() {
            let answer = call(&app.client(), &endpoint).await;
            let name = format!("{} {how}", name(&endpoint));
            if matches!(endpoint.need, Need::Nothing(_)) {
                assert_ne!(answer.header("content-type"), "text/html", "{name}");
                assert!(!answer.text().contains("sign-in-required"), "{name}: {}", answer.text());
            } else {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}: {}", answer.text());
                assert_eq!(answer.problem(), "sign-in-required", "{name}");
                assert_eq!(answer.header("www-authenticate"), "Bearer", "{name}");
            }
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_wrong_cookie_is_nobody(db: PgPool) {
    for (how, app) in both(db).await {
        for endpoint in all().iter().filter(|endpoint| !matches!(endpoint.need, Need::Nothing(_))) {
            let client = app.client();
            client.set_cookie("__Host-gate", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
            client.set_cookie("__Host-gate-pending", "forged");
            let answer = call(&client, endpoint).await;
            assert_eq!(answer.problem(), "sign-in-required", "{} {how}", name(endpoint));
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn half_way_is_not_signed_in(db: PgPool) {
    for (how, app) in both(db).await {
        let half_way = half_way(&app, how).await;
        for endpoint in all() {
            let signed_in_only = !matches!(endpoint.need, Need::Nothing(_) | Need::HalfWay);
            if signed_in_only {
                let answer = call(&half_way, &endpoint).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {how}", name(&endpoint));
                assert_eq!(answer.problem(), "second-factor-required", "{} {how}", name(&endpoint));
            }
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_plain_member_may_do_nothing_to_the_site(db: PgPool) {
    for (how, app) in both(db).await {
        let member = app.member(&address("member", how)).await;
        for endpoint in all().iter().filter(|endpoint| matches!(endpoint.need, Need::Site(_))) {
            let answer = call(&member, endpoint).await;
            let name = format!("{} {how}", name(endpoint));
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {}", answer.text());
            assert_eq!(answer.problem(), "not-allowed", "{name}");
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_administrator_without_a_second_factor_may_do_nothing_where_staff_needs_one(db: PgPool) {
    for access in [Access::Twice, Access::ByEndpoints] {
        let how = format!("{access:?}").to_lowercase();
        let mut parts = parts(db.clone(), Clock::system().now());
        parts.limiter = Limiter::new(parts.redis.clone(), parts.clock.clone(), 100);
        parts.rules.staff_needs_second_factor = true;
        let app = App::start_as(Platform::new(parts), &[], access).await;
        let email = address("root", &how);
        let root = app.administrator(&db, &email).await;
        for endpoint in all().iter().filter(|endpoint| matches!(endpoint.need, Need::Site(_))) {
            let answer = call(&root, endpoint).await;
            assert_eq!(answer.problem(), "second-factor-required", "{} {how}", name(endpoint));
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_old_proof_is_not_a_fresh_one(db: PgPool) {
    for (how, app) in both(db.clone()).await {
        let root = app.administrator(&db, &address("root", how)).await;
        app.platform.clock().advance(domain::access::STEP_UP_MAX_AGE + std::time::Duration::from_secs(1));
        for endpoint in all().iter().filter(|endpoint| endpoint.need.is_fresh()) {
            let answer = call(&root, endpoint).await;
            assert_eq!(answer.problem(), "step-up-required", "{} {how}", name(endpoint));
            assert_eq!(answer.json()["max_age_s"], 300);
        }
    }
}

/// An address of its own for each of the two, which share a database.
fn address(person: &str, how: &str) -> String {
    format!("{person}.{}@example.com", how.replace(' ', "-"))
}

/// Somebody who has given the password, and not yet the code.
async fn half_way(app: &App, how: &str) -> Client {
    let email = address("half", how);
    let member = app.member(&email).await;
    let started = member.post("/api/v1/second-factor/start", &json!({})).await;
    expect_done(&started);
    let secret = started.json()["secret"].as_str().expect("a secret").to_owned();
    let code = crate::harness::code(&secret, app.platform.now());
    expect_done(&member.post("/api/v1/second-factor/confirm", &json!({ "code": code })).await);
    let half_way = app.client();
    let typed = json!({ "email": email, "password": PASSWORD });
    let answer = half_way.post("/api/v1/identity/sign-in", &typed).await;
    assert_eq!(answer.json()["state"], "second-factor", "{}", answer.text());
    assert!(half_way.cookie("__Host-gate-pending").is_some());
    assert!(half_way.cookie("__Host-gate").is_none());
    half_way
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_leaves_can_do_nothing_but_come_back_or_go(db: PgPool) {
    for (how, app) in both(db).await {
        let email = address("leaving", how);
        let typed = json!({ "email": email, "password": PASSWORD });
        let member = app.member(&email).await;
        expect_done(
            &member.post("/api/v1/identity/delete-account", &json!({ "confirm_email": email })).await,
        );
        expect_done(&member.post("/api/v1/identity/sign-in", &typed).await);
        for endpoint in all() {
            let is_open = matches!(
                endpoint.need,
                Need::Nothing(_) | Need::HalfWay | Need::AnySession | Need::AlsoLeaving
            );
            if !is_open {
                let answer = call(&member, &endpoint).await;
                let name = format!("{} {how}", name(&endpoint));
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {}", answer.text());
                assert_eq!(answer.problem(), "deletion-pending", "{name}");
            }
        }
        expect_done(&member.post("/api/v1/identity/keep-account", &json!({})).await);
        expect_done(&member.get("/api/v1/identity/me").await);
    }
}
