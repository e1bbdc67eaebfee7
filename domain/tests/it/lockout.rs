//! Wrong passwords lock the one who types them, and nobody else.

use std::time::Duration;

use domain::{
    AppError,
    identity::service::Outcome,
    platform::{Platform, clock::Clock, redis::Redis, strikes::Strikes, testing},
};
use futures::future::join_all;
use sqlx::PgPool;

use crate::house::{From, House, PASSWORD, device_of};

const ANN: &str = "ann@example.com";
const WRONG: &str = "wrong horse battery";

fn from(address: [u8; 4]) -> From {
    From { address, ..From::default() }
}

/// Tries, and waits where patience is asked.
async fn try_patiently(house: &House, from: From, email: &str, password: &str) -> Result<Outcome, AppError> {
    let first = house.sign_in_with(from, email, password, None).await;
    let Err(AppError::CaptchaRequired { challenge }) = first else { return first };
    house.platform.clock().advance(Duration::from_secs(challenge.wait_s().into()));
    house.sign_in_with(from, email, password, Some(challenge.wait_token().to_owned())).await
}

async fn fail(house: &House, from: From, email: &str, times: usize) {
    for n in 0..times {
        let refused = try_patiently(house, from, email, WRONG).await.map(drop);
        assert_eq!(refused, Err(AppError::WrongCredentials), "try {n}");
    }
}

async fn locked_for(house: &House, from: From, email: &str) -> Option<u32> {
    match try_patiently(house, from, email, PASSWORD).await.map(drop) {
        Err(AppError::TooManyRequests { retry_after_s }) => Some(retry_after_s),
        Ok(()) | Err(AppError::WrongCredentials) => None,
        Err(other) => panic!("{other}"),
    }
}

