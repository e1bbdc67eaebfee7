//! The way to Postgres: it may be away, restart, or be ahead of us.

#![expect(clippy::expect_used, reason = "a test whose ground gives way cannot go on")]

use std::time::{Duration, Instant};

use domain::{
    AppError,
    platform::{
        db::{self, DbSettings},
        log::{OnConstraint as _, WhileDoing as _},
    },
};
use sqlx::{ConnectOptions as _, PgPool};
use uuid::Uuid;

fn settings(url: &str) -> DbSettings {
    DbSettings {
        url: url.into(),
        max_connections: 2,
        acquire_timeout: Duration::from_secs(1),
        statement_timeout: Duration::from_millis(200),
    }
}

/// A pool as the server has it, to the same database.
fn ours(db: &PgPool) -> PgPool {
    let url = db.connect_options().to_url_lossy();
    db::connect_lazy(&settings(url.as_str())).expect("readable")
}

#[tokio::test]
async fn an_absent_postgres_is_busy_within_two_seconds() {
    // Port 1 belongs to nobody, so that the connection is refused.
    let pool = db::connect_lazy(&settings("postgres://nobody@127.0.0.1:1/none")).expect("readable");
    let begun = Instant::now();
    let answer = db::ping(&pool).await.while_doing("pinging Postgres");
    assert_eq!(answer, Err(AppError::Busy { retry_after_s: 2 }));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[test]
fn an_unreadable_address_is_refused_without_being_repeated() {
    let error =
        db::connect_lazy(&settings("postgres://gate:hunter2@127.0.0.1:port/gate")).expect_err("refused");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_connection_is_open_before_it_is_needed(db: PgPool) {
    let url = db.connect_options().to_url_lossy();
    // Patient, because a machine that is busy with something else proves nothing here.
    let patient = DbSettings { acquire_timeout: Duration::from_secs(30), ..settings(url.as_str()) };
    let pool = db::connect_lazy(&patient).expect("readable");
    db::open_all(&pool).await;
    assert_eq!(pool.size(), 2);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_pool_outlives_connections_that_postgres_has_dropped(db: PgPool) {
    let pool = ours(&db);
    db::ping(&pool).await.expect("answers");
    let dropped = sqlx::query!(
        r#"SELECT count(pg_terminate_backend(pid)) AS "count!" FROM pg_stat_activity
           WHERE datname = current_database() AND application_name = 'gatehouse'"#
    );
    assert_eq!(dropped.fetch_one(&db).await.expect("allowed").count, 1);
    // As long as a restart takes at least.
    tokio::time::sleep(Duration::from_millis(600)).await;
    let one = sqlx::query_scalar!(r#"SELECT 1 AS "one!""#).fetch_one(&pool).await;
    assert_eq!(one.while_doing("testing"), Ok(1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_statement_that_takes_too_long_is_cut_off(db: PgPool) {
    let slow = sqlx::query_scalar!("SELECT pg_sleep(10)::text").fetch_one(&ours(&db)).await;
    assert_eq!(slow.while_doing("sleeping"), Err(AppError::Busy { retry_after_s: 2 }));
}

#[sqlx::test(migrations = false)]
async fn the_schema_is_current_once_every_migration_is_applied(db: PgPool) {
    // A new database is a copy of one that may have the tables already.
    let empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    sqlx::raw_sql(empty).execute(&db).await.expect("empties");
    let pool = ours(&db);
    assert!(!db::schema_is_current(&pool).await.expect("answers"));
    db::migrate(&pool).await.expect("migrates");
    assert!(db::schema_is_current(&pool).await.expect("answers"));
    db::migrate(&pool).await.expect("has nothing to do");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_newer_database_is_current_too_and_a_changed_migration_is_not(db: PgPool) {
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'of the next version', true, '', 0)";
    sqlx::raw_sql(newer).execute(&db).await.expect("inserts");
    assert!(db::schema_is_current(&db).await.expect("answers"));
    assert!(db::migrate(&db).await.is_err());
    let changed = "UPDATE _sqlx_migrations SET checksum = '' WHERE version = 1";
    sqlx::raw_sql(changed).execute(&db).await.expect("updates");
    assert!(!db::schema_is_current(&db).await.expect("answers"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_known_constraint_becomes_its_error_and_another_one_stays_internal(db: PgPool) {
    let insert = async |kind: &str| {
        sqlx::query!(
            "INSERT INTO letters (id, kind, sealed, next_attempt_at, created_at)
             VALUES ($1, $2, '\\x00', now(), now())",
            Uuid::nil(),
            kind,
        )
        .execute(&db)
        .await
        .on_constraint("letters_sealed_only_while_waiting", AppError::NotFound)
        .on_constraint("letters_pkey", AppError::TokenRefused)
        .while_doing("inserting a letter")
        .map(drop)
    };
    assert_eq!(insert("").await, Err(AppError::Internal));
    assert_eq!(insert("test").await, Ok(()));
    assert_eq!(insert("test").await, Err(AppError::TokenRefused));
}
