//! Tokens over the wire: where they count, what they open, and what a wrong one is told.

use std::collections::BTreeSet;

use app::endpoint::{Endpoint, Place, all};
use axum::{
    body::Body,
    http::{Method, StatusCode, header},
};
use domain::access::Need;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    access_coverage::own_organization,
    client::{Answer, Client},
    harness::{App, PASSWORD, expect_done},
};

const ANN: &str = "ann@example.com";
const ME: &str = "/api/v1/identity/me";

/// A call with a token, and with the cookies of the client.
async fn call(client: &Client, method: &Method, path: &str, token: &str, body: &Value) -> Answer {
    let request = client
        .request(method.clone(), path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    let body = if *method == Method::GET { Body::empty() } else { Body::from(body.to_string()) };
    client.send(request.body(body).expect("valid")).await
}

/// A read with a token.
pub(crate) async fn get(client: &Client, path: &str, token: &str) -> Answer {
    call(client, &Method::GET, path, token, &Value::Null).await
}

/// A token with these scopes.
pub(crate) async fn made(member: &Client, scopes: &[&str]) -> String {
    let typed = json!({ "name": "test", "scopes": scopes });
    let answer = member.post("/api/v1/tokens/create", &typed).await;
    expect_done(&answer);
    answer.json()["token"].as_str().expect("a token").to_owned()
}

async fn issued(app: &App) -> Value {
    let typed = json!({ "email": ANN, "password": PASSWORD });
    let answer = app.client().post("/api/v1/tokens/issue", &typed).await;
    expect_done(&answer);
    answer.json()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_script_needs_neither_cookie_nor_origin(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member(ANN).await;
    let token = made(&member, &["*:read", "identity:write"]).await;
    assert_eq!(get(&app.client(), ME, &token).await.json()["email"], ANN);
    let name = json!({ "display_name": "Ann" });
    let script = app.client();
    let changed = call(&script, &Method::POST, "/api/v1/identity/update-profile", &token, &name).await;
    expect_done(&changed);
    let pair = issued(&app).await;
    let access = pair["access_token"].as_str().expect("a token");
    assert_eq!(get(&app.client(), ME, access).await.json()["display_name"], "Ann");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn another_site_gains_nothing_by_a_token_beside_a_cookie(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member(ANN).await;
    let token = made(&member, &["identity:write"]).await;
    let request = |client: &Client| {
        client
            .request(Method::POST, "/api/v1/identity/update-profile")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header("origin", "https://elsewhere.example")
            .body(Body::empty())
            .expect("valid")
    };
    expect_done(&app.client().send(request(&app.client())).await);
    assert_eq!(member.send(request(&member)).await.problem(), "cross-site");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_wrong_token_is_told_so_whatever_cookie_comes_with_it(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member(ANN).await;
    for wrong in ["", "x", "gate_0000_00", "a.b.c"] {
        for client in [&member, &app.client()] {
            let answer = get(client, ME, wrong).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
            assert_eq!(answer.problem(), "sign-in-required");
            assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
            assert!(answer.header("set-cookie").is_empty(), "cookies are left alone");
        }
    }
    assert_eq!(member.get(ME).await.status, StatusCode::OK);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn pages_know_no_tokens(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member(ANN).await;
    let token = made(&member, &["*:read"]).await;
    let page = get(&app.client(), "/account/security", &token).await;
    assert!(page.status.is_redirection() && page.header("location").starts_with("/login"), "{}", page.status);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_the_scope_no_endpoint_opens(db: PgPool) {
    let app = App::start(db.clone()).await;
    let member = app.member(ANN).await;
    sqlx::raw_sql("UPDATE users SET roles = '{ADMIN,USER}'").execute(&db).await.expect("roles");
    let scopes = ["*:read".to_owned()].into_iter();
    let rooms = app::endpoint::rooms();
    let every: Vec<String> = scopes.chain(rooms.iter().map(|room| format!("{room}:write"))).collect();
    for endpoint in all() {
        let verb = if endpoint.method == Method::GET { "read" } else { "write" };
        let own = format!("{}:{verb}", endpoint.room());
        let others: Vec<&str> = every
            .iter()
            .map(String::as_str)
            .filter(|scope| *scope != own && (verb == "write" || *scope != "*:read"))
            .collect();
        let token = made(&member, &others).await;
        let answer = call(&app.client(), &endpoint.method, endpoint.path, &token, &json!({})).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}: {}", endpoint.path, answer.text());
        assert_eq!(answer.problem(), "not-allowed", "{}", endpoint.path);
        expect_done(&member.post("/api/v1/tokens/end", &json!({ "id": id_of(&member).await })).await);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_one_scope_an_endpoint_names_opens_it(db: PgPool) {
    let app = App::start(db.clone()).await;
    let open = |endpoint: &Endpoint| {
        matches!(endpoint.need, Need::SignedIn | Need::Site(_) | Need::Organization(_))
            && !endpoint.need.is_fresh()
            && endpoint.place == Place::Anywhere
    };
    let endpoints: Vec<_> = all().into_iter().filter(open).collect();
    // Nobody has more than fifty.
    for (n, some) in endpoints.chunks(50).enumerate() {
        let member = app.member(&format!("ann{n}@example.com")).await;
        sqlx::raw_sql("UPDATE users SET roles = '{ADMIN,USER}'").execute(&db).await.expect("roles");
        let own = json!({ "organization_id": own_organization(&member).await });
        let mut tokens = Vec::new();
        for endpoint in some {
            let verb = if endpoint.method == Method::GET { "read" } else { "write" };
            tokens.push(made(&member, &[&format!("{}:{verb}", endpoint.room())]).await);
        }
        // Only now, because one of them ends the session that made them.
        for (token, endpoint) in tokens.iter().zip(some) {
            let id = own["organization_id"].as_str().expect("an id");
            let path = format!("{}?organization_id={id}", endpoint.path);
            let path = if endpoint.method == Method::GET { &path } else { endpoint.path };
            let answer = call(&app.client(), &endpoint.method, path, token, &own).await;
            assert_ne!(answer.status, StatusCode::FORBIDDEN, "{}: {}", endpoint.path, answer.text());
        }
    }
}

async fn id_of(member: &Client) -> String {
    let list = member.get("/api/v1/tokens/list").await.json();
    list["items"][0]["id"].as_str().expect("an id").to_owned()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_token_gives_a_fresh_proof_or_acts_on_a_browsers_session(db: PgPool) {
    let app = App::start(db.clone()).await;
    let member = app.administrator(&db, ANN).await;
    let rooms = app::endpoint::rooms();
    let every: Vec<String> =
        rooms.iter().flat_map(|room| ["read", "write"].map(|verb| format!("{room}:{verb}"))).collect();
    let token = made(&member, &every.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let access = issued(&app).await["access_token"].as_str().expect("a token").to_owned();
    let of = |wanted: fn(&Endpoint) -> bool| all().into_iter().filter(wanted);
    let own = json!({ "organization_id": own_organization(&member).await });
    let mut count = 0;
    for endpoint in of(|endpoint| endpoint.need.is_fresh() || endpoint.place == Place::Browser) {
        let answer = call(&app.client(), &endpoint.method, endpoint.path, &token, &own).await;
        assert_eq!(answer.problem(), "not-allowed", "{} by an API token", endpoint.path);
        count += 1;
    }
    assert!(count > 6);
    for endpoint in of(|endpoint| endpoint.place == Place::Browser) {
        let answer = call(&app.client(), &endpoint.method, endpoint.path, &access, &json!({})).await;
        assert_eq!(answer.problem(), "not-allowed", "{} by an access token", endpoint.path);
    }
    app.platform.clock().advance(domain::access::STEP_UP_MAX_AGE + std::time::Duration::from_secs(1));
    for endpoint in of(|endpoint| endpoint.need.is_fresh() && endpoint.place == Place::Anywhere) {
        let answer = call(&app.client(), &endpoint.method, endpoint.path, &access, &own).await;
        assert_eq!(answer.problem(), "step-up-required", "{} by an old proof", endpoint.path);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_plain_members_token_may_do_nothing_to_the_site(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member(ANN).await;
    let token = made(&member, &["*:read", "admin:write", "audit:write"]).await;
    for endpoint in all().iter().filter(|endpoint| matches!(endpoint.need, Need::Site(_))) {
        let answer = call(&app.client(), &endpoint.method, endpoint.path, &token, &json!({})).await;
        assert_eq!(answer.problem(), "not-allowed", "{}", endpoint.path);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_refused_refresh_leaves_the_cookies_of_a_browser_alone(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member(ANN).await;
    let refused = member.post("/api/v1/tokens/refresh", &json!({ "refresh_token": "gater_x" })).await;
    assert_eq!(refused.problem(), "token-refused");
    assert!(refused.header("set-cookie").is_empty());
    assert!(member.cookie("__Host-gate").is_some());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_script_goes_on_by_its_refresh_token_until_it_signs_out(db: PgPool) {
    let app = App::start(db).await;
    app.member(ANN).await;
    let first = issued(&app).await;
    assert_eq!((&first["token_type"], &first["expires_in"]), (&json!("Bearer"), &json!(900)));
    let script = app.client();
    let next =
        script.post("/api/v1/tokens/refresh", &json!({ "refresh_token": first["refresh_token"] })).await;
    let access = next.json()["access_token"].as_str().expect("a token").to_owned();
    assert_eq!(get(&script, ME, &access).await.status, StatusCode::OK);
    let ended =
        script.post("/api/v1/tokens/revoke", &json!({ "refresh_token": next.json()["refresh_token"] })).await;
    expect_done(&ended);
    assert_eq!(get(&script, ME, &access).await.status, StatusCode::UNAUTHORIZED, "true at once");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_published_keys_are_public_and_may_be_kept_for_five_minutes(db: PgPool) {
    let app = App::start(db).await;
    app.member(ANN).await;
    issued(&app).await;
    let path = "/.well-known/jwks.json";
    let answer = app.client().get(path).await;
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    assert_eq!(answer.header("content-type"), "application/jwk-set+json");
    let key = &answer.json()["keys"][0];
    let names: BTreeSet<_> = key.as_object().expect("a key").keys().map(String::as_str).collect();
    let public = BTreeSet::from(["alg", "crv", "kid", "kty", "use", "x", "y"]);
    assert_eq!(names, public, "no private part");
    let again = app.client().request(Method::GET, path).header("if-none-match", answer.header("etag"));
    let again = app.client().send(again.body(Body::empty()).expect("valid")).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_is_made_by_a_plain_form_and_shown_once(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member(ANN).await;
    let page = "/account/tokens";
    let fields =
        [("name", "backup"), ("scopes[]", "*:read"), ("scopes[]", "audit:write"), ("expires_in_days", "30")];
    let sent = member.submit("/api/v1/tokens/create", page, &fields).await;
    assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, page));
    let shown = member.get(page).await.text();
    let token: String =
        shown.split("gate_").nth(1).expect("a token").chars().take_while(|c| *c != '<').collect();
    assert_eq!(get(&app.client(), ME, &format!("gate_{token}")).await.status, StatusCode::OK);
    let later = member.get(page).await.text();
    assert!(later.contains("backup") && later.contains("audit:write") && !later.contains(&token));
    let refused =
        member.submit("/api/v1/tokens/create", page, &[("name", ""), ("scopes[]", "admin:read")]).await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    let again = member.get(page).await.text();
    assert!(again.contains("Fill this in."), "the problem stands at its field");
    let ticked = again.split("<input").find(|part| part.contains("value=\"admin:read\"")).expect("the box");
    assert!(ticked.split('>').next().is_some_and(|tag| tag.contains(" checked")), "{ticked}");
}
