//! The captcha as a script meets it, and as a page without wasm does.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;

use crate::{
    client::{Answer, Client},
    harness::{App, PASSWORD},
};

pub(crate) const SIGN_IN: &str = "/api/v1/identity/sign-in";
pub(crate) const MEMBER: &str = "member@example.com";

/// Somebody whose password was guessed at.
pub(crate) async fn guessed_at(app: &App) -> Client {
    app.member(MEMBER).await;
    let client = app.client();
    for _ in 0..3 {
        let wrong = client.post(SIGN_IN, &json!({ "email": MEMBER, "password": "wrong" })).await;
        assert_eq!(wrong.problem(), "wrong-credentials", "{}", wrong.text());
    }
    client
}

/// What a script sends, by what `docs/captcha.md` says.
pub(crate) fn solved(challenge: &Value) -> String {
    let text = |name: &str| challenge[name].as_str().expect("a text").to_owned();
    let number = |name: &str| challenge[name].as_u64().expect("a number");
    let (seed, bits) = (text("seed"), number("bits"));
    let found = |index: u64| {
        let is_right = |number: &u32| {
            let hash = Sha256::digest(format!("{seed}.{index}.{number}"));
            let begin = hash.iter().take(4).fold(0, |word: u32, byte| word << 8 | u32::from(*byte));
            u64::from(begin.leading_zeros()) >= bits
        };
        (0..u32::MAX).find(is_right).expect("there is one")
    };
    (0..number("count")).fold(text("puzzle"), |answer, index| format!("{answer}.{}", found(index)))
}

pub(crate) async fn sign_in(client: &Client, captcha: Option<&str>) -> Answer {
    client.post(SIGN_IN, &json!({ "email": MEMBER, "password": PASSWORD, "captcha": captcha })).await
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_script_is_told_what_to_solve_and_gets_in_with_the_solution(db: PgPool) {
    let app = App::start(db).await;
    let client = guessed_at(&app).await;
    let refused = sign_in(&client, None).await;
    assert_eq!(refused.status, StatusCode::PRECONDITION_REQUIRED);
    assert_eq!(refused.problem(), "captcha-required");
    let solution = solved(&refused.json()["challenge"]);
    let done = sign_in(&client, Some(&solution)).await;
    assert_eq!(done.json()["state"], "signed-in", "{}", done.text());
    let again = sign_in(&app.client(), Some(&solution)).await;
    assert_eq!(again.problem(), "captcha-required");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_challenge_can_be_fetched_and_solved_beforehand(db: PgPool) {
    let app = App::start(db).await;
    let client = guessed_at(&app).await;
    let challenge = client.get("/api/v1/identity/captcha").await.json();
    assert_eq!((&challenge["kind"], &challenge["wait_s"]), (&json!("proof-of-work"), &json!(10)));
    let done = sign_in(&client, Some(&solved(&challenge))).await;
    assert_eq!(done.json()["state"], "signed-in", "{}", done.text());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_captcha_makes_the_server_stumble(db: PgPool) {
    let app = App::start(db).await;
    let client = guessed_at(&app).await;
    for nonsense in ["", ".", "é", "\u{1f511}.1.2", &"A".repeat(40_000), &".".repeat(40_000)] {
        let answer = sign_in(&client, Some(nonsense)).await;
        assert_eq!(answer.problem(), "captcha-required", "{nonsense:.20}: {}", answer.text());
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_page_without_wasm_comes_back_with_a_ticket_that_is_good_after_its_time(db: PgPool) {
    let app = App::start(db).await;
    let client = guessed_at(&app).await;
    let fields = [("email", MEMBER), ("password", PASSWORD)];
    let refused = client.submit(SIGN_IN, "/login", &fields).await;
    assert_eq!((refused.status, refused.header("location")), (StatusCode::SEE_OTHER, "/login"));
    let page = client.get("/login").await.text();
    assert!(page.contains("Too many tries came from your network. Try again in 10 seconds."), "{page}");
    assert!(page.contains(MEMBER) && !page.contains(PASSWORD), "{page}");
    let ticket = ticket_in(&page);
    app.platform.clock().advance(std::time::Duration::from_secs(10));
    let fields = [("email", MEMBER), ("password", PASSWORD), ("captcha", &*ticket)];
    let done = client.submit(SIGN_IN, "/login", &fields).await;
    assert_eq!(done.header("location"), "/", "{}", done.text());
    assert!(client.cookie("__Host-gate").is_some());
}

/// The value of the hidden field.
pub(crate) fn ticket_in(page: &str) -> String {
    let (_, rest) = page.split_once(r#"name="captcha" value=""#).expect("a hidden field");
    rest.split('"').next().unwrap_or_default().to_owned()
}
