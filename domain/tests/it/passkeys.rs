//! Passkeys: added, listed, renamed, removed; as the whole sign-in, its second half, and a fresh proof. The device is in
//! software, the checks and the database are real.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::{Caller, Grant, HalfWayScope, Own, Purpose, SteppedUp},
    identity::service::{self as identity, Outcome},
    platform::{
        Platform,
        clock::Clock,
        random::{Token, TokenHash},
        testing,
    },
    second_factor::{
        Ceremony, PasskeyAdded,
        passkeys::service::{self, CEREMONY_LIFETIME, MOST, PasskeySignIn},
        service::{self as factor, Trust},
    },
    sessions::{Cookies, NewSession},
};
use futures::future::join_all;
use sqlx::PgPool;

use crate::{
    house::{House, PASSWORD},
    races::overtaken,
    second_factor::{code, enrol},
    soft_key::{SoftKey, asked_otherwise},
};

const ANN: &str = "ann@example.com";
const BOB: &str = "bob@example.com";

/// What makes an answer a wrong one.
type Fault = fn(&mut SoftKey);

async fn add(grant: &Grant<SteppedUp>, key: &mut SoftKey) -> Result<(PasskeyAdded, NewSession), AppError> {
    let asked = service::start(grant).await?;
    let answer = key.create(&asked);
    service::finish(grant, &asked.ceremony.to_string(), &answer, "Blue key").await
}

