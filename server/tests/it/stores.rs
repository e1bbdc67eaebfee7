//! What the process asks of its stores, and how it speaks with them.

use domain::platform::{db, redis::Redis};
use sqlx::PgPool;

/// Tables of the tests belong to a role for which row-level security holds, as in production.
#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_database_says_who_we_are_there(db: PgPool) {
    let facts = db::facts(&db).await.expect("answers");
    assert!(facts.version >= 150_000, "{facts:?}");
    assert!(!facts.is_superuser && !facts.bypasses_row_security, "{facts:?}");
    assert!(!facts.role.is_empty());
}

#[tokio::test]
async fn redis_says_its_version() {
    let Ok(url) = std::env::var("GATEHOUSE_TEST_REDIS_URL") else { return };
    let redis = Redis::new(Some(url.into())).expect("readable");
    let version = redis.version().await.expect("answers");
    assert!(version.starts_with(|first: char| first.is_ascii_digit()), "{version}");
}
