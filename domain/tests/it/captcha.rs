//! What a network under suspicion has to give, against a real database.

use std::time::Duration;

use domain::{
    AppError,
    access::{Purpose, RequestFacts},
    identity::{
        captcha::{self, Challenge, Difficulty, Work},
        service::{self, Outcome, Registration, SignIn},
    },
};
use futures::future::join_all;
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;

use crate::house::{House, PASSWORD};

const ANN: &str = "ann@example.com";

fn here(house: &House) -> RequestFacts {
    house.nobody().request().clone()
}

/// A challenge for a request from there.
fn issue(house: &House, from: &RequestFacts) -> Work {
    work(captcha::issue(&house.platform, &from.network(), Difficulty::Normal))
}

fn work(challenge: Challenge) -> Work {
    match challenge {
        Challenge::ProofOfWork(work) => work,
        Challenge::Turnstile(widget) => panic!("no work is asked: {widget:?}"),
    }
}

fn solved(challenge: &Work) -> String {
    let found = |index: u32| {
        let is_right = |number: &u32| {
            let hash = Sha256::digest(format!("{}.{index}.{number}", challenge.seed));
            let begin = hash.iter().take(4).fold(0, |word: u32, byte| word << 8 | u32::from(*byte));
            begin.leading_zeros() >= challenge.bits
        };
        (0..u32::MAX).find(is_right).expect("there is one")
    };
    let numbers = (0..challenge.count).fold(String::new(), |text, index| format!("{text}.{}", found(index)));
    challenge.solved_by(&numbers)
}

async fn sign_in(house: &House, password: &str, captcha: Option<&str>) -> Result<Outcome, AppError> {
    let typed = SignIn {
        email: ANN.into(),
        password: password.into(),
        captcha: captcha.map(str::to_owned),
        ..SignIn::default()
    };
    service::sign_in(&house.nobody().anonymous(Purpose::SignIn), typed).await
}

/// The challenge of a refusal.
fn challenge<T>(answer: Result<T, AppError>) -> Work {
    match answer.err() {
        Some(AppError::CaptchaRequired { challenge }) => work(challenge),
        other => panic!("no captcha was asked: {other:?}"),
    }
}

async fn suspected(db: PgPool) -> House {
    let house = House::new(db);
    house.account(ANN).await;
    for _ in 0..3 {
        let wrong = sign_in(&house, "not the password at all", None).await;
        assert_eq!(wrong.err(), Some(AppError::WrongCredentials));
    }
    house
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_twenty_with_the_same_solution_one_is_taken(db: PgPool) {
    let house = House::new(db);
    let here = here(&house);
    let challenge = issue(&house, &here);
    house.platform.clock().advance(Duration::from_secs(10));
    for given in [solved(&challenge), challenge.wait_token] {
        let tries = (0..20).map(|_| captcha::accept(&house.platform, &here, Some(&given)));
        let taken = join_all(tries).await.into_iter().filter(|it| *it == Ok(true)).count();
        // The twenty take the network's patience together, and one is enough.
        assert_eq!(taken, 1);
        assert_eq!(captcha::accept(&house.platform, &here, Some(&given)).await, Ok(false));
    }
    assert_eq!(captcha::accept(&house.platform, &here, None).await, Ok(false));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_network_gets_no_further_by_patience_than_a_person_would(db: PgPool) {
    let house = House::new(db);
    let here = here(&house);
    let tickets: Vec<_> = (0..20).map(|_| issue(&house, &here).wait_token).collect();
    house.platform.clock().advance(Duration::from_secs(10));
    let tries = tickets.iter().map(|ticket| captcha::accept(&house.platform, &here, Some(ticket)));
    let taken = join_all(tries).await.into_iter().filter(|it| *it == Ok(true)).count();
    assert_eq!(taken, 6);
    // Work is not counted with it.
    let solution = solved(&issue(&house, &here));
    assert_eq!(captcha::accept(&house.platform, &here, Some(&solution)).await, Ok(true));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn after_three_failures_even_the_right_password_needs_a_captcha(db: PgPool) {
    let house = suspected(db).await;
    let challenge = challenge(sign_in(&house, PASSWORD, None).await);
    let solution = solved(&challenge);
    assert!(matches!(sign_in(&house, PASSWORD, Some(&solution)).await, Ok(Outcome::SignedIn { .. })));
    // It was worth one try.
    assert!(matches!(
        sign_in(&house, PASSWORD, Some(&solution)).await,
        Err(AppError::CaptchaRequired { .. })
    ));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_waits_gets_in_and_whoever_comes_too_early_keeps_the_ticket(db: PgPool) {
    let house = suspected(db).await;
    let first = challenge(sign_in(&house, PASSWORD, None).await);
    assert_eq!(first.wait_s, 10);
    house.platform.clock().advance(Duration::from_secs(4));
    let early = challenge(sign_in(&house, PASSWORD, Some(&first.wait_token)).await);
    assert_eq!((early.wait_s, &early.wait_token), (6, &first.wait_token));
    house.platform.clock().advance(Duration::from_secs(6));
    let outcome = sign_in(&house, PASSWORD, Some(&first.wait_token)).await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nonsense_in_place_of_a_captcha_is_asked_for_another(db: PgPool) {
    let house = suspected(db).await;
    for nonsense in ["", "nonsense", "\0", "é", &"A.".repeat(50_000)] {
        challenge(sign_in(&house, PASSWORD, Some(nonsense)).await);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_captcha_is_asked_alike_for_an_address_that_nobody_has(db: PgPool) {
    let house = House::new(db);
    for _ in 0..3 {
        assert_eq!(sign_in(&house, PASSWORD, None).await.err(), Some(AppError::WrongCredentials));
    }
    challenge(sign_in(&house, PASSWORD, None).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_network_that_tries_many_accounts_is_asked_for_more_at_every_door(db: PgPool) {
    let house = House::new(db);
    for n in 0..10 {
        let wrong = house.sign_in(&format!("p{n}@example.com"), PASSWORD).await;
        assert_eq!(wrong.err(), Some(AppError::WrongCredentials));
    }
    let caller = house.nobody();
    let door = challenge(sign_in(&house, PASSWORD, None).await);
    let typed = Registration { email: ANN.into(), password: PASSWORD.into(), ..Registration::default() };
    challenge(service::register(&caller.anonymous(Purpose::Register), typed).await);
    challenge(service::forgot_password(&caller.anonymous(Purpose::Letter), ANN, None).await);
    let asked = work(service::challenge(&caller.anonymous(Purpose::SignIn)).await.expect("a challenge"));
    assert_eq!((door.bits, asked.bits), (15, 15));
    let solution = solved(&asked);
    let grant = caller.anonymous(Purpose::Letter);
    assert_eq!(service::forgot_password(&grant, ANN, Some(&solution)).await, Ok(()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_use_is_remembered_until_it_would_have_expired_and_not_for_ever(db: PgPool) {
    let house = House::new(db);
    let here = here(&house);
    let solution = solved(&issue(&house, &here));
    assert_eq!(captcha::accept(&house.platform, &here, Some(&solution)).await, Ok(true));
    house.platform.clock().advance(Duration::from_secs(15 * 60 - 1));
    assert_eq!(service::sweep(&house.platform).await, Ok(0));
    house.platform.clock().advance(Duration::from_secs(1));
    assert_eq!(service::sweep(&house.platform).await, Ok(1));
}
