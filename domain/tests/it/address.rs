//! Another address for an account, and the way back: against a real database.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::{Actor, Caller, Grant, Purpose},
    identity::service::{self, Outcome},
    second_factor::service as second_factor,
};
use futures::future::join_all;
use sqlx::PgPool;

use crate::{
    house::{From, House, PASSWORD, token_in},
    second_factor::{authenticator, code, enrol},
};

const ANN: &str = "ann@example.com";
const NEW: &str = "ann@new.example";
const OTHER_PASSWORD: &str = "nine quiet typewriters";

/// The letter to an address among those that left.
fn to<'a>(letters: &'a [String], address: &str) -> &'a str {
    letters
        .iter()
        .find(|letter| letter.contains(&format!("To: {address}\r\n")))
        .expect("a letter to this address")
}

/// Asks for another address; answers the token that confirms it and the one that undoes it.
async fn ask(house: &House, caller: &Caller, from: &str, email: &str) -> (String, String) {
    let grant = caller.stepped_up().expect("a fresh proof");
    service::change_email(&grant, email).await.expect("asks");
    let letters = house.letters().await;
    assert_eq!(letters.len(), 2);
    assert!(to(&letters, email).contains("/confirm-email?token="));
    assert!(to(&letters, from).contains("/undo-email?token="));
    assert!(!to(&letters, from).contains(email), "no letter names the other address");
    (token_in(to(&letters, email)), token_in(to(&letters, from)))
}

async fn confirm(house: &House, token: &str) -> Result<(), AppError> {
    service::confirm_email(&house.nobody().anonymous(Purpose::Letter), token).await
}

async fn undo(house: &House, token: &str) -> Result<Option<String>, AppError> {
    let undone = service::undo_email(&house.nobody().anonymous(Purpose::Letter), token).await?;
    Ok(undone.map(|token| token.reveal()))
}

