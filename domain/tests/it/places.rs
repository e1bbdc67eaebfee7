//! A session is good where its owner has proved who they are; elsewhere it is good for a proof.

use domain::{
    AppError,
    access::{Caller, Need, SiteAction},
    identity::service as identity,
    platform::{Binding, Platform, testing},
    sessions::service as sessions,
};
use sqlx::PgPool;

use crate::house::{From, House, PASSWORD};

const ANN: &str = "ann@example.com";
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
                      Chrome/150.0.0.0 Safari/537.36";
const NEWER_FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";

fn is_asked(caller: &Caller) -> bool {
    match caller.signed_in().map(drop) {
        Err(AppError::StepUpRequired { max_age_s: 300 }) => true,
        Ok(()) => false,
        Err(other) => panic!("{other}"),
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn another_network_or_browser_is_asked_for_a_proof_and_the_same_is_not(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let cookie = house.cookie_of(ANN).await;
    for (from, asked) in [
        (From::default(), false),
        (From { address: [192, 0, 2, 250], ..From::default() }, false),
        (From { user_agent: NEWER_FIREFOX, ..From::default() }, false),
        (From { address: [192, 0, 3, 7], ..From::default() }, true),
        (From { user_agent: CHROME, ..From::default() }, true),
    ] {
        assert_eq!(is_asked(&house.elsewhere(&cookie, from).await), asked, "{:?}", from.address);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_moved_session_may_do_nothing_but_prove_and_leave(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let cookie = house.cookie_of(ANN).await;
    let moved = house.elsewhere(&cookie, From { address: [198, 51, 100, 1], ..From::default() }).await;
    let asked = Err(AppError::StepUpRequired { max_age_s: 300 });
    for need in [Need::AlsoLeaving, Need::SignedIn, Need::SteppedUp, Need::Site(SiteAction::ReadUsers)] {
        assert_eq!(moved.check(need), asked, "{need:?}");
    }
    assert_eq!(moved.check(Need::AnySession), Ok(()));
    sessions::sign_out(&moved.any_session().expect("in")).await.expect("leaves");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_proof_binds_the_new_place_and_keeps_the_old_one(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let mut cookie = house.cookie_of(ANN).await;
    let away = From { address: [198, 51, 100, 1], ..From::default() };
    let moved = house.elsewhere(&cookie, away).await.any_session().expect("in");
    let wrong = identity::step_up(&moved, Some("wrong horse battery".into()), None).await.map(drop);
    assert!(matches!(wrong, Err(AppError::InvalidInput { .. })));
    assert!(is_asked(&house.elsewhere(&cookie, away).await), "a wrong proof binds nothing");
    let renewed = identity::step_up(&moved, Some(PASSWORD.into()), None).await.expect("proves");
    cookie = renewed.token.reveal();
    for from in [away, From::default()] {
        assert!(!is_asked(&house.elsewhere(&cookie, from).await), "{:?}", from.address);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_ten_networks_proved_last_are_kept(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let mut cookie = house.cookie_of(ANN).await;
    let network = |n: u8| From { address: [198, 51, n, 1], ..From::default() };
    for n in 0..10 {
        let grant = house.elsewhere(&cookie, network(n)).await.any_session().expect("in");
        cookie = identity::step_up(&grant, Some(PASSWORD.into()), None).await.expect("proves").token.reveal();
        house.platform.clock().advance(std::time::Duration::from_mins(6));
    }
    for n in 0..10 {
        assert!(!is_asked(&house.elsewhere(&cookie, network(n)).await), "network {n}");
    }
    assert!(is_asked(&house.elsewhere(&cookie, From::default()).await), "the eleventh is forgotten");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_operator_decides_what_a_session_is_bound_to(db: PgPool) {
    let mut house = House::new(db.clone());
    house.account(ANN).await;
    let cookie = house.cookie_of(ANN).await;
    let network = From { address: [198, 51, 100, 1], ..From::default() };
    let browser = From { user_agent: CHROME, ..From::default() };
    for (binding, asked) in [
        (Binding::BrowserAndNetwork, (true, true)),
        (Binding::Browser, (false, true)),
        (Binding::Nothing, (false, false)),
    ] {
        let mut parts = testing::parts(db.clone(), house.platform.now());
        parts.rules.session_binding = binding;
        house.platform = Platform::new(parts);
        let found = (
            is_asked(&house.elsewhere(&cookie, network).await),
            is_asked(&house.elsewhere(&cookie, browser).await),
        );
        assert_eq!(found, asked, "{binding:?}");
    }
}
