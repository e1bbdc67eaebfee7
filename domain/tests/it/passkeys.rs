//! Passkeys as the whole sign-in, and everything that must not be one. The device is in software, the checks and the
//! database are real.

use domain::{
    AppError, FieldIssue,
    access::{Caller, Grant, HalfWayScope, Purpose, SteppedUp},
    identity::service::Outcome,
    platform::random::{Token, TokenHash},
    second_factor::{
        Ceremony, PasskeyAdded,
        passkeys::service::{self, CEREMONY_LIFETIME, PasskeySignIn},
        service::{self as factor, Trust},
    },
    sessions::{Cookies, NewSession},
};
use futures::future::join_all;
use sqlx::PgPool;

use crate::{
    house::{House, PASSWORD},
    soft_key::{SoftKey, asked_otherwise},
};

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";

/// What makes an answer a wrong one.
type Fault = fn(&mut SoftKey);

pub(crate) async fn add(
    grant: &Grant<SteppedUp>,
    key: &mut SoftKey,
) -> Result<(PasskeyAdded, NewSession), AppError> {
    let asked = service::start(grant).await?;
    let answer = key.create(&asked);
    service::finish(grant, &asked.ceremony.to_string(), &answer, "Blue key").await
}

/// A person with one passkey: the caller in their renewed session, the key, and what was answered.
pub(crate) async fn keyed(house: &House, email: &str) -> (Caller, SoftKey, PasskeyAdded) {
    let caller = house.person(email).await;
    let mut key = SoftKey::new();
    let (added, session) = add(&caller.stepped_up().expect("fresh"), &mut key).await.expect("adds");
    let letters = house.letters().await;
    assert!(
        letters.len() == 1 && letters[0].contains("A passkey was added"),
        "the owner is told: {letters:?}"
    );
    (house.with_cookie(&session.token.reveal()).await, key, added)
}

/// A browser in which nobody is signed in, and that was asked for a passkey.
pub(crate) async fn at_the_door(house: &House) -> (Ceremony, TokenHash) {
    let grant = house.nobody().anonymous(Purpose::SignIn);
    let (asked, secret) = service::begin_sign_in(&grant, None).await.expect("asks");
    (asked, secret.expect("a new browser").hash())
}

pub(crate) async fn come_in(
    house: &House,
    browser: TokenHash,
    asked: &Ceremony,
    answer: &str,
) -> Result<Outcome, AppError> {
    let typed = PasskeySignIn {
        ceremony: asked.ceremony.to_string(),
        credential: answer.to_owned(),
        browser: Some(browser),
        ..PasskeySignIn::default()
    };
    service::sign_in(&house.nobody().anonymous(Purpose::SignIn), typed).await
}

pub(crate) async fn sign_in(house: &House, key: &mut SoftKey) -> Result<Outcome, AppError> {
    let (asked, browser) = at_the_door(house).await;
    let answer = key.get(&asked);
    come_in(house, browser, &asked, &answer).await
}

pub(crate) fn refused(outcome: Result<Outcome, AppError>) -> AppError {
    outcome.map(|_| "came in").expect_err("refused")
}

