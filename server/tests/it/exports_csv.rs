//! Files of all invoices and of usage: whole, in pages, for whoever may read them, and read by Python's csv.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use axum::http::{Method, StatusCode};
use domain::access::BuiltInRole;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    bearer,
    billing::{details, invoice, join, organization},
    client::{Answer, Client},
    harness::{App, expect_done},
};

/// What Python's csv module reads in a file: an object a line.
fn read(answer: &Answer) -> Vec<Value> {
    expect_done(answer);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.header("cache-control"), "no-store");
    let script = "import csv, json, sys, io
text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')
rows = list(csv.DictReader(text, strict=True))
assert all(None not in row and None not in row.values() for row in rows), rows
print(json.dumps(rows))";
    let mut python = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    python.stdin.take().expect("piped").write_all(&answer.body).expect("written");
    let output = python.wait_with_output().expect("ends");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

async fn all_invoices(client: &Client) -> Vec<Value> {
    read(&client.get("/exports/invoices.csv?organization_id=acme").await)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_file_of_invoices_says_what_the_list_says(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    assert!(all_invoices(&owner).await.is_empty(), "a head and nothing else");
    details(&owner, "acme", "=HYPERLINK(\"x\"), 株式会社", "-1 Street\n\"Łódź\"").await;
    let document = invoice(&owner, "acme").await;
    let root = app.administrator(&db, "root@example.com").await;
    let back = json!({ "invoice_id": document["head"]["id"], "amount": "1.50", "reason": "Away" });
    expect_done(&root.post("/api/v1/admin/credit-invoice", &back).await);
    let rows = all_invoices(&owner).await;
    let list = owner.get("/api/v1/billing/invoices?organization_id=acme").await.json();
    let items = list["items"].as_array().expect("a list");
    assert_eq!((rows.len(), items.len()), (2, 2));
    for (row, item) in rows.iter().zip(items) {
        for name in ["number", "kind", "state", "provider", "issued_at", "id", "organization_id"] {
            assert_eq!(row[name], item[name], "{name}");
        }
        assert_eq!(row["due_at"].as_str().filter(|at| !at.is_empty()), item["due_at"].as_str());
        let minor = row["total"].as_str().expect("a number").replace('.', "");
        assert_eq!(minor.parse().ok(), item["total"]["minor"].as_i64());
        assert_eq!(row["customer"], "'=HYPERLINK(\"x\"), 株式会社");
        assert_eq!(row["customer_address"], "'-1 Street\n\"Łódź\"");
        assert_eq!((&row["customer_country"], &row["currency"]), (&json!("PL"), &json!("EUR")));
    }
    let of_invoice = rows.iter().find(|row| row["kind"] == "invoice").expect("an invoice");
    assert_eq!((&of_invoice["credited"], &of_invoice["net"]), (&json!("1.50"), &json!("95.00")));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_file_has_every_invoice_once_however_many_there_are(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let id = owner.get("/api/v1/organizations/get?organization_id=acme").await.json()["id"].clone();
    let party = "jsonb_build_object('name', 'X', 'address', '', 'country', '', 'tax_id', '', 'email', '')";
    // Many of one moment, and more than are read at a time.
    let script = format!(
        "BEGIN; SELECT set_config('app.organization_id', '{}', true);
         INSERT INTO invoices (id, organization_id, kind, state, provider, change_no, currency, created_at, number, year,
                               running, issued_at, supplier, customer, net, tax, total)
         SELECT gen_random_uuid(), app_organization(), 'invoice', 'open', 'invoice', 100 + n, 'EUR', now(),
                '2020-' || lpad(n::text, 6, '0'), 2020, n, timestamptz '2020-01-01' + (n / 300) * interval '1 day',
                {party}, {party}, n, 0, n
         FROM generate_series(1, 1201) AS n;
         COMMIT",
        id.as_str().expect("an id")
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&db).await.expect("many");
    let rows = all_invoices(&owner).await;
    let mut numbers: Vec<_> = rows.iter().map(|row| row["number"].as_str().expect("a number")).collect();
    numbers.sort_unstable();
    let expected: Vec<_> = (1..=1201).map(|n| format!("2020-{n:06}")).collect();
    assert_eq!(numbers, expected);
    let days: Vec<_> = rows.iter().map(|row| row["issued_at"].as_str().expect("a time")).collect();
    assert!(days.is_sorted_by(|one, next| one >= next), "the newest first");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_file_of_usage_adds_up_to_what_the_report_says(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let items = ["=1+1", "@model, \"large\"", "-x", "大きい"];
    for (n, item) in items.into_iter().cycle().take(9).enumerate() {
        let call = json!({
            "organization_id": "acme", "event_id": format!("e{n}"), "provider": "p", "item": item,
            "amount": "0.000012500",
        });
        expect_done(&owner.post("/api/v1/spend/record", &call).await);
    }
    let rows = read(&owner.get("/exports/usage.csv?organization_id=acme&dimension=model").await);
    let report = owner.get("/api/v1/spend/usage?organization_id=acme&dimension=model").await.json();
    let keys = report["keys"].as_array().expect("keys");
    assert_eq!((rows.len(), keys.len()), (4, 4));
    for key in keys {
        let name = key["key"].as_str().expect("a name");
        let written = if name.starts_with(['=', '@', '-']) { format!("'{name}") } else { name.to_owned() };
        let row = rows.iter().find(|row| row["key"] == written).expect("a line");
        assert_eq!(row["calls"], key["calls"].to_string());
        assert_eq!((&row["amount_usd"], &row["dimension"]), (&key["amount"], &json!("model")));
    }
    let nothing =
        read(&owner.get("/exports/usage.csv?organization_id=acme&from=2020-01-01&to=2020-01-31").await);
    assert!(nothing.is_empty());
    let refused = owner.get("/exports/usage.csv?organization_id=acme&from=yesterday").await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (422, "invalid-input"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn both_files_are_for_those_who_may_read_what_is_in_them(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let biller = join(&app, &db, &owner, "biller@example.com", BuiltInRole::Billing).await;
    let viewer = join(&app, &db, &owner, "viewer@example.com", BuiltInRole::Viewer).await;
    let (stranger, nobody) = (app.member("stranger@example.com").await, app.client());
    for file in ["invoices", "usage"] {
        let path = format!("/exports/{file}.csv?organization_id=acme");
        let status = async |client: &Client| client.get(&path).await.status;
        assert_eq!(status(&owner).await, StatusCode::OK, "{file}");
        assert_eq!(status(&stranger).await, StatusCode::NOT_FOUND, "{file}");
        assert_eq!(status(&nobody).await, StatusCode::UNAUTHORIZED, "{file}");
        let head = owner.request(Method::HEAD, &path).body(axum::body::Body::empty());
        assert_eq!(owner.send(head.expect("valid")).await.status, StatusCode::OK, "{file}");
    }
    assert_eq!(biller.get("/exports/invoices.csv?organization_id=acme").await.status, StatusCode::OK);
    let refused = viewer.get("/exports/invoices.csv?organization_id=acme").await;
    assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::FORBIDDEN, "not-allowed"));
    let token = bearer::made(&owner, &["billing:read"]).await;
    for (file, expected) in [("invoices", StatusCode::OK), ("usage", StatusCode::FORBIDDEN)] {
        let path = format!("/exports/{file}.csv?organization_id=acme");
        assert_eq!(bearer::get(&app.client(), &path, &token).await.status, expected, "{file}");
    }
}
