//! Scripts that sign in by address and password: against a real database.

use std::time::Duration;

use domain::{
    AppError,
    access::{Actor, Grant, Person, Purpose, Via},
    audit,
    identity::service as identity,
    platform::{Platform, testing},
    sessions::service as sessions,
    tokens::{
        TokenPair,
        service::{self, Credentials, OldKeys},
    },
};
use sqlx::PgPool;

use crate::{
    house::{House, PASSWORD},
    second_factor::{code, enrolled},
};

const ANN: &str = "ann@example.com";

async fn issue(
    house: &House,
    email: &str,
    password: &str,
    code: Option<String>,
) -> Result<TokenPair, AppError> {
    let typed = Credentials { email: email.into(), password: password.into(), code, captcha: None };
    service::issue(&house.nobody().anonymous(Purpose::SignIn), typed).await
}

async fn issued(house: &House) -> TokenPair {
    issue(house, ANN, PASSWORD, None).await.expect("issues")
}

async fn refresh(house: &House, token: &str) -> Result<TokenPair, AppError> {
    service::refresh(&house.nobody().anonymous(Purpose::Refresh), token).await
}

/// The person behind an access token.
async fn bearer(house: &House, pair: &TokenPair) -> Option<Person> {
    service::resolve_bearer(&house.platform, &pair.access_token).await.expect("resolves")
}