pub(crate) async fn half_way(house: &House) -> Grant<HalfWayScope> {
    let Ok(Outcome::SecondFactor { pending }) = house.sign_in(ANN, PASSWORD).await else {
        panic!("asks for it")
    };
    let cookies = Cookies { session: None, pending: Some(pending.reveal()) };
    house.with_cookies(cookies).await.half_way().expect("half way")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_passkey_signs_its_owner_in_and_is_listed(db: PgPool) {
    let house = House::new(db);
    let (caller, mut key, added) = keyed(&house, ANN).await;
    assert_eq!(added.recovery_codes.map(|codes| codes.len()), Some(10), "the first factor brings codes");
    let Ok(Outcome::SignedIn { session, .. }) = sign_in(&house, &mut key).await else { panic!("comes in") };
    let inside = house.with_cookie(&session.token.reveal()).await;
    assert!(inside.signed_in().is_ok_and(|grant| grant.person().second_factor));
    assert!(inside.stepped_up().is_ok(), "it is a fresh proof as well");
    let listed = service::list(&caller.signed_in().expect("in")).await.expect("lists");
    assert_eq!(listed.len(), 1);
    assert_eq!((listed[0].name.as_str(), listed[0].suspected_at), ("Blue key", None));
    assert!(listed[0].last_used_at.is_some());
    let trail = house.trail("identity").await;
    assert!(
        trail
            .iter()
            .any(|(action, detail)| { action == "identity.signed-in" && detail.contains("passkey-alone") })
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_browser_is_asked_for_a_key_that_needs_no_address_and_makes_sure_of_the_person(db: PgPool) {
    let house = House::new(db);
    let (caller, key, _) = keyed(&house, ANN).await;
    let asked = service::start(&caller.stepped_up().expect("fresh")).await.expect("asks");
    let options = &asked.public_key;
    assert_eq!(options["rp"]["id"], "localhost");
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(options["authenticatorSelection"]["requireResidentKey"], true);
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["user"]["name"], ANN);
    let excluded = options["excludeCredentials"].as_array().expect("a list");
    assert_eq!(excluded.len(), 1, "a device is not given a second key for the account");
    let (asked, _) = at_the_door(&house).await;
    assert_eq!(asked.public_key["userVerification"], "required");
    assert_eq!(asked.public_key["allowCredentials"].as_array().map(Vec::len), Some(0), "nobody is named");
    drop(key);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_sign_in_goes_where_the_person_was_going_and_replaces_their_session(db: PgPool) {
    let house = House::new(db);
    let (caller, mut key, _) = keyed(&house, ANN).await;
    for (wanted, led) in [("/account/tokens", Some("/account/tokens")), ("https://evil.example/", None)] {
        let (asked, browser) = at_the_door(&house).await;
        let typed = PasskeySignIn {
            ceremony: asked.ceremony.to_string(),
            credential: key.get(&asked),
            browser: Some(browser),
            remember: true,
            next: Some(wanted.to_owned()),
            replaces: domain::sessions::service::of_actor(caller.actor()),
        };
        let grant = house.nobody().anonymous(Purpose::SignIn);
        let Ok(Outcome::SignedIn { session, next, .. }) = service::sign_in(&grant, typed).await else {
            panic!("comes in")
        };
        assert_eq!(next.as_deref(), led);
        assert!(session.keep_for.is_some(), "remembered");
    }
    assert!(house.trail("sessions").await.iter().any(|(action, _)| action == "sessions.replaced"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_not_as_it_was_asked_for_is_refused_and_used_up(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = keyed(&house, ANN).await;
    let wrong: [(&str, Fault); 4] = [
        ("another origin", |key| key.origin = "http://localhost.evil.example:3000".into()),
        ("another site", |key| key.rp_id = "evil.example".into()),
        ("nobody made sure of the person", |key| key.verifies = false),
        ("another owner", |key| key.names_owner = Some(uuid::Uuid::nil())),
    ];
    for (what, break_it) in wrong {
        let (asked, browser) = at_the_door(&house).await;
        let (origin, rp_id, owner) = (key.origin.clone(), key.rp_id.clone(), key.names_owner);
        break_it(&mut key);
        let answer = key.get(&asked);
        (key.origin, key.rp_id, key.verifies, key.names_owner) = (origin, rp_id, true, owner);
        assert_eq!(
            refused(come_in(&house, browser, &asked, &answer).await),
            AppError::PasskeyRefused,
            "{what}"
        );
        // The right answer comes too late: the ceremony is over.
        let answer = key.get(&asked);
        let again = come_in(&house, browser, &asked, &answer).await;
        assert_eq!(refused(again), AppError::PasskeyRefused, "{what}, then right");
    }
    let (asked, browser) = at_the_door(&house).await;
    let answer = key.get(&asked_otherwise(&asked));
    assert_eq!(refused(come_in(&house, browser, &asked, &answer).await), AppError::PasskeyRefused);
    assert!(sign_in(&house, &mut key).await.is_ok());
    let trail = house.trail("identity").await;
    let noted = trail.iter().filter(|(_, detail)| detail.contains("wrong-passkey")).count();
    assert_eq!(noted, 9, "each is in the trail");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_ceremony_ends_once_in_time_and_in_the_browser_that_was_asked(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = keyed(&house, ANN).await;
    let (asked, browser) = at_the_door(&house).await;
    let answer = key.get(&asked);
    let elsewhere = come_in(&house, Token::new().hash(), &asked, &answer).await;
    assert_eq!(refused(elsewhere), AppError::PasskeyRefused, "another browser");
    assert!(come_in(&house, browser, &asked, &answer).await.is_ok(), "which used nothing up");
    assert_eq!(
        refused(come_in(&house, browser, &asked, &answer).await),
        AppError::PasskeyRefused,
        "replayed"
    );
    let (asked, browser) = at_the_door(&house).await;
    house.platform.clock().advance(CEREMONY_LIFETIME);
    let answer = key.get(&asked);
    assert_eq!(refused(come_in(&house, browser, &asked, &answer).await), AppError::PasskeyRefused, "late");
    assert_eq!(service::sweep(&house.platform).await, Ok(1), "and forgotten");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_twenty_answers_to_one_ceremony_one_comes_in(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = keyed(&house, ANN).await;
    let (asked, browser) = at_the_door(&house).await;
    // A device without a counter answers the same each time: nothing but the ceremony keeps them apart.
    let answers: Vec<_> = (0..20).map(|_| key.get_again(&asked)).collect();
    let outcomes = join_all(answers.iter().map(|answer| come_in(&house, browser, &asked, answer))).await;
    let refusals: Vec<_> = outcomes.into_iter().filter_map(Result::err).collect();
    assert_eq!(refusals.len(), 19);
    assert!(refusals.iter().all(|error| *error == AppError::PasskeyRefused), "{refusals:?}");
    key.counter = 7;
    assert!(sign_in(&house, &mut key).await.is_ok());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_copies_that_answer_at_once_one_comes_in(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = keyed(&house, ANN).await;
    key.counter = 5;
    let mut doors = Vec::new();
    for _ in 0..6 {
        let (asked, browser) = at_the_door(&house).await;
        doors.push((key.get_again(&asked), asked, browser));
    }
    let outcomes =
        join_all(doors.iter().map(|(answer, asked, browser)| come_in(&house, *browser, asked, answer))).await;
    assert_eq!(
        outcomes.iter().filter(|outcome| outcome.is_ok()).count(),
        1,
        "the counter is read under a lock"
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_counter_that_goes_back_is_refused_noted_and_told_once(db: PgPool) {
    let house = House::new(db);
    let (caller, mut key, _) = keyed(&house, ANN).await;
    key.counter = 8;
    assert!(sign_in(&house, &mut key).await.is_ok());
    house.letters().await;
    for _ in 0..2 {
        key.counter = 3;
        assert_eq!(refused(sign_in(&house, &mut key).await), AppError::PasskeyRefused);
    }
    let letters = house.letters().await;
    assert!(letters.len() == 1 && letters[0].contains("the count went back"), "{letters:?}");
    let listed = service::list(&caller.signed_in().expect("in")).await.expect("lists");
    assert!(listed[0].suspected_at.is_some());
    let trail = house.trail("second-factor").await;
    assert_eq!(trail.iter().filter(|(action, _)| action == "second-factor.passkey-suspected").count(), 2);
    key.counter = 9;
    assert!(sign_in(&house, &mut key).await.is_ok(), "the one that is ahead still opens");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_passkey_that_was_removed_opens_nothing(db: PgPool) {
    let house = House::new(db);
    let (caller, mut key, added) = keyed(&house, ANN).await;
    let (asked, browser) = at_the_door(&house).await;
    let answer = key.get(&asked);
    let session =
        service::remove(&caller.stepped_up().expect("fresh"), added.passkey.id).await.expect("removes");
    assert!(house.letters().await[0].contains("the second factor was turned off"));
    assert_eq!(refused(come_in(&house, browser, &asked, &answer).await), AppError::PasskeyRefused);
    assert!(
        matches!(house.sign_in(ANN, PASSWORD).await, Ok(Outcome::SignedIn { .. })),
        "the password is enough"
    );
    let caller = house.with_cookie(&session.token.reveal()).await;
    let state = factor::state(&caller.signed_in().expect("in"), None).await.expect("state");
    assert!(!state.enabled && state.recovery_codes_left == 0);
    let gone = service::remove(&caller.stepped_up().expect("fresh"), added.passkey.id).await;
    assert_eq!(gone.map(drop), Err(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_touches_the_passkey_of_somebody_else(db: PgPool) {
    let house = House::new(db);
    let (_, mut anns, added) = keyed(&house, ANN).await;
    let (bob, mut bobs, _) = keyed(&house, BOB).await;
    let id = added.passkey.id;
    let grant = bob.stepped_up().expect("fresh");
    assert_eq!(service::remove(&grant, id).await.map(drop), Err(AppError::NotFound));
    assert_eq!(service::rename(&grant.own(), id, "Mine").await, Err(AppError::NotFound));
    // The key of one account proves nothing for another.
    let asked = service::begin_step_up(&grant.own()).await.expect("asks");
    let proof = service::step_up(&grant.own(), &asked.ceremony.to_string(), &anns.get(&asked)).await;
    assert_eq!(proof.map(drop), Err(AppError::PasskeyRefused));
    let half_way = half_way(&house).await;
    let asked = service::begin_second_factor(&half_way).await.expect("asks");
    let answer = bobs.get(&asked);
    let verified =
        service::finish_second_factor(&half_way, &asked.ceremony.to_string(), &answer, Trust::No).await;
    assert_eq!(verified.map(drop), Err(AppError::PasskeyRefused));
    // Nor is it added to a second account, which would find out by whom it is used.
    let asked = service::start(&grant).await.expect("asks");
    let answer = anns.create(&asked);
    let taken = service::finish(&grant, &asked.ceremony.to_string(), &answer, "").await.map(drop);
    let issue = taken.expect_err("refused").of_field("passkey").map(|problem| problem.issue.clone());
    assert_eq!(issue, Some(FieldIssue::AlreadyDone));
}
