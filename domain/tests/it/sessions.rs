//! Begin, recognize, list and end sessions: against a real database.

use std::time::Duration;

use domain::{
    AppError,
    access::{Actor, Purpose},
    identity::service::{self, Outcome, SignIn},
    platform::testing,
    sessions::service as sessions,
};
use sqlx::PgPool;

use crate::house::{House, PASSWORD};

const ANN: &str = "ann@example.com";

async fn is_in(house: &House, cookie: &str) -> bool {
    matches!(house.with_cookie(cookie).await.actor(), Actor::Person(_))
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_session_ends_after_half_an_hour_unused_and_a_day_in_any_case(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let idle = house.cookie_of(ANN).await;
    house.platform.clock().advance(Duration::from_mins(30));
    assert!(!is_in(&house, &idle).await);
    let used = house.cookie_of(ANN).await;
    for _ in 0..71 {
        house.platform.clock().advance(Duration::from_mins(20));
        assert!(is_in(&house, &used).await);
    }
    house.platform.clock().advance(Duration::from_mins(20));
    assert!(!is_in(&house, &used).await);
}

async fn remembered(house: &House) -> String {
    let typed = SignIn { email: ANN.into(), password: PASSWORD.into(), remember: true, ..SignIn::default() };
    let outcome = Box::pin(service::sign_in(&house.nobody().anonymous(Purpose::SignIn), typed)).await;
    let Ok(Outcome::SignedIn { session, .. }) = outcome else { panic!("signed in") };
    session.token.reveal()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_remembered_session_lasts_thirty_days(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let cookie = remembered(&house).await;
    for _ in 0..5 {
        house.platform.clock().advance(Duration::from_hours(24 * 6 - 1));
        assert!(is_in(&house, &cookie).await);
    }
    house.platform.clock().advance(Duration::from_hours(5));
    assert!(!is_in(&house, &cookie).await);
    assert_eq!(sessions::sweep(&house.platform).await, Ok(1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_remembered_session_ends_after_a_week_unused(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let (used, unused) = (remembered(&house).await, remembered(&house).await);
    house.platform.clock().advance(Duration::from_hours(24));
    assert!(is_in(&house, &used).await);
    house.platform.clock().advance(Duration::from_hours(24 * 6).saturating_sub(Duration::from_secs(1)));
    assert!(is_in(&house, &used).await);
    house.platform.clock().advance(Duration::from_secs(1));
    assert!(!is_in(&house, &unused).await);
    let caller = house.with_cookie(&used).await;
    let listed = sessions::list(&caller.signed_in().expect("in")).await.expect("lists");
    assert_eq!(listed.len(), 1, "what is over is in no list");
    assert_eq!(sessions::sweep(&house.platform).await, Ok(1));
    assert!(is_in(&house, &used).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_eleventh_session_ends_the_one_unused_the_longest(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let mut cookies = Vec::new();
    for _ in 0..10 {
        house.platform.clock().advance(Duration::from_secs(1));
        cookies.push(house.cookie_of(ANN).await);
    }
    house.platform.clock().advance(Duration::from_mins(2));
    // The first one is the oldest, and in use.
    assert!(is_in(&house, &cookies[0]).await);
    cookies.push(house.cookie_of(ANN).await);
    assert!(!is_in(&house, &cookies[1]).await);
    cookies.remove(1);
    for cookie in &cookies {
        assert!(is_in(&house, cookie).await);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn sessions_that_are_over_take_no_place_of_one_that_lives(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let kept = remembered(&house).await;
    for _ in 0..9 {
        house.platform.clock().advance(Duration::from_secs(1));
        house.cookie_of(ANN).await;
    }
    house.platform.clock().advance(Duration::from_mins(31));
    house.cookie_of(ANN).await;
    assert!(is_in(&house, &kept).await, "nine others are over, though nobody has swept them up");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_new_session_takes_the_place_of_the_one_whose_cookie_came_along(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let (here, there) = (house.cookie_of(ANN).await, house.cookie_of(ANN).await);
    let caller = house.with_cookie(&here).await;
    let sign_in = async |password: &str| {
        let replaces = sessions::of_actor(caller.actor());
        assert!(replaces.is_some());
        let typed = SignIn { email: ANN.into(), password: password.into(), replaces, ..SignIn::default() };
        service::sign_in(&caller.anonymous(Purpose::SignIn), typed).await
    };
    assert!(sign_in("not the password at all").await.is_err());
    assert!(is_in(&house, &here).await, "a wrong password ends nothing");
    assert!(matches!(sign_in(PASSWORD).await, Ok(Outcome::SignedIn { .. })));
    assert!(!is_in(&house, &here).await);
    assert!(is_in(&house, &there).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_full_disk_keeps_nobody_from_reading(db: PgPool) {
    let house = House::new(db.clone());
    house.account(ANN).await;
    let cookie = house.cookie_of(ANN).await;
    sqlx::raw_sql(
        "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER fill BEFORE UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION fill()",
    )
    .execute(&db)
    .await
    .expect("a full disk");
    house.platform.clock().advance(Duration::from_mins(2));
    let caller = house.with_cookie(&cookie).await;
    let grant = caller.signed_in().expect("still in");
    // What must be written is refused for a while, and not for good.
    let refused = service::step_up(&grant, Some(PASSWORD.into()), None).await.map(drop);
    assert!(matches!(refused, Err(AppError::Busy { .. })), "{refused:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_proof_from_before_the_clock_was_set_back_is_old(db: PgPool) {
    let mut house = House::new(db.clone());
    house.account(ANN).await;
    let cookie = house.cookie_of(ANN).await;
    assert!(house.with_cookie(&cookie).await.stepped_up().is_ok());
    let earlier = house.platform.now() - Duration::from_mins(10);
    house.platform = testing::platform_at(db, earlier);
    let caller = house.with_cookie(&cookie).await;
    assert!(caller.signed_in().is_ok());
    assert_eq!(caller.stepped_up().map(drop), Err(AppError::StepUpRequired { max_age_s: 300 }));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn people_end_their_own_sessions_and_nobody_elses(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let (here, there) = (house.cookie_of(ANN).await, house.cookie_of(ANN).await);
    let ann = house.with_cookie(&here).await.stepped_up().expect("fresh");
    let bob = house.person("bob@example.com").await.stepped_up().expect("fresh");
    let devices = sessions::list(&ann.own()).await.expect("lists");
    assert_eq!(devices.len(), 2);
    assert_eq!(devices.iter().filter(|d| d.current).count(), 1);
    assert!(devices.iter().all(|d| d.device == "Firefox on Linux" && d.address == "192.0.2.7"));
    let other = devices.iter().find(|d| !d.current).expect("another").id;
    assert_eq!(sessions::end(&bob, other).await, Err(AppError::NotFound));
    assert!(is_in(&house, &there).await);
    assert_eq!(sessions::end(&ann, other).await, Ok(()));
    assert!(!is_in(&house, &there).await);
    assert_eq!(sessions::end(&ann, other).await, Err(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn ending_the_others_keeps_the_one_that_asks(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let cookies = [house.cookie_of(ANN).await, house.cookie_of(ANN).await, house.cookie_of(ANN).await];
    let ann = house.with_cookie(&cookies[1]).await.stepped_up().expect("fresh");
    assert_eq!(sessions::end_others(&ann).await, Ok(2));
    assert!(!is_in(&house, &cookies[0]).await);
    assert!(is_in(&house, &cookies[1]).await);
    sessions::sign_out(&ann.own()).await.expect("signs out");
    assert!(!is_in(&house, &cookies[1]).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_proof_grows_old_and_is_renewed_under_a_new_secret(db: PgPool) {
    let house = House::new(db);
    let caller = house.person(ANN).await;
    assert!(caller.stepped_up().is_ok());
    house.platform.clock().advance(Duration::from_secs(5 * 60 + 1));
    assert_eq!(caller.stepped_up().map(drop), Err(AppError::StepUpRequired { max_age_s: 300 }));
    let grant = caller.signed_in().expect("signed in");
    let renewed = service::step_up(&grant, Some(PASSWORD.into()), None).await.expect("proves");
    assert!(house.with_cookie(&renewed.token.reveal()).await.stepped_up().is_ok());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_cookie_that_is_none_is_nobody(db: PgPool) {
    let house = House::new(db);
    for cookie in ["", "x", &"A".repeat(43), &"A".repeat(44), &"\u{0}".repeat(43), &"A".repeat(5000)] {
        assert!(!is_in(&house, cookie).await);
    }
}
