//! Which account somebody comes into by a provider, and what is still asked of them.

use axum::http::StatusCode;
use domain::platform::providers::ProviderKind;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    client::Client,
    federation::{Pair, me, people, told, trail},
    harness::{PASSWORD, code, expect_done},
    provider::person,
};

const ANN: &str = "ann@example.com";

async fn password_opens(pair: &Pair, password: &str) -> bool {
    let typed = json!({ "email": ANN, "password": password });
    pair.app.client().post("/api/v1/identity/sign-in", &typed).await.status.is_success()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_address_alone_opens_no_account_that_somebody_has_confirmed(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    drop(pair.app.member(ANN).await);
    let client = pair.app.client();
    let answer = pair.go(&client, "").await;
    let way = "/login?known=1&next=%2Faccount%2Fsecurity%3Fconnect%3Dtest";
    let page = told(&client, &answer, way).await;
    assert!(client.cookie("__Host-gate").is_none());
    assert!(page.contains("There is an account with this address already"), "{page}");
    assert!(trail(&db, "federation.connected").await.is_empty());
    sqlx::raw_sql("UPDATE users SET locked_at = now()").execute(&db).await.expect("locks");
    let answer = pair.go(&client, "").await;
    assert_eq!(answer.header("location"), way, "a locked one looks the same");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_address_that_the_provider_does_not_vouch_for_is_nobodys(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    for (name, value) in [
        ("email_verified", json!(false)),
        ("email_verified", json!("true")),
        ("email_verified", Value::Null),
        ("email", json!("ann@localhost")),
        ("email", json!("")),
    ] {
        let mut ann = person("ann");
        ann[name] = value.clone();
        pair.foreign.is_now(ann);
        let client = pair.app.client();
        let answer = pair.go(&client, "").await;
        let page = told(&client, &answer, "/login").await;
        assert!(page.contains("has not confirmed your e-mail address"), "{name} {value}: {page}");
    }
    assert_eq!(people(&db).await, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_registered_an_address_before_its_owner_gains_nothing(db: PgPool) {
    let pair = Pair::start(db).await;
    let squatter = "seven green lanterns";
    let typed = json!({ "email": ANN, "password": squatter, "display_name": "Owned" });
    expect_done(&pair.app.client().post("/api/v1/identity/register", &typed).await);
    let link = pair.app.token_for(ANN).await;
    let client = pair.app.client();
    pair.go(&client, "").await;
    let viewer = me(&client).await;
    assert_eq!((&viewer["email"], &viewer["display_name"]), (&json!(ANN), &json!("ann")));
    assert_eq!(viewer["has_password"], false);
    assert!(!password_opens(&pair, squatter).await, "the password of the first registration is forgotten");
    let late = pair.app.client().post("/api/v1/identity/verify-email", &json!({ "token": link })).await;
    assert_eq!(late.problem(), "token-refused", "so is its link");
    assert!(!password_opens(&pair, squatter).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_locked_account_stays_shut(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    pair.go(&pair.app.client(), "").await;
    sqlx::raw_sql("UPDATE users SET locked_at = now()").execute(&db).await.expect("locks");
    let client = pair.app.client();
    let answer = pair.go(&client, "").await;
    assert!(told(&client, &answer, "/login").await.contains("Your account is locked"));
    assert!(client.cookie("__Host-gate").is_none());
    assert_eq!(trail(&db, "identity.sign-in-refused").await, [json!({ "reason": "locked" })]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_locked_address_that_nobody_confirmed_is_not_opened_by_a_provider(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let typed = json!({ "email": ANN, "password": PASSWORD });
    expect_done(&pair.app.client().post("/api/v1/identity/register", &typed).await);
    sqlx::raw_sql("UPDATE users SET locked_at = now()").execute(&db).await.expect("locks");
    let client = pair.app.client();
    let answer = pair.go(&client, "").await;
    assert!(answer.header("location").starts_with("/login?known=1"), "{}", answer.header("location"));
    assert!(client.cookie("__Host-gate").is_none());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_provider_may_be_for_people_who_have_an_account(db: PgPool) {
    let pair = Pair::start_with(db.clone(), ProviderKind::Oidc, |it| it.opens_accounts = false).await;
    let client = pair.app.client();
    let answer = pair.go(&client, "").await;
    assert!(told(&client, &answer, "/login").await.contains("opens none here"));
    drop(pair.app.member(ANN).await);
    let known = pair.go(&client, "").await;
    assert!(known.header("location").starts_with("/login?known=1"));
}

const CLOSED: &str = "UPDATE site_settings SET registration = 'closed', allowed_domains = '{}'";
const FOR_OTHERS: &str = "UPDATE site_settings SET registration = 'open', allowed_domains = '{example.org}'";
const FOR_ANN: &str = "UPDATE site_settings SET registration = 'open', allowed_domains = '{example.com}'";

/// What administrators have chosen.
async fn choose(db: &PgPool, settings: &'static str) {
    sqlx::raw_sql(settings).execute(db).await.expect("chosen");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_may_not_register_gets_no_account_by_a_provider_either(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let client = pair.app.client();
    for (settings, why) in [(CLOSED, "takes no new ones"), (FOR_OTHERS, "takes no addresses of this domain")]
    {
        choose(&db, settings).await;
        let answer = pair.go(&client, "").await;
        let page = told(&client, &answer, "/login").await;
        assert!(page.contains(why), "{page}");
    }
    assert_eq!(people(&db).await, 0);
    choose(&db, FOR_ANN).await;
    pair.go(&client, "").await;
    let id = me(&client).await["id"].clone();
    choose(&db, FOR_OTHERS).await;
    let again = pair.app.client();
    pair.go(&again, "").await;
    assert_eq!(me(&again).await["id"], id, "an account that there is stays open");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_registration_that_nobody_confirmed_is_no_way_around_closed_doors(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let typed = json!({ "email": ANN, "password": PASSWORD });
    expect_done(&pair.app.client().post("/api/v1/identity/register", &typed).await);
    choose(&db, CLOSED).await;
    let client = pair.app.client();
    let answer = pair.go(&client, "").await;
    assert!(told(&client, &answer, "/login").await.contains("takes no new ones"));
    assert!(client.cookie("__Host-gate").is_none());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn where_an_invitation_is_needed_a_newcomer_by_a_provider_needs_one_for_their_address(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    choose(&db, "UPDATE site_settings SET registration = 'invited', allowed_domains = '{}'").await;
    let client = pair.app.client();
    let answer = pair.go(&client, "").await;
    assert!(told(&client, &answer, "/login").await.contains("by invitation only"));
    for (email, is_in) in [("bob@example.com", false), (ANN, true)] {
        let invite = format!(
            "INSERT INTO invitations (id, email, token_hash, created_at, sent_at, expires_at)
             VALUES (gen_random_uuid(), '{email}', sha256('{email}'), now(), now(), now() + interval '1 day')"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(invite)).execute(&db).await.expect("invites");
        let answer = pair.go(&client, "").await;
        assert_eq!(client.cookie("__Host-gate").is_some(), is_in, "{email}: {}", answer.header("location"));
    }
    let left = sqlx::raw_sql("SELECT email FROM invitations").fetch_all(&db).await.expect("rows").len();
    assert_eq!(left, 1, "only theirs is used up");
    let again = pair.app.client();
    pair.go(&again, "").await;
    assert!(again.cookie("__Host-gate").is_some(), "an account that there is stays open");
}

/// Turns the second factor on; answers the secret.
async fn guard(pair: &Pair, client: &Client) -> String {
    let started = client.post("/api/v1/second-factor/start", &json!({})).await;
    expect_done(&started);
    let secret = started.json()["secret"].as_str().expect("a secret").to_owned();
    let first = code(&secret, pair.app.platform.now());
    expect_done(&client.post("/api/v1/second-factor/confirm", &json!({ "code": first })).await);
    secret
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_second_factor_is_asked_after_a_provider_as_well(db: PgPool) {
    let pair = Pair::start(db).await;
    let client = pair.app.client();
    pair.go(&client, "").await;
    let secret = guard(&pair, &client).await;
    let half_way = pair.app.client();
    let answer = pair.go(&half_way, "?next=%2Fsettings").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/2fa/verify"));
    assert!(half_way.cookie("__Host-gate").is_none());
    let refused = half_way.get("/api/v1/identity/me").await;
    assert_eq!(refused.problem(), "second-factor-required");
    pair.app.platform.clock().advance(std::time::Duration::from_secs(30));
    let next = code(&secret, pair.app.platform.now());
    expect_done(&half_way.post("/api/v1/second-factor/verify", &json!({ "code": next })).await);
    assert_eq!(me(&half_way).await["email"], ANN);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_by_the_operators_choice_does_a_provider_stand_for_the_second_factor(db: PgPool) {
    let pair = Pair::start_with(db.clone(), ProviderKind::Oidc, |it| it.replaces_second_factor = true).await;
    let client = pair.app.client();
    pair.go(&client, "").await;
    guard(&pair, &client).await;
    let again = pair.app.client();
    pair.go(&again, "").await;
    assert_eq!(me(&again).await["email"], ANN);
    let factors = trail(&db, "identity.signed-in").await;
    assert_eq!(factors.last().map(|detail| &detail["second_factor"]), Some(&json!("provider")));
    let refused = again.post("/api/v1/second-factor/disable", &json!({})).await;
    assert_eq!(refused.problem(), "step-up-required", "it is no fresh proof where there is a code");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_sign_in_has_to_be_as_strong_as_the_operator_asks(db: PgPool) {
    let acr = vec!["urn:gold".to_owned(), "urn:silver".to_owned()];
    let pair = Pair::start_with(db.clone(), ProviderKind::Oidc, |it| it.acr = acr).await;
    for weak in [json!({}), json!({ "acr": null }), json!({ "acr": "urn:bronze" }), json!({ "acr": "" })] {
        pair.foreign.claim(weak.clone());
        let client = pair.app.client();
        let answer = pair.go(&client, "").await;
        assert!(told(&client, &answer, "/login").await.contains("could not be verified"), "{weak}");
        assert!(client.cookie("__Host-gate").is_none(), "{weak}");
    }
    assert_eq!(people(&db).await, 0);
    let refused = trail(&db, "federation.refused").await;
    assert!(refused.iter().all(|it| it["reason"].as_str().is_some_and(|why| why.contains("as strong"))));
    pair.foreign.claim(json!({ "acr": "urn:silver" }));
    let client = pair.app.client();
    let sent = crate::federation::start(&client, "").await;
    assert!(
        sent.header("location").contains("acr_values=urn%3Agold+urn%3Asilver"),
        "{}",
        sent.header("location")
    );
    pair.go(&client, "").await;
    assert_eq!(me(&client).await["email"], ANN);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn arrivals_at_once_are_one_account(db: PgPool) {
    let pair = Pair::start(db.clone()).await;
    let clients: Vec<Client> = (0..5).map(|_| pair.app.client()).collect();
    let mut ways = Vec::new();
    for client in &clients {
        ways.push(pair.leave(client, "").await);
    }
    let arrivals =
        clients.iter().zip(&ways).map(|(client, brought)| crate::federation::come_back(client, brought));
    futures::future::join_all(arrivals).await;
    assert_eq!(people(&db).await, 1);
    let last = pair.app.client();
    pair.go(&last, "").await;
    assert_eq!(me(&last).await["email"], ANN);
}
