//! Ways to pay over HTTP: each endpoint with and without Stripe, and a page that leads there by a link.

use axum::http::StatusCode;
use domain::access::BuiltInRole;
use serde_json::json;
use sqlx::PgPool;
use stripe_peer::{Fault, Peer};

use crate::{
    billing::{join, organization},
    client::Client,
    harness::{App, expect_done, wide},
};

const CHANGES: [&str; 4] =
    ["add-payment-method", "open-portal", "set-default-payment-method", "remove-payment-method"];
const LIST: &str = "/api/v1/billing/payment-methods?organization_id=acme";

async fn with_stripe(db: PgPool) -> (App, Peer) {
    let peer = Peer::start(([127, 0, 0, 1], 0).into()).await.expect("a free port");
    let url = peer.url();
    let variables = [
        ("GATEHOUSE_BILLING_STRIPE_API_KEY", "sk_test_1"),
        ("GATEHOUSE_BILLING_STRIPE_BASE_URL", url.as_str()),
    ];
    (App::start_with(wide(db), &variables).await, peer)
}

async fn change(client: &Client, name: &str) -> crate::client::Answer {
    let typed = json!({ "organization_id": "acme", "payment_method_id": "pm_nobodys" });
    client.post(&format!("/api/v1/billing/{name}"), &typed).await
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn pages_of_stripes_are_opened_for_whoever_may_change_how_it_is_paid(db: PgPool) {
    let (app, peer) = with_stripe(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let plan = owner.get("/api/v1/billing/plan?organization_id=acme").await.json();
    assert_eq!(plan["takes_cards"], true);
    let empty = owner.get(LIST).await;
    assert_eq!(empty.json(), json!({ "items": [], "next_cursor": null }));
    for (name, place) in [("add-payment-method", "checkout"), ("open-portal", "portal")] {
        let answer = change(&owner, name).await;
        expect_done(&answer);
        let page = answer.json()["continue_at"].as_str().expect("an address").to_owned();
        assert!(page.starts_with(&format!("{}/{place}/", peer.url())), "{page}");
    }
    for name in ["set-default-payment-method", "remove-payment-method"] {
        assert_eq!(change(&owner, name).await.problem(), "not-found", "{name}");
    }
    let customers = peer.calls().iter().filter(|call| *call == "POST /v1/customers").count();
    assert_eq!(customers, 1, "one for both pages");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn ways_to_pay_are_nothing_to_strangers_and_only_read_by_whoever_may_only_read(db: PgPool) {
    let (app, _peer) = with_stripe(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let viewer = join(&app, &db, &owner, "viewer@example.com", BuiltInRole::Viewer).await;
    let (stranger, nobody) = (app.member("stranger@example.com").await, app.client());
    for (who, status) in [
        (&stranger, StatusCode::NOT_FOUND),
        (&viewer, StatusCode::FORBIDDEN),
        (&nobody, StatusCode::UNAUTHORIZED),
    ] {
        assert_eq!(who.get(LIST).await.status, status);
        for name in CHANGES {
            assert_eq!(change(who, name).await.status, status, "{name}");
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_stripe_nothing_is_offered_and_each_endpoint_says_why(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let plan = owner.get("/api/v1/billing/plan?organization_id=acme").await.json();
    assert_eq!(plan["takes_cards"], false);
    let mut answers = vec![owner.get(LIST).await];
    for name in CHANGES {
        answers.push(change(&owner, name).await);
    }
    for answer in answers {
        assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::CONFLICT, "conflict"));
        assert_eq!(answer.json()["errors"][0]["problem"], "no-stripe");
    }
    let page = owner.get("/o/acme/billing").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains("Ways to pay"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_plain_form_leads_to_stripe_by_a_link_and_says_when_stripe_is_away(db: PgPool) {
    let (app, peer) = with_stripe(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let page = owner.get("/o/acme/billing").await.text();
    assert!(
        page.contains("Ways to pay") && page.contains("No way to pay yet"),
        "the card is there, and empty"
    );
    let fields = [("organization_id", "acme")];
    let path = "/api/v1/billing/add-payment-method";
    let answer = owner.submit(path, "/o/acme/billing", &fields).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/o/acme/billing"));
    let page = owner.get("/o/acme/billing").await.text();
    assert!(page.contains(&format!("href=\"{}/checkout/", peer.url())), "a link");
    assert!(page.contains("Continue at Stripe"));
    assert!(!owner.get("/o/acme/billing").await.text().contains("Continue at Stripe"), "once");

    peer.fail("POST /v1/checkout", [Fault::Error; 4]);
    let away = change(&owner, "add-payment-method").await;
    assert_eq!((away.status, away.problem().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "busy"));
    let left = owner.get("/o/acme/billing?card=left").await.text();
    assert!(left.contains("Stripe has what you left"), "whoever comes back is told");
}