async fn noted(db: &PgPool, action: &str) -> i64 {
    let mut tx = db.begin().await.expect("begins");
    sqlx::query!("SELECT set_config('app.site', 'on', true) AS site")
        .fetch_one(&mut *tx)
        .await
        .expect("may read");
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM audit_entries WHERE action = $1"#, action)
        .fetch_one(&mut *tx)
        .await
        .expect("counts")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_fifth_wrong_password_locks_for_five_minutes(db: PgPool) {
    let house = House::new(db.clone());
    house.account(ANN).await;
    let stranger = from([198, 51, 100, 9]);
    fail(&house, stranger, ANN, 5).await;
    assert_eq!(locked_for(&house, stranger, ANN).await, Some(300));
    house.platform.clock().advance(Duration::from_secs(299));
    assert_eq!(locked_for(&house, stranger, ANN).await, Some(1));
    house.platform.clock().advance(Duration::from_secs(1));
    assert!(matches!(try_patiently(&house, stranger, ANN, PASSWORD).await, Ok(Outcome::SignedIn { .. })));
    assert_eq!(noted(&db, "identity.locked-out").await, 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_address_without_an_account_is_locked_alike(db: PgPool) {
    let house = House::new(db);
    let stranger = from([198, 51, 100, 9]);
    fail(&house, stranger, "nobody@example.com", 5).await;
    assert_eq!(locked_for(&house, stranger, "nobody@example.com").await, Some(300));
    assert_eq!(locked_for(&house, stranger, "NOBODY@example.com").await, Some(300), "in any spelling");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_stranger_cannot_lock_the_owner_out(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let Ok(Outcome::SignedIn { session, .. }) = house.sign_in_from(from([192, 0, 2, 7]), ANN, PASSWORD).await
    else {
        panic!("signed in")
    };
    let known = From { device: device_of(&session), ..from([192, 0, 2, 7]) };
    // A thousand tries from forty networks, one of them the owner's own.
    for network in 0..40 {
        let stranger = from(if network == 0 { [192, 0, 2, 66] } else { [198, 51, network, 9] });
        fail(&house, stranger, ANN, 5).await;
        for _ in 0..20 {
            let refused = house.sign_in_from(stranger, ANN, WRONG).await.map(drop);
            assert!(matches!(refused, Err(AppError::TooManyRequests { .. })), "{refused:?}");
        }
        let beside = From { device: None, ..stranger };
        assert!(locked_for(&house, beside, ANN).await.is_some(), "an unknown browser beside the stranger");
        assert!(matches!(house.sign_in_from(known, ANN, PASSWORD).await, Ok(Outcome::SignedIn { .. })));
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_known_browser_has_five_tries_of_its_own(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    house.account("ben@example.com").await;
    let Ok(Outcome::SignedIn { session, .. }) = house.sign_in_from(from([192, 0, 2, 7]), ANN, PASSWORD).await
    else {
        panic!("signed in")
    };
    let known = From { device: device_of(&session), ..from([192, 0, 2, 7]) };
    fail(&house, known, ANN, 5).await;
    assert!(locked_for(&house, known, ANN).await.is_some());
    // It is known to Ann alone: for Ben's account it is a browser like any other.
    fail(&house, known, "ben@example.com", 5).await;
    assert!(locked_for(&house, from([192, 0, 2, 9]), "ben@example.com").await.is_some());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_fifty_tries_at_once_five_reach_the_password(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let stranger = from([198, 51, 100, 9]);
    let tries = join_all((0..50).map(|_| house.sign_in_from(stranger, ANN, WRONG))).await;
    let wrong = tries.iter().filter(|t| matches!(t, Err(AppError::WrongCredentials))).count();
    assert_eq!(wrong, 5);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_success_forgives_what_came_before(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let network = from([198, 51, 100, 9]);
    for _ in 0..3 {
        fail(&house, network, ANN, 4).await;
        assert!(try_patiently(&house, network, ANN, PASSWORD).await.is_ok());
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn many_different_addresses_from_one_network_are_suspected_once(db: PgPool) {
    let house = House::new(db.clone());
    let network = from([198, 51, 100, 9]);
    for n in 0..20 {
        let address = format!("person{n}@example.com");
        fail(&house, network, &address, 2).await;
    }
    assert_eq!(noted(&db, "identity.stuffing-suspected").await, 1);
    // The same few addresses again and again are a bad memory, and no list.
    let forgetful = from([203, 0, 113, 9]);
    for n in 0..20 {
        fail(&house, forgetful, &format!("person{}@example.com", n % 10), 1).await;
    }
    assert_eq!(noted(&db, "identity.stuffing-suspected").await, 1);
}

/// The steps in Redis are the steps in the process, told twice; here one is held against the other.
#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn redis_counts_as_the_process_does(db: PgPool) {
    use domain::platform::strikes::Rule;
    let Ok(url) = std::env::var("GATEHOUSE_TEST_REDIS_URL") else { return };
    let clock = Clock::system();
    let redis = Redis::new(Some(url.into())).expect("readable");
    let (shared, local) =
        (Strikes::new(redis, clock.clone(), 1), Strikes::new(Redis::absent(), clock.clone(), 1));
    let rule =
        Rule { name: "test", most: Some(5), window: Duration::from_mins(15), lock: Duration::from_mins(5) };
    let key = Platform::new(testing::parts(db, clock.now())).new_id().to_string();
    // Every way to mix nine acts of four kinds would be too many: a fixed, well mixed row of them.
    for n in 0_u64..200 {
        let act = ((n * 2_654_435_761) >> 7) % 8;
        let (a, b) = match act {
            0 => (shared.look(&rule, &key).await, local.look(&rule, &key).await),
            1 => {
                shared.give_back(&rule, &key).await;
                local.give_back(&rule, &key).await;
                (shared.look(&rule, &key).await, local.look(&rule, &key).await)
            }
            2 if n % 3 == 0 => {
                shared.forgive(&rule, &key).await;
                local.forgive(&rule, &key).await;
                (shared.look(&rule, &key).await, local.look(&rule, &key).await)
            }
            _ => (shared.take(&rule, &key).await, local.take(&rule, &key).await),
        };
        assert_eq!((a.strikes, a.locked_for.is_some()), (b.strikes, b.locked_for.is_some()), "act {n}");
    }
}
