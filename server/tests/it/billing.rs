//! Plans and invoices over HTTP, and files of them read by programs of other people: poppler and Python's csv.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use domain::access::BuiltInRole;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    access_coverage, bearer,
    client::Client,
    harness::{App, PASSWORD, expect_done},
};

/// An organization of somebody.
pub(crate) async fn organization(app: &App, db: &PgPool, slug: &str, email: &str, role: &str) -> Client {
    let member = app.member(email).await;
    let sql = format!(
        "BEGIN;
         SELECT set_config('app.organization_id', gen_random_uuid()::text, true);
         INSERT INTO organizations (id, slug, name, created_at) VALUES (app_organization(), '{slug}', '{slug}', now());
         INSERT INTO organization_slugs (slug, organization_id) VALUES ('{slug}', app_organization());
         INSERT INTO audit_heads (chain, seq, hash) VALUES (app_organization(), 0, decode(repeat('00', 32), 'hex'));
         INSERT INTO memberships (organization_id, user_id, joined_at)
         SELECT app_organization(), id, now() FROM users WHERE email = '{email}';
         INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at)
         SELECT app_organization(), '{role}', id, now() FROM users WHERE email = '{email}';
         COMMIT"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(db).await.expect("an organization");
    member
}

/// One more member.
pub(crate) async fn join(app: &App, db: &PgPool, owner: &Client, email: &str, role: BuiltInRole) -> Client {
    let member = app.member(email).await;
    let acme = owner.get("/api/v1/organizations/get?organization_id=acme").await.json();
    access_coverage::join(db, acme["id"].as_str().expect("an id"), email, Some(role)).await;
    member
}

/// Takes a plan and answers the invoice.
pub(crate) async fn invoice(owner: &Client, slug: &str) -> Value {
    let typed = json!({ "organization_id": slug, "plan": "TEAM", "extra_seats": "2" });
    let changed = owner.post("/api/v1/billing/change-plan", &typed).await;
    expect_done(&changed);
    let number = changed.json()["invoice"].as_str().expect("a number").to_owned();
    let path = format!("/api/v1/billing/invoice?organization_id={slug}&number={number}");
    let answer = owner.get(&path).await;
    expect_done(&answer);
    answer.json()
}

pub(crate) async fn details(owner: &Client, slug: &str, company: &str, address: &str) {
    let typed = json!({ "organization_id": slug, "company": company, "address": address, "country": "PL" });
    expect_done(&owner.post("/api/v1/billing/set-details", &typed).await);
}

