//! `POST /webhooks/stripe`: what is stored, and what is refused.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use domain::{
    access::BuiltInRole,
    billing::{
        service::pay::Keeper,
        stripe::inbox::{self, Keepers, LARGEST},
    },
    spend::service::Ledger,
};
use serde_json::json;
use sqlx::PgPool;
use stripe_peer::{Peer, sign};

use crate::{
    billing::{join, organization},
    client::Answer,
    harness::{App, expect_done},
};

/// Who keeps what follows from what Stripe tells, as among the workers.
pub(crate) const KEEPERS: Keepers<'static> = &[&Keeper { usage: &Ledger }];
/// That of development.
const SECRET: &str = "whsec_development";
const PATH: &str = "/webhooks/stripe";

/// An event of so many bytes at least.
fn event(id: &str, length: usize) -> String {
    let object = json!({ "object": "customer", "id": "cus_1", "description": "x".repeat(length) });
    json!({ "id": id, "object": "event", "type": "customer.updated", "created": 1_795_262_400, "data": { "object": object } })
        .to_string()
}

async fn send(app: &App, header: Option<&str>, body: &str, more: &[(&str, &str)]) -> Answer {
    let client = app.client();
    let mut request =
        client.request(Method::POST, PATH).header("content-type", "application/json; charset=utf-8");
    for (name, value) in header.map(|header| ("stripe-signature", header)).iter().chain(more) {
        request = request.header(*name, *value);
    }
    client.send(request.body(Body::from(body.to_owned())).expect("valid")).await
}

fn signed(app: &App, body: &str) -> String {
    sign(SECRET, app.platform.now().unix_seconds(), body)
}

