//! Somebody else's eyes over HTTP: every endpoint that is declared, every page, with the gate and without it.

use app::endpoint::{Answers, Endpoint, all};
use axum::http::{Method, StatusCode};
use domain::access::{Need, STEP_UP_MAX_AGE};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    access_coverage::own_organization,
    client::{Answer, Client},
    harness::{App, expect_done},
};

const ROOT: &str = "root@example.com";
const ANN: &str = "ann@example.com";
const BEGIN: &str = "/api/v1/admin/impersonate";
const STOP: &str = "/api/v1/admin/stop-impersonating";

/// An administrator, and somebody to look at, who has a secret that waits.
struct Scene {
    app: App,
    root: Client,
    ann: Client,
    id: String,
    /// The organization that is hers.
    organization: String,
    secret: String,
}

impl Scene {
    async fn set(app: App, db: &PgPool) -> Self {
        let root = app.administrator(db, ROOT).await;
        let ann = app.member(ANN).await;
        let started = ann.post("/api/v1/second-factor/start", &json!({})).await;
        let secret = started.json()["secret"].as_str().expect("a secret").to_owned();
        let id = ann.get("/api/v1/identity/me").await.json()["id"].as_str().expect("an id").to_owned();
        let organization = own_organization(&ann).await;
        Self { app, root, ann, id, organization, secret }
    }

    async fn begin(&self) -> Answer {
        self.root.post(BEGIN, &json!({ "user_id": self.id, "reason": "She asked for help" })).await
    }

    async fn who(&self) -> Value {
        self.root.get("/api/v1/identity/me").await.json()
    }

    /// What there is to change about somebody.
    async fn state(&self) -> Vec<Value> {
        let mut state = Vec::new();
        for path in
            ["identity/me", "organizations/list", "sessions/list", "tokens/list", "second-factor/passkeys"]
        {
            state.push(self.ann.get(&format!("/api/v1/{path}")).await.json());
        }
        state
    }
}

async fn call(client: &Client, endpoint: &Endpoint, organization: &str) -> Answer {
    if endpoint.method == Method::GET {
        client.get(&format!("{}?organization_id={organization}", endpoint.path)).await
    } else {
        client.post(endpoint.path, &json!({ "organization_id": organization })).await
    }
}

