//! What has expired is forgotten, and nothing else.

use std::time::Duration;

use domain::{
    access::{Grant, Purpose},
    identity::service,
};
use sqlx::PgPool;

use crate::house::{House, PASSWORD};

async fn people(db: &PgPool) -> Vec<String> {
    sqlx::query_scalar!("SELECT email FROM users ORDER BY email").fetch_all(db).await.expect("people")
}

async fn links(db: &PgPool) -> i64 {
    sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM letter_tokens) + (SELECT count(*) FROM bootstrap_links) AS "n!""#
    )
    .fetch_one(db)
    .await
    .expect("counts")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn links_are_forgotten_when_they_work_no_more(db: PgPool) {
    let house = House::new(db.clone());
    house.register("ann@example.com", PASSWORD).await;
    service::invite_first_administrator(&Grant::system(&house.platform, "test")).await.expect("answers");
    assert_eq!(service::sweep(&house.platform).await, Ok(0));
    assert_eq!(links(&db).await, 2);
    house.platform.clock().advance(Duration::from_hours(24));
    assert_eq!(service::sweep(&house.platform).await, Ok(2));
    assert_eq!(links(&db).await, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_account_nobody_confirms_is_forgotten_after_a_week(db: PgPool) {
    let house = House::new(db.clone());
    house.account("ann@example.com").await;
    for email in ["bob@example.com", "cat@example.com", "dan@example.com"] {
        house.register(email, PASSWORD).await;
    }
    sqlx::query!("UPDATE users SET locked_at = now() WHERE email = 'dan@example.com'")
        .execute(&db)
        .await
        .expect("locks");
    house.platform.clock().advance(Duration::from_hours(7 * 24));
    // Whoever asks for the letter in the last moment still has the time that the link says.
    let grant = house.nobody().anonymous(Purpose::Letter);
    service::resend_verification(&grant, "cat@example.com").await.expect("always");
    service::answer_letter_requests_once(&house.platform).await.expect("answers");
    service::sweep(&house.platform).await.expect("sweeps");
    assert_eq!(people(&db).await.len(), 4, "not a moment before");
    house.platform.clock().advance(Duration::from_secs(1));
    service::sweep(&house.platform).await.expect("sweeps");
    assert_eq!(people(&db).await, ["ann@example.com", "cat@example.com", "dan@example.com"]);
    house.platform.clock().advance(Duration::from_hours(24));
    service::sweep(&house.platform).await.expect("sweeps");
    assert_eq!(people(&db).await, ["ann@example.com", "dan@example.com"]);
    house.register("bob@example.com", PASSWORD).await;
}