async fn stored(db: &PgPool) -> Vec<String> {
    let rows =
        sqlx::raw_sql("SELECT body FROM stripe_events ORDER BY number").fetch_all(db).await.expect("rows");
    rows.iter().map(|row| sqlx::Row::get(row, 0)).collect()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_event_is_stored_as_it_came_before_it_is_answered_and_once(db: PgPool) {
    let app = App::start(db.clone()).await;
    let body = event("evt_1", 1);
    for _ in 0..2 {
        let answer = send(&app, Some(&signed(&app, &body)), &body, &[]).await;
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({ "received": true })));
        assert_eq!(stored(&db).await, [body.as_str()]);
    }
    let same_id = event("evt_1", 2);
    assert_eq!(send(&app, Some(&signed(&app, &same_id)), &same_id, &[]).await.status, StatusCode::OK);
    assert_eq!(stored(&db).await, [body.as_str()], "the first is kept");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_not_signed_by_stripe_just_now_is_refused(db: PgPool) {
    let app = App::start(db.clone()).await;
    let (body, now) = (event("evt_1", 1), app.platform.now().unix_seconds());
    let good = sign(SECRET, now, &body);
    for (header, body) in [
        (None, body.clone()),
        (Some(String::new()), body.clone()),
        (Some(sign("whsec_other", now, &body)), body.clone()),
        (Some(sign(SECRET, now - 301, &body)), body.clone()),
        (Some(sign(SECRET, now + 301, &body)), body.clone()),
        (Some(good.clone()), body.replace("evt_1", "evt_2")),
        (Some(good.replace("v1=", "v0=")), body.clone()),
        (Some(sign(SECRET, now, "{}")), "{}".to_owned()),
    ] {
        let refused = send(&app, header.as_deref(), &body, &[]).await;
        assert_eq!(
            (refused.status, refused.problem()),
            (StatusCode::BAD_REQUEST, "malformed-request".into())
        );
    }
    let from_a_page = send(&app, Some(&good), &body, &[("origin", "https://evil.example")]).await;
    assert_eq!(from_a_page.problem(), "cross-site");
    assert_eq!(app.client().get(PATH).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(stored(&db).await, Vec::<String>::new());
    assert_eq!(send(&app, Some(&good), &body, &[]).await.status, StatusCode::OK);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_large_event_is_taken_and_a_huge_one_is_not(db: PgPool) {
    let app = App::start(db.clone()).await;
    let large = event("evt_1", LARGEST - 1000);
    assert_eq!(send(&app, Some(&signed(&app, &large)), &large, &[]).await.status, StatusCode::OK);
    let huge = event("evt_2", LARGEST);
    let refused = send(&app, Some(&signed(&app, &huge)), &huge, &[]).await;
    assert_eq!((refused.status, refused.problem()), (StatusCode::PAYLOAD_TOO_LARGE, "too-large".into()));
    assert_eq!(stored(&db).await.len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn during_a_rotation_either_secret_signs(db: PgPool) {
    let secrets = ("GATEHOUSE_BILLING_STRIPE_WEBHOOK_SECRETS", "whsec_new,whsec_old");
    let app = App::start_with(domain::platform::testing::platform(db.clone()), &[secrets]).await;
    let now = app.platform.now().unix_seconds();
    for (id, secret, status) in [
        ("evt_1", "whsec_old", StatusCode::OK),
        ("evt_2", "whsec_new", StatusCode::OK),
        ("evt_3", SECRET, StatusCode::BAD_REQUEST),
    ] {
        let body = event(id, 1);
        assert_eq!(send(&app, Some(&sign(secret, now, &body)), &body, &[]).await.status, status, "{secret}");
    }
    assert_eq!(stored(&db).await.len(), 2);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_signed_and_cannot_be_understood_is_not_sent_for_days(db: PgPool) {
    let app = App::start(db.clone()).await;
    for body in [r#"{"id":"evt_1"}"#, r#"{"id":"evt_2","type":"invoice.paid","created":"today","data":[]}"#] {
        assert_eq!(send(&app, Some(&signed(&app, body)), body, &[]).await.status, StatusCode::OK, "{body}");
    }
    assert_eq!(stored(&db).await.len(), 2);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn events_of_the_other_mode_than_the_key_are_refused(db: PgPool) {
    let (good, bad) = (StatusCode::OK, StatusCode::BAD_REQUEST);
    for (key, live, test) in [("sk_live_1", good, bad), ("rk_test_1", bad, good), ("sk_1", good, good)] {
        let variables = [("GATEHOUSE_BILLING_STRIPE_API_KEY", key)];
        let app = App::start_with(domain::platform::testing::platform(db.clone()), &variables).await;
        for (livemode, status) in [("true", live), ("false", test), ("null", good)] {
            let body = format!(r#"{{"id":"evt_{key}_{livemode}","livemode":{livemode}}}"#);
            let answer = send(&app, Some(&signed(&app, &body)), &body, &[]).await;
            assert_eq!(answer.status, status, "{livemode} with {key}");
        }
    }
    assert_eq!(stored(&db).await.len(), 7);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn one_address_cannot_send_without_end(db: PgPool) {
    let app = App::start_strict(db).await;
    let body = event("evt_1", 1);
    let mut count = 0;
    while send(&app, None, &body, &[]).await.status == StatusCode::BAD_REQUEST {
        count += 1;
        assert!(count <= 1200);
    }
    assert_eq!(count, 1200);
    let refused = send(&app, Some(&signed(&app, &body)), &body, &[]).await;
    assert_eq!(
        (refused.status, refused.problem()),
        (StatusCode::TOO_MANY_REQUESTS, "too-many-requests".into())
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_plan_is_paid_by_card_by_those_who_may_and_by_nobody_else(db: PgPool) {
    let peer = Peer::start(([127, 0, 0, 1], 0).into()).await.expect("a free port");
    let url = peer.url();
    let variables = [
        ("GATEHOUSE_BILLING_STRIPE_API_KEY", "sk_test_1"),
        ("GATEHOUSE_BILLING_STRIPE_BASE_URL", url.as_str()),
    ];
    let app = App::start_with(domain::platform::testing::platform(db.clone()), &variables).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let viewer = join(&app, &db, &owner, "viewer@example.com", BuiltInRole::Viewer).await;
    let stranger = app.member("stranger@example.com").await;
    let plan = "/api/v1/billing/plan?organization_id=acme";
    let wanted = json!({ "organization_id": "acme", "plan": "PRO", "provider": "stripe" });
    for (client, status) in [(&viewer, StatusCode::FORBIDDEN), (&stranger, StatusCode::NOT_FOUND)] {
        assert_eq!(client.post("/api/v1/billing/change-plan", &wanted).await.status, status);
    }
    assert!(peer.calls().is_empty(), "nothing was asked for them");
    let has = owner.get(plan).await.json();
    assert_eq!((&has["provider"], &has["takes_cards"]), (&json!("invoice"), &json!(true)));
    let asked = owner.post("/api/v1/billing/change-plan", &wanted).await;
    expect_done(&asked);
    let asked = asked.json();
    assert_eq!((&asked["when"], &asked["invoice"]), (&json!("once-paid"), &json!(null)));
    let address = asked["continue_at"].as_str().expect("an address").to_owned();
    let page = address.strip_prefix(&format!("{url}/checkout/")).expect("a page of the peer");
    let back = peer.check_out(page, "4242 4242 4242 4242").expect("paid");
    assert!(back.ends_with("/o/acme/billing?payment=made"), "{back}");
    for event in peer.events() {
        let body = event.to_string();
        assert_eq!(send(&app, Some(&signed(&app, &body)), &body, &[]).await.status, StatusCode::OK);
    }
    let stripe = app.state.stripe().expect("configured");
    inbox::run_once(&app.platform, stripe, KEEPERS).await.expect("works");
    let has = owner.get(plan).await.json();
    assert_eq!((&has["provider"], &has["plan"]["plan"]), (&json!("stripe"), &json!("PRO")));
    assert_eq!(
        viewer.post("/api/v1/billing/cancel", &json!({ "organization_id": "acme" })).await.status,
        StatusCode::FORBIDDEN
    );
    expect_done(&owner.post("/api/v1/billing/cancel", &json!({ "organization_id": "acme" })).await);
    assert_eq!(owner.get(plan).await.json()["next"]["plan"], "FREE");
    expect_done(&owner.post("/api/v1/billing/resume", &json!({ "organization_id": "acme" })).await);
    assert_eq!(owner.get(plan).await.json()["next"], json!(null));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_an_account_at_stripe_no_card_is_offered_or_taken(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    assert_eq!(owner.get("/api/v1/billing/plan?organization_id=acme").await.json()["takes_cards"], false);
    let wanted = json!({ "organization_id": "acme", "plan": "PRO", "provider": "stripe" });
    let refused = owner.post("/api/v1/billing/change-plan", &wanted).await;
    assert_eq!(
        (refused.status, refused.problem()),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid-input".into())
    );
}
