//! Every endpoint is called by those who may not. There is no list of exceptions: a new endpoint is covered the
//! moment it is declared.
//!
//! Each rule is proved twice: with the gate, and without it, where the endpoint alone refuses. While a page is
//! rendered there is no gate.

use app::endpoint::{Endpoint, all};
use axum::http::{Method, StatusCode};
use domain::{
    access::{BuiltInRole, Need},
    platform::{Platform, clock::Clock, limiter::Limiter, testing::parts},
};
use serde_json::json;
use server::router::Access;
use sqlx::PgPool;

use crate::{
    client::{Answer, Client},
    harness::{App, PASSWORD, expect_done},
};

async fn call(client: &Client, endpoint: &Endpoint) -> Answer {
    call_in(client, endpoint, "").await
}

/// The same, naming an organization where the endpoint is about one.
async fn call_in(client: &Client, endpoint: &Endpoint, organization: &str) -> Answer {
    match (&endpoint.method, organization) {
        (&Method::GET, "") => client.get(endpoint.path).await,
        (&Method::GET, _) => client.get(&format!("{}?organization_id={organization}", endpoint.path)).await,
        (_, "") => client.post(endpoint.path, &json!({})).await,
        _ => client.post(endpoint.path, &json!({ "organization_id": organization })).await,
    }
}

/// Whether an endpoint is about an organization that is named in its input.
fn names_one(endpoint: &Endpoint) -> bool {
    (endpoint.fields)().iter().any(|field| field.name == "organization_id")
}

/// The organization that is somebody's own.
pub(crate) async fn own_organization(client: &Client) -> String {
    let list = client.get("/api/v1/organizations/list").await;
    expect_done(&list);
    list.json()["items"][0]["id"].as_str().expect("an id").to_owned()
}

fn name(endpoint: &Endpoint) -> String {
    format!("{} {}", endpoint.method, endpoint.path)
}