async fn gets_in(house: &House, email: &str, password: &str) -> bool {
    matches!(
        house.sign_in(email, password).await,
        Ok(Outcome::SignedIn { .. } | Outcome::SecondFactor { .. })
    )
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_address_changes_only_by_the_letter_to_the_new_one(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let (token, _) = ask(&house, &ann, ANN, NEW).await;
    let me = service::me(&ann.signed_in().expect("in")).await.expect("answers");
    assert_eq!((me.email.as_str(), me.pending_email.as_deref()), (ANN, Some(NEW)));
    assert!(gets_in(&house, ANN, PASSWORD).await && !gets_in(&house, NEW, PASSWORD).await);
    let results = join_all((0..20).map(|_| confirm(&house, &token))).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    assert_eq!(results.iter().filter(|r| **r == Err(AppError::TokenRefused)).count(), 19);
    assert!(!gets_in(&house, ANN, PASSWORD).await && gets_in(&house, NEW, PASSWORD).await);
    let me = service::me(&ann.signed_in().expect("still in")).await.expect("answers");
    assert_eq!((me.email.as_str(), me.pending_email), (NEW, None));
    let letters = house.letters().await;
    assert!(letters.len() == 1 && to(&letters, ANN).contains("Your address was changed"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_taken_address_gets_the_same_answer_and_its_owner_a_letter(db: PgPool) {
    let house = House::new(db);
    house.account("bob@example.com").await;
    let ann = house.person(ANN).await;
    let grant = ann.stepped_up().expect("a fresh proof");
    let taken = service::change_email(&grant, "BOB@example.com").await;
    let letters = house.letters().await;
    assert_eq!((taken, letters.len()), (Ok(()), 2));
    let owners = to(&letters, "bob@example.com");
    assert!(owners.contains("You already have an account") && !owners.contains("token="), "{owners}");
    assert!(to(&letters, ANN).contains("/undo-email?token="), "the same letter as for a free address");
    let own = service::change_email(&grant, "Ann@Example.com").await.expect_err("refused");
    assert_eq!(own.of_field("email").map(|p| &p.issue), Some(&FieldIssue::Unchanged));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_two_who_want_the_same_address_the_second_is_refused(db: PgPool) {
    let house = House::new(db);
    let (ann, bob) = (house.person(ANN).await, house.person("bob@example.com").await);
    let (anns, _) = ask(&house, &ann, ANN, "both@example.com").await;
    let (bobs, _) = ask(&house, &bob, "bob@example.com", "both@example.com").await;
    let results = join_all([confirm(&house, &anns), confirm(&house, &bobs)]).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|r| **r == Err(AppError::TokenRefused)).count(), 1, "{results:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_keeps_an_address_by_registering_it_unconfirmed(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    house.register(NEW, "a password of a stranger").await;
    house.letters().await;
    let (token, undo_token) = ask(&house, &ann, ANN, NEW).await;
    confirm(&house, &token).await.expect("confirms");
    let cookie = house.cookie_of(NEW).await;
    // Nor does anybody block the way back like that.
    house.register(ANN, "a password of a stranger").await;
    assert!(undo(&house, &undo_token).await.expect("undoes").is_some());
    assert!(matches!(house.with_cookie(&cookie).await.actor(), Actor::Nobody), "everybody is signed out");
    let people = sqlx::query_scalar!("SELECT email FROM users").fetch_all(&db).await.expect("people");
    assert_eq!(people, [ANN]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_old_address_stops_a_change_that_waits(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let (token, undo_token) = ask(&house, &ann, ANN, NEW).await;
    assert_eq!(undo(&house, &undo_token).await, Ok(None));
    assert_eq!(undo(&house, &undo_token).await, Err(AppError::TokenRefused), "a link works once");
    assert_eq!(confirm(&house, &token).await, Err(AppError::TokenRefused));
    assert!(gets_in(&house, ANN, PASSWORD).await, "nothing else has changed");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_old_address_comes_back_whatever_a_stranger_did_since(db: PgPool) {
    let house = House::new(db);
    let stranger = house.person(ANN).await;
    let (token, undo_token) = ask(&house, &stranger, ANN, "eve@example.com").await;
    confirm(&house, &token).await.expect("confirms");
    house.letters().await;
    // Another address, another password, a second factor of their own, and the end of the account.
    let (token, strangers_undo) = ask(&house, &stranger, "eve@example.com", "eve@new.example").await;
    confirm(&house, &token).await.expect("confirms");
    let grant = stranger.signed_in().expect("in");
    let renewed = service::change_password(&grant, PASSWORD, OTHER_PASSWORD).await.expect("changes");
    let stranger = house.with_cookie(&renewed.token.reveal()).await;
    house.letters().await;
    // A letter to the stranger's mailbox, whose link shuts everybody out and lets its reader in.
    let elsewhere = From { address: [198, 51, 100, 9], ..From::default() };
    house.sign_in_from(elsewhere, "eve@new.example", OTHER_PASSWORD).await.expect("signs in");
    let not_me = token_in(&house.letters().await[0]);
    let (stranger, ..) = enrol(&house, &stranger).await;
    house.make_api_token(&stranger).await;
    house.letters().await;
    service::delete_account(&stranger.stepped_up().expect("fresh"), "eve@new.example").await.expect("leaves");
    let way_in = undo(&house, &undo_token).await.expect("undoes").expect("a way in");
    assert_eq!(house.api_tokens().await, 0);
    for (email, password) in [(ANN, OTHER_PASSWORD), (ANN, PASSWORD), ("eve@new.example", OTHER_PASSWORD)] {
        assert!(!gets_in(&house, email, password).await, "{email}");
    }
    assert_eq!(
        undo(&house, &strangers_undo).await,
        Err(AppError::TokenRefused),
        "no way back for the stranger"
    );
    let nobody = house.nobody().anonymous(Purpose::Letter);
    let disowned = service::disown_sign_in(&nobody, &not_me).await.map(drop);
    assert_eq!(disowned, Err(AppError::TokenRefused), "nor by a letter about a sign-in");
    service::reset_password(&nobody, &way_in, "eleven blue umbrellas").await.expect("sets a password");
    let Ok(Outcome::SignedIn { session, .. }) = house.sign_in(ANN, "eleven blue umbrellas").await else {
        panic!("the stranger's second factor is gone");
    };
    let ann = house.with_cookie(&session.token.reveal()).await.signed_in().expect("in");
    assert!(!second_factor::state(&ann, None).await.expect("answers").enabled);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_mailbox_of_an_address_that_was_left_opens_nothing_but_the_way_back(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let elsewhere = From { address: [198, 51, 100, 9], ..From::default() };
    house.sign_in_from(elsewhere, ANN, PASSWORD).await.expect("signs in");
    let not_me = token_in(&house.letters().await[0]);
    let (token, _) = ask(&house, &ann, ANN, NEW).await;
    confirm(&house, &token).await.expect("confirms");
    let nobody = house.nobody().anonymous(Purpose::Letter);
    assert_eq!(service::disown_sign_in(&nobody, &not_me).await.map(drop), Err(AppError::TokenRefused));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_authenticator_begun_before_the_change_and_turned_on_after_it_goes_as_well(db: PgPool) {
    let house = House::new(db);
    let stranger = house.person(ANN).await;
    let fresh = stranger.stepped_up().expect("fresh");
    let setup = second_factor::start(&fresh, ANN).await.expect("starts");
    let (token, undo_token) = ask(&house, &stranger, ANN, "eve@example.com").await;
    confirm(&house, &token).await.expect("confirms");
    let code = code(&house, &authenticator(&setup.secret));
    second_factor::confirm(&fresh, &code).await.expect("turns it on");
    let way_in = undo(&house, &undo_token).await.expect("undoes").expect("a way in");
    let nobody = house.nobody().anonymous(Purpose::Letter);
    service::reset_password(&nobody, &way_in, OTHER_PASSWORD).await.expect("sets a password");
    assert!(matches!(house.sign_in(ANN, OTHER_PASSWORD).await, Ok(Outcome::SignedIn { .. })));
}

/// What an owner does who suspects somebody else.
#[derive(Clone, Copy, Debug)]
enum Remedy {
    NewPassword,
    ForgottenPassword,
    NotMe,
    Bootstrap,
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_a_stranger_has_begun_ends_with_every_remedy(db: PgPool) {
    let house = House::new(db.clone());
    for remedy in [Remedy::NewPassword, Remedy::ForgottenPassword, Remedy::NotMe, Remedy::Bootstrap] {
        let email = format!("{remedy:?}@example.com").to_lowercase();
        let stranger = house.person(&email).await;
        let (token, _) = ask(&house, &stranger, &email, &format!("new-{email}")).await;
        second_factor::start(&stranger.stepped_up().expect("fresh"), &email).await.expect("starts");
        shut_out_by(&house, remedy, &email).await;
        assert_eq!(confirm(&house, &token).await, Err(AppError::TokenRefused), "{remedy:?}");
        let waiting =
            sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM authenticators"#).fetch_one(&db);
        assert_eq!(waiting.await.expect("a count"), 0, "{remedy:?}");
    }
}

async fn shut_out_by(house: &House, remedy: Remedy, email: &str) {
    let letter = house.nobody().anonymous(Purpose::Letter);
    match remedy {
        Remedy::NewPassword => {
            let cookie = house.cookie_of(email).await;
            let grant = house.with_cookie(&cookie).await.signed_in().expect("in");
            service::change_password(&grant, PASSWORD, OTHER_PASSWORD).await.expect("changes");
        }
        Remedy::ForgottenPassword => {
            service::forgot_password(&letter, email, None).await.expect("asks");
            let token = house.token().await;
            service::reset_password(&letter, &token, OTHER_PASSWORD).await.expect("resets");
        }
        Remedy::NotMe => {
            let elsewhere = From { address: [198, 51, 100, 9], ..From::default() };
            house.sign_in_from(elsewhere, email, PASSWORD).await.expect("signs in");
            let token = house.token().await;
            service::disown_sign_in(&letter, &token).await.expect("disowns");
        }
        Remedy::Bootstrap => {
            let system = Grant::system(&house.platform, "test");
            let link = service::invite_first_administrator(&system).await.expect("answers").expect("a link");
            let bootstrap = house.nobody().anonymous(Purpose::Bootstrap);
            service::bootstrap(&bootstrap, &token_in(&link), email, OTHER_PASSWORD).await.expect("comes in");
        }
    }
    house.letters().await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_had_the_address_of_an_administrator_before_cannot_take_it_back(db: PgPool) {
    let house = House::new(db);
    let mallory = house.person(ANN).await;
    let (token, _) = ask(&house, &mallory, ANN, NEW).await;
    confirm(&house, &token).await.expect("somebody presses the button");
    let undo_token = token_in(&house.letters().await[0]);
    shut_out_by(&house, Remedy::Bootstrap, NEW).await;
    assert_eq!(undo(&house, &undo_token).await, Err(AppError::TokenRefused));
    assert!(gets_in(&house, NEW, OTHER_PASSWORD).await);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn links_of_a_change_expire(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    let (late, undo_late) = ask(&house, &ann, ANN, NEW).await;
    house.platform.clock().advance(Duration::from_hours(24));
    assert_eq!(confirm(&house, &late).await, Err(AppError::TokenRefused));
    assert_eq!(undo(&house, &undo_late).await, Err(AppError::TokenRefused));
    let cookie = house.cookie_of(ANN).await;
    let ann = house.with_cookie(&cookie).await;
    let (token, first_undo) = ask(&house, &ann, ANN, NEW).await;
    confirm(&house, &token).await.expect("confirms");
    let second_undo = house.token().await;
    house.platform.clock().advance(Duration::from_hours(72));
    for token in [first_undo, second_undo] {
        assert_eq!(undo(&house, &token).await, Err(AppError::TokenRefused));
    }
    service::sweep(&house.platform).await.expect("sweeps");
    let left = sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM address_changes"#).fetch_one(&db).await;
    assert_eq!(left.expect("counts"), 0, "the other address is forgotten");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_newer_wish_replaces_the_one_before(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let (first, _) = ask(&house, &ann, ANN, "one@example.com").await;
    let (second, _) = ask(&house, &ann, ANN, "two@example.com").await;
    assert_eq!(confirm(&house, &first).await, Err(AppError::TokenRefused));
    assert_eq!(confirm(&house, &second).await, Ok(()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_link_for_a_new_password_in_the_old_mailbox_dies_with_the_change(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    let nobody = house.nobody().anonymous(Purpose::Letter);
    service::forgot_password(&nobody, ANN, None).await.expect("always");
    let reset = house.token().await;
    let (token, _) = ask(&house, &ann, ANN, NEW).await;
    confirm(&house, &token).await.expect("confirms");
    assert_eq!(service::reset_password(&nobody, &reset, OTHER_PASSWORD).await, Err(AppError::TokenRefused));
}
