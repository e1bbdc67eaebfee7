//! Groups, roles and policy as a browser without wasm and a script meet them: pages and plain forms.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    client::Client,
    harness::{App, expect_done},
};

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";
const API: &str = "/api/v1/organizations";

/// Posts a form of a page; answers what stands where it leads.
async fn submit(client: &Client, endpoint: &str, page: &str, fields: &[(&str, &str)]) -> String {
    let sent = client.submit(&format!("{API}/{endpoint}"), page, fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{endpoint}: {}", sent.text());
    let location = sent.header("location").to_owned();
    client.get(&location).await.text()
}

async fn call(client: &Client, endpoint: &str, body: Value) -> Value {
    let answer = client.post(&format!("{API}/{endpoint}"), &body).await;
    expect_done(&answer);
    answer.json()
}

async fn read(client: &Client, path: &str) -> Value {
    let answer = client.get(&format!("{API}/{path}")).await;
    expect_done(&answer);
    answer.json()
}

/// Ann, who owns an organization, and Bob, who belongs to it with a role, or with none.
async fn two(app: &App, role: Option<&str>) -> (Client, Client) {
    let (ann, bob) = (app.member(ANN).await, app.member(BOB).await);
    call(&ann, "create", json!({ "name": "Acme", "slug": "acme" })).await;
    call(&ann, "invite", json!({ "organization_id": "acme", "email": BOB, "role": "VIEWER" })).await;
    let letter = app.letter_to(BOB).await.replace("=\r\n", "").replace("=3D", "=");
    let rest = letter.split_once("/invitations/").expect("a link").1;
    let token: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    call(&bob, "accept-invitation", json!({ "token": token })).await;
    if role != Some("VIEWER") {
        let whom = json!({ "organization_id": "acme", "role": "VIEWER", "user_id": BOB });
        call(&ann, "unassign-role", whom).await;
    }
    if let Some(role) = role.filter(|role| *role != "VIEWER") {
        call(&ann, "assign-role", json!({ "organization_id": "acme", "role": role, "user_id": BOB })).await;
    }
    (ann, bob)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn groups_are_made_moved_filled_and_deleted_by_plain_forms(db: PgPool) {
    let app = App::start(db).await;
    let (ann, bob) = two(&app, None).await;
    let page = "/o/acme/groups";
    assert!(ann.get(page).await.text().contains("No groups yet"));
    let fields = [("organization_id", "acme"), ("name", "Company"), ("parent_id", "")];
    assert!(submit(&ann, "create-group", page, &fields).await.contains("The group is made."));
    let refused = submit(&ann, "create-group", page, &[("organization_id", "acme"), ("name", "COMPANY")]).await;
    assert!(refused.contains("Another one has this name.") && refused.contains("value=\"COMPANY\""), "{refused}");
    call(&ann, "create-group", json!({ "organization_id": "acme", "name": "Platform" })).await;
    let groups = read(&ann, "groups?organization_id=acme").await;
    let id = |name: &str| {
        let found = groups["items"].as_array().expect("a list").iter().find(|it| it["name"] == name);
        found.expect("is there")["id"].as_str().expect("an id").to_owned()
    };
    let (company, platform) = (id("Company"), id("Platform"));
    let open = format!("{page}?group={platform}");
    let fields = [("organization_id", "acme"), ("group_id", &platform), ("parent_id", &company)];
    assert!(submit(&ann, "move-group", &open, &fields).await.contains("The group is moved."));
    let fields = [("organization_id", "acme"), ("group_id", &company), ("parent_id", &platform)];
    let refused = submit(&ann, "move-group", &open, &fields).await;
    assert!(refused.contains("A group cannot be inside itself."), "{refused}");
    let fields = [("organization_id", "acme"), ("group_id", &platform), ("user_id", BOB)];
    let told = submit(&ann, "add-to-group", &open, &fields).await;
    assert!(told.contains("They are in the group.") && told.contains(BOB), "{told}");
    call(&ann, "assign-role", json!({ "organization_id": "acme", "role": "ADMIN", "group_id": company })).await;
    let told = read(&bob, "explain?organization_id=acme&permission=members:invite").await;
    assert_eq!((&told["allowed"], &told["ways"][0]["groups"][1]["name"]), (&json!(true), &json!("Company")));
    let fields = [("organization_id", "acme"), ("group_id", &company), ("below", "move")];
    let told = submit(&ann, "delete-group", &format!("{page}?group={company}"), &fields).await;
    assert!(told.contains("The group is deleted.") && told.contains("Platform"), "{told}");
    let answer = bob.get(page).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "the role is gone with the group");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_role_is_built_tried_out_saved_and_deleted_without_wasm(db: PgPool) {
    let app = App::start(db).await;
    let (ann, _) = two(&app, None).await;
    let page = ann.get("/o/acme/roles?mode=new&template=Auditor").await.text();
    assert!(page.contains("value=\"Auditor\"") && page.contains("value=\"audit:read\" checked"), "{page}");
    let tried = "/o/acme/roles?mode=new&try=1&name=Greeter&description=x&permission=members:invite&permission=members:read";
    let page = ann.get(tried).await.text();
    assert!(page.contains("Nobody gains and nobody loses anything by this."), "{page}");
    assert!(page.contains("name=\"permissions[]\" value=\"members:invite\""), "{page}");
    let fields = [
        ("organization_id", "acme"),
        ("name", "Greeter"),
        ("description", "x"),
        ("permissions[]", "members:invite"),
        ("permissions[]", "members:read"),
    ];
    let told = submit(&ann, "create-role", tried, &fields).await;
    assert!(told.contains("The role is made.") && told.contains("Greeter") && told.contains("Nobody has it"), "{told}");
    let roles = read(&ann, "roles?organization_id=acme").await;
    let role = roles["items"].as_array().expect("a list").iter().find(|it| it["name"] == "Greeter").expect("made");
    let id = role["role"].as_str().expect("an id").to_owned();
    assert_eq!(role["permissions"], json!(["members:read", "members:invite"]));
    call(&ann, "assign-role", json!({ "organization_id": "acme", "role": id, "user_id": BOB })).await;
    let delete = format!("/o/acme/roles?mode=delete&role={id}");
    let page = ann.get(&delete).await.text();
    assert!(page.contains("1 person would lose something") && page.contains(BOB), "{page}");
    let fields = [("organization_id", "acme"), ("role", id.as_str()), ("assigned", "take")];
    assert!(submit(&ann, "delete-role", &delete, &fields).await.contains("The role is deleted."));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_can_and_why_are_answered_on_a_page_that_can_be_shared(db: PgPool) {
    let app = App::start(db).await;
    let (ann, bob) = two(&app, Some("BILLING")).await;
    let page = ann.get("/o/acme/access?permission=billing:update").await.text();
    assert!(page.contains("The role Billing of their own") && page.contains(BOB), "{page}");
    assert!(page.contains("Everybody, and what they may do"), "the matrix: {page}");
    let page = bob.get("/o/acme/access?may=members:invite").await.text();
    assert!(page.contains("may not do this: members:invite") && page.contains(ANN), "{page}");
    let answer = bob.get(&format!("{API}/explain?organization_id=acme&permission=fly")).await;
    assert_eq!(answer.json()["errors"][0]["problem"], "not-an-option");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_has_no_second_factor_is_led_to_it_where_it_is_required(db: PgPool) {
    let app = App::start(db).await;
    let (ann, bob) = two(&app, Some("VIEWER")).await;
    let page = "/o/acme/policy";
    let required = [("organization_id", "acme"), ("version", "0"), ("second_factor", "required")];
    let refused = submit(&ann, "set-policy", page, &required).await;
    assert!(refused.contains("You could not come in any more by this."), "{refused}");
    let setup = ann.post("/api/v1/second-factor/start", &json!({})).await.json();
    let code = crate::harness::code(setup["secret"].as_str().expect("a secret"), app.platform.now());
    expect_done(&ann.post("/api/v1/second-factor/confirm", &json!({ "code": code })).await);
    let told = submit(&ann, "set-policy", page, &required).await;
    assert!(told.contains("The policy is saved."), "{told}");
    for path in ["/o/acme", "/o/acme/groups", "/o/acme/roles", "/o/acme/members"] {
        let answer = bob.get(path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        let text = answer.text();
        assert!(text.contains("href=\"/2fa/setup\"") && text.contains("second factor"), "{path}: {text}");
    }
    let answer = bob.get(&format!("{API}/groups?organization_id=acme")).await;
    assert_eq!((answer.problem(), &answer.json()["needs"]), ("organization-policy".into(), &json!("second-factor")));
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    expect_done(&ann.get(&format!("{API}/groups?organization_id=acme")).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_addresses_of_allowed_domains_are_invited(db: PgPool) {
    let app = App::start(db).await;
    let (ann, _) = two(&app, None).await;
    let policy = json!({ "organization_id": "acme", "version": 0, "domains": "example.org" });
    call(&ann, "set-policy", policy).await;
    let invite = async |email: &str| {
        let body = json!({ "organization_id": "acme", "email": email, "role": "VIEWER" });
        ann.post(&format!("{API}/invite"), &body).await
    };
    let refused = invite("cyd@example.com").await;
    assert_eq!(refused.json()["errors"][0]["problem"], "domain-not-invited");
    expect_done(&invite("cyd@example.org").await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_was_away_too_long_for_the_organization_confirms_that_it_is_them(db: PgPool) {
    let app = App::start(db).await;
    let (ann, bob) = two(&app, Some("VIEWER")).await;
    let policy = json!({ "organization_id": "acme", "version": 0, "session_age_s": "3600" });
    call(&ann, "set-policy", policy).await;
    for _ in 0..4 {
        app.platform.clock().advance(Duration::from_mins(20));
        expect_done(&bob.get("/api/v1/identity/me").await);
    }
    let answer = bob.get("/o/acme").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("/confirm?next="), "{}", answer.text());
    let answer = bob.get(&format!("{API}/groups?organization_id=acme")).await;
    assert_eq!((answer.problem(), &answer.json()["max_age_s"]), ("step-up-required".into(), &json!(3600)));
    let proof = json!({ "password": crate::harness::PASSWORD });
    expect_done(&bob.post("/api/v1/identity/step-up", &proof).await);
    assert_eq!(bob.get("/o/acme").await.status, StatusCode::OK);
}
