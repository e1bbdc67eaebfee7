//! Codes from an authenticator and recovery codes: against a real database.

use domain::{
    AppError, FieldIssue,
    access::{Actor, Caller, Grant, HalfWayScope, Purpose},
    identity::service::{self as identity, Outcome},
    second_factor::service::{self, Trust},
    sessions::{Cookies, NewSession},
};
use futures::future::join_all;
use sqlx::PgPool;
use totp_rs::{Builder, Secret, Totp};

use crate::house::{House, PASSWORD};

const ANN: &str = "ann@example.com";
const STEP: std::time::Duration = std::time::Duration::from_secs(30);

pub(crate) fn authenticator(secret: &str) -> Totp {
    let secret = Secret::try_from_base32(secret).expect("base32");
    Builder::new().with_secret(secret).with_account_name("test").build().expect("builds")
}

pub(crate) fn code(house: &House, totp: &Totp) -> String {
    let now = u64::try_from(house.platform.now().unix_seconds()).expect("after 1970");
    totp.generate(now).to_string()
}

/// A person with a second factor: the caller, their authenticator and their recovery codes.
pub(crate) async fn enrolled(house: &House) -> (Caller, Totp, Vec<String>) {
    let caller = house.person(ANN).await;
    enrol(house, &caller).await
}

/// Turns the second factor on for somebody who is in.
pub(crate) async fn enrol(house: &House, caller: &Caller) -> (Caller, Totp, Vec<String>) {
    let grant = caller.stepped_up().expect("fresh");
    let setup = service::start(&grant, ANN).await.expect("starts");
    let totp = authenticator(&setup.secret);
    let (codes, session) = service::confirm(&grant, &code(house, &totp)).await.expect("confirms");
    let caller = house.with_cookie(&session.token.reveal()).await;
    house.platform.clock().advance(STEP * 2);
    let letters = house.letters().await;
    assert!(letters.len() == 1 && letters[0].contains("was turned on"), "the owner is told");
    (caller, totp, codes.recovery_codes)
}

async fn verify(grant: &Grant<HalfWayScope>, code: &str) -> Result<(NewSession, Option<String>), AppError> {
    service::verify(grant, code, Trust::No).await
}

