//! Signing in with a provider: what leads in, and everything that must not.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use domain::platform::providers::ProviderKind;
use serde_json::{Value, json};
use sqlx::{PgPool, Row as _};

use crate::{
    client::{Answer, Client},
    harness::{App, PASSWORD, expect_done},
    provider::{Fault, Foreign, SECRET, person},
};

/// The site, and a provider that it knows as `test`.
pub(crate) struct Pair {
    pub(crate) app: App,
    pub(crate) foreign: Foreign,
}

impl Pair {
    pub(crate) async fn start(db: PgPool) -> Self {
        Self::start_with(db, ProviderKind::Oidc, |_| ()).await
    }

    pub(crate) async fn start_with(
        db: PgPool,
        kind: ProviderKind,
        change: impl FnOnce(&mut domain::platform::providers::ProviderSettings),
    ) -> Self {
        let now = domain::platform::clock::Clock::system().now();
        let foreign = Foreign::start(now).await;
        let mut settings = foreign.settings("test", kind);
        change(&mut settings);
        let app = App::start_with(Foreign::platform(db, now, vec![settings]), &[]).await;
        Self { app, foreign }
    }

    /// Goes to the provider and agrees there; answers what it comes back with.
    pub(crate) async fn leave(&self, client: &Client, parameters: &str) -> BTreeMap<String, String> {
        let sent = start(client, parameters).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        let address = sent.header("location");
        assert!(address.starts_with(&self.foreign.issuer), "{address}");
        self.foreign.agree(address)
    }

    /// The whole way there and back.
    pub(crate) async fn go(&self, client: &Client, parameters: &str) -> Answer {
        let brought = self.leave(client, parameters).await;
        come_back(client, &brought).await
    }
}

/// Presses a link of one of our pages.
pub(crate) async fn start(client: &Client, parameters: &str) -> Answer {
    let path = format!("/auth/test/start{parameters}");
    let request = client.request(Method::GET, &path).header("sec-fetch-site", "same-origin");
    client.send(request.body(Body::empty()).expect("valid")).await
}

/// What a browser sends when a provider sends it back.
pub(crate) async fn come_back(client: &Client, brought: &BTreeMap<String, String>) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(brought).finish();
    let path = format!("/auth/test/callback?{query}");
    let request = client.request(Method::GET, &path).header("sec-fetch-site", "cross-site");
    client.send(request.body(Body::empty()).expect("valid")).await
}

/// Who is signed in.
pub(crate) async fn me(client: &Client) -> Value {
    let answer = client.get("/api/v1/identity/me").await;
    expect_done(&answer);
    answer.json()
}

/// Sent back to a page of ours, signed in to nothing; answers what that page says.
pub(crate) async fn told(client: &Client, answer: &Answer, page: &str) -> String {
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, page),
        "{}",
        answer.text()
    );
    client.get(page).await.text()
}

async fn stays_out(client: &Client, answer: &Answer, why: &str) {
    let page = told(client, answer, "/login").await;
    assert!(client.cookie("__Host-gate").is_none(), "no session");
    assert!(page.contains(why), "{why} in {page}");
    let again = client.get("/login").await.text();
    assert!(!again.contains(why), "it is told once");
}

