//! Connecting a provider with an account, disconnecting it, and proving by it who one is.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use domain::platform::providers::ProviderKind;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    client::Client,
    federation::{Pair, come_back, me, start, told, trail},
    harness::{PASSWORD, expect_done},
    passkeys::add,
    provider::person,
    soft_key::SoftKey,
};

const ANN: &str = "ann@example.com";
const LINK: &str = "?link=1";
const PAGE: &str = "/account/security";

async fn ways(client: &Client) -> Value {
    let answer = client.get("/api/v1/federation/ways").await;
    expect_done(&answer);
    answer.json()
}

async fn disconnect(client: &Client) -> crate::client::Answer {
    let id = ways(client).await["items"][0]["id"].clone();
    client.post("/api/v1/federation/disconnect", &json!({ "id": id })).await
}

/// What a fresh proof takes.
async fn needs(client: &Client) -> Value {
    let answer = client.get("/api/v1/identity/step-up-needs").await;
    expect_done(&answer);
    answer.json()
}

fn age(pair: &Pair) {
    pair.app.platform.clock().advance(domain::access::STEP_UP_MAX_AGE + Duration::from_secs(1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_account_is_connected_by_its_owner_and_disconnected(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let member = pair.app.member(ANN).await;
    let id = me(&member).await["id"].clone();
    // At the provider they have another address, which matters to nobody.
    pair.foreign.is_now(person("elsewhere"));
    let answer = pair.go(&member, LINK).await;
    let page = told(&member, &answer, PAGE).await;
    assert!(page.contains("It is connected") && page.contains("elsewhere@example.com"), "{page}");
    assert!(pair.app.letter_to(ANN).await.contains("provider-connected"));
    assert_eq!(trail(&db, "federation.connected").await, [json!({ "provider": "test" })]);
    let client = pair.app.client();
    pair.go(&client, "").await;
    assert_eq!(me(&client).await["id"], id);
    pair.app.platform.clock().advance(Duration::from_millis(1));
    expect_done(&disconnect(&member).await);
    assert!(pair.app.letter_to(ANN).await.contains("provider-disconnected"));
    assert_eq!(trail(&db, "federation.disconnected").await, [json!({ "provider": "test" })]);
    let after = pair.app.client();
    pair.go(&after, "").await;
    assert_ne!(me(&after).await["id"], id, "somebody else to us now");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn connecting_needs_a_fresh_proof_and_a_page_of_ours(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let member = pair.app.member(ANN).await;
    let asked = "/account/security?connect=test";
    for site in ["cross-site", "same-site", "none"] {
        let request = member.request(Method::GET, "/auth/test/start?link=1").header("sec-fetch-site", site);
        let answer = member.send(request.body(Body::empty()).expect("valid")).await;
        assert_eq!(answer.header("location"), asked, "{site}");
    }
    let silent =
        member.request(Method::GET, "/auth/test/start?link=1").header("referer", "https://evil.example/");
    let answer = member.send(silent.body(Body::empty()).expect("valid")).await;
    assert_eq!(answer.header("location"), asked);
    age(&pair);
    let old = start(&member, LINK).await;
    let page = told(&member, &old, asked).await;
    assert!(page.contains("Confirm that it is you"), "{page}");
    assert!(member.cookie("__Host-gate-provider").is_none(), "no way was begun");
    let proved = member.submit("/api/v1/identity/step-up", asked, &[("password", PASSWORD)]).await;
    let page = told(&member, &proved, asked).await;
    assert!(
        page.contains("choose the provider once more") && page.contains("/auth/test/start?link=1"),
        "{page}"
    );
    pair.go(&member, LINK).await;
    assert_eq!(ways(&member).await["items"][0]["name"], "Test");
    let nobody = pair.app.client();
    let answer = start(&nobody, LINK).await;
    assert_eq!(answer.header("location"), asked);
    assert!(nobody.get(asked).await.header("location").starts_with("/login"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_way_that_began_in_one_session_connects_nothing_in_another(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let ann = pair.app.member(ANN).await;
    let bob = pair.app.member("bob@example.com").await;
    let brought = pair.leave(&ann, LINK).await;
    // Even with the secret of the way.
    bob.set_cookie("__Host-gate-provider", &ann.cookie("__Host-gate-provider").expect("kept"));
    let answer = come_back(&bob, &brought).await;
    assert!(told(&bob, &answer, PAGE).await.contains("began in another browser"));
    let brought = pair.leave(&ann, LINK).await;
    expect_done(&ann.post("/api/v1/identity/sign-out", &json!({})).await);
    let answer = come_back(&ann, &brought).await;
    told(&ann, &answer, "/login").await;
    assert!(trail(&db, "federation.connected").await.is_empty());
    // A way to connect signs nobody in.
    assert!(ann.cookie("__Host-gate").is_none());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_is_two_people_and_nobody_has_two_of_one_provider(db: PgPool) {
    let pair = Pair::start(db).await;
    let ann = pair.app.member(ANN).await;
    pair.go(&ann, LINK).await;
    let again = pair.go(&ann, LINK).await;
    assert!(told(&ann, &again, PAGE).await.contains("It is connected"), "the same once more changes nothing");
    assert_eq!(ways(&ann).await["items"].as_array().map(Vec::len), Some(1));
    let bob = pair.app.member("bob@example.com").await;
    let taken = pair.go(&bob, LINK).await;
    assert!(told(&bob, &taken, PAGE).await.contains("connected with another account here"));
    pair.foreign.is_now(person("second"));
    let another = pair.go(&ann, LINK).await;
    assert!(told(&ann, &another, PAGE).await.contains("Disconnect that one first"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_last_way_in_stays(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let client = pair.app.client();
    pair.go(&client, "").await;
    let refused = disconnect(&client).await;
    assert_eq!((refused.status, refused.problem()), (StatusCode::CONFLICT, "conflict".to_owned()));
    assert_eq!(refused.json()["errors"][0]["problem"], "last-way-in");
    // A password by letter is another way.
    expect_done(&client.post("/api/v1/identity/forgot-password", &json!({ "email": ANN })).await);
    pair.app.platform.clock().advance(Duration::from_millis(1));
    let token = pair.app.token_for(ANN).await;
    let typed = json!({ "token": token, "password": PASSWORD });
    expect_done(&client.post("/api/v1/identity/reset-password", &typed).await);
    pair.go(&client, "").await;
    expect_done(&disconnect(&client).await);
}

/// Somebody whom the provider signs in and who has added a passkey, and what removes it.
async fn keyed(pair: &Pair) -> (Client, Value) {
    let client = pair.app.client();
    pair.go(&client, "").await;
    let added = add(&client, &mut SoftKey::new()).await;
    (client, json!({ "id": added["passkey"]["id"] }))
}

async fn remove(client: &Client, passkey: &Value) -> crate::client::Answer {
    client.post("/api/v1/second-factor/passkey-remove", passkey).await
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_passkey_is_another_way_in(db: PgPool) {
    let pair = Pair::start(db).await;
    let (client, passkey) = keyed(&pair).await;
    expect_done(&disconnect(&client).await);
    pair.go(&client, LINK).await;
    expect_done(&remove(&client, &passkey).await);
    assert_eq!(disconnect(&client).await.problem(), "conflict", "now there is no other");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_last_passkey_stays_where_there_is_neither_password_nor_provider(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let (client, passkey) = keyed(&pair).await;
    expect_done(&disconnect(&client).await);
    let refused = remove(&client, &passkey).await;
    assert_eq!((refused.status, refused.problem()), (StatusCode::CONFLICT, "conflict".to_owned()));
    assert_eq!(refused.json()["errors"][0]["problem"], "last-way-in");
    let listed = client.get("/api/v1/second-factor/passkeys").await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "it is still there");
    assert!(trail(&db, "second-factor.passkey-removed").await.is_empty());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_two_last_ways_that_end_at_once_one_stays(db: PgPool) {
    let pair = Pair::start(db).await;
    let (client, passkey) = keyed(&pair).await;
    let id = json!({ "id": ways(&client).await["items"][0]["id"] });
    let by_provider = client.post("/api/v1/federation/disconnect", &id);
    let (by_passkey, by_provider) = futures::future::join(remove(&client, &passkey), by_provider).await;
    let done = [&by_passkey, &by_provider].into_iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(done, 1, "{} {}", by_passkey.text(), by_provider.text());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_connection_is_ended_by_its_owner_alone_and_with_a_fresh_proof(db: PgPool) {
    let pair = Pair::start(db).await;
    let ann = pair.app.member(ANN).await;
    pair.go(&ann, LINK).await;
    let id = ways(&ann).await["items"][0]["id"].clone();
    let bob = pair.app.member("bob@example.com").await;
    let path = "/api/v1/federation/disconnect";
    assert_eq!(bob.post(path, &json!({ "id": id })).await.problem(), "not-found");
    assert_eq!(ann.post(path, &json!({})).await.problem(), "invalid-input");
    assert_eq!(ann.post(path, &json!({ "id": "x" })).await.problem(), "malformed-request");
    age(&pair);
    assert_eq!(ann.post(path, &json!({ "id": id })).await.problem(), "step-up-required");
    assert_eq!(ways(&ann).await["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(ways(&ann).await["is_proved"], false);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_plain_form_disconnects(db: PgPool) {
    let pair = Pair::start(db).await;
    let ann = pair.app.member(ANN).await;
    pair.go(&ann, LINK).await;
    let id = ways(&ann).await["items"][0]["id"].as_str().expect("an id").to_owned();
    let sent = ann.submit("/api/v1/federation/disconnect", PAGE, &[("id", &id)]).await;
    assert!(told(&ann, &sent, PAGE).await.contains("It is disconnected"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_a_password_the_provider_proves_who_it_is(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let client = pair.app.client();
    pair.go(&client, "").await;
    let before = client.cookie("__Host-gate");
    age(&pair);
    assert_eq!(disconnect(&client).await.problem(), "step-up-required");
    let test = json!([{ "id": "test", "name": "Test" }]);
    assert_eq!(needs(&client).await, json!({ "proof": "provider", "passkey": false, "providers": test }));
    let typed = client.post("/api/v1/identity/step-up", &json!({ "password": PASSWORD })).await;
    assert_eq!(typed.problem(), "invalid-input", "there is none to be typed");
    let prove = "?prove=1&next=%2Faccount%2Ftokens";
    let now = pair.app.platform.now().unix_seconds();
    let fresh = json!({ "iat": now, "exp": now + 300, "auth_time": now - 300 });
    for stale in [json!({ "auth_time": now - 361 }), json!({ "auth_time": null })] {
        let mut claims = fresh.clone();
        claims["auth_time"] = stale["auth_time"].clone();
        pair.foreign.claim(claims);
        let answer = pair.go(&client, prove).await;
        assert!(told(&client, &answer, PAGE).await.contains("could not be verified"));
    }
    pair.foreign.claim(fresh);
    pair.foreign.is_now(person("somebody-else"));
    let answer = pair.go(&client, prove).await;
    assert!(told(&client, &answer, PAGE).await.contains("not the account at the provider"));
    pair.foreign.is_now(person("ann"));
    let answer = pair.go(&client, prove).await;
    assert_eq!(answer.header("location"), "/account/tokens");
    assert_ne!(client.cookie("__Host-gate"), before, "a new secret");
    assert_eq!(disconnect(&client).await.problem(), "conflict", "the proof counts");
    assert_eq!(trail(&db, "identity.stepped-up").await.len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_sign_in_counts_as_a_fresh_proof_only_where_the_one_there_was_just_now(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let now = pair.app.platform.now().unix_seconds();
    for (when, is_fresh) in [
        (json!(now), true),
        (json!(now - 360), true),
        (json!(now - 361), false),
        (json!(now - 3 * 3600), false),
        (json!(now + 61), false),
        (json!(i64::MAX), false),
        (Value::Null, false),
    ] {
        pair.foreign.claim(json!({ "auth_time": when }));
        let client = pair.app.client();
        pair.go(&client, "").await;
        assert_eq!(me(&client).await["email"], ANN, "{when}: it signs in all the same");
        assert_eq!(ways(&client).await["is_proved"], is_fresh, "{when}");
        let refused = disconnect(&client).await.problem();
        assert_eq!(refused, if is_fresh { "conflict" } else { "step-up-required" }, "{when}");
    }
    // Whoever is taken along by the provider proves it there once more.
    pair.foreign.claim(json!({ "auth_time": now - 3600 }));
    let client = pair.app.client();
    pair.go(&client, "").await;
    pair.foreign.claim(json!({}));
    pair.go(&client, "?prove=1").await;
    assert_eq!(ways(&client).await["is_proved"], true);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_provider_is_asked_when_somebody_signed_in_there(db: PgPool) {
    let pair = Pair::start(db).await;
    let client = pair.app.client();
    let age = |answer: &crate::client::Answer| {
        let address = url::Url::parse(answer.header("location")).expect("an address");
        let found =
            address.query_pairs().find(|(name, _)| name == "max_age").map(|(_, age)| age.into_owned());
        found.and_then(|age| age.parse::<u32>().ok())
    };
    assert_eq!(
        age(&start(&client, "").await),
        Some(366 * 24 * 3600),
        "any sign-in is good, and it says when"
    );
    pair.go(&client, "").await;
    assert_eq!(age(&start(&client, "?prove=1").await), Some(300));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_provider_that_does_not_say_when_signs_in_and_proves_nothing_anew(db: PgPool) {
    let pair = Pair::start_with(db.clone(), ProviderKind::Github, |_| ()).await;
    let email = json!({ "email": ANN, "primary": true, "verified": true, "visibility": null });
    pair.foreign.has_emails(json!([email]));
    let client = pair.app.client();
    pair.go(&client, "").await;
    assert_eq!(ways(&client).await["is_proved"], false);
    assert_eq!(disconnect(&client).await.problem(), "step-up-required");
    assert_eq!(needs(&client).await, json!({ "proof": "provider", "passkey": false, "providers": [] }));
    let answer = start(&client, "?prove=1").await;
    assert!(told(&client, &answer, PAGE).await.contains("does not say when you signed in there"));
    assert!(client.cookie("__Host-gate-provider").is_none(), "no way was begun");
    // A password by letter proves it.
    expect_done(&client.post("/api/v1/identity/forgot-password", &json!({ "email": ANN })).await);
    pair.app.platform.clock().advance(Duration::from_millis(1));
    let token = pair.app.token_for(ANN).await;
    let typed = json!({ "token": token, "password": PASSWORD });
    expect_done(&client.post("/api/v1/identity/reset-password", &typed).await);
    pair.go(&client, "").await;
    expect_done(&client.post("/api/v1/identity/step-up", &json!({ "password": PASSWORD })).await);
    expect_done(&disconnect(&client).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_provider_does_not_take_the_place_of_a_code(db: PgPool) {
    let pair = Pair::start(db).await;
    let ann = pair.app.member(ANN).await;
    pair.go(&ann, LINK).await;
    let test = json!([{ "id": "test", "name": "Test" }]);
    assert_eq!(needs(&ann).await, json!({ "proof": "password", "passkey": false, "providers": test }));
    let started = ann.post("/api/v1/second-factor/start", &json!({})).await.json();
    let secret = started["secret"].as_str().expect("a secret");
    let code = crate::harness::code(secret, pair.app.platform.now());
    let before = pair.leave(&ann, "?prove=1").await;
    expect_done(&ann.post("/api/v1/second-factor/confirm", &json!({ "code": code })).await);
    age(&pair);
    let answer = come_back(&ann, &before).await;
    told(&ann, &answer, PAGE).await;
    let refused = start(&ann, "?prove=1").await;
    told(&ann, &refused, PAGE).await;
    assert_eq!(disconnect(&ann).await.problem(), "step-up-required");
    assert_eq!(needs(&ann).await, json!({ "proof": "code", "passkey": false, "providers": [] }));
    assert_eq!(me(&ann).await["step_up"], needs(&ann).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_says_that_it_was_not_them_is_rid_of_every_provider(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let ann = pair.app.member(ANN).await;
    pair.foreign.is_now(person("thief"));
    pair.go(&ann, LINK).await;
    pair.app.platform.clock().advance(Duration::from_millis(1));
    // A sign-in from a new browser tells the owner.
    pair.go(&pair.app.client(), "").await;
    let token = pair.app.token_for(ANN).await;
    expect_done(&pair.app.client().post("/api/v1/identity/not-me", &json!({ "token": token })).await);
    assert_eq!(trail(&db, "federation.disconnected").await.len(), 1);
    let thief = pair.app.client();
    pair.go(&thief, "").await;
    assert_ne!(me(&thief).await["email"], ANN);
}
