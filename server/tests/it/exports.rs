//! Exports: whole, noted, bounded in what they read, and broken off rather than cut.

use app::endpoint::{Answers, all};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use domain::{
    access::Grant,
    audit::{Deed, note},
};
use http_body_util::BodyExt as _;
use serde_json::Value;
use server::endpoints::Endpoints;
use sqlx::PgPool;

use crate::harness::App;

/// Entries that were appended as the server does it.
async fn noted(app: &App, count: usize) {
    let mut tx = Grant::system(&app.platform, "test").begin().await.expect("begins");
    for _ in 0..count {
        note(&mut tx, Deed::BootstrapLinkMade).await.expect("notes");
    }
    tx.commit().await.expect("commits");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_export_has_every_entry_once_and_in_order_up_to_its_beginning(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    noted(&app, 2_100).await;
    let answer = root.get("/exports/audit.jsonl").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/jsonl; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"gatehouse-audit-2"));
    let text = answer.text();
    let entries: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let numbers: Vec<i64> = entries.iter().map(|entry| entry["seq"].as_i64().expect("a number")).collect();
    assert!(numbers.len() > 2_100);
    assert!(numbers.iter().copied().eq(1..=i64::try_from(numbers.len()).expect("few")), "{numbers:?}");
    assert!(entries.iter().all(|entry| entry["hash"].as_str().is_some_and(|hash| hash.len() == 64)));
    assert!(!text.contains("audit.exported"), "its own entry came after it began");
    let csv = root.get("/exports/audit.csv").await.text();
    assert_eq!(csv.matches("\r\n").count(), numbers.len() + 2, "a head, every entry, and the export before");
    let last = csv.lines().last().expect("a line");
    assert!(last.contains("audit.exported") && last.contains(r#""{""filters"":{},""format"":""jsonl""}""#));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_export_takes_the_filters_of_the_list(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    app.member("ann@example.com").await;
    let actions = async |query: &str| {
        let text = root.get(&format!("/exports/audit.jsonl?{query}")).await.text();
        let entry = |line: &str| serde_json::from_str::<Value>(line).expect("an object a line");
        let name = |line: &str| entry(line)["action"].as_str().expect("an action").to_owned();
        text.lines().map(name).collect::<Vec<_>>()
    };
    assert_eq!(actions("action=identity.registered").await, ["identity.registered"; 2]);
    assert!(actions("action=identity").await.len() > 4);
    assert_eq!(actions("action=nowhere.").await, Vec::<String>::new());
    assert_eq!(actions("actor=ANN@example.com").await, ["identity.address-verified", "identity.signed-in"]);
    assert_eq!(actions("to=2000-01-01").await, Vec::<String>::new());
    let notes = actions("action=audit.exported").await;
    assert_eq!(notes.len(), 5, "each of them is noted");
    assert_eq!(actions("target=Ann@example.com").await, Vec::<String>::new());
    let details = root.get("/exports/audit.jsonl?action=audit.exported").await.text();
    assert!(details.contains("(an address)"), "{details}");
    assert!(!details.to_lowercase().contains("ann@"), "the trail keeps who was asked for by id");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_address_that_is_a_formula_is_text_in_a_spreadsheet(db: PgPool) {
    let app = App::start(db.clone()).await;
    app.member("=1+1@example.com").await;
    let root = app.administrator(&db, "root@example.com").await;
    let csv = root.get("/exports/audit.csv?action=identity.signed-in").await.text();
    assert!(csv.contains(",'=1+1@example.com,"), "{csv}");
    assert!(!csv.contains(",=1+1"), "{csv}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_cannot_be_read_is_refused_before_the_first_byte_and_a_look_is_not_noted(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    let answer = root.get("/exports/audit.csv?from=yesterday").await;
    assert_eq!((answer.status.as_u16(), answer.problem().as_str()), (422, "invalid-input"));
    assert_eq!(answer.json()["errors"][0]["field"], "from");
    let head = root.request(Method::HEAD, "/exports/audit.csv").body(axum::body::Body::empty());
    assert_eq!(root.send(head.expect("valid")).await.status, StatusCode::OK);
    let noted = root.get("/exports/audit.jsonl?action=audit.exported").await.text();
    assert_eq!(noted, "", "neither was an export");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_export_breaks_off_when_its_administrator_is_locked_out_meanwhile(db: PgPool) {
    let app = App::start(db.clone()).await;
    let root = app.administrator(&db, "root@example.com").await;
    // More than fits into the buffers between the two.
    sqlx::raw_sql(
        "ALTER TABLE audit_entries DISABLE ROW LEVEL SECURITY;
         INSERT INTO audit_entries (chain, seq, at, action, detail, address, request_id, hash)
         SELECT h.chain, h.seq + n, now(), 'test.long', json_build_object('text', repeat('x', 2000)), '', h.chain, h.hash
         FROM audit_heads h, generate_series(1, 20000) n;
         UPDATE audit_heads SET seq = seq + 20000;
         ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY;",
    )
    .execute(&db)
    .await
    .expect("many entries");
    let mut body = root.open("/exports/audit.jsonl").await.into_body();
    body.frame().await.expect("a beginning").expect("whole");
    sqlx::raw_sql("UPDATE users SET locked_at = now()").execute(&db).await.expect("locks");
    let rest = body.collect().await;
    assert!(rest.is_err(), "a cut file must not look whole");
}

/// Addresses that look like that of a file.
fn spellings(path: &str) -> Vec<String> {
    let (before, end) = path.rsplit_once('.').expect("a file has an end");
    let below = path.strip_prefix("/exports").expect("files are there");
    let ends = ["csv", "json", "jsonl", "pdf", "xml", "html", "txt", "CSV", "csv.gz", ""];
    let mut all: Vec<String> = ends.into_iter().map(|other| format!("{before}.{other}")).collect();
    all.extend([
        path.to_owned(),
        before.to_owned(),
        format!("{before}%2E{end}"),
        format!("{before}%2e{end}"),
        format!("{path}/"),
        format!("{path}%00"),
        format!("{path};v=1"),
        format!("/exports/{below}"),
        format!("/exports/.{below}"),
        format!("/exports/../exports{below}"),
        format!("/exports%2F{}", below.trim_start_matches('/')),
        format!("/EXPORTS{below}"),
        format!("/api/v1/exports{below}"),
        format!("/streams{below}"),
        format!("/webhooks{below}"),
    ]);
    all
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_not_declared_is_not_there_however_its_address_is_written(db: PgPool) {
    let app = App::start(db.clone()).await;
    let (root, nobody) = (app.administrator(&db, "root@example.com").await, app.client());
    let declared = Endpoints::checked(all(), server_fn::axum::server_fn_paths()).expect("the same set");
    let files = all().into_iter().filter(|endpoint| endpoint.answers != Answers::Json);
    let files = files.map(|file| file.path.replace("{id}", "0").replace(['{', '}'], ""));
    let mut paths: Vec<String> = files.flat_map(|path| spellings(&path)).collect();
    let bare = ["/exports", "/exports/", "/streams", "/webhooks", "/webhooks/", "/webhooks/other"];
    paths.extend(bare.map(str::to_owned));
    paths.extend(["/webhooks/stripe/", "/webhooks%2Fstripe", "/WEBHOOKS/stripe"].map(str::to_owned));
    paths.sort_unstable();
    paths.dedup();
    let methods = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let mut count = 0;
    for path in &paths {
        let is_read = declared.find(&Method::GET, path).is_some();
        let refusal = if is_read { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_FOUND };
        for method in methods.iter().filter(|method| declared.find(method, path).is_none()) {
            for (who, client) in [("an administrator", &root), ("nobody", &nobody)] {
                let request = client.request(method.clone(), path).header("sec-fetch-site", "same-origin");
                let answer = client.send(request.body(Body::empty()).expect("valid")).await;
                assert_eq!(answer.status, refusal, "{method} {path} as {who}: {}", answer.text());
                count += 1;
            }
        }
    }
    assert!(count > 500, "they were called: {count}");
}