/// What a program of somebody else says of a file.
pub(crate) fn told(program: &str, arguments: &[&str], file: &Path) -> String {
    let output =
        Command::new(program).args(arguments).arg(file).output().expect("poppler-utils is installed");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) async fn pdf(client: &Client, id: &str, folder: &Path) -> std::path::PathBuf {
    let answer = client.get(&format!("/exports/invoices/{id}.pdf")).await;
    expect_done(&answer);
    assert_eq!(answer.header("content-type"), "application/pdf");
    assert_eq!(answer.header("cache-control"), "no-store");
    let file = folder.join(format!("{id}.pdf"));
    std::fs::write(&file, &answer.body).expect("written");
    assert!(answer.body.len() < 200_000, "fonts hold the letters that are needed: {}", answer.body.len());
    file
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_text_of_a_pdf_can_be_read_and_its_fonts_are_inside(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    // Too long for a line: the column beside it stands between the two.
    let company = ["Łódź Überfuß Ελλάδα Москва", "株式会社ゲートハウス 주식회사 北京有限公司"];
    details(&owner, "acme", &company.join(" "), "ul. Piotrkowska 1\n90-001 Łódź").await;
    let invoice = invoice(&owner, "acme").await;
    let number = invoice["head"]["number"].as_str().expect("a number");
    let folder = tempfile::tempdir().expect("a folder");
    let file = pdf(&owner, invoice["head"]["id"].as_str().expect("an id"), folder.path()).await;
    told("pdftotext", &["-layout", "-enc", "UTF-8"], &file);
    let text = std::fs::read_to_string(file.with_extension("txt")).expect("text");
    let flat: String = text.split_whitespace().collect();
    for part in [
        number,
        company[0],
        company[1],
        "ul. Piotrkowska 1",
        "Gatehouse Example Ltd",
        "Team, one month",
        "79.00",
        "95.00 EUR",
        "Page 1 of 1",
    ] {
        let part: String = part.split_whitespace().collect();
        assert!(flat.contains(&part), "{part} in {text}");
    }
    assert!(!text.contains("have no font"));
    let fonts = told("pdffonts", &[], &file);
    let rows: Vec<Vec<&str>> = fonts.lines().skip(2).map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), 3, "{fonts}");
    for row in rows {
        // The last columns are emb, sub, uni, and the two numbers of the object.
        let flags = &row[row.len() - 5..row.len() - 2];
        assert_eq!(flags, ["yes", "yes", "yes"], "{fonts}");
    }
    let pages = told("pdfinfo", &[], &file);
    assert!(pages.contains(&format!("Invoice {number}")) && pages.contains("A4"), "{pages}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn letters_without_a_font_do_not_go_without_a_word(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    details(&owner, "acme", "שלום Ltd", "1 Street").await;
    let invoice = invoice(&owner, "acme").await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = pdf(&owner, invoice["head"]["id"].as_str().expect("an id"), folder.path()).await;
    told("pdftotext", &["-layout"], &file);
    let text = std::fs::read_to_string(file.with_extension("txt")).expect("text");
    assert!(text.contains("Some letters have no font in this file") && text.contains("Ltd"), "{text}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_lines_of_an_invoice_are_read_by_another_reader(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let root = app.administrator(&db, "root@example.com").await;
    let tax = json!({ "country": "PL", "name": "=VAT, \"PL\"", "percent": "23" });
    expect_done(&root.post("/api/v1/admin/set-tax-rate", &tax).await);
    app.platform.clock().advance(Duration::from_mins(1));
    details(&owner, "acme", "Acme", "1 Street").await;
    let invoice = invoice(&owner, "acme").await;
    let text = |it: &Value| it.as_str().expect("text").to_owned();
    let (id, number) = (text(&invoice["head"]["id"]), text(&invoice["head"]["number"]));
    let back = json!({ "invoice_id": id, "reason": "Away" });
    expect_done(&root.post("/api/v1/admin/credit-invoice", &back).await);
    let list = owner.get("/api/v1/billing/invoices?organization_id=acme").await.json();
    let note = list["items"].as_array().expect("a list").iter().find(|it| it["kind"] == "credit-note");
    let note = text(&note.expect("a note")["id"]);
    for (id, expected) in [
        (
            id,
            json!([
                ["plan", "Team, one month", "79.00"],
                ["seats", "More seats of Team, one month", "16.00"],
                ["tax", "'=VAT, \"PL\" 23 %", "21.85"]
            ]),
        ),
        (
            note,
            json!([
                ["credit", format!("Credit for invoice {number}"), "-95.00"],
                ["tax", "'=VAT, \"PL\" 23 %", "-21.85"]
            ]),
        ),
    ] {
        let answer = owner.get(&format!("/exports/invoices/{id}.csv")).await;
        expect_done(&answer);
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
        let script = "import csv, json, sys, io
text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')
rows = list(csv.DictReader(text, strict=True))
assert all(row['currency'] == 'EUR' and None not in row for row in rows), rows
print(json.dumps([[row['kind'], row['description'], row['amount']] for row in rows]))";
        let mut python = Command::new("python3")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3");
        python.stdin.take().expect("piped").write_all(&answer.body).expect("written");
        let output = python.wait_with_output().expect("ends");
        let rows: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(rows, expected);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_file_is_for_members_who_may_read_it_and_for_those_who_look_after_money(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let viewer = join(&app, &db, &owner, "viewer@example.com", BuiltInRole::Viewer).await;
    let biller = join(&app, &db, &owner, "biller@example.com", BuiltInRole::Billing).await;
    let stranger = app.member("stranger@example.com").await;
    let root = app.administrator(&db, "root@example.com").await;
    let id = invoice(&owner, "acme").await["head"]["id"].as_str().expect("an id").to_owned();
    for end in ["pdf", "csv"] {
        let path = format!("/exports/invoices/{id}.{end}");
        for reader in [&owner, &biller, &root] {
            assert_eq!(reader.get(&path).await.status, StatusCode::OK);
        }
        let refused = viewer.get(&path).await;
        assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::FORBIDDEN, "not-allowed"));
        let refused = stranger.get(&path).await;
        assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::NOT_FOUND, "not-found"));
        assert_eq!(app.client().get(&path).await.problem(), "sign-in-required");
        let head = owner.request(Method::HEAD, &path).body(Body::empty()).expect("valid");
        let head = owner.send(head).await;
        assert!(head.status == StatusCode::OK && head.body.is_empty());
    }
    let read = root.get(&format!("/api/v1/admin/invoice?invoice_id={id}")).await;
    let own = owner.get(&format!("/api/v1/billing/invoice?organization_id=acme&number={id}")).await;
    assert_eq!(read.json(), own.json(), "they read the same document");
    let gone = format!("/api/v1/admin/invoice?invoice_id={}", uuid::Uuid::nil());
    assert_eq!(root.get(&gone).await.problem(), "not-found");
    for name in [format!("{id}.exe"), id.clone(), format!("{}.pdf", uuid::Uuid::nil())] {
        assert_eq!(
            owner.get(&format!("/exports/invoices/{name}")).await.status,
            StatusCode::NOT_FOUND,
            "{name}"
        );
    }
    assert_eq!(owner.get("/exports/invoices/x.pdf").await.problem(), "malformed-request");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_reads_the_files_that_its_scopes_say_whatever_its_owner_may(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let root = organization(&app, &db, "bank", "root@example.com", "OWNER").await;
    sqlx::raw_sql("UPDATE users SET roles = '{ADMIN,USER}' WHERE email = 'root@example.com'")
        .execute(&db)
        .await
        .expect("roles");
    let id = |invoice: Value| invoice["head"]["id"].as_str().expect("an id").to_owned();
    let (theirs, own) = (id(invoice(&owner, "acme").await), id(invoice(&root, "bank").await));
    let (done, hidden, refused) = (StatusCode::OK, StatusCode::NOT_FOUND, StatusCode::FORBIDDEN);
    for (scopes, of_theirs, of_own) in [
        (&["billing:read"][..], hidden, done),
        (&["billing:read", "admin:read"], done, done),
        (&["*:read"], done, done),
        (&["admin:read", "audit:read"], refused, refused),
    ] {
        let token = bearer::made(&root, scopes).await;
        for end in ["pdf", "csv"] {
            for (id, status) in [(&theirs, of_theirs), (&own, of_own)] {
                let path = format!("/exports/invoices/{id}.{end}");
                let answer = bearer::get(&app.client(), &path, &token).await;
                assert_eq!(answer.status, status, "{path} with {scopes:?}");
            }
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn another_spelling_of_the_name_of_a_file_leads_nowhere(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let (root, nobody) = (app.administrator(&db, "root@example.com").await, app.client());
    let id = invoice(&owner, "acme").await["head"]["id"].as_str().expect("an id").to_owned();
    let user = owner.get("/api/v1/identity/me").await.json()["id"].clone();
    let eyes = json!({ "user_id": user, "reason": "She asked for help" });
    expect_done(&root.post("/api/v1/admin/impersonate", &eyes).await);
    for end in ["pdf", "csv"] {
        let refused = root.get(&format!("/exports/invoices/{id}.{end}")).await;
        assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::FORBIDDEN, "not-allowed"));
    }
    for end in ["%2Epdf", "%2epdf", "%2Ecsv", ".pd%66", ".cs%76"] {
        let path = format!("/exports/invoices/{id}{end}");
        for (who, reader) in [("owner", &owner), ("with other eyes", &root), ("nobody", &nobody)] {
            let refused = reader.get(&path).await;
            let told = (refused.status, refused.problem());
            assert_eq!(told, (StatusCode::NOT_FOUND, "not-found".to_owned()), "{path} {who}");
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn strangers_find_no_billing_and_plain_forms_change_a_plan(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let stranger = app.member("stranger@example.com").await;
    for name in ["plan", "usage", "preview-plan?plan=PRO", "invoices", "invoice?number=1", "details"] {
        let joint = if name.contains('?') { '&' } else { '?' };
        let path = format!("/api/v1/billing/{name}{joint}organization_id=acme");
        assert_eq!(stranger.get(&path).await.problem(), "not-found", "{path}");
    }
    for name in ["change-plan", "cancel", "resume", "set-details"] {
        let refused =
            stranger.post(&format!("/api/v1/billing/{name}"), &json!({ "organization_id": "acme" })).await;
        assert_eq!(refused.problem(), "not-found", "{name}");
    }
    let fields = [("organization_id", "acme"), ("plan", "PRO"), ("extra_seats", "0")];
    let answer = owner.submit("/api/v1/billing/change-plan", "/o/acme/billing?plan=PRO", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let has = owner.get("/api/v1/billing/plan?organization_id=acme").await.json();
    assert_eq!(has["plan"]["plan"], "PRO");
    assert_eq!(has["monthly_price"], json!({ "minor": 1900, "currency": "EUR" }));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_books_are_open_to_those_who_look_after_money_and_to_no_other_staff(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let id = invoice(&owner, "acme").await["head"]["id"].as_str().expect("an id").to_owned();
    let staff = async |email: &str, role: &str| {
        let member = app.member(email).await;
        let raise = format!("UPDATE users SET roles = '{{{role},USER}}' WHERE email = '{email}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(raise)).execute(&db).await.expect("a role");
        member
    };
    let support = staff("support@example.com", "SUPPORT").await;
    for name in ["invoices", "tax-rates", "usage-prices"] {
        let refused = support.get(&format!("/api/v1/admin/{name}")).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (StatusCode::FORBIDDEN, "not-allowed"),
            "{name}"
        );
    }
    for name in [
        "mark-paid",
        "void-invoice",
        "credit-invoice",
        "end-plan",
        "set-tax-rate",
        "set-usage-price",
        "check-invoices",
    ] {
        let refused = support.post(&format!("/api/v1/admin/{name}"), &json!({ "invoice_id": id })).await;
        assert_eq!(
            (refused.status, refused.problem().as_str()),
            (StatusCode::FORBIDDEN, "not-allowed"),
            "{name}"
        );
    }
    // No member of it is found by a file, either.
    assert_eq!(support.get(&format!("/exports/invoices/{id}.pdf")).await.status, StatusCode::NOT_FOUND);
    let money = staff("money@example.com", "BILLING_ADMIN").await;
    let list = money.get("/api/v1/admin/invoices?state=open").await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    let report = money.post("/api/v1/admin/check-invoices", &json!({})).await.json();
    let all_well = json!({ "documents": 1, "ok": true, "wrong": [], "missing": [], "uncharged": [] });
    assert_eq!(report, all_well);
    // What gives money away needs a fresh proof; to note a payment does not.
    app.platform.clock().advance(Duration::from_mins(6));
    let credit = json!({ "invoice_id": id, "amount": "1.00", "reason": "Away" });
    assert_eq!(money.post("/api/v1/admin/credit-invoice", &credit).await.problem(), "step-up-required");
    expect_done(
        &money.post("/api/v1/admin/mark-paid", &json!({ "invoice_id": id, "reference": "4711" })).await,
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn documents_of_an_organization_that_is_gone_are_still_in_the_books(db: PgPool) {
    let app = App::start(db.clone()).await;
    let owner = organization(&app, &db, "acme", "owner@example.com", "OWNER").await;
    let root = app.administrator(&db, "root@example.com").await;
    let id = invoice(&owner, "acme").await["head"]["id"].as_str().expect("an id").to_owned();
    let gone = json!({ "organization_id": "acme", "confirm_slug": "acme" });
    expect_done(&owner.post("/api/v1/organizations/delete", &gone).await);
    let path = format!("/exports/invoices/{id}.pdf");
    assert_eq!(owner.get(&path).await.status, StatusCode::OK, "until then it can be read");
    let plan = owner.get("/api/v1/billing/plan?organization_id=acme").await.json();
    assert_eq!(plan["next"]["plan"], "FREE", "no month after this one is charged");
    app.platform.clock().advance(Duration::from_hours(15 * 24));
    let deleted = domain::organizations::service::delete_due(&app.platform).await;
    assert_eq!(deleted, Ok(1));
    let typed = json!({ "email": "root@example.com", "password": PASSWORD });
    expect_done(&root.post("/api/v1/identity/sign-in", &typed).await);
    assert_eq!(root.get(&path).await.status, StatusCode::OK);
    let document = root.get(&format!("/api/v1/admin/invoice?invoice_id={id}")).await.json();
    assert_eq!(document["customer"]["name"], "acme");
}
