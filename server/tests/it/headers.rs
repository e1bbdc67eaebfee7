//! What every answer says, whatever it is.

use std::collections::BTreeSet;

use axum::http::{Method, header};
use serde_json::json;
use sqlx::PgPool;

use crate::{
    client::Answer,
    harness::{App, wide},
};

async fn one_of_each(app: &App) -> Vec<(&'static str, Answer)> {
    let client = app.client();
    let page = |path: &'static str| {
        client
            .request(Method::GET, path)
            .header(header::ACCEPT, "text/html")
            .body(axum::body::Body::empty())
            .expect("valid")
    };
    vec![
        ("page", client.get("/login").await),
        ("missing page", client.send(page("/nothing/here")).await),
        ("missing file", client.get("/pkg/nothing.js").await),
        ("answer", client.get("/api/v1/openapi.json").await),
        ("problem", client.get("/api/v1/identity/me").await),
        ("malformed", client.get("/login?x=%ff").await),
        (
            "cross-site",
            client
                .send(
                    client
                        .request(Method::POST, "/theme")
                        .header("origin", "https://evil.example")
                        .body(axum::body::Body::empty())
                        .expect("valid"),
                )
                .await,
        ),
        ("refused form", client.submit("/api/v1/identity/sign-in", "/login", &[("email", "x")]).await),
        ("method", client.post("/livez", &json!({})).await),
        ("live", client.get("/livez").await),
        ("ready", client.get("/readyz").await),
        ("problem page", client.get("/problems/internal").await),
    ]
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_kind_of_answer_carries_the_security_headers(db: PgPool) {
    let app = App::start(db).await;
    for (kind, answer) in one_of_each(&app).await {
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'self'",
            "'strict-dynamic' 'wasm-unsafe-eval'",
            "worker-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{kind}: {part} in {policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{kind}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{kind}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{kind}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{kind}");
        assert!(answer.header("permissions-policy").contains("camera=()"), "{kind}");
        assert_eq!(answer.headers.get_all("content-security-policy").iter().count(), 1, "{kind}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_answer_has_a_request_id_of_ours_and_its_own_nonce(db: PgPool) {
    let app = App::start(db).await;
    let client = app.client();
    let forged = client.request(Method::GET, "/livez").header("x-request-id", "forged");
    let forged = client.send(forged.body(axum::body::Body::empty()).expect("valid")).await;
    let mut answers = one_of_each(&app).await;
    answers.push(("forged", forged));
    let count = answers.len();
    let (mut ids, mut policies) = (BTreeSet::new(), BTreeSet::new());
    for (kind, answer) in &answers {
        let id: uuid::Uuid =
            answer.header("x-request-id").parse().unwrap_or_else(|_| panic!("{kind} has an id"));
        assert_eq!(id.get_version_num(), 7, "{kind}");
        ids.insert(id);
        policies.insert(answer.header("content-security-policy").to_owned());
    }
    assert_eq!((ids.len(), policies.len()), (count, count));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_nonce_of_the_page_is_the_one_in_the_header(db: PgPool) {
    let app = App::start(db).await;
    let page = app.client().get("/login").await;
    let policy = page.header("content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
    let text = page.text();
    for script in text.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap_or_default();
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{tag}");
    }
    assert!(text.contains(nonce), "the page uses it");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nothing_personal_is_cached(db: PgPool) {
    let app = App::start(db).await;
    for (kind, answer) in one_of_each(&app).await {
        let expected = if kind == "answer" { "no-cache" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), expected, "{kind}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_file_with_a_hash_is_kept_for_a_year_and_served_compressed(db: PgPool) {
    let site = tempfile::TempDir::new().expect("a folder");
    let pkg = site.path().join("pkg");
    std::fs::create_dir(&pkg).expect("a folder");
    let hashed = "gatehouse.kSl3pQ9xYbA0zR7tUvWxYg.js";
    std::fs::write(pkg.join(hashed), "plain").expect("a file");
    std::fs::write(pkg.join(format!("{hashed}.br")), "brotli").expect("a file");
    std::fs::write(pkg.join("loader.js"), "plain").expect("a file");
    std::fs::write(site.path().join("manifest.webmanifest"), "{}").expect("a file");
    let root = site.path().to_str().expect("plain");
    let app = App::start_with(wide(db), &[("GATEHOUSE_HTTP_SITE_ROOT", root)]).await;
    let client = app.client();
    let request =
        client.request(Method::GET, &format!("/pkg/{hashed}")).header(header::ACCEPT_ENCODING, "br, gzip");
    let file = client.send(request.body(axum::body::Body::empty()).expect("valid")).await;
    assert_eq!((file.header("content-encoding"), file.text().as_str()), ("br", "brotli"));
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(client.get("/pkg/loader.js").await.header("cache-control"), "no-cache");
    let manifest = client.get("/manifest.webmanifest").await;
    assert_eq!((manifest.header("cache-control"), manifest.text().as_str()), ("no-cache", "{}"));
    let missing = client.get("/pkg/gatehouse.aaaaaaaaaaaaaaaaaaaaaa.js").await;
    assert_eq!((missing.status.as_u16(), missing.text().as_str()), (404, ""));
    assert_eq!(client.get("/pkg/..%2f..%2fetc%2fpasswd").await.status.as_u16(), 404);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn pages_are_compressed_and_answers_that_show_a_secret_are_not(db: PgPool) {
    let app = App::start(db).await;
    let member = app.member("member@example.com").await;
    let send = async |method: Method, path: &str| {
        let request = member
            .request(method, path)
            .header(header::ACCEPT_ENCODING, "br")
            .header("sec-fetch-site", "same-origin");
        member.send(request.body(axum::body::Body::empty()).expect("valid")).await
    };
    assert_eq!(send(Method::GET, "/api").await.header("content-encoding"), "br");
    let secret = send(Method::POST, "/api/v1/second-factor/start").await;
    assert!(secret.status.is_success(), "{}", secret.text());
    assert_eq!(secret.header("content-encoding"), "");
}
