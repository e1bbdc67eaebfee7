//! The end of an account: asked for, taken back, and for good: against a real database.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::{Actor, Caller, Purpose, SiteAction},
    admin::{Status, service as admin},
    audit::service as audit,
    identity::service,
    platform::letters::outbox,
};
use sqlx::PgPool;

use crate::house::{House, PASSWORD};

const ANN: &str = "ann@example.com";
const GRACE: Duration = Duration::from_hours(14 * 24);

async fn leave(caller: &Caller, email: &str) -> Result<(), AppError> {
    service::delete_account(&caller.stepped_up().expect("a fresh proof"), email).await
}

/// The caller that somebody is who signs in now.
async fn comes_back(house: &House) -> Caller {
    let cookie = house.cookie_of(ANN).await;
    house.with_cookie(&cookie).await
}

async fn people(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar!("SELECT email FROM users ORDER BY email").fetch_all(db).await.expect("people")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_leaves_types_their_own_address_and_is_out_at_once(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    for (typed, issue) in [("", FieldIssue::Required), ("bob@example.com", FieldIssue::NotTheSame)] {
        let refused = leave(&ann, typed).await.expect_err("refused");
        assert_eq!(refused.of_field("confirm_email").map(|p| &p.issue), Some(&issue));
    }
    let cookie = house.cookie_of(ANN).await;
    leave(&ann, " Ann@Example.com ").await.expect("leaves");
    assert!(matches!(house.with_cookie(&cookie).await.actor(), Actor::Nobody));
    let letters = house.letters().await;
    let due = (house.platform.now() + GRACE).to_string();
    assert!(letters.len() == 1 && letters[0].contains(&due), "{letters:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn meanwhile_a_sign_in_can_only_keep_the_account_or_leave(db: PgPool) {
    let house = House::new(db);
    let ann = house.person(ANN).await;
    leave(&ann, ANN).await.expect("leaves");
    let due_at = house.platform.now() + GRACE;
    house.letters().await;
    let back = comes_back(&house).await;
    assert_eq!(back.signed_in().map(drop), Err(AppError::DeletionPending { due_at }));
    assert_eq!(back.stepped_up().map(drop), Err(AppError::DeletionPending { due_at }));
    assert_eq!(back.may(SiteAction::ReadUsers).map(drop), Err(AppError::DeletionPending { due_at }));
    house.platform.clock().advance(Duration::from_mins(6));
    let session = service::keep_account(&back.also_leaving().expect("in")).await.expect("keeps");
    let kept = house.with_cookie(&session.token.reveal()).await;
    assert!(kept.signed_in().is_ok());
    let stale = Err(AppError::StepUpRequired { max_age_s: 300 });
    assert_eq!(kept.stepped_up().map(drop), stale, "nothing was proved");
    assert!(house.letters().await[0].contains("Your account stays"));
    let again = service::keep_account(&kept.also_leaving().expect("in")).await;
    assert!(matches!(again.map(drop), Err(AppError::Conflict { .. })));
    house.platform.clock().advance(GRACE * 2);
    assert_eq!(service::delete_due(&house.platform).await, Ok(0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn after_two_weeks_nothing_is_left_but_the_bare_id(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    let user = ann.signed_in().expect("in").user();
    house.account("bob@example.com").await;
    leave(&ann, ANN).await.expect("leaves");
    house.letters().await;
    let last_second = Duration::from_secs(1);
    house.platform.clock().advance(GRACE.saturating_sub(last_second));
    assert_eq!(service::delete_due(&house.platform).await, Ok(0), "not a moment before");
    comes_back(&house).await;
    // Letters of both wait, one still as a request.
    let nobody = house.nobody().anonymous(Purpose::Letter);
    for email in [ANN, "bob@example.com"] {
        service::forgot_password(&nobody, email, None).await.expect("always");
        service::answer_letter_requests_once(&house.platform).await.expect("answers");
    }
    service::forgot_password(&nobody, "ANN@example.com", None).await.expect("always");
    house.platform.clock().advance(last_second);
    assert_eq!(service::delete_due(&house.platform).await, Ok(1));
    assert_eq!(people(&db).await, ["bob@example.com"]);
    assert_eq!(outbox::depth(&house.platform).await, Ok(1), "only the letter of the other one");
    let left = sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM sessions WHERE user_id = $1)
                + (SELECT count(*) FROM letter_tokens WHERE user_id = $1)
                + (SELECT count(*) FROM letter_requests) AS "n!""#,
        user,
    );
    assert_eq!(left.fetch_one(&db).await.expect("counts"), 0);
    let letters = house.letters().await;
    assert!(letters.len() == 1 && letters[0].contains("To: bob@example.com"), "{letters:?}");
    assert_eq!(house.sign_in(ANN, PASSWORD).await.err(), Some(AppError::WrongCredentials));
    house.account(ANN).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_trail_names_the_bare_id_and_no_address(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let ann = house.person(ANN).await;
    let user = ann.signed_in().expect("in").user();
    leave(&ann, ANN).await.expect("leaves");
    house.platform.clock().advance(GRACE);
    assert_eq!(service::delete_due(&house.platform).await, Ok(1));
    let root = root.may(SiteAction::ReadAudit);
    let query = audit::Query { limit: Some(100), ..Default::default() };
    let entries = audit::entries(&root.expect("may"), query).await.expect("reads").items;
    let target = format!("user:{user}");
    let deeds: Vec<&str> =
        entries.iter().filter(|e| e.target.as_ref() == Some(&target)).map(|e| e.action.as_str()).collect();
    assert_eq!(deeds[..2], ["identity.account-deleted", "identity.deletion-asked"]);
    assert!(!format!("{entries:?}").contains(ANN));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_last_administrator_stays(db: PgPool) {
    let house = House::new(db.clone());
    let one = house.staff("root@example.com", "{ADMIN,USER}").await;
    let refused = leave(&one, "root@example.com").await.expect_err("the last one");
    assert_eq!(refused.of_field("confirm_email").map(|p| &p.issue), Some(&FieldIssue::LastAdministrator));
    house.staff("toor@example.com", "{ADMIN,USER}").await;
    let arrives = async |email: &str| {
        let cookie = house.cookie_of(email).await;
        house.with_cookie(&cookie).await
    };
    for _ in 0..10 {
        // Who has left is signed out.
        let (one, two) = (arrives("root@example.com").await, arrives("toor@example.com").await);
        let (a, b) = tokio::join!(leave(&one, "root@example.com"), leave(&two, "toor@example.com"));
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        sqlx::query!("UPDATE users SET deletion_due_at = NULL").execute(&db).await.expect("keeps");
    }
    // Whoever else was administrator may be locked by the time.
    let one = arrives("root@example.com").await;
    leave(&one, "root@example.com").await.expect("leaves");
    sqlx::query!("UPDATE users SET locked_at = now() WHERE email = 'toor@example.com'")
        .execute(&db)
        .await
        .expect("locks");
    house.platform.clock().advance(GRACE);
    assert_eq!(service::delete_due(&house.platform).await, Ok(0));
    sqlx::query!("UPDATE users SET locked_at = NULL").execute(&db).await.expect("unlocks");
    assert_eq!(service::delete_due(&house.platform).await, Ok(1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn administrators_see_who_is_leaving_and_who_leaves_administrates_nothing(db: PgPool) {
    let house = House::new(db.clone());
    let one = house.staff("root@example.com", "{ADMIN,USER}").await;
    let two = house.staff("toor@example.com", "{ADMIN,USER}").await;
    let before = two.may(SiteAction::LockUser).expect("may");
    let read = two.may(SiteAction::ReadAudit).expect("may");
    let mut copy = audit::export(&read, &audit::Filters::default(), "csv").await.expect("begins");
    leave(&two, "toor@example.com").await.expect("leaves");
    assert_eq!(copy.next_page().await.map(drop), Err(AppError::NotAllowed), "what was begun ends as well");
    let query = admin::Query { status: Some("leaving".into()), ..admin::Query::default() };
    let found =
        admin::users(&one.may(SiteAction::ReadUsers).expect("may"), query).await.expect("lists").items;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].status, Status::Leaving);
    assert_eq!(found[0].deletion_due_at, Some(house.platform.now() + GRACE));
    let target = one.signed_in().expect("in").user().to_string();
    assert_eq!(admin::lock_user(&before, &target, "Coup").await, Err(AppError::SignInRequired));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_locked_account_is_not_deleted(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    leave(&ann, ANN).await.expect("leaves");
    sqlx::query!("UPDATE users SET locked_at = now()").execute(&db).await.expect("locks");
    house.platform.clock().advance(GRACE);
    assert_eq!(service::delete_due(&house.platform).await, Ok(0));
    assert_eq!(people(&db).await, [ANN]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_account_that_cannot_be_deleted_keeps_no_other(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    let bob = house.person("bob@example.com").await;
    for (caller, email) in [(&ann, ANN), (&bob, "bob@example.com")] {
        leave(caller, email).await.expect("leaves");
    }
    house.platform.clock().advance(GRACE);
    // Of the two the one whose turn comes first is stuck.
    let stuck = "CREATE TABLE keeps (user_id uuid REFERENCES users);
                 INSERT INTO keeps SELECT id FROM users ORDER BY id LIMIT 1";
    sqlx::raw_sql(stuck).execute(&db).await.expect("holds one");
    assert_eq!(service::delete_due(&house.platform).await, Ok(1));
    assert_eq!(people(&db).await.len(), 1, "and nothing of the other is done by halves");
    sqlx::raw_sql("DROP TABLE keeps").execute(&db).await.expect("lets it go");
    assert_eq!(service::delete_due(&house.platform).await, Ok(1));
    assert_eq!(people(&db).await.len(), 0);
}