async fn families(db: &PgPool) -> i64 {
    sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM refresh_families"#)
        .fetch_one(db)
        .await
        .expect("counts")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_script_signs_in_and_acts_as_the_person(db: PgPool) {
    let house = House::new(db);
    let user = house.account(ANN).await;
    let pair = issued(&house).await;
    assert_eq!((pair.token_type.as_str(), pair.expires_in), ("Bearer", 900));
    let person = bearer(&house, &pair).await.expect("somebody");
    assert_eq!((person.user, &person.via), (user, &Via::AccessToken));
    let caller = house.caller(Actor::Person(person));
    let viewer = identity::me(&caller.signed_in().expect("signed in")).await.expect("a viewer");
    assert_eq!(viewer.email, ANN);
    assert!(!format!("{pair:?}").contains(&pair.refresh_token));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn where_the_operator_says_so_no_script_signs_in_by_a_password(db: PgPool) {
    let house = House::new(db.clone());
    house.account(ANN).await;
    let before = issued(&house).await;
    let mut parts = testing::parts(db.clone(), house.platform.now());
    parts.rules.tokens_by_password = false;
    let strict = House::on(Platform::new(parts));
    for (email, password) in
        [(ANN, PASSWORD), (ANN, "not the password at all"), ("nobody@example.com", PASSWORD)]
    {
        let refused = issue(&strict, email, password, None).await.map(drop);
        assert_eq!(refused, Err(AppError::NotAllowed), "{email}: the same for everybody");
    }
    assert_eq!(families(&db).await, 1);
    refresh(&strict, &before.refresh_token).await.expect("what is signed in goes on");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_door_for_scripts_answers_as_the_sign_in_page_does(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    house.register("new@example.com", PASSWORD).await;
    // In a known browser no captcha is asked; what it asks elsewhere is the same at both doors.
    house.cookie_of(ANN).await;
    let refused = async |email: &str, password: &str| {
        let scripts = issue(&house, email, password, None).await.map(drop);
        let page = house.sign_in(email, password).await.map(drop);
        assert_eq!(scripts, page, "{email}");
        scripts
    };
    assert_eq!(refused(ANN, "not my password").await, Err(AppError::WrongCredentials));
    assert_eq!(refused("bob@example.com", PASSWORD).await, Err(AppError::WrongCredentials));
    assert!(matches!(refused("new@example.com", PASSWORD).await, Err(AppError::EmailNotVerified { .. })));
    assert!(matches!(refused("ann", PASSWORD).await, Err(AppError::InvalidInput { .. })));
    assert!(matches!(refused(ANN, "").await, Err(AppError::InvalidInput { .. })));
    sqlx::query!("UPDATE users SET locked_at = now()").execute(&house.db).await.expect("locks");
    assert_eq!(refused(ANN, PASSWORD).await, Err(AppError::WrongCredentials));
    assert_eq!(families(&house.db).await, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_account_with_a_second_factor_needs_a_code_that_counts_once(db: PgPool) {
    let house = House::new(db);
    let (_, totp, _) = enrolled(&house).await;
    assert_eq!(issue(&house, ANN, PASSWORD, None).await.err(), Some(AppError::SecondFactorRequired));
    assert_eq!(
        issue(&house, ANN, "wrong", Some("000000".into())).await.err(),
        Some(AppError::WrongCredentials)
    );
    assert_eq!(issue(&house, ANN, PASSWORD, Some("000000".into())).await.err(), Some(AppError::CodeRefused));
    assert_eq!(families(&house.db).await, 0);
    let code = code(&house, &totp);
    assert!(issue(&house, ANN, PASSWORD, Some(code.clone())).await.is_ok());
    assert_eq!(issue(&house, ANN, PASSWORD, Some(code)).await.err(), Some(AppError::CodeRefused));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn each_refresh_counts_on_and_a_repetition_within_the_grace_gets_the_same(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let first = issued(&house).await;
    let second = refresh(&house, &first.refresh_token).await.expect("rotates");
    assert_ne!(second.refresh_token, first.refresh_token);
    house.platform.clock().advance(Duration::from_secs(29));
    let again = refresh(&house, &first.refresh_token).await.expect("the same again");
    assert_eq!(again.refresh_token, second.refresh_token);
    assert!(bearer(&house, &again).await.is_some());
    assert!(refresh(&house, &second.refresh_token).await.is_ok());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_from_the_past_ends_the_family_and_tells_its_owner(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let stolen = issued(&house).await;
    let other = issued(&house).await;
    let second = refresh(&house, &stolen.refresh_token).await.expect("rotates");
    house.platform.clock().advance(Duration::from_secs(30));
    assert_eq!(refresh(&house, &stolen.refresh_token).await.err(), Some(AppError::TokenRefused));
    assert_eq!(refresh(&house, &second.refresh_token).await.err(), Some(AppError::TokenRefused));
    assert!(
        bearer(&house, &second).await.is_none(),
        "what was signed in the family is worth nothing at once"
    );
    assert!(refresh(&house, &other.refresh_token).await.is_ok(), "another family goes on");
    let letters = house.letters().await;
    assert!(letters.iter().any(|letter| letter.contains("Subject: A script was signed out")), "{letters:?}");
    let entries: Vec<_> = house.trail("tokens").await.into_iter().map(|(action, _)| action).collect();
    let expected = [
        "tokens.issued",
        "tokens.signing-key-made",
        "tokens.issued",
        "tokens.refreshed",
        "tokens.refresh-token-copied",
        "tokens.refreshed",
    ];
    assert_eq!(entries, expected);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_storm_of_refreshes_leaves_one_family_and_nobody_signed_out(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let first = issued(&house).await;
    let storm = (0..50).map(|_| {
        let (grant, token) = (house.nobody().anonymous(Purpose::Refresh), first.refresh_token.clone());
        tokio::spawn(async move { service::refresh(&grant, &token).await })
    });
    let storm: Vec<_> = storm.collect();
    let mut next = std::collections::BTreeSet::new();
    for refresh in storm {
        let pair = refresh.await.expect("joins").expect("nobody is signed out");
        assert!(bearer(&house, &pair).await.is_some());
        next.insert(pair.refresh_token);
    }
    assert_eq!(next.len(), 1, "all got the same next token");
    assert_eq!(families(&house.db).await, 1);
    let counter = sqlx::query_scalar!("SELECT counter FROM refresh_families").fetch_one(&house.db).await;
    assert_eq!(counter.expect("a row"), 1, "it counted on once");
    let next = next.first().expect("a token");
    assert!(refresh(&house, next).await.is_ok());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_family_ends_after_a_week_unused_and_after_thirty_days_in_any_case(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let idle = issued(&house).await;
    let mut used = issued(&house).await;
    for day in 1..30 {
        house.platform.clock().advance(Duration::from_hours(24));
        used = refresh(&house, &used.refresh_token).await.expect("goes on");
        if day == 7 {
            assert_eq!(refresh(&house, &idle.refresh_token).await.err(), Some(AppError::TokenRefused));
            assert_eq!(service::sweep(&house.platform).await, Ok(1));
        }
    }
    house.platform.clock().advance(Duration::from_hours(24));
    assert!(bearer(&house, &used).await.is_none());
    assert_eq!(refresh(&house, &used.refresh_token).await.err(), Some(AppError::TokenRefused));
    assert_eq!(service::sweep(&house.platform).await, Ok(1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_holds_a_token_of_a_family_can_end_it_and_nobody_else_can(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let (pair, other) = (issued(&house).await, issued(&house).await);
    let grant = house.nobody().anonymous(Purpose::Refresh);
    assert_eq!(
        service::revoke(&grant, " ").await,
        Err(AppError::invalid("refresh_token", domain::FieldIssue::Required))
    );
    for nonsense in ["gater_AAAA", &pair.access_token] {
        assert_eq!(service::revoke(&grant, nonsense).await, Err(AppError::TokenRefused));
    }
    let forged = forged(&pair.refresh_token);
    assert_eq!(service::revoke(&grant, &forged).await, Ok(()));
    assert_eq!(refresh(&house, &forged).await.err(), Some(AppError::TokenRefused));
    assert_eq!(families(&house.db).await, 2);
    assert_eq!(service::revoke(&grant, &pair.refresh_token).await, Ok(()));
    assert_eq!(service::revoke(&grant, &pair.refresh_token).await, Ok(()));
    assert_eq!(refresh(&house, &pair.refresh_token).await.err(), Some(AppError::TokenRefused));
    assert!(bearer(&house, &pair).await.is_none() && bearer(&house, &other).await.is_some());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_owner_sees_where_scripts_are_signed_in_and_ends_one(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let bob = house.person("bob@example.com").await.stepped_up().expect("fresh");
    let one = issued(&house).await;
    house.platform.clock().advance(Duration::from_secs(1));
    let other = issued(&house).await;
    let person = bearer(&house, &one).await.expect("somebody");
    let asks = house.caller(Actor::Person(person.clone())).signed_in().expect("signed in");
    let list = service::sign_ins(&asks).await.expect("lists");
    assert_eq!(list.iter().map(|script| script.current).collect::<Vec<_>>(), [false, true]);
    assert_eq!(service::end_sign_in(&bob, person.session).await, Err(AppError::NotFound));
    let ann = ann.stepped_up().expect("fresh");
    assert_eq!(service::end_sign_in(&ann, person.session).await, Ok(()));
    assert!(bearer(&house, &one).await.is_none() && bearer(&house, &other).await.is_some());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_lock_and_a_new_password_end_where_scripts_are_signed_in(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let pair = issued(&house).await;
    let cookie = house.cookie_of(ANN).await;
    let grant = house.with_cookie(&cookie).await.signed_in().expect("signed in");
    identity::change_password(&grant, PASSWORD, "twelve red bicycles").await.expect("changes");
    assert!(bearer(&house, &pair).await.is_none());
    assert_eq!(refresh(&house, &pair.refresh_token).await.err(), Some(AppError::TokenRefused));

    let pair = issue(&house, ANN, "twelve red bicycles", None).await.expect("issues");
    house.letters().await;
    let forgetful = house.nobody().anonymous(Purpose::Letter);
    identity::forgot_password(&forgetful, ANN, None).await.expect("asks");
    let token = house.token().await;
    identity::reset_password(&forgetful, &token, "nine quiet typewriters").await.expect("resets");
    assert!(bearer(&house, &pair).await.is_none());

    let pair = issue(&house, ANN, "nine quiet typewriters", None).await.expect("issues");
    house.letters().await;
    let admin = house.staff("boss@example.com", "{ADMIN,USER}").await;
    let may = admin.may(domain::access::SiteAction::LockUser).expect("may");
    let user = bearer(&house, &pair).await.expect("somebody").user;
    domain::admin::service::lock_user(&may, &user.to_string(), "test").await.expect("locks");
    assert!(bearer(&house, &pair).await.is_none());
    assert_eq!(families(&house.db).await, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn signing_out_everywhere_else_signs_scripts_out_but_the_one_that_asks(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let (asks, other) = (issued(&house).await, issued(&house).await);
    let cookie = house.cookie_of(ANN).await;
    let caller = house.caller(Actor::Person(bearer(&house, &asks).await.expect("somebody")));
    assert_eq!(sessions::end_others(&caller.stepped_up().expect("fresh")).await, Ok(2));
    assert!(bearer(&house, &asks).await.is_some() && bearer(&house, &other).await.is_none());
    assert!(matches!(house.with_cookie(&cookie).await.actor(), Actor::Nobody));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_access_token_is_a_fresh_proof_only_right_after_the_password(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let pair = issued(&house).await;
    let stepped_up = async |pair: &TokenPair| {
        let person = bearer(&house, pair).await.expect("somebody");
        house.caller(Actor::Person(person)).stepped_up().map(drop)
    };
    assert_eq!(stepped_up(&pair).await, Ok(()));
    house.platform.clock().advance(Duration::from_mins(5) + Duration::from_secs(1));
    let next = refresh(&house, &pair.refresh_token).await.expect("rotates");
    assert_eq!(
        stepped_up(&next).await,
        Err(AppError::StepUpRequired { max_age_s: 300 }),
        "a refresh proves nothing"
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_fifty_first_place_ends_the_one_unused_the_longest(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let first = issued(&house).await;
    for _ in 0..50 {
        house.platform.clock().advance(Duration::from_millis(10));
        issued(&house).await;
    }
    assert_eq!(families(&house.db).await, 50);
    assert!(bearer(&house, &first).await.is_none());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_first_key_is_made_once_by_two_processes_at_the_same_time(db: PgPool) {
    let house = House::new(db);
    let keep = |_: usize| {
        let platform = house.platform.clone();
        tokio::spawn(async move { service::keep_signing_key(&Grant::system(&platform, "test")).await })
    };
    let tasks: Vec<_> = (0..8).map(keep).collect();
    let mut made = 0;
    for task in tasks {
        made += usize::from(task.await.expect("joins").expect("keeps"));
    }
    assert_eq!(made, 1);
    assert_eq!(service::jwks(&house.platform).await.expect("keys").keys.len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_new_key_is_published_before_it_signs_and_the_old_one_until_its_tokens_expired(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let keys = async || service::jwks(&house.platform).await.expect("keys").keys;
    let keep =
        async || service::keep_signing_key(&Grant::system(&house.platform, "test")).await.expect("keeps");
    let before = issued(&house).await;
    let old = keys().await[0].kid;
    assert!(!keep().await, "its turn is not over");
    let new = service::rotate_signing_key(&Grant::system(&house.platform, "test"), OldKeys::RunOut).await;
    let new = new.expect("rotates");
    assert_eq!(keys().await.iter().map(|key| key.kid).collect::<Vec<_>>(), [new, old]);
    assert_eq!(kid(&issued(&house).await), old, "it is published, and does not sign yet");
    house.platform.clock().advance(Duration::from_mins(10));
    let last_of_old = before;
    assert!(bearer(&house, &last_of_old).await.is_some());
    assert_eq!(kid(&issued(&house).await), new);
    house.platform.clock().advance(Duration::from_hours(1));
    keep().await;
    assert_eq!(keys().await.iter().map(|key| key.kid).collect::<Vec<_>>(), [new]);
    house.platform.clock().advance(Duration::from_hours(24 * 30));
    assert!(keep().await, "the schedule brings the next one");
    assert_eq!(keys().await.len(), 2);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_withdrawn_key_takes_everything_it_signed_along(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let pair = issued(&house).await;
    let grant = Grant::system(&house.platform, "test");
    service::rotate_signing_key(&grant, OldKeys::Withdrawn).await.expect("rotates");
    assert!(bearer(&house, &pair).await.is_none());
    let next = refresh(&house, &pair.refresh_token).await.expect("the script itself goes on");
    assert!(bearer(&house, &next).await.is_some());
    assert_eq!(service::jwks(&house.platform).await.expect("keys").keys.len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn neither_keys_nor_tokens_lie_readable_in_the_database(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let pair = issued(&house).await;
    let row = sqlx::query!("SELECT sealed FROM signing_keys").fetch_one(&house.db).await.expect("a key");
    assert_eq!(row.sealed[0], 1, "sealed by the vault");
    let dump = sqlx::query_scalar!(r#"SELECT f::text AS "row!" FROM refresh_families f"#);
    let dump = dump.fetch_one(&house.db).await.expect("a row");
    assert!(!dump.contains(&pair.refresh_token[6..]));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_done_with_tokens_stands_in_a_chain_that_holds(db: PgPool) {
    let house = House::new(db);
    let admin = house.staff(ANN, "{ADMIN,USER}").await;
    let pair = issued(&house).await;
    refresh(&house, &pair.refresh_token).await.expect("rotates");
    let grant = admin.may(domain::access::SiteAction::VerifyAudit).expect("may");
    assert!(audit::service::verify_chain(&grant).await.expect("verifies").ok);
}

/// The key that an access token names.
/// The token with another code and the right check, as somebody would make it who knows all but the key.
fn forged(token: &str) -> String {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    let text = token.strip_prefix("gater_").expect("a refresh token");
    let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64");
    let end = bytes.len() - 4;
    bytes[end - 1] ^= 1;
    let check = crc32fast::hash(&bytes[..end]).to_be_bytes();
    bytes[end..].copy_from_slice(&check);
    format!("gater_{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

fn kid(pair: &TokenPair) -> uuid::Uuid {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    let header = pair.access_token.split('.').next().expect("a header");
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).expect("base64");
    let header: serde_json::Value = serde_json::from_slice(&header).expect("json");
    header["kid"].as_str().expect("a name").parse().expect("an id")
}