const UNPROVED: &str = "could not be verified";
const STALE: &str = "began in another browser";

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn somebody_new_comes_in_and_finds_the_same_account_again(db: PgPool) {
    let pair = Pair::start(db).await;
    let client = pair.app.client();
    let arrived = pair.go(&client, "?next=%2Fsettings").await;
    assert_eq!((arrived.status, arrived.header("location")), (StatusCode::SEE_OTHER, "/settings"));
    let first = me(&client).await;
    assert_eq!(first["email"], "ann@example.com");
    assert_eq!((&first["email_verified"], &first["has_password"]), (&json!(true), &json!(false)));
    assert_eq!(first["display_name"], "ann");
    assert!(client.cookie("__Host-gate-provider").is_none(), "the secret of the way is forgotten");
    assert!(pair.app.letter_to("ann@example.com").await.contains("provider-opened"));
    // The clock stands still: letters of one millisecond would have no order.
    pair.app.platform.clock().advance(Duration::from_millis(1));
    let other = pair.app.client();
    pair.foreign.is_now(json!({ "sub": "ann", "email": "changed@example.com", "email_verified": true }));
    pair.go(&other, "").await;
    assert_eq!(me(&other).await["id"], first["id"], "known by the subject, whatever the address");
    assert!(pair.app.letter_to("ann@example.com").await.contains("new-device"), "as after a password");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_is_turned_back_still_gets_where_they_were_going(db: PgPool) {
    let pair = Pair::start(db).await;
    pair.foreign.claim(json!({ "nonce": "another" }));
    let answer = pair.go(&pair.app.client(), "?next=%2Fsettings").await;
    assert_eq!(answer.header("location"), "/login?next=%2Fsettings");
    let answer = pair.go(&pair.app.client(), "?next=%2Flogin%3Fknown%3D1").await;
    assert_eq!(answer.header("location"), "/login?known=1", "no page inside itself");
    let answer = pair.go(&pair.app.client(), "?next=%2F%2Fevil.example").await;
    assert_eq!(answer.header("location"), "/login");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_link_on_another_site_leads_to_our_door_and_no_further(db: PgPool) {
    let pair = Pair::start(db).await;
    let ours = pair.app.state.config().http.public_url.clone();
    let begins = async |headers: &[(&str, &str)], parameters: &str| {
        let client = pair.app.client();
        let path = format!("/auth/test/start{parameters}");
        let request = headers
            .iter()
            .fold(client.request(Method::GET, &path), |request, (name, value)| request.header(*name, *value));
        let answer = client.send(request.body(Body::empty()).expect("valid")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{headers:?}");
        let is_begun = client.cookie("__Host-gate-provider").is_some();
        assert_eq!(is_begun, answer.header("location").starts_with(&pair.foreign.issuer), "{headers:?}");
        (is_begun, answer.header("location").to_owned())
    };
    for elsewhere in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("referer", ours.as_str())],
        &[("referer", "https://evil.example/")],
        &[("referer", "nonsense")],
    ] {
        assert_eq!(begins(elsewhere, "").await, (false, "/login".to_owned()), "{elsewhere:?}");
        let onward = begins(elsewhere, "?next=%2Fsettings").await;
        assert_eq!(onward, (false, "/login?next=%2Fsettings".to_owned()), "{elsewhere:?}");
        let astray = begins(elsewhere, "?next=%2F%2Fevil.example").await;
        assert_eq!(astray, (false, "/login".to_owned()), "{elsewhere:?}");
    }
    for own in [
        &[("sec-fetch-site", "same-origin")][..],
        &[("sec-fetch-site", "none")],
        &[("referer", ours.as_str())],
        &[],
    ] {
        assert!(begins(own, "").await.0, "{own:?}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_link_onward_never_leaves_the_site(db: PgPool) {
    let pair = Pair::start(db).await;
    for forged in ["%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2F%5Cevil.example"] {
        let arrived = pair.go(&pair.app.client(), &format!("?next={forged}")).await;
        assert_eq!(arrived.header("location"), "/", "{forged}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_id_token_that_is_not_for_this_sign_in_is_refused(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let now = pair.app.platform.now().unix_seconds();
    for claims in [
        json!({ "iss": "https://evil.example" }),
        json!({ "aud": "another" }),
        json!({ "aud": ["gate/1", "another"] }),
        json!({ "azp": "another" }),
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "exp": now - 61 }),
        json!({ "iat": now + 3600, "exp": now + 7200 }),
        json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }),
    ] {
        pair.foreign.claim(claims.clone());
        let client = pair.app.client();
        let answer = pair.go(&client, "").await;
        stays_out(&client, &answer, UNPROVED).await;
    }
    pair.foreign.claim(json!({}));
    for fault in [Fault::Unsigned, Fault::Symmetric, Fault::ForeignKey, Fault::RedirectsTokens] {
        pair.foreign.break_by(fault);
        let client = pair.app.client();
        let answer = pair.go(&client, "").await;
        told(&client, &answer, "/login").await;
        assert!(client.cookie("__Host-gate").is_none(), "{fault:?}");
    }
    let noted = trail(&db, "federation.refused").await;
    assert!(noted.iter().any(|detail| detail["reason"].as_str().is_some_and(|why| why.contains("nonce"))));
    assert!(noted.iter().any(|detail| detail["reason"].as_str().is_some_and(|why| why.contains("ES256"))));
    assert_eq!(people(&db).await, 0);
}

/// How many accounts there are.
pub(crate) async fn people(db: &PgPool) -> i64 {
    sqlx::raw_sql("SELECT count(*) FROM users").fetch_one(db).await.expect("counts").get(0)
}

/// What the trail says of an act, oldest first.
pub(crate) async fn trail(db: &PgPool, action: &str) -> Vec<Value> {
    let mut tx = db.begin().await.expect("begins");
    sqlx::raw_sql("SELECT set_config('app.site', 'on', true)").execute(&mut *tx).await.expect("may read");
    let rows = sqlx::raw_sql("SELECT action, detail FROM audit_entries ORDER BY seq").fetch_all(&mut *tx);
    let rows = rows.await.expect("entries").into_iter().map(|row| (row.get::<String, _>(0), row.get(1)));
    rows.filter(|(found, _)| found == action).map(|(_, detail)| detail).collect()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_provider_may_change_its_keys_but_cannot_make_us_ask_all_the_time(db: PgPool) {
    let pair = Pair::start(db).await;
    pair.go(&pair.app.client(), "").await;
    assert_eq!(pair.foreign.keys_read(), 1);
    pair.go(&pair.app.client(), "").await;
    assert_eq!(pair.foreign.keys_read(), 1, "kept");
    pair.foreign.change_key("second");
    let client = pair.app.client();
    pair.go(&client, "").await;
    assert_eq!(me(&client).await["email"], "ann@example.com");
    assert_eq!(pair.foreign.keys_read(), 2);
    pair.foreign.change_key("third");
    let early = pair.app.client();
    let answer = pair.go(&early, "").await;
    stays_out(&early, &answer, UNPROVED).await;
    assert_eq!(pair.foreign.keys_read(), 2, "not within a minute");
    pair.app.platform.clock().advance(Duration::from_mins(1));
    let later = pair.app.client();
    pair.go(&later, "").await;
    assert_eq!(me(&later).await["email"], "ann@example.com");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_way_back_is_good_once_and_for_the_browser_that_left(db: PgPool) {
    let pair = Pair::start(db).await;
    let client = pair.app.client();
    let brought = pair.leave(&client, "").await;
    let stranger = pair.app.client();
    let answer = come_back(&stranger, &brought).await;
    stays_out(&stranger, &answer, STALE).await;
    let with_their_own = pair.app.client();
    pair.leave(&with_their_own, "").await;
    let answer = come_back(&with_their_own, &brought).await;
    stays_out(&with_their_own, &answer, STALE).await;
    let secret = client.cookie("__Host-gate-provider").expect("kept");
    come_back(&client, &brought).await;
    assert_eq!(me(&client).await["email"], "ann@example.com", "what strangers tried took nothing away");
    let copy = pair.app.client();
    copy.set_cookie("__Host-gate-provider", &secret);
    let answer = come_back(&copy, &brought).await;
    stays_out(&copy, &answer, STALE).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_way_back_with_another_state_code_or_too_late_leads_nowhere(db: PgPool) {
    let pair = Pair::start(db).await;
    for (name, value, why) in [
        ("state", "A".repeat(43), STALE),
        ("state", String::new(), STALE),
        ("code", "invented".to_owned(), UNPROVED),
        ("code", String::new(), UNPROVED),
        ("error", "access_denied".to_owned(), "did not agree"),
        ("error", "server_error".to_owned(), UNPROVED),
        ("iss", "https://evil.example".to_owned(), UNPROVED),
    ] {
        let client = pair.app.client();
        let mut brought = pair.leave(&client, "").await;
        brought.insert(name.to_owned(), value);
        let answer = come_back(&client, &brought).await;
        stays_out(&client, &answer, why).await;
    }
    let client = pair.app.client();
    let brought = pair.leave(&client, "").await;
    pair.app.platform.clock().advance(Duration::from_mins(10));
    let answer = come_back(&client, &brought).await;
    stays_out(&client, &answer, STALE).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_issuer_of_an_answer_is_missed_where_it_was_promised(db: PgPool) {
    let pair = Pair::start(db).await;
    pair.foreign.configure(json!({ "authorization_response_iss_parameter_supported": true }));
    let silent = pair.app.client();
    let answer = pair.go(&silent, "").await;
    stays_out(&silent, &answer, UNPROVED).await;
    let client = pair.app.client();
    let mut brought = pair.leave(&client, "").await;
    brought.insert("iss".into(), pair.foreign.issuer.clone());
    come_back(&client, &brought).await;
    assert_eq!(me(&client).await["email"], "ann@example.com");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_code_of_another_browser_is_worth_nothing_here(db: PgPool) {
    let pair = Pair::start(db).await;
    let (ann, thief) = (pair.app.client(), pair.app.client());
    let stolen = pair.leave(&ann, "").await;
    let mut brought = pair.leave(&thief, "").await;
    brought.insert("code".into(), stolen["code"].clone());
    let answer = come_back(&thief, &brought).await;
    stays_out(&thief, &answer, UNPROVED).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_provider_that_is_away_slow_or_endless_leaves_the_password(db: PgPool) {
    const AWAY: &str = "cannot be reached";
    let pair = Pair::start(db).await;
    drop(pair.app.member("bob@example.com").await);
    for fault in [Fault::Slow, Fault::HugeKeys] {
        pair.foreign.break_by(fault);
        let client = pair.app.client();
        let answer = pair.go(&client, "").await;
        stays_out(&client, &answer, AWAY).await;
        pair.app.platform.clock().advance(Duration::from_secs(5));
    }
    let typed = json!({ "email": "bob@example.com", "password": PASSWORD });
    expect_done(&pair.app.client().post("/api/v1/identity/sign-in", &typed).await);
    pair.foreign.break_by(Fault::None);
    let client = pair.app.client();
    pair.go(&client, "").await;
    assert_eq!(me(&client).await["email"], "ann@example.com", "it came back by itself");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_configuration_is_not_followed_to_other_hosts(db: PgPool) {
    for (fault, why) in [(Fault::LeadsElsewhere, UNPROVED), (Fault::Down, "cannot be reached")] {
        let pair = Pair::start(db.clone()).await;
        pair.foreign.break_by(fault);
        let client = pair.app.client();
        let answer = start(&client, "").await;
        assert!(client.cookie("__Host-gate-provider").is_none());
        stays_out(&client, &answer, why).await;
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn doors_offer_what_is_configured_and_nothing_else(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    for page in ["/login", "/register"] {
        let html = pair.app.client().get(page).await.text();
        assert!(
            html.contains("href=\"/auth/test/start\"") && html.contains("Continue with "),
            "{page}: {html}"
        );
    }
    let onward = pair.app.client().get("/login?next=%2Fsettings").await.text();
    assert!(onward.contains("/auth/test/start?next=%2Fsettings"), "{onward}");
    let list = pair.app.client().get("/api/v1/federation/providers").await;
    assert_eq!(list.json()["items"], json!([{ "id": "test", "name": "Test" }]));
    assert!(!list.text().contains(SECRET));
    assert_eq!(pair.app.client().get("/auth/google/start").await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        pair.app.client().get("/auth/google/callback?state=a&code=b").await.status,
        StatusCode::NOT_FOUND
    );
    let bare = App::start(db).await;
    let html = bare.client().get("/login").await.text();
    assert!(!html.contains("/auth/") && !html.contains("Continue with"), "{html}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn ways_are_counted_like_tries_of_a_password(db: PgPool) {
    let now = domain::platform::clock::Clock::system().now();
    let foreign = Foreign::start(now).await;
    let mut parts = domain::platform::testing::parts(db, now);
    parts.providers = domain::platform::providers::Providers::new(
        vec![foreign.settings("test", ProviderKind::Oidc)],
        &domain::platform::outbound::Outbound::new(Duration::from_secs(1)),
    );
    let app = App::start_with(domain::platform::Platform::new(parts), &[]).await;
    for _ in 0..10 {
        assert_eq!(start(&app.client(), "").await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(start(&app.client(), "").await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn github_names_people_by_their_number_and_primary_address(db: PgPool) {
    let pair = Pair::start_with(db, ProviderKind::Github, |_| ()).await;
    let email = |address: &str, primary: bool, verified: bool| json!({ "email": address, "primary": primary, "verified": verified, "visibility": null });
    for unusable in
        [json!([]), json!([email("a@example.com", true, false), email("b@example.com", false, true)])]
    {
        pair.foreign.has_emails(unusable);
        let client = pair.app.client();
        let answer = pair.go(&client, "").await;
        stays_out(&client, &answer, "has not confirmed your e-mail address").await;
    }
    pair.foreign.has_emails(json!([email("b@example.com", false, true), email("a@example.com", true, true)]));
    let client = pair.app.client();
    pair.go(&client, "").await;
    let viewer = me(&client).await;
    assert_eq!((&viewer["email"], &viewer["display_name"]), (&json!("a@example.com"), &json!("ann")));
    // What an ID token would say is of no interest here.
    pair.foreign.is_now(person("bob"));
    let again = pair.app.client();
    pair.go(&again, "").await;
    assert_eq!(me(&again).await["id"], viewer["id"]);
}