/// A person with one passkey: the caller in their renewed session, the key, and what was answered.
async fn keyed(house: &House, email: &str) -> (Caller, SoftKey, PasskeyAdded) {
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
async fn at_the_door(house: &House) -> (Ceremony, TokenHash) {
    let grant = house.nobody().anonymous(Purpose::SignIn);
    let (asked, secret) = service::begin_sign_in(&grant, None).await.expect("asks");
    (asked, secret.expect("a new browser").hash())
}

async fn come_in(
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

async fn sign_in(house: &House, key: &mut SoftKey) -> Result<Outcome, AppError> {
    let (asked, browser) = at_the_door(house).await;
    let answer = key.get(&asked);
    come_in(house, browser, &asked, &answer).await
}

fn refused(outcome: Result<Outcome, AppError>) -> AppError {
    outcome.map(|_| "came in").expect_err("refused")
}

async fn half_way(house: &House) -> Grant<HalfWayScope> {
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

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn after_the_password_a_passkey_is_the_second_factor(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, added) = keyed(&house, ANN).await;
    let grant = half_way(&house).await;
    let asked = service::begin_second_factor(&grant).await.expect("asks");
    assert_eq!(asked.public_key["allowCredentials"].as_array().map(Vec::len), Some(1), "only theirs");
    let ceremony = asked.ceremony.to_string();
    // A ceremony of one door opens no other.
    let (at_door, browser) = at_the_door(&house).await;
    let answer = key.get(&at_door);
    let mixed =
        service::finish_second_factor(&grant, &at_door.ceremony.to_string(), &answer, Trust::No).await;
    assert_eq!(mixed.map(drop), Err(AppError::PasskeyRefused));
    let answer = key.get(&asked);
    assert_eq!(refused(come_in(&house, browser, &asked, &answer).await), AppError::PasskeyRefused);
    let (session, _) =
        service::finish_second_factor(&grant, &ceremony, &answer, Trust::No).await.expect("in");
    assert!(house.with_cookie(&session.token.reveal()).await.signed_in().is_ok());
    // A recovery code helps where the device is gone.
    let codes = added.recovery_codes.expect("the first ones");
    factor::recover(&half_way(&house).await, &codes[0]).await.expect("in");
    let grant = half_way(&house).await;
    let asked = service::begin_second_factor(&grant).await.expect("asks");
    let (ceremony, answer) = (asked.ceremony.to_string(), key.get(&asked));
    service::finish_second_factor(&grant, &ceremony, &answer, Trust::ThisDevice).await.expect("in");
    assert!(matches!(house.sign_in(ANN, PASSWORD).await, Ok(Outcome::SignedIn { .. })), "a trusted browser");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_twenty_second_halves_with_one_answer_one_comes_in(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = keyed(&house, ANN).await;
    let grant = half_way(&house).await;
    let asked = service::begin_second_factor(&grant).await.expect("asks");
    let (ceremony, answer) = (asked.ceremony.to_string(), key.get(&asked));
    let tries = (0..20).map(|_| service::finish_second_factor(&grant, &ceremony, &answer, Trust::No));
    assert_eq!(join_all(tries).await.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_passkey_is_a_fresh_proof_and_the_password_alone_is_none(db: PgPool) {
    let house = House::new(db);
    let (caller, mut key, _) = keyed(&house, ANN).await;
    house.platform.clock().advance(Duration::from_mins(6));
    assert!(matches!(caller.stepped_up().map(drop), Err(AppError::StepUpRequired { .. })));
    let grant: Grant<Own> = caller.signed_in().expect("in");
    let needs = identity::step_up_needs(&grant).await.expect("says");
    assert_eq!((format!("{:?}", needs.proof).as_str(), needs.passkey), ("Passkey", true));
    let by_password = identity::step_up(&grant, Some(PASSWORD.into()), None).await.map(drop);
    assert!(by_password.expect_err("refused").of_field("credential").is_some());
    let asked = service::begin_step_up(&grant).await.expect("asks");
    let ceremony = asked.ceremony.to_string();
    key.verifies = false;
    let careless = service::step_up(&grant, &ceremony, &key.get(&asked)).await.map(drop);
    assert_eq!(careless, Err(AppError::PasskeyRefused));
    key.verifies = true;
    let asked = service::begin_step_up(&grant).await.expect("asks");
    let session =
        service::step_up(&grant, &asked.ceremony.to_string(), &key.get(&asked)).await.expect("proves");
    assert!(house.with_cookie(&session.token.reveal()).await.stepped_up().is_ok());
    let trail = house.trail("identity").await;
    assert!(
        trail.iter().any(|(action, detail)| action == "identity.proof-refused" && detail.contains("passkey"))
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_locked_account_is_not_opened_and_the_answer_does_not_say_why(db: PgPool) {
    let house = House::new(db.clone());
    let (_, mut key, _) = keyed(&house, ANN).await;
    sqlx::query!("UPDATE users SET locked_at = now() WHERE email = $1", ANN)
        .execute(&db)
        .await
        .expect("locks");
    let locked = refused(sign_in(&house, &mut key).await);
    let unknown = refused(sign_in(&house, &mut SoftKey::new()).await);
    assert_eq!((locked, unknown), (AppError::PasskeyRefused, AppError::PasskeyRefused));
    let trail = house.trail("identity").await;
    let reasons: Vec<_> = trail.iter().rev().take(2).map(|(_, detail)| detail.as_str()).collect();
    assert!(reasons[0].contains("unknown-passkey") && reasons[1].contains("locked"), "{reasons:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_account_that_is_about_to_be_deleted_can_only_be_kept(db: PgPool) {
    let house = House::new(db);
    let (caller, mut key, _) = keyed(&house, ANN).await;
    identity::delete_account(&caller.stepped_up().expect("fresh"), ANN).await.expect("asked for");
    let Ok(Outcome::SignedIn { session, .. }) = sign_in(&house, &mut key).await else { panic!("comes in") };
    let caller = house.with_cookie(&session.token.reveal()).await;
    assert!(matches!(caller.stepped_up().map(drop), Err(AppError::DeletionPending { .. })));
    identity::keep_account(&caller.any_session().expect("in")).await.expect("keeps");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_new_browser_is_told_to_the_owner(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = keyed(&house, ANN).await;
    let elsewhere = House::new(house.db.clone());
    assert!(sign_in(&elsewhere, &mut key).await.is_ok());
    let letters = elsewhere.letters().await;
    assert!(letters.len() == 1 && letters[0].contains("was not used for it before"), "{letters:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn two_that_are_added_at_once_are_both_kept_and_one_twice_is_not(db: PgPool) {
    let house = House::new(db);
    let grant = house.person(ANN).await.stepped_up().expect("fresh");
    let (mut one, mut two) = (SoftKey::new(), SoftKey::new());
    let asked = [service::start(&grant).await.expect("asks"), service::start(&grant).await.expect("asks")];
    let answers = [one.create(&asked[0]), two.create(&asked[1])];
    let added = join_all((0..2).map(|i| {
        let ceremony = asked[i].ceremony.to_string();
        let (grant, answer) = (&grant, &answers[i]);
        async move { service::finish(grant, &ceremony, answer, "").await }
    }))
    .await;
    let added: Vec<_> = added.into_iter().map(|added| added.expect("kept").0).collect();
    assert_eq!(added.iter().filter(|added| added.recovery_codes.is_some()).count(), 1, "one was the first");
    assert_eq!(added[0].passkey.name, "Firefox on Linux", "named after the browser");
    // The same key again: whoever asks, it is there.
    assert_eq!(add(&grant, &mut one).await.map(drop), Err(AppError::PasskeyRefused));
    let asked = service::start(&grant).await.expect("asks");
    let (ceremony, answer) = (asked.ceremony.to_string(), SoftKey::new().create(&asked));
    let tries = (0..20).map(|_| service::finish(&grant, &ceremony, &answer, "Twenty"));
    assert_eq!(join_all(tries).await.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_new_passkey_is_checked_as_strictly_as_a_known_one(db: PgPool) {
    let house = House::new(db);
    let grant = house.person(ANN).await.stepped_up().expect("fresh");
    let wrong: [(&str, Fault); 3] = [
        ("another origin", |key| key.origin = "https://localhost:3000".into()),
        ("another site", |key| key.rp_id = "evil.example".into()),
        ("nobody made sure of the person", |key| key.verifies = false),
    ];
    for (what, break_it) in wrong {
        let mut key = SoftKey::new();
        break_it(&mut key);
        assert_eq!(add(&grant, &mut key).await.map(drop), Err(AppError::PasskeyRefused), "{what}");
    }
    let asked = service::start(&grant).await.expect("asks");
    let ceremony = asked.ceremony.to_string();
    let answer = SoftKey::new().create(&asked_otherwise(&asked));
    assert_eq!(
        service::finish(&grant, &ceremony, &answer, "").await.map(drop),
        Err(AppError::PasskeyRefused)
    );
    let answer = SoftKey::new().create(&asked);
    let again = service::finish(&grant, &ceremony, &answer, "").await.map(drop);
    assert_eq!(again, Err(AppError::PasskeyRefused), "used up");
    for unreadable in ["", "{}", "[]", "\"\""] {
        let error = service::finish(&grant, &ceremony, unreadable, "").await.map(drop).expect_err("refused");
        assert!(error.of_field("credential").is_some(), "{unreadable:?}: {error:?}");
    }
    assert!(service::list(&grant.own()).await.expect("lists").is_empty());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_account_has_at_most_twenty(db: PgPool) {
    let house = House::new(db);
    let grant = house.person(ANN).await.stepped_up().expect("fresh");
    let waiting = service::start(&grant).await.expect("asks");
    for _ in 0..MOST {
        add(&grant, &mut SoftKey::new()).await.expect("adds");
    }
    let too_many = service::start(&grant).await.map(drop).expect_err("refused");
    assert_eq!(
        too_many.of_field("passkey").map(|p| p.issue.clone()),
        Some(FieldIssue::TooMany { max: MOST })
    );
    let answer = SoftKey::new().create(&waiting);
    let late = service::finish(&grant, &waiting.ceremony.to_string(), &answer, "").await.map(drop);
    assert!(matches!(late, Err(AppError::Conflict { .. })), "one that was begun before counts them too");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_second_factor_is_on_until_the_last_of_its_kinds_is_gone(db: PgPool) {
    let house = House::new(db);
    let caller = house.person(ANN).await;
    let (caller, totp, codes) = enrol(&house, &caller).await;
    let mut key = SoftKey::new();
    let grant = caller.stepped_up().expect("fresh");
    let (added, _) = add(&grant, &mut key).await.expect("adds");
    assert_eq!(added.recovery_codes, None, "the codes there are stay good");
    let pending = half_way(&house).await;
    factor::verify(&pending, &code(&house, &totp), Trust::No).await.expect("either will do");
    house.letters().await;
    factor::disable(&grant).await.expect("removes the authenticator");
    assert!(house.letters().await[0].contains("Sign-ins now ask for a passkey"));
    factor::recover(&half_way(&house).await, &codes[0]).await.expect("still asked, and the codes still work");
    service::remove(&grant, added.passkey.id).await.expect("removes");
    let state = factor::state(&grant.own(), None).await.expect("state");
    assert_eq!((state.enabled, state.recovery_codes_left), (false, 0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_reset_password_neither_removes_nor_skips_a_passkey(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = keyed(&house, ANN).await;
    let grant = house.nobody().anonymous(Purpose::Letter);
    identity::forgot_password(&grant, ANN, None).await.expect("always");
    let token = house.token().await;
    identity::reset_password(&grant, &token, "nine quiet typewriters").await.expect("resets");
    assert!(matches!(house.sign_in(ANN, "nine quiet typewriters").await, Ok(Outcome::SecondFactor { .. })));
    assert!(matches!(sign_in(&house, &mut key).await, Ok(Outcome::SignedIn { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_disowns_a_sign_in_is_rid_of_the_passkeys_that_were_added_since(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = keyed(&house, ANN).await;
    // A thief with the phone comes in elsewhere and adds a key of their own.
    let thief = House::new(house.db.clone());
    thief.platform.clock().advance(Duration::from_mins(1));
    let Ok(Outcome::SignedIn { session, .. }) = sign_in(&thief, &mut key).await else { panic!("comes in") };
    let letter =
        thief.letters().await.into_iter().find(|letter| letter.contains("/not-me")).expect("a letter");
    let grant = thief.with_cookie(&session.token.reveal()).await.stepped_up().expect("fresh");
    let mut theirs = SoftKey::new();
    add(&grant, &mut theirs).await.expect("adds");
    thief.letters().await;
    let nobody = thief.nobody().anonymous(Purpose::Letter);
    identity::disown_sign_in(&nobody, &crate::house::token_in(&letter)).await.expect("disowns");
    assert!(thief.letters().await.iter().any(|letter| letter.contains("were removed")));
    assert_eq!(refused(sign_in(&thief, &mut theirs).await), AppError::PasskeyRefused);
    assert!(sign_in(&thief, &mut key).await.is_ok(), "the older one stays");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_reset_of_a_second_factor_takes_the_passkeys_too(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = keyed(&house, ANN).await;
    let system = Grant::system(&house.platform, "a test");
    domain::admin::service::reset_second_factor(&system, ANN).await.expect("resets");
    assert!(house.letters().await[0].contains("with its passkeys"));
    assert_eq!(refused(sign_in(&house, &mut key).await), AppError::PasskeyRefused);
    assert!(matches!(house.sign_in(ANN, PASSWORD).await, Ok(Outcome::SignedIn { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_opened_an_account_before_opens_no_administrators(db: PgPool) {
    let house = House::new(db);
    let (_, mut key, _) = keyed(&house, ANN).await;
    let system = Grant::system(&house.platform, "a test");
    let link = identity::invite_first_administrator(&system).await.expect("answers").expect("a link");
    let bootstrap = house.nobody().anonymous(Purpose::Bootstrap);
    let token = crate::house::token_in(&link);
    identity::bootstrap(&bootstrap, &token, ANN, "nine quiet typewriters").await.expect("comes in");
    assert_eq!(refused(sign_in(&house, &mut key).await), AppError::PasskeyRefused);
    assert!(matches!(house.sign_in(ANN, "nine quiet typewriters").await, Ok(Outcome::SignedIn { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_session_that_ended_meanwhile_adds_and_removes_nothing(db: PgPool) {
    const OUT: &str = "DELETE FROM sessions";
    let house = House::new(db.clone());
    let caller = house.person(ANN).await;
    let mut key = SoftKey::new();
    let grant = caller.stepped_up().expect("fresh");
    let asked = service::start(&grant).await.expect("asks");
    let (ceremony, answer) = (asked.ceremony.to_string(), key.create(&asked));
    let finished = overtaken(&db, OUT, service::finish(&grant, &ceremony, &answer, "Late key")).await;
    assert_eq!(finished.err(), Some(AppError::SignInRequired));
    let cookie = house.cookie_of(ANN).await;
    let grant = house.with_cookie(&cookie).await.stepped_up().expect("fresh");
    let (added, session) = add(&grant, &mut key).await.expect("adds");
    let caller = house.with_cookie(&session.token.reveal()).await;
    let grant = caller.stepped_up().expect("fresh");
    let removed = overtaken(&db, OUT, service::remove(&grant, added.passkey.id)).await;
    assert_eq!(removed.err(), Some(AppError::SignInRequired));
    let state = factor::state(&grant.own(), None).await.expect("state");
    assert_eq!(state.passkeys, 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_passkey_is_renamed_and_the_trail_tells(db: PgPool) {
    let house = House::new(db);
    let (caller, _, added) = keyed(&house, ANN).await;
    let grant = caller.signed_in().expect("in");
    service::rename(&grant, added.passkey.id, " Key ring ").await.expect("renames");
    assert_eq!(service::list(&grant).await.expect("lists")[0].name, "Key ring");
    for (typed, issue) in [("", FieldIssue::Required), ("a\nb", FieldIssue::ControlCharacter)] {
        let problem = service::rename(&grant, added.passkey.id, typed).await.expect_err("refused");
        assert_eq!(problem.of_field("name").map(|p| p.issue.clone()), Some(issue));
    }
    let trail: Vec<_> = house.trail("second-factor").await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(trail, ["second-factor.passkey-added", "second-factor.passkey-renamed"]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_site_without_a_name_has_no_passkeys(db: PgPool) {
    let mut parts = testing::parts(db, Clock::system().now());
    parts.rules.public_url = "https://192.0.2.7".to_owned();
    let house = House::on(Platform::new(parts));
    let caller = house.person(ANN).await;
    let state = factor::state(&caller.signed_in().expect("in"), None).await.expect("state");
    assert!(!state.passkeys_possible);
    let problem = service::start(&caller.stepped_up().expect("fresh")).await.map(drop).expect_err("refused");
    assert_eq!(problem.of_field("passkey").map(|p| p.issue.clone()), Some(FieldIssue::SiteHasNoName));
}
