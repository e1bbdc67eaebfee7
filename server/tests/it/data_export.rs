//! The copy of everything the site holds about somebody, as a browser and a script meet it.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use domain::{
    access::STEP_UP_MAX_AGE,
    identity::service::MakeDataExport,
    operations::service::{Works, work_once},
};
use serde_json::json;
use sqlx::PgPool;

use crate::{
    client::Client,
    harness::{App, PASSWORD, expect_done},
};

const ANN: &str = "ann@example.com";
const COPY: &str = "/exports/account.json";
const WORKS: Works = &[&MakeDataExport];

async fn ask(client: &Client) -> String {
    let answer = client.post("/api/v1/identity/export-data", &json!({})).await;
    expect_done(&answer);
    answer.json()["operation_id"].as_str().expect("an id").to_owned()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_copy_is_asked_for_followed_and_taken_away(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    let nothing = ann.get("/api/v1/identity/data-export").await.json();
    assert_eq!(nothing, json!({ "operation": null, "ready": null, "is_proved": true }));
    assert_eq!(ann.get(COPY).await.problem(), "not-found");
    let operation = ask(&ann).await;
    assert_eq!(ask(&ann).await, operation, "the same while it goes on");
    let get = format!("/api/v1/operations/get?id={operation}");
    let waiting = ann.get(&get).await.json();
    assert_eq!((&waiting["state"], &waiting["kind"]), (&"waiting".into(), &"data-export".into()));
    assert_eq!(waiting["steps"], json!(["gather", "trail", "publish"]));
    assert_eq!((&waiting["step"], &waiting["progress"]), (&"gather".into(), &0.into()));
    assert_eq!(waiting["log"][0]["event"], "asked");
    work_once(&app.platform, WORKS).await.expect("works");
    assert_eq!(ann.get(&get).await.json()["state"], "succeeded");
    assert_eq!(ann.get("/api/v1/operations/list").await.json()["items"][0]["id"], operation);
    assert!(app.letter_to(ANN).await.contains("/account/profile"), "the letter leads to the page");

    let state = ann.get("/api/v1/identity/data-export").await.json();
    let copy = ann.get(COPY).await;
    assert_eq!(copy.status, StatusCode::OK, "{}", copy.text());
    assert_eq!(copy.header("content-type"), "application/json");
    assert_eq!(copy.header("cache-control"), "no-store");
    assert!(copy.header("content-disposition").starts_with("attachment; filename=\"gatehouse-account-2"));
    assert_eq!(state["ready"]["bytes"], copy.text().len());
    assert_eq!(copy.json()["account"]["email"], ANN);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_look_takes_nothing_away_and_a_stranger_finds_nothing(db: PgPool) {
    let app = App::start(db.clone()).await;
    let (ann, bob) = (app.member(ANN).await, app.member("bob@example.com").await);
    let operation = ask(&ann).await;
    for (method, path) in [("get", "get"), ("post", "cancel"), ("post", "retry")] {
        let path = format!("/api/v1/operations/{path}");
        let answer = match method {
            "get" => bob.get(&format!("{path}?id={operation}")).await,
            _ => bob.post(&path, &json!({ "id": operation })).await,
        };
        assert_eq!(answer.problem(), "not-found", "{path}");
    }
    work_once(&app.platform, WORKS).await.expect("works");
    assert_eq!(bob.get(COPY).await.problem(), "not-found");
    let head = ann.request(Method::HEAD, COPY).body(Body::empty()).expect("valid");
    let head = ann.send(head).await;
    assert_eq!((head.status, head.header("cache-control")), (StatusCode::OK, "no-store"));
    let root = app.administrator(&db, "root@example.com").await;
    let noted = async || root.get("/exports/audit.jsonl?action=identity.data-downloaded").await.text();
    assert_eq!(noted().await, "", "nobody has taken it away");
    expect_done(&ann.get(COPY).await);
    assert_eq!(noted().await.lines().count(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_in_a_file_takes_no_copy_away(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    let typed = json!({ "name": "backup", "scopes": ["*:read", "identity:write", "operations:write"] });
    let token = ann.post("/api/v1/tokens/create", &typed).await;
    expect_done(&token);
    let token = token.json()["token"].as_str().expect("a token").to_owned();
    let operation = ask(&ann).await;
    work_once(&app.platform, WORKS).await.expect("works");
    let script = async |method: Method, path: &str| {
        let client = app.client();
        let body = if method == Method::POST { Body::from("{}") } else { Body::empty() };
        let request = client
            .request(method, path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        client.send(request.body(body).expect("valid")).await
    };
    assert_eq!(script(Method::GET, COPY).await.problem(), "not-allowed");
    assert_eq!(script(Method::POST, "/api/v1/identity/export-data").await.problem(), "not-allowed");
    let seen = script(Method::GET, &format!("/api/v1/operations/get?id={operation}")).await;
    assert_eq!(seen.json()["state"], "succeeded", "it may look at operations: {}", seen.text());
    let offered = ann.get("/api/v1/tokens/scopes").await.text();
    assert!(offered.contains("operations:read") && !offered.contains("account:read"), "{offered}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_page_without_wasm_shows_every_state_and_asks_for_the_proof(db: PgPool) {
    let app = App::start(db.clone()).await;
    let ann = app.member(ANN).await;
    let page = async |path: &str| ann.get(path).await.text();
    let send = async |path: &str, fields: &[(&str, &str)]| {
        let answer = ann.submit(&format!("/api/v1/{path}"), "/account/profile", fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        ann.get(answer.header("location")).await.text()
    };
    let empty = page("/account/profile").await;
    assert!(empty.contains("Your data") && empty.contains("Make a copy"), "{empty}");
    let begun = send("identity/export-data", &[]).await;
    assert!(begun.contains("It begins in a moment.") && begun.contains("Look again"), "{begun}");
    assert!(begun.contains("<progress") && !begun.contains("Make a copy"), "{begun}");

    let break_it = "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planned'; END $$;
         CREATE TRIGGER fail BEFORE INSERT ON data_exports FOR EACH ROW EXECUTE FUNCTION fail()";
    sqlx::raw_sql(break_it).execute(&db).await.expect("a failure to come");
    work_once(&app.platform, WORKS).await.expect("works");
    let put_off = page("/account/profile").await;
    assert!(put_off.contains("Step 3 of 3.") && put_off.contains("It is tried again"), "{put_off}");
    for _ in 0..4 {
        app.platform.clock().advance(std::time::Duration::from_mins(6));
        work_once(&app.platform, WORKS).await.expect("works");
    }
    let failed = page("/account/profile").await;
    assert!(failed.contains("The copy could not be made") && failed.contains("Try it again"), "{failed}");
    sqlx::raw_sql("DROP TRIGGER fail ON data_exports").execute(&db).await.expect("drops");
    let operation = ann.get("/api/v1/operations/list").await.json()["items"][0]["id"].to_string();
    let again = send("operations/retry", &[("id", operation.trim_matches('"'))]).await;
    assert!(again.contains("Step 3 of 3."), "{again}");
    work_once(&app.platform, WORKS).await.expect("works");

    // The proof is old by now.
    app.platform.clock().advance(STEP_UP_MAX_AGE);
    let ready = page("/account/profile").await;
    assert!(ready.contains("Kept until") && ready.contains("Make a new copy"), "{ready}");
    assert!(!ready.contains(COPY) && ready.contains("fetch=1"), "{ready}");
    let asked = page("/account/profile?fetch=1").await;
    assert!(asked.contains("/api/v1/identity/step-up"), "the proof is asked");
    send("identity/step-up", &[("password", PASSWORD)]).await;
    let proved = page("/account/profile?fetch=1").await;
    assert!(proved.contains(COPY) && !proved.contains("/api/v1/identity/step-up"), "{proved}");
}