/// What differs because it is told who looks, and from where.
fn alike(mut answer: Value) -> Value {
    if let Some(object) = answer.as_object_mut() {
        object.remove("impersonated_by");
        object.remove("instance");
        // Only the owner has proved who they are.
        object.remove("is_proved");
        // Shown to its owner after a fresh proof, and to nobody else.
        object.remove("setup");
    }
    let items = answer.get_mut("items").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
        item.remove("current");
    }
    answer
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn with_somebody_elses_eyes_every_endpoint_reads_and_none_changes(db: PgPool) {
    let scene = Scene::set(App::start(db.clone()).await, &db).await;
    let before = scene.state().await;
    expect_done(&scene.begin().await);
    for endpoint in all() {
        let name = format!("{} {}", endpoint.method, endpoint.path);
        if endpoint.path == STOP {
            continue;
        }
        let seen = call(&scene.root, &endpoint, &scene.organization).await;
        let is_guarded = matches!(endpoint.need, Need::SteppedUp | Need::AnySession | Need::AlsoLeaving)
            || endpoint.answers != Answers::Json;
        if endpoint.method != Method::GET || is_guarded {
            assert_eq!(
                (seen.status, seen.problem().as_str()),
                (StatusCode::FORBIDDEN, "not-allowed"),
                "{name}"
            );
            continue;
        }
        let own = call(&scene.ann, &endpoint, &scene.organization).await;
        assert_eq!(seen.status, own.status, "{name}: {}", seen.text());
        // A captcha is another one each time.
        if !endpoint.path.ends_with("/captcha") {
            assert_eq!(alike(seen.json()), alike(own.json()), "{name}");
        }
        assert!(!seen.text().contains(&scene.secret), "{name}: {}", seen.text());
    }
    assert_eq!(scene.who().await["email"], ANN, "nothing of it has ended the look");
    expect_done(&scene.root.post(STOP, &json!({})).await);
    assert_eq!(scene.state().await, before);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_the_gate_nothing_is_changed_either(db: PgPool) {
    let scene = Scene::set(App::start_without_gate(db.clone()).await, &db).await;
    let before = scene.state().await;
    expect_done(&scene.begin().await);
    for endpoint in all().iter().filter(|endpoint| endpoint.path != STOP) {
        let seen = call(&scene.root, endpoint, &scene.organization).await;
        let name = format!("{} {}", endpoint.method, endpoint.path);
        let may_succeed = matches!(endpoint.need, Need::Nothing(_) | Need::SignedIn)
            || (matches!(endpoint.need, Need::Organization(_)) && endpoint.method == Method::GET);
        assert!(may_succeed || !seen.status.is_success(), "{name}: {}", seen.text());
        assert!(!seen.text().contains(&scene.secret), "{name}: {}", seen.text());
    }
    let named = json!({ "display_name": "Eve" });
    assert!(!scene.root.post("/api/v1/identity/update-profile", &named).await.status.is_success());
    assert!(!scene.root.post("/api/v1/sessions/end-others", &json!({})).await.status.is_success());
    assert_eq!(scene.who().await["email"], ANN);
    assert_eq!(scene.state().await, before);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_page_says_whose_eyes_until_when_and_how_to_stop(db: PgPool) {
    let scene = Scene::set(App::start(db.clone()).await, &db).await;
    expect_done(&scene.begin().await);
    let until = scene.who().await["impersonated_by"].clone();
    assert_eq!(until["email"], ROOT);
    for path in [
        "/",
        "/account/profile",
        "/account/security",
        "/account/tokens",
        "/account/passkeys",
        "/settings",
        "/2fa/setup",
        "/orgs",
        "/o/ann",
        "/o/ann/members",
        "/o/ann/settings",
        "/forgot-password",
        "/register",
        "/not-me?token=x",
        "/admin/users",
        "/nothing/here",
    ] {
        let page = scene.root.get(path).await;
        let text = page.text();
        assert!(!page.status.is_redirection(), "{path}: {}", page.header("location"));
        assert!(text.contains("You see this site as") && text.contains(ANN), "{path}: {text}");
        assert!(text.contains(&format!("action=\"{STOP}\"")) && text.contains("UTC"), "{path}: {text}");
        assert!(!text.contains(&scene.secret), "{path}");
        assert!(!scene.ann.get(path).await.text().contains("You see this site as"), "{path}: its owner");
    }
    assert_eq!(scene.root.get("/auth/google/start").await.status, StatusCode::FORBIDDEN);
    assert_eq!(scene.root.get("/exports/audit.csv").await.status, StatusCode::FORBIDDEN);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn it_begins_and_stops_by_plain_forms_and_the_own_session_is_as_before(db: PgPool) {
    let scene = Scene::set(App::start(db.clone()).await, &db).await;
    let page = format!("/admin/users/{}", scene.id);
    let before = scene.root.get("/api/v1/sessions/list").await.json();
    assert!(scene.root.get(&page).await.text().contains("See with their eyes"));
    let typed = [("user_id", scene.id.as_str()), ("reason", "She asked for help")];
    let begun = scene.root.submit(BEGIN, &page, &typed).await;
    assert_eq!((begun.status, begun.header("location")), (StatusCode::SEE_OTHER, "/"), "{}", begun.text());
    assert_eq!(scene.who().await["email"], ANN);
    // Long lines are folded on their way.
    let letter = scene.app.letter_to(ANN).await.replace("=\r\n", "");
    assert!(letter.contains("She asked for help") && letter.contains(ROOT), "{letter}");
    // A plain form is refused with its reason, and leaves the look as it is.
    scene
        .root
        .submit("/api/v1/identity/update-profile", "/account/profile", &[("display_name", "Eve")])
        .await;
    let stopped = scene.root.submit(STOP, "/", &[]).await;
    assert_eq!((stopped.status, stopped.header("location")), (StatusCode::SEE_OTHER, page.as_str()));
    assert_eq!(scene.who().await["email"], ROOT);
    assert_eq!(scene.root.get("/api/v1/sessions/list").await.json(), before);
    assert_eq!(scene.ann.get("/api/v1/identity/me").await.json()["display_name"], "");
    let trail = scene.root.get("/api/v1/audit/entries?action=admin.looked").await.json();
    let looked = trail["items"].as_array().expect("entries");
    assert!(!looked.is_empty());
    let root = scene.who().await["id"].clone();
    for entry in looked {
        assert_eq!((&entry["actor"], &entry["target"]), (&root, &json!(format!("user:{}", scene.id))));
    }
    assert!(trail.to_string().contains("/api/v1/identity/me"), "{trail}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_old_proof_is_asked_for_anew_on_the_page_itself(db: PgPool) {
    let scene = Scene::set(App::start(db.clone()).await, &db).await;
    scene.app.platform.clock().advance(STEP_UP_MAX_AGE + std::time::Duration::from_secs(1));
    assert_eq!(scene.begin().await.problem(), "step-up-required");
    let page = format!("/admin/users/{}", scene.id);
    let typed = [("user_id", scene.id.as_str()), ("reason", "She asked for help")];
    let refused = scene.root.submit(BEGIN, &page, &typed).await;
    assert_eq!(refused.header("location"), page);
    let text = scene.root.get(&page).await.text();
    assert!(text.contains("What you are about to do changes how your account is guarded"), "{text}");
    assert!(text.contains("value=\"She asked for help\""), "what was typed is still there: {text}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_end_of_the_own_session_ends_it(db: PgPool) {
    let scene = Scene::set(App::start(db.clone()).await, &db).await;
    expect_done(&scene.begin().await);
    sqlx::raw_sql("DELETE FROM sessions USING users u WHERE u.id = user_id AND u.email = 'root@example.com'")
        .execute(&db)
        .await
        .expect("ends");
    assert_eq!(scene.root.get("/api/v1/identity/me").await.problem(), "sign-in-required");
    assert_eq!(scene.root.post(STOP, &json!({})).await.problem(), "sign-in-required");
}
