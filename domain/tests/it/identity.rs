//! Register, confirm, sign in, reset: against a real database.

use domain::{
    AppError, FieldIssue,
    access::{Actor, Grant, Purpose, SiteAction},
    identity::service::{self, Outcome, Registration, SignIn},
};
use futures::future::join_all;
use sqlx::PgPool;

use crate::house::{House, PASSWORD, token_in};

const ANN: &str = "ann@example.com";

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_taken_address_gets_the_same_answer_and_its_owner_a_letter(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let grant = house.nobody().anonymous(Purpose::Register);
    let again = |email: &str| Registration {
        email: email.into(),
        password: "eleven blue umbrellas".into(),
        ..Registration::default()
    };
    let taken = service::register(&grant, again("ANN@example.com")).await;
    let letters = house.letters().await;
    assert!(letters[0].contains("You already have an account"));
    let free = service::register(&grant, again("bob@example.com")).await;
    assert_eq!(taken, free);
    assert!(house.letters().await[0].contains("Confirm your address"));
    house.cookie_of(ANN).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_twenty_with_the_same_link_one_confirms(db: PgPool) {
    let house = House::new(db);
    house.register(ANN, PASSWORD).await;
    let token = house.token().await;
    let tries = (0..20).map(|_| async {
        let grant = house.nobody().anonymous(Purpose::Letter);
        service::verify_email(&grant, &token).await
    });
    let results = join_all(tries).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    assert_eq!(results.iter().filter(|r| **r == Err(AppError::TokenRefused)).count(), 19);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_two_links_of_one_person_used_at_once_one_confirms(db: PgPool) {
    let house = House::new(db);
    for n in 0..10 {
        let (email, grant) = (format!("p{n}@example.com"), house.nobody().anonymous(Purpose::Letter));
        house.register(&email, PASSWORD).await;
        service::resend_verification(&grant, &email).await.expect("always");
        let tokens: Vec<_> = house.letters().await.iter().map(|letter| token_in(letter)).collect();
        let results = join_all(tokens.iter().map(|token| service::verify_email(&grant, token))).await;
        assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1, "{results:?}");
        assert_eq!(results.iter().filter(|r| **r == Err(AppError::TokenRefused)).count(), 1, "{results:?}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_link_expires(db: PgPool) {
    let house = House::new(db);
    house.register(ANN, PASSWORD).await;
    let token = house.token().await;
    house.platform.clock().advance(std::time::Duration::from_hours(24));
    let grant = house.nobody().anonymous(Purpose::Letter);
    assert_eq!(service::verify_email(&grant, &token).await, Err(AppError::TokenRefused));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_letter_confirms_the_password_of_a_second_registration(db: PgPool) {
    let house = House::new(db);
    house.register(ANN, PASSWORD).await;
    let own = house.token().await;
    // A stranger registers the same address before its owner has confirmed.
    house.register(ANN, "a password of a stranger").await;
    let letters = house.letters().await;
    assert!(letters.len() == 1 && letters[0].contains("/reset-password?token="), "{letters:?}");
    let grant = house.nobody().anonymous(Purpose::Letter);
    let strangers = token_in(&letters[0]);
    assert_eq!(service::verify_email(&grant, &strangers).await, Err(AppError::TokenRefused));
    service::verify_email(&grant, &own).await.expect("confirms");
    assert!(matches!(house.sign_in(ANN, PASSWORD).await, Ok(Outcome::SignedIn { .. })));
    assert!(matches!(house.sign_in(ANN, "a password of a stranger").await, Err(AppError::WrongCredentials)));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_confirmation_asked_for_anew_keeps_the_password_of_the_only_registration(db: PgPool) {
    let house = House::new(db);
    house.register(ANN, PASSWORD).await;
    house.token().await;
    let grant = house.nobody().anonymous(Purpose::Letter);
    for _ in 0..2 {
        service::resend_verification(&grant, ANN).await.expect("always");
    }
    let letters = house.letters().await;
    assert!(letters.len() == 2 && letters.iter().all(|letter| letter.contains("/verify-email?token=")));
    service::verify_email(&grant, &token_in(&letters[0])).await.expect("confirms");
    assert!(matches!(house.sign_in(ANN, PASSWORD).await, Ok(Outcome::SignedIn { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_confirmation_asked_for_anew_never_carries_a_strangers_password(db: PgPool) {
    let house = House::new(db);
    // The stranger is first or second, and uses up the letters this address may get, so that no link tells of them.
    for (ann, passwords) in [
        ("ann@example.com", [PASSWORD, "a password of a stranger"]),
        ("eve@example.com", ["a password of a stranger", PASSWORD]),
    ] {
        let grant = house.nobody().anonymous(Purpose::Letter);
        house.register(ann, passwords[0]).await;
        for _ in 0..4 {
            service::resend_verification(&grant, ann).await.expect("always");
        }
        house.register(ann, passwords[1]).await;
        assert_eq!(house.letters().await.len(), 5);
        // Two days later no link of the registrations works any more.
        house.platform.clock().advance(std::time::Duration::from_hours(48));
        service::resend_verification(&grant, ann).await.expect("always");
        let token = house.token().await;
        assert_eq!(service::verify_email(&grant, &token).await, Err(AppError::TokenRefused));
        service::reset_password(&grant, &token, "nine quiet typewriters").await.expect("chooses");
        for password in passwords {
            assert_eq!(house.sign_in(ann, password).await.err(), Some(AppError::WrongCredentials));
        }
        assert!(matches!(house.sign_in(ann, "nine quiet typewriters").await, Ok(Outcome::SignedIn { .. })));
        house.letters().await;
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn unknown_wrong_and_locked_are_one_answer(db: PgPool) {
    let house = House::new(db.clone());
    house.account(ANN).await;
    let wrong = house.sign_in(ANN, "not the password at all").await.err();
    let unknown = house.sign_in("nobody@example.com", PASSWORD).await.err();
    sqlx::query!("UPDATE users SET locked_at = now()").execute(&db).await.expect("locks");
    let locked = house.sign_in(ANN, PASSWORD).await.err();
    assert_eq!(wrong, Some(AppError::WrongCredentials));
    assert_eq!(wrong, unknown);
    assert_eq!(wrong, locked);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_unconfirmed_address_is_said_only_after_the_right_password(db: PgPool) {
    let house = House::new(db);
    house.register(ANN, PASSWORD).await;
    assert!(matches!(house.sign_in(ANN, PASSWORD).await, Err(AppError::EmailNotVerified { .. })));
    assert_eq!(house.sign_in(ANN, "not the password at all").await.err(), Some(AppError::WrongCredentials));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_problem_of_a_registration_is_named_at_once(db: PgPool) {
    let house = House::new(db);
    let grant = house.nobody().anonymous(Purpose::Register);
    let typed = Registration {
        email: "\u{430}nn@example.com".into(),
        password: "short".into(),
        display_name: Some("A\u{0}".into()),
        ..Registration::default()
    };
    let problem = service::register(&grant, typed).await.expect_err("refused");
    assert_eq!(problem.of_field("email").map(|p| &p.issue), Some(&FieldIssue::NotAnAddress));
    assert_eq!(problem.of_field("password").map(|p| &p.issue), Some(&FieldIssue::TooShort { min: 12 }));
    assert_eq!(problem.of_field("display_name").map(|p| &p.issue), Some(&FieldIssue::ControlCharacter));
    assert!(house.letters().await.is_empty());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_mailbox_gets_at_most_five_letters_an_hour(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    for _ in 0..10 {
        let grant = house.nobody().anonymous(Purpose::Letter);
        service::forgot_password(&grant, "Ann@Example.com", None).await.expect("always");
    }
    // One of the five went to the registration.
    assert_eq!(house.letters().await.len(), 4);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn asking_for_an_unknown_address_writes_no_letter(db: PgPool) {
    let house = House::new(db);
    let grant = house.nobody().anonymous(Purpose::Letter);
    assert_eq!(service::forgot_password(&grant, "nobody@example.com", None).await, Ok(()));
    assert_eq!(service::resend_verification(&grant, "nobody@example.com").await, Ok(()));
    assert!(house.letters().await.is_empty());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_reset_ends_every_session_and_works_once(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let cookie = house.cookie_of(ANN).await;
    let grant = house.nobody().anonymous(Purpose::Letter);
    service::forgot_password(&grant, ANN, None).await.expect("always");
    let token = house.token().await;
    let weak = service::reset_password(&grant, &token, "gatehouse gatehouse").await.expect_err("refused");
    assert_eq!(weak.of_field("password").map(|p| &p.issue), Some(&FieldIssue::TooObvious));
    let results =
        join_all((0..20).map(|_| service::reset_password(&grant, &token, "nine quiet typewriters"))).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    assert!(matches!(house.with_cookie(&cookie).await.actor(), Actor::Nobody));
    assert!(matches!(house.sign_in(ANN, "nine quiet typewriters").await, Ok(Outcome::SignedIn { .. })));
    assert!(matches!(house.sign_in(ANN, PASSWORD).await, Err(AppError::WrongCredentials)));
    let letters = house.letters().await;
    assert!(letters.iter().any(|letter| letter.contains("Your password was changed")), "{letters:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_changed_password_ends_the_other_sessions_and_renews_this_one(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    let (here, there) = (house.cookie_of(ANN).await, house.cookie_of(ANN).await);
    let grant = house.with_cookie(&here).await.signed_in().expect("signed in");
    let wrong = service::change_password(&grant, "not the password", "nine quiet typewriters").await;
    assert_eq!(
        wrong.expect_err("refused").of_field("current_password").map(|p| &p.issue),
        Some(&FieldIssue::WrongPassword)
    );
    let renewed =
        service::change_password(&grant, PASSWORD, "nine quiet typewriters").await.expect("changes");
    assert!(matches!(house.with_cookie(&there).await.actor(), Actor::Nobody));
    assert!(matches!(house.with_cookie(&here).await.actor(), Actor::Nobody));
    assert!(matches!(house.with_cookie(&renewed.token.reveal()).await.actor(), Actor::Person(_)));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_two_first_administrators_one_comes_in(db: PgPool) {
    let house = House::new(db);
    let link = || async {
        let grant = Grant::system(&house.platform, "test");
        service::invite_first_administrator(&grant).await.expect("answers")
    };
    let (one, two) = (link().await.expect("a link"), link().await.expect("another"));
    let come = |link: String, email: &'static str| {
        let grant = house.nobody().anonymous(Purpose::Bootstrap);
        async move { service::bootstrap(&grant, &token_in(&link), email, PASSWORD).await.map(drop) }
    };
    let results = join_all([come(one.clone(), ANN), come(two, "bob@example.com")]).await;
    assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
    assert_eq!(results.iter().filter(|r| **r == Err(AppError::TokenRefused)).count(), 1);
    assert_eq!(link().await, None);
    assert_eq!(come(one, "eve@example.com").await, Err(AppError::TokenRefused));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_first_administrator_may_have_an_account_already(db: PgPool) {
    let house = House::new(db.clone());
    let system = Grant::system(&house.platform, "test");
    let bootstrap = house.nobody().anonymous(Purpose::Bootstrap);
    house.account(ANN).await;
    let cookie = house.cookie_of(ANN).await;
    house.make_api_token(&house.with_cookie(&cookie).await).await;
    house.letters().await;
    let forgotten = house.nobody().anonymous(Purpose::Letter);
    service::forgot_password(&forgotten, ANN, None).await.expect("always");
    let reset = house.token().await;
    // A locked administrator administrates nothing, so the site has none. This one was about to leave as well.
    sqlx::query!("UPDATE users SET roles = '{ADMIN,USER}', locked_at = now(), deletion_due_at = now()")
        .execute(&db)
        .await
        .expect("locks");
    let link = service::invite_first_administrator(&system).await.expect("answers").expect("a link");
    let token = token_in(&link);
    let session = service::bootstrap(&bootstrap, &token, "ANN@example.com", "nine quiet typewriters").await;
    let caller = house.with_cookie(&session.expect("comes in").token.reveal()).await;
    assert!(caller.may(SiteAction::LockUser).is_ok());
    assert_eq!(house.api_tokens().await, 0, "what acted for a member does not act for an administrator");
    assert!(matches!(house.with_cookie(&cookie).await.actor(), Actor::Nobody));
    assert_eq!(service::reset_password(&forgotten, &reset, PASSWORD).await, Err(AppError::TokenRefused));
    assert_eq!(house.sign_in(ANN, PASSWORD).await.err(), Some(AppError::WrongCredentials));
    assert!(matches!(house.sign_in(ANN, "nine quiet typewriters").await, Ok(Outcome::SignedIn { .. })));
    let letters = house.letters().await;
    assert!(letters.iter().any(|letter| letter.contains("Your password was changed")));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_forged_next_leads_nowhere(db: PgPool) {
    let house = House::new(db);
    house.account(ANN).await;
    for (typed, expected) in [("//evil.example", None), ("/account/security", Some("/account/security"))] {
        let sign_in = SignIn {
            email: ANN.into(),
            password: PASSWORD.into(),
            remember: true,
            next: Some(typed.into()),
            ..SignIn::default()
        };
        let outcome = service::sign_in(&house.nobody().anonymous(Purpose::SignIn), sign_in).await;
        let Ok(Outcome::SignedIn { next, .. }) = outcome else { panic!("signed in") };
        assert_eq!(next.as_deref(), expected);
    }
}
