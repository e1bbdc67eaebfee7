//! What changes while a password is hashed: a session never outlives a lock or a new password.

use std::time::Duration;

use domain::{
    AppError,
    identity::service::{self, Outcome},
    second_factor::service as second_factor,
    tokens::service::{self as tokens, NewApiToken},
};
use sqlx::PgPool;

use crate::{
    house::{House, PASSWORD},
    second_factor::enrolled,
};

const ANN: &str = "ann@example.com";

/// Runs `work` while the account is held by somebody who then changes it by `statement`. What `work` reads is from
/// before, what it writes comes after.
pub(crate) async fn overtaken<T>(db: &PgPool, statement: &'static str, work: impl Future<Output = T>) -> T {
    let mut tx = db.begin().await.expect("begins");
    sqlx::query!("SELECT id FROM users WHERE email = $1 FOR UPDATE", ANN)
        .fetch_one(&mut *tx)
        .await
        .expect("holds");
    let change = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        sqlx::raw_sql(statement).execute(&mut *tx).await.expect("changes");
        tx.commit().await.expect("commits");
    };
    tokio::join!(work, change).0
}

const LOCK: &str = "UPDATE users SET locked_at = now()";
const CHANGE: &str =
    "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE email = 'bob@example.com')
                      WHERE email = 'ann@example.com'";

async fn doors(db: &PgPool) -> i64 {
    sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM pending_sign_ins) AS "n!""#
    )
    .fetch_one(db)
    .await
    .expect("counts")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_session_begins_after_a_lock_or_a_new_password(db: PgPool) {
    let house = House::new(db.clone());
    house.account(ANN).await;
    house.register("bob@example.com", "nine quiet typewriters").await;
    for statement in [CHANGE, LOCK] {
        let outcome = overtaken(&db, statement, house.sign_in(ANN, PASSWORD)).await;
        assert_eq!(outcome.err(), Some(AppError::WrongCredentials), "{statement}");
        assert_eq!(doors(&db).await, 0, "{statement}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_second_factor_is_asked_after_a_new_password(db: PgPool) {
    let house = House::new(db.clone());
    enrolled(&house).await;
    house.register("bob@example.com", "nine quiet typewriters").await;
    let before = doors(&db).await;
    let outcome = overtaken(&db, CHANGE, house.sign_in(ANN, PASSWORD)).await;
    assert_eq!(outcome.err(), Some(AppError::WrongCredentials));
    assert_eq!(doors(&db).await, before);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_hash_renewed_meanwhile_is_no_new_password(db: PgPool) {
    let house = House::new(db.clone());
    house.account(ANN).await;
    let again = house.platform.hasher().hash(PASSWORD.into()).await.expect("hashes");
    let statement = format!("UPDATE users SET password_hash = '{again}'").leak();
    let outcome = overtaken(&db, statement, house.sign_in(ANN, PASSWORD)).await;
    assert!(matches!(outcome, Ok(Outcome::SignedIn { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_old_password_proves_nothing_after_a_new_one(db: PgPool) {
    let house = House::new(db.clone());
    let grant = house.person(ANN).await.signed_in().expect("signed in");
    house.register("bob@example.com", "nine quiet typewriters").await;
    let stepped_up = overtaken(&db, CHANGE, service::step_up(&grant, Some(PASSWORD.into()), None)).await;
    assert_eq!(stepped_up.map(drop), Err(AppError::SignInRequired));
    let restore =
        "UPDATE users SET password_hash = (SELECT password_hash FROM letter_tokens WHERE used_at IS NOT NULL)
                   WHERE email = 'ann@example.com'";
    sqlx::raw_sql(restore).execute(&db).await.expect("restores");
    let change = service::change_password(&grant, PASSWORD, "twelve red bicycles");
    let changed = overtaken(&db, CHANGE, change).await;
    assert_eq!(changed.map(drop), Err(AppError::SignInRequired));
    let state = second_factor::state(&grant, None).await.expect("the session itself goes on");
    assert!(!state.enabled);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_is_shut_out_does_nothing_that_waited_meanwhile(db: PgPool) {
    const OUT: &str = "DELETE FROM sessions";
    let house = House::new(db.clone());
    house.account(ANN).await;
    let refused = Some(AppError::SignInRequired);
    let fresh = async || {
        let cookie = house.cookie_of(ANN).await;
        house.with_cookie(&cookie).await.stepped_up().expect("fresh")
    };
    let typed =
        NewApiToken { name: "late".into(), scopes: vec!["identity:read".into()], ..NewApiToken::default() };
    let grant = fresh().await;
    assert_eq!(overtaken(&db, OUT, tokens::create(&grant, &typed, &["identity"])).await.err(), refused);
    let grant = fresh().await;
    let changed = overtaken(&db, OUT, service::change_email(&grant, "eve@example.com")).await;
    assert_eq!(changed.err(), refused);
    let grant = fresh().await;
    assert_eq!(overtaken(&db, OUT, second_factor::start(&grant, ANN)).await.err(), refused);
    let grant = fresh().await;
    assert_eq!(overtaken(&db, OUT, service::delete_account(&grant, ANN)).await.err(), refused);
    assert_eq!(house.api_tokens().await, 0);
    let begun = sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM address_changes) + (SELECT count(*) FROM authenticators)
                  + (SELECT count(*) FROM users WHERE deletion_due_at IS NOT NULL) AS "n!""#
    );
    assert_eq!(begun.fetch_one(&db).await.expect("counts"), 0);
}