async fn half_way(house: &House) -> Grant<HalfWayScope> {
    let Ok(Outcome::SecondFactor { pending }) = house.sign_in(ANN, PASSWORD).await else {
        panic!("asks for it")
    };
    let cookies = Cookies { session: None, pending: Some(pending.reveal()) };
    house.with_cookies(cookies).await.half_way().expect("half way")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_sign_in_asks_for_the_code_and_opens_nothing_before_it(db: PgPool) {
    let house = House::new(db);
    let (_, totp, _) = enrolled(&house).await;
    let Ok(Outcome::SecondFactor { pending }) = house.sign_in(ANN, PASSWORD).await else {
        panic!("asks for it")
    };
    // The pending secret is no session, in whichever cookie it comes.
    assert!(matches!(house.with_cookie(&pending.reveal()).await.actor(), Actor::Nobody));
    let caller = house.with_cookies(Cookies { session: None, pending: Some(pending.reveal()) }).await;
    assert_eq!(caller.signed_in().map(drop), Err(AppError::SecondFactorRequired));
    let grant = caller.half_way().expect("half way");
    assert_eq!(verify(&grant, "000000").await.map(drop), Err(AppError::CodeRefused));
    let (session, _) = verify(&grant, &code(&house, &totp)).await.expect("in");
    assert!(matches!(house.with_cookie(&session.token.reveal()).await.actor(), Actor::Person(_)));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_twenty_with_the_same_code_one_comes_in(db: PgPool) {
    let house = House::new(db);
    let (_, totp, _) = enrolled(&house).await;
    let mut grants = Vec::new();
    for _ in 0..20 {
        grants.push(half_way(&house).await);
    }
    let code = code(&house, &totp);
    let results = join_all(grants.iter().map(|grant| verify(grant, &code))).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    // Ten tries in five minutes are counted per account: as many reach the code at all.
    let refused: Vec<_> = results.into_iter().filter_map(|r| r.map(drop).err()).collect();
    assert_eq!(refused.iter().filter(|error| **error == AppError::CodeRefused).count(), 9);
    assert!(
        refused.iter().all(|e| matches!(e, AppError::CodeRefused | AppError::TooManyRequests { .. })),
        "none for another reason: {refused:?}"
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_code_is_refused_after_itself_and_after_a_newer_one(db: PgPool) {
    let house = House::new(db);
    let (_, totp, _) = enrolled(&house).await;
    let old = code(&house, &totp);
    house.platform.clock().advance(STEP);
    let new = code(&house, &totp);
    verify(&half_way(&house).await, &new).await.expect("in");
    for used in [&old, &new] {
        let again = verify(&half_way(&house).await, used).await.map(drop);
        assert_eq!(again, Err(AppError::CodeRefused), "{used}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn ten_wrong_codes_are_enough(db: PgPool) {
    let house = House::new(db);
    let (_, totp, _) = enrolled(&house).await;
    house.platform.clock().advance(std::time::Duration::from_mins(10));
    let grant = half_way(&house).await;
    for _ in 0..10 {
        assert_eq!(verify(&grant, "000000").await.map(drop), Err(AppError::CodeRefused));
    }
    let eleventh = verify(&grant, &code(&house, &totp)).await.map(drop);
    assert!(matches!(eleventh, Err(AppError::TooManyRequests { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_recovery_code_works_once_for_one_of_many(db: PgPool) {
    let house = House::new(db);
    let (caller, _, codes) = enrolled(&house).await;
    let proof = caller.stepped_up().expect("proved just now");
    house.platform.clock().advance(std::time::Duration::from_mins(10));
    assert_eq!(codes.len(), 10);
    let mut grants = Vec::new();
    for _ in 0..8 {
        grants.push(half_way(&house).await);
    }
    let results = join_all(grants.iter().map(|grant| service::recover(grant, &codes[0]))).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    let state = service::state(&proof.own(), Some(&proof)).await.expect("state");
    assert!(state.enabled);
    assert_eq!(state.recovery_codes_left, 9);
    assert_eq!(state.setup, None, "the secret is never shown again");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_reset_password_still_asks_for_the_second_factor(db: PgPool) {
    let house = House::new(db);
    enrolled(&house).await;
    let grant = house.nobody().anonymous(Purpose::Letter);
    identity::forgot_password(&grant, ANN, None).await.expect("always");
    let token = house.token().await;
    identity::reset_password(&grant, &token, "nine quiet typewriters").await.expect("resets");
    assert!(matches!(house.sign_in(ANN, "nine quiet typewriters").await, Ok(Outcome::SecondFactor { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_confirmed_secret_is_not_replaced_and_lies_sealed(db: PgPool) {
    let house = House::new(db.clone());
    let (caller, totp, _) = enrolled(&house).await;
    let grant = caller.stepped_up().expect("proved just now");
    assert!(matches!(service::start(&grant, ANN).await, Err(AppError::Conflict { .. })));
    let sealed =
        sqlx::query_scalar!("SELECT sealed FROM authenticators").fetch_one(&db).await.expect("a row");
    let secret = totp.secret().as_bytes();
    assert!(!sealed.windows(secret.len()).any(|window| window == secret));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn removed_and_gone_with_its_recovery_codes(db: PgPool) {
    let house = House::new(db);
    let (caller, _, codes) = enrolled(&house).await;
    let grant = caller.stepped_up().expect("proved just now");
    let fresh = service::new_recovery_codes(&grant).await.expect("new ones");
    assert!(fresh.recovery_codes.iter().all(|code| !codes.contains(code)));
    assert_eq!(
        service::recover(&half_way(&house).await, &codes[1]).await.map(drop),
        Err(AppError::CodeRefused)
    );
    house.letters().await;
    service::disable(&grant).await.expect("removes");
    assert!(house.letters().await[0].contains("was turned off"));
    assert!(matches!(house.sign_in(ANN, PASSWORD).await, Ok(Outcome::SignedIn { .. })));
    assert!(matches!(service::disable(&grant).await, Err(AppError::Conflict { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_recovery_codes_made_twice_at_once_only_one_set_works(db: PgPool) {
    let house = House::new(db.clone());
    let (caller, _, _) = enrolled(&house).await;
    let grant = caller.stepped_up().expect("proved just now");
    let sets = join_all((0..4).map(|_| service::new_recovery_codes(&grant))).await;
    assert!(sets.iter().all(Result::is_ok));
    let state = service::state(&grant.own(), None).await.expect("state");
    assert_eq!(state.recovery_codes_left, 10);
    let letters = house.letters().await;
    assert!(letters.len() == 4 && letters.iter().all(|letter| letter.contains("recovery codes")));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_a_second_factor_the_answer_says_that_it_is_off(db: PgPool) {
    let house = House::new(db);
    let grant = house.person(ANN).await.stepped_up().expect("fresh");
    let refused = [
        service::new_recovery_codes(&grant).await.map(drop),
        service::disable(&grant).await.map(drop),
        service::confirm(&grant, "000000").await.map(drop),
    ];
    for refused in refused {
        let problem = refused.expect_err("refused");
        assert_eq!(problem.of_field("second_factor").map(|p| &p.issue), Some(&FieldIssue::FactorOff));
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_used_recovery_code_is_told_to_its_owner(db: PgPool) {
    let house = House::new(db);
    let (_, _, codes) = enrolled(&house).await;
    service::recover(&half_way(&house).await, &codes[0]).await.expect("in");
    let letters = house.letters().await;
    assert!(letters.len() == 1 && letters[0].contains("Codes left: 9"), "{letters:?}");
}
