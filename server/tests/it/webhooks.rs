//! Webhooks as an administrator's browser and a receiver meet them: plain forms, pages, and real HTTP.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use domain::{
    platform::{Platform, clock::Clock, courier::Courier, limiter::Limiter, reach::Reach, testing},
    webhooks::service::run_once,
};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::net::TcpListener;

use crate::{
    bearer::{get, made},
    client::Client,
    harness::{App, PASSWORD, expect_done},
};

const LIST: &str = "/admin/webhooks";
const ROOT: &str = "root@example.com";

/// What a receiver got: headers and body.
type Mail = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// The site, its administrator, and a receiver that answers with `status`.
struct Scene {
    app: App,
    root: Client,
    url: String,
    mail: Mail,
    status: Arc<Mutex<StatusCode>>,
    courier: Courier,
}

impl Scene {
    async fn start(db: PgPool) -> Self {
        let here = Reach::public_and(vec!["127.0.0.0/8".parse().expect("a network")]);
        let mut parts = testing::parts(db.clone(), Clock::system().now());
        parts.limiter = Limiter::new(parts.redis.clone(), parts.clock.clone(), 100);
        parts.rules.webhook_reach = here.clone();
        let app = App::start_with(Platform::new(parts), &[]).await;
        let root = app.administrator(&db, ROOT).await;
        let (mail, status) = (Mail::default(), Arc::new(Mutex::new(StatusCode::OK)));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let url = format!("http://{}/in", listener.local_addr().expect("an address"));
        let router = Router::new().route("/in", post(take)).with_state((mail.clone(), status.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let courier = Courier::new(here, Duration::from_secs(5));
        Self { app, root, url, mail, status, courier }
    }

    async fn work(&self) -> usize {
        run_once(&self.app.platform, &self.courier).await.expect("works")
    }

    /// Posts a form of a page and opens that page.
    async fn submit(&self, endpoint: &str, page: &str, fields: &[(&str, &str)]) -> String {
        let sent = self.root.submit(&format!("/api/v1/admin/{endpoint}"), page, fields).await;
        assert_eq!((sent.status, sent.header("location")), (StatusCode::SEE_OTHER, page), "{}", sent.text());
        self.root.get(page).await.text()
    }

    /// A webhook that was made by a call: its id and its secret.
    async fn made(&self) -> (String, String) {
        let typed = json!({ "url": self.url, "actions": "identity" });
        let made = self.root.post("/api/v1/admin/create-webhook", &typed).await;
        expect_done(&made);
        let text = |name: &str| made.json()[name].as_str().expect("text").to_owned();
        (text("id"), text("secret"))
    }

    async fn deliveries(&self, id: &str) -> Vec<Value> {
        let page = self.root.get(&format!("/api/v1/admin/webhook-deliveries?webhook_id={id}")).await;
        expect_done(&page);
        page.json()["items"].as_array().expect("a list").clone()
    }
}

async fn take(
    State((mail, status)): State<(Mail, Arc<Mutex<StatusCode>>)>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, &'static str) {
    mail.lock().expect("whole").push((headers, body));
    (*status.lock().expect("whole"), "<script>alert(1)</script>")
}

/// Whether a message is signed with this secret, by another implementation of HMAC.
fn is_signed(headers: &HeaderMap, body: &str, secret: &str) -> bool {
    let header = |name: &str| headers[name].to_str().expect("text").to_owned();
    let key = BASE64_STANDARD.decode(&secret["whsec_".len()..]).expect("base64");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
    let signed = format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp"));
    let tag = BASE64_STANDARD.decode(&header("webhook-signature")["v1,".len()..]).expect("base64");
    ring::hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_webhook_is_made_by_a_plain_form_its_secret_shown_once_and_its_deliveries_seen(db: PgPool) {
    let scene = Scene::start(db).await;
    assert!(scene.root.get(LIST).await.text().contains("No webhooks yet"));
    let fields = [("url", scene.url.as_str()), ("description", "The archive"), ("actions", "webhooks")];
    let page = scene.submit("create-webhook", LIST, &fields).await;
    let rest = page.split("whsec_").nth(1).expect("the secret");
    let secret: String = rest.chars().take_while(|c| !matches!(c, '<' | '"')).collect();
    let secret = format!("whsec_{secret}");
    let later = scene.root.get(LIST).await.text();
    assert!(later.contains("The archive") && later.contains(&scene.url) && !later.contains(&secret));
    assert_eq!(scene.work().await, 1);
    let (headers, body) = scene.mail.lock().expect("whole").remove(0);
    assert!(is_signed(&headers, &body, &secret), "{headers:?}");

    let list = scene.root.get("/api/v1/admin/webhooks").await.json();
    let id = list["items"][0]["id"].as_str().expect("an id").to_owned();
    let one = format!("{LIST}/{id}");
    let page = scene.root.get(&one).await.text();
    for part in
        ["webhooks.made", "Delivered", "Send a test", "Pause", "Make a new secret", "Remove the webhook"]
    {
        assert!(page.contains(part), "{part}");
    }
    let delivery = scene.deliveries(&id).await.remove(0)["id"].as_str().expect("an id").to_owned();
    let peek = scene.root.get(&format!("{one}?delivery={delivery}")).await.text();
    assert!(peek.contains(&delivery) && peek.contains("Status 200") && peek.contains("Send it once more"));
    assert!(peek.contains("alert(1)") && !peek.contains("<script>alert(1)"), "an answer is only text");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_act_works_by_a_plain_form_and_says_what_was_done(db: PgPool) {
    let scene = Scene::start(db).await;
    let (id, first) = scene.made().await;
    let one = format!("{LIST}/{id}");
    let page = scene.submit("test-webhook", &one, &[("id", &id)]).await;
    assert!(page.contains("A test is on its way.") && page.contains("webhooks.test"));
    let page = scene.submit("update-webhook", &one, &[("id", &id), ("state", "paused")]).await;
    assert!(page.contains("The webhook is changed.") && page.contains("Resume"));
    let page = scene.submit("update-webhook", &one, &[("id", &id), ("url", "http://10.0.0.1/")]).await;
    assert!(page.contains("Enter an https address"), "the problem stands at its field");
    assert!(page.contains("value=\"http://10.0.0.1/\""), "and what was typed is kept");
    assert!(!page.contains("switch-webhook-url"), "at the form that was sent, and at no other");
    let page = scene.submit("rotate-webhook-secret", &one, &[("id", &id), ("overlap_s", "3600")]).await;
    assert!(page.contains("whsec_") && !page.contains(&first));
    assert!(!scene.root.get(&one).await.text().contains("whsec_"), "it is shown once");
    let since = [("webhook_id", id.as_str()), ("since", "2026-01-01T00:00")];
    let page = scene.submit("replay-webhook-deliveries", &one, &since).await;
    assert!(page.contains("Nothing was given up since then."));
    let gone = scene.root.submit("/api/v1/admin/end-webhook", &one, &[("id", &id)]).await;
    assert_eq!(gone.header("location"), "/admin/webhooks?removed=1");
    assert!(scene.root.get("/admin/webhooks?removed=1").await.text().contains("The webhook is removed."));
    let missing = scene.root.get(&one).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND, "{}", missing.text());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn changing_one_needs_a_fresh_proof_and_looking_or_replaying_does_not(db: PgPool) {
    let scene = Scene::start(db).await;
    let (id, _) = scene.made().await;
    scene.app.platform.clock().advance(domain::access::STEP_UP_MAX_AGE + Duration::from_secs(1));
    let typed = json!({ "id": id, "description": "x" });
    let refused = scene.root.post("/api/v1/admin/update-webhook", &typed).await;
    assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::FORBIDDEN, "step-up-required"));
    let page =
        scene.submit("update-webhook", &format!("{LIST}/{id}"), &[("id", &id), ("description", "x")]).await;
    assert!(page.contains("action=\"/api/v1/identity/step-up\""), "the page asks for it");
    let replay = json!({ "webhook_id": id, "since": "2026-01-01" });
    expect_done(&scene.root.post("/api/v1/admin/replay-webhook-deliveries", &replay).await);
    expect_done(&scene.root.post("/api/v1/admin/test-webhook", &json!({ "id": id })).await);
    expect_done(&scene.root.post("/api/v1/identity/step-up", &json!({ "password": PASSWORD })).await);
    expect_done(&scene.root.post("/api/v1/admin/update-webhook", &typed).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_failed_is_filtered_paged_and_replayed(db: PgPool) {
    let scene = Scene::start(db.clone()).await;
    let (id, secret) = scene.made().await;
    *scene.status.lock().expect("whole") = StatusCode::INTERNAL_SERVER_ERROR;
    for number in 0..27 {
        let typed = json!({ "email": format!("p{number}@example.com"), "password": PASSWORD });
        expect_done(&scene.app.client().post("/api/v1/identity/register", &typed).await);
    }
    scene.work().await;
    let waiting = format!("{LIST}/{id}?state=waiting");
    let page = scene.root.get(&waiting).await.text();
    assert!(
        page.contains("25 deliveries on this page") && page.contains("Next page") && page.contains("500")
    );
    assert!(
        scene.root.get(&format!("{LIST}/{id}?state=failed")).await.text().contains("No deliveries found")
    );
    assert_eq!(
        scene.root.get(&format!("{LIST}/{id}?state=lost")).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    sqlx::raw_sql("UPDATE webhook_deliveries SET state = 'failed', ended_at = now()")
        .execute(&db)
        .await
        .expect("gives up");
    let page = scene.root.get(&format!("{LIST}/{id}")).await.text();
    assert!(page.contains("27 deliveries were given up") && page.contains("Send them once more"));
    *scene.status.lock().expect("whole") = StatusCode::OK;
    scene.mail.lock().expect("whole").clear();
    let replay = json!({ "webhook_id": id, "since": "2026-01-01T00:00:00Z" });
    let replayed = scene.root.post("/api/v1/admin/replay-webhook-deliveries", &replay).await;
    assert_eq!(replayed.json(), json!({ "count": 27 }), "{}", replayed.text());
    assert_eq!(scene.work().await, 27);
    let mail = scene.mail.lock().expect("whole").clone();
    assert!(mail.iter().all(|(headers, body)| is_signed(headers, body, &secret)));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn members_and_supporters_see_nothing_of_webhooks(db: PgPool) {
    let scene = Scene::start(db.clone()).await;
    let (id, _) = scene.made().await;
    let helper = scene.app.member("help@example.com").await;
    sqlx::raw_sql("UPDATE users SET roles = '{SUPPORT,USER}' WHERE email = 'help@example.com'")
        .execute(&db)
        .await
        .expect("a role");
    for path in [LIST.to_owned(), format!("{LIST}/{id}")] {
        let page = helper.get(&path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        assert!(!page.text().contains(&scene.url) && !page.text().contains("href=\"/admin/webhooks\""));
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_that_may_not_read_the_trail_reads_it_by_no_other_road(db: PgPool) {
    let scene = Scene::start(db).await;
    let (id, _) = scene.made().await;
    scene.app.member("ann@example.com").await;
    scene.work().await;
    let delivery = scene.deliveries(&id).await.remove(0)["id"].as_str().expect("an id").to_owned();
    let found = scene.root.get("/api/v1/admin/users?q=ann@").await.json();
    let ann = found["items"][0]["id"].as_str().expect("an account").to_owned();
    let script = scene.app.client();
    let sent = [
        format!("/api/v1/admin/webhook-deliveries?webhook_id={id}"),
        format!("/api/v1/admin/webhook-delivery?id={delivery}"),
    ];
    let person = format!("/api/v1/admin/user?user_id={ann}");
    let entries = async |token: &str| {
        let person = get(&script, &person, token).await;
        expect_done(&person);
        person.json()["entries"].as_array().expect("a list").len()
    };
    let admin = made(&scene.root, &["admin:read"]).await;
    expect_done(&get(&script, "/api/v1/admin/webhooks", &admin).await);
    for path in &sent {
        assert_eq!(get(&script, path, &admin).await.problem(), "not-allowed", "{path}");
    }
    assert_eq!(entries(&admin).await, 0);
    let both = made(&scene.root, &["admin:read", "audit:read"]).await;
    for path in &sent {
        let answer = get(&script, path, &both).await;
        expect_done(&answer);
        assert!(answer.text().contains("identity."), "{path}: {}", answer.text());
    }
    assert!(entries(&both).await > 0);
}