/// The server with the gate, and without it.
async fn both(db: PgPool) -> [(&'static str, App); 2] {
    [
        ("with the gate", App::start(db.clone()).await),
        ("by the endpoint alone", App::start_without_gate(db).await),
    ]
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_reaches_only_what_is_declared_for_nobody(db: PgPool) {
    for (how, app) in both(db).await {
        for endpoint in all() {
            let answer = call(&app.client(), &endpoint).await;
            let name = format!("{} {how}", name(&endpoint));
            if matches!(endpoint.need, Need::Nothing(_)) {
                assert_ne!(answer.header("content-type"), "text/html", "{name}");
                assert!(!answer.text().contains("sign-in-required"), "{name}: {}", answer.text());
            } else {
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}: {}", answer.text());
                assert_eq!(answer.problem(), "sign-in-required", "{name}");
                assert_eq!(answer.header("www-authenticate"), "Bearer", "{name}");
            }
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_wrong_cookie_is_nobody(db: PgPool) {
    for (how, app) in both(db).await {
        for endpoint in all().iter().filter(|endpoint| !matches!(endpoint.need, Need::Nothing(_))) {
            let client = app.client();
            client.set_cookie("__Host-gate", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
            client.set_cookie("__Host-gate-pending", "forged");
            let answer = call(&client, endpoint).await;
            assert_eq!(answer.problem(), "sign-in-required", "{} {how}", name(endpoint));
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn half_way_is_not_signed_in(db: PgPool) {
    for (how, app) in both(db).await {
        let half_way = half_way(&app, how).await;
        for endpoint in all() {
            let signed_in_only = !matches!(endpoint.need, Need::Nothing(_) | Need::HalfWay);
            if signed_in_only {
                let answer = call(&half_way, &endpoint).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{} {how}", name(&endpoint));
                assert_eq!(answer.problem(), "second-factor-required", "{} {how}", name(&endpoint));
            }
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_plain_member_may_do_nothing_to_the_site(db: PgPool) {
    for (how, app) in both(db).await {
        let member = app.member(&address("member", how)).await;
        for endpoint in all().iter().filter(|endpoint| matches!(endpoint.need, Need::Site(_))) {
            let answer = call(&member, endpoint).await;
            let name = format!("{} {how}", name(endpoint));
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {}", answer.text());
            assert_eq!(answer.problem(), "not-allowed", "{name}");
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_administrator_without_a_second_factor_may_do_nothing_where_staff_needs_one(db: PgPool) {
    for access in [Access::Twice, Access::ByEndpoints] {
        let how = format!("{access:?}").to_lowercase();
        let mut parts = parts(db.clone(), Clock::system().now());
        parts.limiter = Limiter::new(parts.redis.clone(), parts.clock.clone(), 100);
        parts.rules.staff_needs_second_factor = true;
        let app = App::start_as(Platform::new(parts), &[], access).await;
        let email = address("root", &how);
        let root = app.administrator(&db, &email).await;
        for endpoint in all().iter().filter(|endpoint| matches!(endpoint.need, Need::Site(_))) {
            let answer = call(&root, endpoint).await;
            assert_eq!(answer.problem(), "second-factor-required", "{} {how}", name(endpoint));
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_old_proof_is_not_a_fresh_one(db: PgPool) {
    for (how, app) in both(db.clone()).await {
        let root = app.administrator(&db, &address("root", how)).await;
        let own = own_organization(&root).await;
        app.platform.clock().advance(domain::access::STEP_UP_MAX_AGE + std::time::Duration::from_secs(1));
        for endpoint in all().iter().filter(|endpoint| endpoint.need.is_fresh()) {
            let answer = call_in(&root, endpoint, &own).await;
            assert_eq!(answer.problem(), "step-up-required", "{} {how}", name(endpoint));
            assert_eq!(answer.json()["max_age_s"], 300);
        }
    }
}

/// An address of its own for each of the two, which share a database.
fn address(person: &str, how: &str) -> String {
    format!("{person}.{}@example.com", how.replace(' ', "-"))
}

/// Somebody who has given the password, and not yet the code.
async fn half_way(app: &App, how: &str) -> Client {
    let email = address("half", how);
    let member = app.member(&email).await;
    let started = member.post("/api/v1/second-factor/start", &json!({})).await;
    expect_done(&started);
    let secret = started.json()["secret"].as_str().expect("a secret").to_owned();
    let code = crate::harness::code(&secret, app.platform.now());
    expect_done(&member.post("/api/v1/second-factor/confirm", &json!({ "code": code })).await);
    let half_way = app.client();
    let typed = json!({ "email": email, "password": PASSWORD });
    let answer = half_way.post("/api/v1/identity/sign-in", &typed).await;
    assert_eq!(answer.json()["state"], "second-factor", "{}", answer.text());
    assert!(half_way.cookie("__Host-gate-pending").is_some());
    assert!(half_way.cookie("__Host-gate").is_none());
    half_way
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_leaves_can_do_nothing_but_come_back_or_go(db: PgPool) {
    for (how, app) in both(db).await {
        let email = address("leaving", how);
        let typed = json!({ "email": email, "password": PASSWORD });
        let member = app.member(&email).await;
        expect_done(
            &member.post("/api/v1/identity/delete-account", &json!({ "confirm_email": email })).await,
        );
        expect_done(&member.post("/api/v1/identity/sign-in", &typed).await);
        for endpoint in all() {
            let is_open = matches!(
                endpoint.need,
                Need::Nothing(_) | Need::HalfWay | Need::AnySession | Need::AlsoLeaving
            );
            if !is_open {
                let answer = call(&member, &endpoint).await;
                let name = format!("{} {how}", name(&endpoint));
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {}", answer.text());
                assert_eq!(answer.problem(), "deletion-pending", "{name}");
            }
        }
        expect_done(&member.post("/api/v1/identity/keep-account", &json!({})).await);
        expect_done(&member.get("/api/v1/identity/me").await);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_stranger_finds_no_organization_behind_any_endpoint(db: PgPool) {
    for (how, app) in both(db).await {
        let owner = app.member(&address("owner", how)).await;
        let stranger = app.member(&address("stranger", how)).await;
        let made =
            owner.post("/api/v1/organizations/create", &json!({ "name": format!("Acme {how}") })).await;
        expect_done(&made);
        let text = |name: &str| made.json()[name].as_str().expect("text").to_owned();
        let nothing = "00000000-0000-0000-0000-000000000000".to_owned();
        let names =
            [text("id"), text("slug"), own_organization(&owner).await, nothing, "nothing-there".into()];
        let mut count = 0;
        for endpoint in all() {
            let is_of_one = matches!(endpoint.need, Need::Organization(_));
            assert!(!is_of_one || names_one(&endpoint), "{} names its organization", name(&endpoint));
            // What is done for the whole site is refused whatever is named.
            if !names_one(&endpoint) || matches!(endpoint.need, Need::Site(_)) {
                continue;
            }
            for organization in &names {
                let answer = call_in(&stranger, &endpoint, organization).await;
                let name = format!("{} {organization} {how}", name(&endpoint));
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}: {}", answer.text());
                let mut told = answer.json();
                told.as_object_mut().expect("a problem").remove("instance");
                let all_there_is = json!({
                    "type": "/problems/not-found", "title": told["title"], "status": 404, "detail": told["detail"],
                });
                assert_eq!(told, all_there_is, "{name}");
            }
            count += 1;
        }
        assert!(count >= 15, "they were found: {count}");
    }
}

/// Makes somebody a member by hand, with a role or with none.
pub(crate) async fn join(db: &PgPool, organization: &str, email: &str, role: Option<BuiltInRole>) {
    let role = role.map(|role| {
        format!(
            "INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at)
             SELECT '{organization}', '{}', id, now() FROM users WHERE email = '{email}';",
            role.name()
        )
    });
    let script = format!(
        "BEGIN; SELECT set_config('app.organization_id', '{organization}', true);
         INSERT INTO memberships (organization_id, user_id, joined_at)
         SELECT '{organization}', id, now() FROM users WHERE email = '{email}'; {} COMMIT;",
        role.unwrap_or_default()
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(db).await.expect("joins");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_member_may_do_what_their_roles_allow_and_nothing_else(db: PgPool) {
    for (how, app) in both(db.clone()).await {
        let owner = app.member(&address("owner", how)).await;
        let own = own_organization(&owner).await;
        let roles = BuiltInRole::ALL.into_iter().skip(1).map(Some).chain([None]);
        for role in roles {
            let email = address(&format!("member-{role:?}").to_lowercase().replace(['(', ')'], ""), how);
            let member = app.member(&email).await;
            join(&db, &own, &email, role).await;
            for endpoint in all() {
                let Need::Organization(permission) = endpoint.need else { continue };
                let allowed = role.is_some_and(|role| role.permissions().has(permission));
                let answer = call_in(&member, &endpoint, &own).await;
                let name = format!("{} as {role:?} {how}", name(&endpoint));
                if allowed {
                    let opened = ![StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&answer.status);
                    assert!(opened, "{name}: {}", answer.text());
                } else {
                    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {}", answer.text());
                    assert_eq!(answer.problem(), "not-allowed", "{name}");
                }
            }
        }
    }
}
