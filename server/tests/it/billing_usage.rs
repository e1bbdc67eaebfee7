//! Usage over HTTP: what it costs is set, what is used is shown, and it stands on the invoice and in its files.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{access::BuiltInRole, billing::service::run_once, spend::service::Ledger};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    billing::{join, organization, pdf, told},
    client::Client,
    harness::{App, PASSWORD, expect_done},
};

/// An organization on a site where a million tokens cost three euros, which has taken PRO and used four.
async fn used(db: &PgPool) -> (App, Client) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, db, "acme", "owner@example.com", "OWNER").await;
    let root = app.administrator(db, "root@example.com").await;
    let of = |mut typed: Value| {
        for (name, value) in [("provider", "acme-ai"), ("item", "large-model"), ("unit", "input-token")] {
            typed[name] = json!(value);
        }
        typed
    };
    let price = of(json!({ "currency": "EUR", "price": "3", "per": "1000000" }));
    expect_done(&root.post("/api/v1/admin/set-usage-price", &price).await);
    app.platform.clock().advance(Duration::from_mins(1));
    let plan = json!({ "organization_id": "acme", "plan": "PRO" });
    expect_done(&owner.post("/api/v1/billing/change-plan", &plan).await);
    let own = of(json!({ "organization_id": "acme", "price": "0", "effective_from": "2020-01-01" }));
    expect_done(&owner.post("/api/v1/spend/set-price", &own).await);
    let call = of(json!({ "organization_id": "acme", "event_id": "run-17", "usage": "input-token=4000000" }));
    expect_done(&owner.post("/api/v1/spend/record", &call).await);
    (app, owner)
}

/// Expects words on a page.
fn expect_words(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_usage_costs_is_set_by_a_plain_form_and_shown_where_it_is_charged(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let root = app.administrator(&db, "root@example.com").await;
    let page = owner.get("/o/acme/billing").await.text();
    assert!(!page.contains("Usage so far"), "where nothing has a price, nothing is charged");
    let fields = [
        ("provider", "acme-ai"),
        ("item", "large-model"),
        ("unit", "Input Token"),
        ("currency", "EUR"),
        ("price", "3"),
        ("per", "1000000"),
    ];
    root.submit("/api/v1/admin/set-usage-price", "/admin/billing", &fields).await;
    expect_words(&root.get("/admin/billing").await.text(), &["Input Token", "No prices yet"]);
    let fields = fields.map(|(name, value)| (name, if name == "unit" { "input-token" } else { value }));
    let set = root.submit("/api/v1/admin/set-usage-price", "/admin/billing", &fields).await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.text());
    let page = root.get("/admin/billing").await.text();
    expect_words(&page, &["The price is set.", "large-model", "3.00 EUR for 1,000,000"]);
    let page = owner.get("/o/acme/billing").await.text();
    expect_words(&page, &["Usage so far", "Nothing to charge for", "Usage included: "]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_used_is_shown_as_it_adds_up(db: PgPool) {
    let (app, owner) = used(&db).await;
    let open = owner.get("/api/v1/billing/usage?organization_id=acme").await.json();
    let eur = |minor: i64| json!({ "minor": minor, "currency": "EUR" });
    assert_eq!((&open["used"], &open["included"], &open["to_charge"]), (&eur(1_200), &eur(500), &eur(700)));
    assert_eq!((&open["lines"][0]["price"], &open["has_prices"]), (&json!("3.00"), &json!(true)));
    let page = owner.get("/o/acme/billing").await.text();
    let words = ["Usage so far", "large-model", "3.00 EUR for 1,000,000", "12.00 EUR", "7.00 EUR"];
    expect_words(&page, &words);
    let page = owner.get("/o/acme/limits?event_id=run-17").await.text();
    expect_words(&page, &["It is not billed yet: its period ends on"]);
    let viewer = join(&app, &db, &owner, "viewer@example.com", BuiltInRole::Viewer).await;
    let refused = viewer.get("/api/v1/billing/usage?organization_id=acme").await;
    assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::FORBIDDEN, "not-allowed"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_was_used_stands_on_the_invoice_and_in_its_files(db: PgPool) {
    let (app, owner) = used(&db).await;
    app.platform.clock().advance(Duration::from_hours(24 * 31));
    run_once(&app.platform, &Ledger).await.expect("ends the month");
    let typed = json!({ "email": "owner@example.com", "password": PASSWORD });
    expect_done(&owner.post("/api/v1/identity/sign-in", &typed).await);
    let list = owner.get("/api/v1/billing/invoices?organization_id=acme").await.json();
    let text = |it: &Value| it.as_str().expect("text").to_owned();
    let (id, number) = (text(&list["items"][0]["id"]), text(&list["items"][0]["number"]));
    let told_of = owner.get("/api/v1/spend/explain?organization_id=acme&event_id=run-17").await.json();
    assert_eq!(told_of["invoice_line"], format!("{number} line 2"));
    let charge = &told_of["charges"][0];
    assert_eq!((&charge["state"], &charge["line"]), (&json!("billed"), &json!(2)));
    let page = owner.get("/o/acme/limits?event_id=run-17").await.text();
    expect_words(&page, &[&format!("/o/acme/billing/invoices/{number}")]);
    let used = "acme-ai large-model: input-token, 3.00 EUR for 1,000,000";
    let page = owner.get(&format!("/o/acme/billing/invoices/{number}")).await.text();
    expect_words(&page, &[used, "4000000", "Usage included in Pro"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = pdf(&owner, &id, folder.path()).await;
    told("pdftotext", &["-layout", "-enc", "UTF-8"], &file);
    let paper = std::fs::read_to_string(file.with_extension("txt")).expect("text");
    let words: Vec<&str> = paper.split_whitespace().collect();
    for word in used.split_whitespace().chain(["4000000", "12.00", "-5.00", "26.00"]) {
        assert!(words.contains(&word), "{word} in {paper}");
    }
    let csv = owner.get(&format!("/exports/invoices/{id}.csv")).await.text();
    expect_words(&csv, &["usage", "4000000", "-5.00"]);
}
