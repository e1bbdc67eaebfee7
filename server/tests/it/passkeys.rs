//! Passkeys as a browser meets them: which cookies it keeps, where it is led, what a stranger gets.

use axum::http::{Method, StatusCode, header};
use domain::second_factor::Ceremony;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    client::{Answer, Client},
    harness::{App, PASSWORD, expect_done},
    soft_key::SoftKey,
};

const ANN: &str = "ann@example.com";

fn endpoint(name: &str) -> String {
    format!("/api/v1/second-factor/{name}")
}

/// What a browser was asked.
fn asked(answer: &Answer) -> Ceremony {
    expect_done(answer);
    serde_json::from_value(answer.json()).expect("a ceremony")
}

/// Asks by one endpoint and answers by another.
async fn answer(client: &Client, start: &str, finish: &str, key: &mut SoftKey) -> Answer {
    let asked = asked(&client.post(&endpoint(start), &json!({})).await);
    let typed = json!({ "ceremony": asked.ceremony, "credential": key.get(&asked) });
    client.post(&endpoint(finish), &typed).await
}

/// Adds a passkey; answers what the server said.
pub(crate) async fn add(client: &Client, key: &mut SoftKey) -> Value {
    let asked = asked(&client.post(&endpoint("passkey-start"), &json!({})).await);
    let typed = json!({ "ceremony": asked.ceremony, "credential": key.create(&asked), "name": "Blue key" });
    let answer = client.post(&endpoint("passkey-finish"), &typed).await;
    expect_done(&answer);
    answer.json()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_browser_comes_in_with_a_passkey_and_is_led_on(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    let before = ann.cookie("__Host-gate");
    let mut key = SoftKey::new();
    let added = add(&ann, &mut key).await;
    assert_eq!(added["recovery_codes"].as_array().map(Vec::len), Some(10));
    assert_ne!(ann.cookie("__Host-gate"), before, "the session has a new secret");
    let listed = ann.get(&endpoint("passkeys")).await.json();
    assert_eq!(listed["items"][0]["name"], "Blue key");
    assert!(listed["next_cursor"].is_null());

    let browser = app.client();
    let asked = asked(&browser.post(&endpoint("passkey-sign-in-start"), &json!({})).await);
    assert!(browser.cookie("__Host-gate-passkey").is_some(), "by which the browser is known again");
    let typed = json!({
        "ceremony": asked.ceremony, "credential": key.get(&asked), "remember": true, "next": "/account/tokens",
    });
    let answer = browser.post(&endpoint("passkey-sign-in-finish"), &typed).await;
    expect_done(&answer);
    assert_eq!(answer.json()["state"], "signed-in");
    assert_eq!(answer.header("location"), "/account/tokens");
    let cookies: Vec<_> =
        answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|it| it.to_str().ok()).collect();
    let session = cookies.iter().find(|it| it.starts_with("__Host-gate=")).expect("a session");
    assert!(session.contains("Max-Age=") && session.contains("HttpOnly"), "{session}");
    expect_done(&browser.get("/api/v1/identity/me").await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_answer_from_another_browser_is_refused(db: PgPool) {
    let app = App::start(db).await;
    let mut key = SoftKey::new();
    add(&app.member(ANN).await, &mut key).await;
    let (browser, thief) = (app.client(), app.client());
    let asked = asked(&browser.post(&endpoint("passkey-sign-in-start"), &json!({})).await);
    let typed = json!({ "ceremony": asked.ceremony, "credential": key.get(&asked) });
    for visited_the_door in [false, true] {
        if visited_the_door {
            expect_done(&thief.post(&endpoint("passkey-sign-in-start"), &json!({})).await);
        }
        let answer = thief.post(&endpoint("passkey-sign-in-finish"), &typed).await;
        assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::UNAUTHORIZED, "passkey-refused"));
        assert!(thief.cookie("__Host-gate").is_none());
    }
    expect_done(&browser.post(&endpoint("passkey-sign-in-finish"), &typed).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn after_the_password_a_passkey_finishes_and_later_proves_it_again(db: PgPool) {
    let app = App::start(db).await;
    let mut key = SoftKey::new();
    add(&app.member(ANN).await, &mut key).await;
    let browser = app.client();
    let typed = json!({ "email": ANN, "password": PASSWORD });
    let half = browser.post("/api/v1/identity/sign-in", &typed).await;
    assert_eq!(half.json()["state"], "second-factor");
    let ways = browser.get(&endpoint("ways")).await.json();
    assert_eq!(ways, json!({ "code": false, "passkey": true }));
    let done = answer(&browser, "passkey-verify-start", "passkey-verify-finish", &mut key).await;
    assert_eq!(done.json()["state"], "signed-in", "{}", done.text());
    assert!(browser.cookie("__Host-gate-pending").is_none());

    app.platform.clock().advance(std::time::Duration::from_mins(6));
    let stale = browser.post(&endpoint("passkey-start"), &json!({})).await;
    assert_eq!(stale.problem(), "step-up-required");
    let needs = browser.get("/api/v1/identity/step-up-needs").await.json();
    assert_eq!(needs, json!({ "proof": "passkey", "passkey": true, "providers": [] }));
    let asked = asked(&browser.post(&endpoint("passkey-step-up-start"), &json!({})).await);
    let typed = json!({ "ceremony": asked.ceremony, "credential": key.get(&asked) });
    expect_done(&browser.post("/api/v1/identity/step-up", &typed).await);
    expect_done(&browser.post(&endpoint("passkey-start"), &json!({})).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_passkey_is_renamed_and_removed_by_its_owner_alone_also_without_wasm(db: PgPool) {
    let app = App::start(db).await;
    let (ann, bob) = (app.member(ANN).await, app.member("bob@example.com").await);
    let added = add(&ann, &mut SoftKey::new()).await;
    let id = added["passkey"]["id"].as_str().expect("an id");
    let rename = json!({ "id": id, "name": "Key ring" });
    for (name, typed) in [("passkey-rename", &rename), ("passkey-remove", &json!({ "id": id }))] {
        assert_eq!(bob.post(&endpoint(name), typed).await.problem(), "not-found", "{name}");
        assert_eq!(ann.post(&endpoint(name), &json!({ "id": "none" })).await.problem(), "malformed-request");
        assert_eq!(ann.post(&endpoint(name), &json!({})).await.problem(), "invalid-input");
    }
    expect_done(&ann.post(&endpoint("passkey-rename"), &rename).await);
    let page = "/account/passkeys";
    let answer = ann.submit(&endpoint("passkey-remove"), page, &[("id", id)]).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, page));
    let shown = ann.get(page).await.text();
    assert!(shown.contains("That passkey is removed.") && shown.contains("No passkeys yet"), "{shown}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_token_of_a_script_adds_or_removes_a_passkey(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    let typed = json!({ "name": "all", "scopes": ["second-factor:write"] });
    let made = ann.post("/api/v1/tokens/create", &typed).await;
    let token = made.json()["token"].as_str().unwrap_or_else(|| panic!("{}", made.text())).to_owned();
    for name in ["passkey-start", "passkey-finish", "passkey-remove", "passkey-step-up-start"] {
        let script = app.client();
        let request = script
            .request(Method::POST, &endpoint(name))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        let answer = script.send(request.body("{}".into()).expect("valid")).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (StatusCode::FORBIDDEN, "not-allowed"),
            "{name}"
        );
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_sign_in_page_offers_passkeys_and_says_what_they_need(db: PgPool) {
    let app = App::start(db).await;
    let page = app.client().get("/login").await.text();
    assert!(page.contains(r#"autocomplete="username webauthn""#), "{page}");
    assert!(page.contains("Sign in with a passkey") && page.contains("Passkeys need scripts"));
}
