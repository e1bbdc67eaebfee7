//! Ways to pay over HTTP: each endpoint with and without Stripe, and a page that leads there by a link.

use axum::http::StatusCode;
use domain::{
    access::BuiltInRole,
    billing::stripe::{Mode, inbox},
};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgPool;
use stripe_peer::{Fault, Peer, sign};

use crate::{
    billing::{join, organization, pdf, told},
    client::Client,
    harness::{App, expect_done, wide},
    stripe::KEEPERS,
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

/// Everything that has happened at Stripe is told, and looked into.
async fn tell(app: &App, peer: &Peer) {
    let secret = "whsec_development";
    for event in peer.events() {
        let (at, body) = (app.platform.now().unix_seconds(), event.to_string());
        let secrets = [SecretString::from(secret.to_owned())];
        inbox::receive(&app.platform, &secrets, Some(Mode::Test), &sign(secret, at, &body), body.as_bytes())
            .await
            .expect("stored");
    }
    let stripe = app.state.stripe().expect("configured");
    inbox::run_once(&app.platform, stripe, KEEPERS).await.expect("works");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_invoice_of_stripes_is_a_page_and_a_file_like_ours(db: PgPool) {
    let (app, peer) = with_stripe(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let page = change(&owner, "add-payment-method").await.json()["continue_at"].clone();
    let session = page.as_str().and_then(|page| page.rsplit('/').next()).expect("a page").to_owned();
    peer.check_out(&session, "4242 4242 4242 4242").expect("is left");
    let call = |path: &str, params: Value| peer.call("POST", path, &params).expect("done");
    let price = call(
        "prices",
        json!({
            "product_data": { "name": "Help" }, "currency": "eur", "unit_amount": "1250", "nickname": "Help by hand",
            "recurring": { "interval": "month" },
        }),
    );
    let customer = peer.object(&session).expect("it is there")["customer"].clone();
    tell(&app, &peer).await;
    let card = owner.get(LIST).await.json()["items"][0].clone();
    assert_eq!((&card["brand"], &card["last_four"]), (&json!("visa"), &json!("4242")));
    let items = json!([{ "price": price["id"] }]);
    call(
        "subscriptions",
        json!({ "customer": customer, "items": items, "default_payment_method": card["id"] }),
    );
    tell(&app, &peer).await;

    let list = owner.get("/api/v1/billing/invoices?organization_id=acme").await.json();
    let head = list["items"][0].clone();
    assert_eq!((&head["provider"], &head["state"]), (&json!("stripe"), &json!("paid")));
    let number = head["number"].as_str().expect("a number");
    let document = owner.get(&format!("/o/acme/billing/invoices/{number}")).await.text();
    for part in [number, "Paid through", "Stripe", "Help by hand", "12.50 EUR"] {
        assert!(document.contains(part), "{part}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = pdf(&owner, head["id"].as_str().expect("an id"), folder.path()).await;
    told("pdftotext", &["-layout", "-enc", "UTF-8"], &file);
    let text = std::fs::read_to_string(file.with_extension("txt")).expect("text");
    for part in [number, "This invoice is paid through Stripe.", "12.50"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let root = app.administrator(&db, "root@example.com").await;
    let books =
        root.get(&format!("/admin/billing?invoice={}", head["id"].as_str().expect("an id"))).await.text();
    assert!(books.contains("Stripe looks after this invoice") && !books.contains("Mark as paid"));
    let typed = json!({ "invoice_id": head["id"], "reference": "4711" });
    let refused = root.post("/api/v1/admin/mark-paid", &typed).await;
    assert_eq!(refused.json()["errors"][0]["problem"], "at-stripe");
    let report = root.post("/api/v1/admin/check-invoices", &json!({})).await.json();
    assert_eq!((&report["ok"], &report["documents"]), (&json!(true), &json!(1)));
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
