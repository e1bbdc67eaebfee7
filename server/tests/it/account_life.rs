//! What a browser keeps and where it is led when an account changes its address, leaves, or comes in with its theme.

use axum::http::StatusCode;
use serde_json::json;
use server::boot;
use sqlx::PgPool;

use crate::harness::{App, PASSWORD, code, expect_done};

const ANN: &str = "ann@example.com";

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_theme_of_the_account_comes_along_to_a_new_device(db: PgPool) {
    let app = App::start(db).await;
    let typed = json!({ "email": ANN, "password": PASSWORD });
    let ann = app.member(ANN).await;
    let device = app.client();
    device.set_cookie("gate-theme", "light");
    expect_done(&device.post("/api/v1/identity/sign-in", &typed).await);
    assert_eq!(
        device.cookie("gate-theme").as_deref(),
        Some("light"),
        "an account without a wish changes nothing"
    );
    expect_done(&ann.post("/api/v1/identity/update-profile", &json!({ "theme": "dark" })).await);
    expect_done(&device.post("/api/v1/identity/sign-in", &typed).await);
    assert_eq!(device.cookie("gate-theme").as_deref(), Some("dark"));
    // The same through the second factor.
    let secret = ann.post("/api/v1/second-factor/start", &json!({})).await.json()["secret"].to_string();
    let shown = |app: &App| code(secret.trim_matches('"'), app.platform.now());
    expect_done(&ann.post("/api/v1/second-factor/confirm", &json!({ "code": shown(&app) })).await);
    app.platform.clock().advance(std::time::Duration::from_mins(1));
    let other = app.client();
    expect_done(&other.post("/api/v1/identity/sign-in", &typed).await);
    assert_eq!(other.cookie("gate-theme"), None, "not before the code");
    expect_done(&other.post("/api/v1/second-factor/verify", &json!({ "code": shown(&app) })).await);
    assert_eq!(other.cookie("gate-theme").as_deref(), Some("dark"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_a_language_with_sentences_can_be_chosen(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    expect_done(&ann.post("/api/v1/identity/update-profile", &json!({ "locale": "en" })).await);
    let answer = ann.post("/api/v1/identity/update-profile", &json!({ "locale": "de" })).await;
    assert_eq!(answer.json()["errors"][0]["problem"], "not-an-option");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn pages_tell_the_time_of_their_reader_without_wasm_too(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    let security = async || ann.get("/account/security").await.text();
    assert!(security().await.contains(" UTC<"), "until somebody chooses");
    let zones = ann.get("/api/v1/identity/time-zones").await.json();
    assert!(zones["items"].as_array().is_some_and(|zones| zones.contains(&json!("Asia/Kolkata"))));
    let fields = [("display_name", "Ann"), ("time_zone", "Asia/Kolkata")];
    let answer = ann.submit("/api/v1/identity/update-profile", "/account/profile", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    let page = ann.get(answer.header("location")).await.text();
    assert!(page.contains("Your profile is saved."), "{page}");
    let chosen = page.split("<option").skip(1).find(|option| option.contains("selected")).expect("a choice");
    assert!(chosen.contains("Asia/Kolkata"), "{chosen}");
    let page = security().await;
    assert!(page.contains(" UTC+5:30<") && !page.contains(" UTC<"), "{page}");
    // For machines it is the same moment as ever.
    assert!(page.contains("datetime=\"2") && page.contains("Z\""), "{page}");
    let refused =
        ann.submit("/api/v1/identity/update-profile", "/account/profile", &[("time_zone", "Berlin")]).await;
    let page = ann.get(refused.header("location")).await.text();
    assert!(page.contains("Choose one of the values on offer."), "{page}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_field_but_those_of_the_profile_can_be_changed_with_it(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    let before = ann.get("/api/v1/identity/me").await.json();
    let typed = json!({
        "display_name": "Ann", "roles": ["ADMIN"], "email": "root@example.com", "email_verified": false,
        "second_factor": true, "id": "00000000-0000-7000-8000-000000000000",
    });
    expect_done(&ann.post("/api/v1/identity/update-profile", &typed).await);
    let mut after = ann.get("/api/v1/identity/me").await.json();
    assert_eq!(after["display_name"], "Ann");
    after["display_name"] = before["display_name"].clone();
    assert_eq!(after, before);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_confirmed_change_of_address_can_be_undone_and_leads_to_a_new_password(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    expect_done(&ann.post("/api/v1/identity/change-email", &json!({ "email": "new@example.com" })).await);
    let (confirm, undo) = (app.token_for("new@example.com").await, app.token_for(ANN).await);
    let visitor = app.client();
    for path in ["/confirm-email", "/undo-email"] {
        let page = visitor.get(&format!("{path}?token={confirm}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains(&confirm), "opening {path} consumes nothing");
    }
    expect_done(&visitor.post("/api/v1/identity/confirm-email", &json!({ "token": confirm })).await);
    assert_eq!(ann.get("/api/v1/identity/me").await.json()["email"], "new@example.com");
    let undone = visitor.post("/api/v1/identity/undo-email", &json!({ "token": undo })).await;
    assert_eq!(undone.json()["state"], "put-back");
    assert_eq!(ann.get("/api/v1/identity/me").await.problem(), "sign-in-required");
    let way_in = undone.header("location").to_owned();
    let token = way_in.strip_prefix("/reset-password?token=").expect("a way in");
    let typed = json!({ "token": token, "password": "eleven blue umbrellas" });
    expect_done(&visitor.post("/api/v1/identity/reset-password", &typed).await);
    let typed = json!({ "email": ANN, "password": "eleven blue umbrellas" });
    expect_done(&visitor.post("/api/v1/identity/sign-in", &typed).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_comes_back_is_led_to_the_question_whatever_page_they_ask_for(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    expect_done(&ann.post("/api/v1/identity/delete-account", &json!({ "confirm_email": ANN })).await);
    let typed = json!({ "email": ANN, "password": PASSWORD });
    expect_done(&ann.post("/api/v1/identity/sign-in", &typed).await);
    for path in ["/", "/account/profile", "/account/security", "/settings", "/2fa/setup", "/admin/users"] {
        let answer = ann.get(path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::FOUND, "/keep-account"),
            "{path}"
        );
    }
    let question = ann.get("/keep-account").await;
    assert_eq!(question.status, StatusCode::OK);
    for words in ["Keep my account", "/api/v1/identity/keep-account", "/api/v1/identity/sign-out"] {
        assert!(question.text().contains(words), "{words}");
    }
    expect_done(&ann.post("/api/v1/identity/sign-out", &json!({})).await);
    assert_eq!(ann.get("/keep-account").await.status, StatusCode::FOUND);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_wasm_the_proof_is_asked_on_the_page_and_every_outcome_is_said(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    app.platform.clock().advance(domain::access::STEP_UP_MAX_AGE + std::time::Duration::from_secs(1));
    let send = async |endpoint: &str, fields: &[(&str, &str)]| {
        let path = format!("/api/v1/identity/{endpoint}");
        let answer = ann.submit(&path, "/account/profile", fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let location = answer.header("location").to_owned();
        (ann.get(&location).await.text(), location)
    };
    let (page, _) = send("change-email", &[("email", "new@example.com")]).await;
    assert!(page.contains("/api/v1/identity/step-up"), "the proof is asked");
    assert!(page.contains(r#"value="new@example.com""#), "what was typed is kept");
    let (page, _) = send("step-up", &[("password", PASSWORD)]).await;
    assert!(!page.contains("/api/v1/identity/step-up"), "and asked once");
    let (page, _) = send("change-email", &[("email", "new@example.com")]).await;
    assert!(page.contains("We sent a letter to the new address.") && page.contains("Waits for its letter"));
    let (page, _) = send("delete-account", &[("confirm_email", "somebody@example.com")]).await;
    assert!(page.contains("<details open") && page.contains("Compare the two."), "the reason can be seen");
    let (page, location) = send("delete-account", &[("confirm_email", ANN)]).await;
    assert_eq!(location, "/login?leaving=1");
    assert!(page.contains("Your account is closed"), "{page}");
}

#[test]
fn a_file_that_cannot_be_used_keeps_the_server_from_starting_and_names_its_key() {
    for (variable, key, remedy) in [
        ("GATEHOUSE_SECURITY_BREACH_FILTER", "security.breach_filter", "admin breach-filter"),
        ("GATEHOUSE_SESSIONS_PLACES", "sessions.places", "Fetch it anew"),
    ] {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("file");
        std::fs::write(&path, "a list, and nothing else").expect("writes");
        let variables = [
            ("GATEHOUSE_PROFILE", "development"),
            ("GATEHOUSE_DATABASE_URL", "postgres://unused"),
            ("GATEHOUSE_SECRETS_FOLDER", folder.path().to_str().expect("a plain path")),
            (variable, path.to_str().expect("a plain path")),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = server::config::Config::load(None, variables).expect("a configuration");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let problem = runtime.block_on(async { boot::platform(&config).err() }).expect("refused").to_string();
        assert!(problem.contains(key) && problem.contains(remedy), "{problem}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn where_somebody_is_signed_in_is_ended_after_a_fresh_proof(db: PgPool) {
    let app = App::start(db).await;
    let ann = app.member(ANN).await;
    let typed = json!({ "email": ANN, "password": PASSWORD });
    let others = [app.client(), app.client()];
    for other in &others {
        expect_done(&other.post("/api/v1/identity/sign-in", &typed).await);
    }
    expect_done(&app.client().post("/api/v1/tokens/issue", &typed).await);
    let first = |list: &serde_json::Value, wanted: fn(&serde_json::Value) -> bool| {
        let items = list["items"].as_array().expect("a list");
        items.iter().find(|item| wanted(item)).expect("one")["id"].as_str().expect("an id").to_owned()
    };
    let session =
        first(&ann.get("/api/v1/sessions/list").await.json(), |item| item["current"] == json!(false));
    let script = first(&ann.get("/api/v1/tokens/sign-ins").await.json(), |_| true);
    let (security, tokens) = ("/account/security", "/account/tokens");
    let acts = [
        ("sessions/end", security, vec![("id", session.as_str())], "That device is signed out."),
        ("sessions/end-others", security, Vec::new(), "You are signed out everywhere else."),
        ("tokens/end-sign-in", tokens, vec![("id", script.as_str())], "That script is signed out."),
    ];
    // What ends the others ends the script as well.
    let order = [0, 2, 1].map(|place| &acts[place]);
    for (act, page, fields, done) in order {
        app.platform.clock().advance(domain::access::STEP_UP_MAX_AGE + std::time::Duration::from_secs(1));
        let path = format!("/api/v1/{act}");
        assert_eq!(ann.post(&path, &json!({})).await.problem(), "step-up-required", "{act}");
        ann.submit(&path, page, fields).await;
        let asked = ann.get(page).await.text();
        assert!(asked.contains("step-up-password") && !asked.contains(done), "{act}: {asked}");
        ann.submit("/api/v1/identity/step-up", page, &[("password", PASSWORD)]).await;
        ann.submit(&path, page, fields).await;
        let said = ann.get(page).await.text();
        assert!(said.contains(done) && !said.contains("step-up-password"), "{act}: {said}");
    }
    for other in &others {
        assert_eq!(other.get("/api/v1/identity/me").await.problem(), "sign-in-required");
    }
}
