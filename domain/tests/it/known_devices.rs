//! Browsers that are known: what they spare their owner, and how that ends.

use std::{path::Path, time::Duration};

use domain::{
    AppError,
    access::{Actor, Caller, Purpose},
    identity::service::{self as identity, Outcome},
    platform::{
        Platform,
        clock::Clock,
        places::Places,
        random::{Token, TokenHash},
        testing,
    },
    second_factor::service::{self as second_factor, Trust},
    sessions::{Cookies, known_devices, service as sessions},
};
use sqlx::PgPool;
use totp_rs::Totp;

use crate::{
    house::{From, House, PASSWORD, device_of, token_in},
    second_factor::{code, enrolled},
};

const ANN: &str = "ann@example.com";

fn from(address: [u8; 4], device: Option<TokenHash>) -> From {
    From { address, device, ..From::default() }
}

/// Signs in from a browser; answers the secret that it was given, if it was.
async fn arrive(house: &House, from: From) -> Option<TokenHash> {
    match house.sign_in_from(from, ANN, PASSWORD).await {
        Ok(Outcome::SignedIn { session, .. }) => device_of(&session),
        _ => panic!("signed in"),
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_a_browser_the_owner_was_never_in_is_news(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let first = arrive(&house, from([192, 0, 2, 7], None)).await;
    assert!(house.letters().await.is_empty(), "the first ever is no news");
    assert_eq!(arrive(&house, from([198, 51, 100, 1], first)).await, None, "it keeps its secret");
    assert!(house.letters().await.is_empty());
    arrive(&house, from([198, 51, 100, 1], None)).await.expect("a secret for the new browser");
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].contains("198.51.100.1") && letters[0].contains("Firefox on Linux"), "{}", letters[0]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_secret_that_somebody_made_up_is_not_taken_over(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let made_up = Token::new().hash();
    let given = arrive(&house, from([192, 0, 2, 7], Some(made_up))).await.expect("one of ours");
    assert_ne!(given, made_up);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn this_was_not_me_shuts_everybody_out_and_lets_the_owner_in_again(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let own = house.cookie_of(ANN).await;
    let Ok(Outcome::SignedIn { session, .. }) =
        house.sign_in_from(from([198, 51, 100, 1], None), ANN, PASSWORD).await
    else {
        panic!("the stranger knows the password")
    };
    let token = house.token().await;
    // What the stranger does first: a password of their own. It must not spoil the owner's way out.
    let stranger = house.elsewhere(&session.token.reveal(), from([198, 51, 100, 1], None)).await;
    house.make_api_token(&stranger).await;
    let grant = stranger.signed_in().expect("in");
    let taken =
        identity::change_password(&grant, PASSWORD, "the stranger's own words").await.expect("changed");
    house.letters().await;

    let grant = house.nobody().anonymous(Purpose::Letter);
    let reset = identity::disown_sign_in(&grant, &token).await.expect("disowned").reveal();
    assert_eq!(house.api_tokens().await, 0);
    for cookie in [own, taken.token.reveal()] {
        assert!(matches!(house.with_cookie(&cookie).await.actor(), Actor::Nobody));
    }
    for password in [PASSWORD, "the stranger's own words"] {
        assert_eq!(house.sign_in(ANN, password).await.map(drop), Err(AppError::WrongCredentials));
    }
    let again = identity::disown_sign_in(&grant, &token).await.map(drop);
    assert_eq!(again, Err(AppError::TokenRefused));
    identity::reset_password(&grant, &reset, "nine quiet rivers").await.expect("a new password");
    house.sign_in(ANN, "nine quiet rivers").await.expect("in again");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn lists_and_letters_say_where_an_address_is(db: PgPool) {
    let mut parts = testing::parts(db, Clock::system().now());
    parts.places = Places::with_file(Path::new("src/platform/places/test.mmdb")).expect("a database");
    let house = House::on(Platform::new(parts));
    house.account(ANN).await;
    house.cookie_of(ANN).await;
    house.letters().await;
    let elsewhere = from([203, 0, 113, 7], None);
    let Ok(Outcome::SignedIn { session, .. }) = house.sign_in_from(elsewhere, ANN, PASSWORD).await else {
        panic!("signed in")
    };
    assert!(house.letters().await[0].contains("203.0.113.7 (Hamburg, Germany)"));
    let caller = house.elsewhere(&session.token.reveal(), elsewhere).await;
    let devices = sessions::list(&caller.signed_in().expect("in")).await.expect("lists");
    let place = devices.into_iter().find(|device| device.current).and_then(|device| device.place);
    assert_eq!(place.as_deref(), Some("Hamburg, Germany"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn this_was_not_me_takes_away_the_authenticator_of_whoever_it_was(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    house.cookie_of(ANN).await;
    house.letters().await;
    let there = from([198, 51, 100, 1], None);
    let Ok(Outcome::SignedIn { session, .. }) = house.sign_in_from(there, ANN, PASSWORD).await else {
        panic!("the thief knows the password")
    };
    let token = house.token().await;
    house.platform.clock().advance(Duration::from_secs(1));
    let thief = house.elsewhere(&session.token.reveal(), there).await;
    crate::second_factor::enrol(&house, &thief).await;
    house.letters().await;
    let grant = house.nobody().anonymous(Purpose::Letter);
    let reset = identity::disown_sign_in(&grant, &token).await.expect("disowned").reveal();
    assert!(house.letters().await.iter().any(|letter| letter.contains("second factor")), "it is told");
    identity::reset_password(&grant, &reset, "nine quiet rivers").await.expect("a new password");
    let owner = house.sign_in(ANN, "nine quiet rivers").await;
    assert!(matches!(owner, Ok(Outcome::SignedIn { .. })), "no code of the thief is asked for");
}

/// Signs in with the code and asks to be trusted; answers the browser's secret.
async fn trusted(house: &House, totp: &Totp, from: From) -> TokenHash {
    let Ok(Outcome::SecondFactor { pending }) = house.sign_in_from(from, ANN, PASSWORD).await else {
        panic!("asks for it")
    };
    let facts = house.facts(from);
    let cookies = Cookies { session: None, pending: Some(pending.reveal()) };
    let actor = sessions::resolve(&house.platform, &cookies, &facts).await.expect("resolves");
    let grant = Caller::new(house.platform.clone(), actor, facts).half_way().expect("half way");
    let (session, _) =
        second_factor::verify(&grant, &code(house, totp), Trust::ThisDevice).await.expect("in");
    house.platform.clock().advance(Duration::from_mins(1));
    device_of(&session).expect("a secret")
}

async fn asks_for_code(house: &House, from: From) -> bool {
    match house.sign_in_from(from, ANN, PASSWORD).await.expect("the password is right") {
        Outcome::SignedIn { .. } => false,
        Outcome::SecondFactor { .. } => true,
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_trusted_browser_skips_the_code_for_thirty_days_and_nothing_else(db: PgPool) {
    let house = House::new(db);
    let (_, totp, _) = enrolled(&house).await;
    let here = from([192, 0, 2, 7], Some(trusted(&house, &totp, from([192, 0, 2, 7], None)).await));
    assert!(!asks_for_code(&house, here).await);
    assert!(asks_for_code(&house, from([192, 0, 2, 7], None)).await, "another browser");
    let wrong = house.sign_in_from(here, ANN, "wrong horse battery").await.map(drop);
    assert_eq!(wrong, Err(AppError::WrongCredentials), "the password is asked all the same");
    house.platform.clock().advance(known_devices::TRUSTED_FOR);
    assert!(asks_for_code(&house, here).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn where_a_second_factor_is_on_no_password_alone_is_a_fresh_proof(db: PgPool) {
    let house = House::new(db);
    let (_, totp, _) = enrolled(&house).await;
    let here = from([192, 0, 2, 7], Some(trusted(&house, &totp, from([192, 0, 2, 7], None)).await));
    let Ok(Outcome::SignedIn { session, .. }) = house.sign_in_from(here, ANN, PASSWORD).await else {
        panic!("signed in")
    };
    let stale = Some(AppError::StepUpRequired { max_age_s: 300 });
    let caller = house.elsewhere(&session.token.reveal(), here).await;
    assert_eq!(caller.stepped_up().err(), stale, "the trusted browser stood in for the code");
    let grant = caller.signed_in().expect("in");
    let changed = identity::change_password(&grant, PASSWORD, "nine quiet rivers").await.expect("changes");
    let caller = house.elsewhere(&changed.token.reveal(), here).await;
    assert_eq!(caller.stepped_up().err(), stale, "nor was the old password a code");
    let code = code(&house, &totp);
    let proved = identity::step_up(&caller.signed_in().expect("in"), None, Some(code)).await.expect("proves");
    assert!(house.elsewhere(&proved.token.reveal(), here).await.stepped_up().is_ok());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn trust_ends_with_a_new_password_and_when_its_owner_says_so(db: PgPool) {
    let house = House::new(db);
    let (_, totp, _) = enrolled(&house).await;
    let here = from([192, 0, 2, 7], Some(trusted(&house, &totp, from([192, 0, 2, 7], None)).await));
    let Ok(Outcome::SignedIn { session, .. }) = house.sign_in_from(here, ANN, PASSWORD).await else {
        panic!("signed in")
    };
    let caller = house.elsewhere(&session.token.reveal(), here).await;
    let grant = caller.signed_in().expect("in");
    let listed = known_devices::trusted(&grant).await.expect("lists");
    assert_eq!((listed.len(), listed[0].current), (1, true));
    // A trusted browser is no fresh proof.
    let proved = identity::step_up(&grant, None, Some(code(&house, &totp))).await.expect("proves");
    let caller = house.elsewhere(&proved.token.reveal(), here).await;
    sessions::end_others(&caller.stepped_up().expect("fresh")).await.expect("ends");
    let grant = caller.signed_in().expect("in");
    house.platform.clock().advance(Duration::from_mins(1));
    assert!(asks_for_code(&house, here).await, "after signing out everywhere else");
    assert!(known_devices::trusted(&grant).await.expect("lists").is_empty());

    let there = from([192, 0, 2, 8], Some(trusted(&house, &totp, from([192, 0, 2, 8], None)).await));
    let id = known_devices::trusted(&grant).await.expect("lists")[0].id;
    house.letters().await;
    let stranger = house.person("ben@example.com").await.signed_in().expect("in");
    assert_eq!(known_devices::forget(&stranger, id).await, Err(AppError::NotFound));
    known_devices::forget(&grant, id).await.expect("forgets");
    assert_eq!(known_devices::forget(&grant, id).await, Err(AppError::NotFound));
    assert!(asks_for_code(&house, there).await);

    let there = from([192, 0, 2, 9], Some(trusted(&house, &totp, from([192, 0, 2, 9], None)).await));
    house.letters().await;
    identity::forgot_password(&house.nobody().anonymous(Purpose::Letter), ANN, None).await.expect("asks");
    let letters = house.letters().await;
    let token = token_in(letters.last().expect("a letter"));
    let letter = house.nobody().anonymous(Purpose::Letter);
    identity::reset_password(&letter, &token, PASSWORD).await.expect("resets");
    assert!(asks_for_code(&house, there).await, "a second factor survives a reset");
}
