//! Money as a script and a browser meet it: the refusal word for word, lists of numbers, plain forms, and the pages.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    client::{Answer, Client},
    harness::{App, expect_done},
};

/// A member of the organization `acme`.
struct Scene {
    app: App,
    owner: Client,
}

impl Scene {
    async fn start(db: &PgPool) -> Self {
        let app = App::start(db.clone()).await;
        let owner = app.member("owner@example.com").await;
        let id = app.platform.new_id();
        let make = format!(
            "SELECT set_config('app.organization_id', '{id}', true);
             INSERT INTO organizations (id, slug, name, created_at) VALUES ('{id}', 'acme', 'Acme', now());
             INSERT INTO organization_slugs (slug, organization_id) VALUES ('acme', '{id}');
             INSERT INTO audit_heads (chain, seq, hash) VALUES ('{id}', 0, decode(repeat('00', 32), 'hex'));
             INSERT INTO memberships (organization_id, user_id, joined_at) SELECT '{id}', id, now() FROM users;
             INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at)
             SELECT '{id}', 'OWNER', id, now() FROM users;"
        );
        let mut tx = db.begin().await.expect("begins");
        sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut *tx).await.expect("an organization");
        tx.commit().await.expect("commits");
        Self { app, owner }
    }

    async fn call(&self, what: &str, mut input: Value) -> Answer {
        input["organization_id"] = json!("acme");
        self.owner.post(&format!("/api/v1/spend/{what}"), &input).await
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_refusal_is_a_402_that_says_everything_and_no_when(db: PgPool) {
    let scene = Scene::start(&db).await;
    expect_done(&scene.call("set-limit", json!({ "monthly_cap": "10", "warn_at": [50, 80, 100] })).await);
    let held = scene.call("reserve", json!({ "request_id": "a", "amount": "4" })).await;
    expect_done(&held);
    expect_done(&scene.call("settle", json!({ "hold_id": held.json()["hold_id"], "amount": "3.5" })).await);
    let refused = scene.call("reserve", json!({ "request_id": "b", "amount": "7" })).await;
    assert_eq!(
        (refused.status, refused.problem().as_str()),
        (StatusCode::PAYMENT_REQUIRED, "spend-cap-reached")
    );
    assert_eq!(refused.header("retry-after"), "");
    let body = refused.json();
    let told =
        ["scope", "cap", "spent", "held"].map(|name| body[name].as_str().unwrap_or_default().to_owned());
    assert_eq!(told, ["organization", "10.00", "3.50", "0.00"]);
    assert!(body["resets_at"].as_str().is_some_and(|at| at.contains("-01T00:00:00Z")), "{body}");
    assert!(body["manage_url"].as_str().is_some_and(|url| url.ends_with("/o/acme/limits")), "{body}");
    assert!(body["detail"].as_str().is_some_and(|text| text.contains("$3.50 of $10.00")), "{body}");
    let limits = scene.owner.get("/api/v1/spend/limits?organization_id=acme").await.json();
    assert_eq!(limits["monthly_cap"], "10.00");
    assert_eq!(
        (&limits["items"][0]["spent"], &limits["items"][0]["state"]),
        (&json!("3.50"), &json!("fine")),
        "a call that is too large says nothing of how the budget stands"
    );
    assert_eq!(limits["items"][0]["warn_at"], json!([50, 80, 100]));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_not_as_it_should_be_is_named_by_its_field(db: PgPool) {
    let scene = Scene::start(&db).await;
    for (what, input, field) in [
        ("set-limit", json!({ "cap": 10 }), "cap"),
        ("set-limit", json!({ "cap": "1e3" }), "cap"),
        ("set-limit", json!({ "cap": "1", "warn_at": ["50"] }), "warn_at"),
        ("set-limit", json!({ "cap": "1", "warn_at": [101] }), "warn_at"),
        ("reserve", json!({ "amount": "1" }), "request_id"),
        ("reserve", json!({ "request_id": "a", "amount": "NaN" }), "amount"),
        ("settle", json!({ "amount": "1" }), "hold_id"),
        ("set-price", json!({ "provider": "p", "item": "i", "unit": "Big Unit", "price": "1" }), "unit"),
        ("record", json!({ "event_id": "e", "provider": "p", "item": "i", "usage": "call=x" }), "usage"),
    ] {
        let refused = scene.call(what, input.clone()).await;
        assert_eq!(refused.problem(), "invalid-input", "{what} {input}");
        assert_eq!(refused.json()["errors"][0]["field"], field, "{what} {input}: {}", refused.text());
    }
    for unknown in ["nobody", "00000000-0000-0000-0000-000000000000", ""] {
        let input = json!({ "organization_id": unknown, "request_id": "a", "amount": "1" });
        let refused = scene.owner.post("/api/v1/spend/reserve", &input).await;
        assert_eq!(refused.problem(), "not-found", "{unknown}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_pages_show_the_meter_the_banner_and_the_reason_without_wasm(db: PgPool) {
    let scene = Scene::start(&db).await;
    let page = "/o/acme/limits";
    let fields = [("organization_id", "acme"), ("cap", "10"), ("scope", "organization"), ("new", "true")];
    let set = scene.owner.submit("/api/v1/spend/set-limit", page, &fields).await;
    assert_eq!((set.status, set.header("location")), (StatusCode::SEE_OTHER, page));
    let shown = scene.owner.get(page).await.text();
    assert!(shown.contains("The budget is set."), "{shown}");
    let held = scene.call("reserve", json!({ "request_id": "a", "amount": "10" })).await;
    expect_done(&scene.call("settle", json!({ "hold_id": held.json()["hold_id"], "amount": "9" })).await);
    let shown = scene.owner.get(&format!("{page}?event_id=a")).await.text();
    for words in [
        "$9.00 of $10.00 spent",
        "90 % of the budget “Organization” are spent.",
        "It is billed at what its client said: $9.00.",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let shown = scene.owner.get("/o/acme/usage").await.text();
    assert!(shown.contains("$9.00 were spent from") && shown.contains("<svg"), "{shown}");
    let stranger = scene.app.member("stranger@example.com").await;
    for page in [page, "/o/acme/usage"] {
        assert_eq!(stranger.get(page).await.status, StatusCode::NOT_FOUND, "{page}");
    }
}
