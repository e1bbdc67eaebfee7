//! What a balancer and a collector see.

use std::time::Duration;

use axum::http::StatusCode;
use domain::platform::{Platform, redis::Redis, testing};
use sqlx::PgPool;

use crate::harness::App;

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn ready_with_database_and_schema(db: PgPool) {
    let app = App::start(db).await;
    let answer = app.client().get("/readyz").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json()["postgres"], "up");
    assert_eq!(answer.json()["schema"], "current");
    assert_eq!(answer.json()["degraded"], false);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn redis_away_is_ready_and_degraded(db: PgPool) {
    let mut parts = testing::parts(db, domain::platform::clock::Clock::system().now());
    // Port 1 belongs to nobody, so that the connection is refused at once.
    parts.redis = Redis::new(Some("redis://127.0.0.1:1/".into())).expect("readable");
    let app = App::start_with(Platform::new(parts), &[]).await;
    let answer = app.client().get("/readyz").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json()["redis"], "away");
    assert_eq!(answer.json()["degraded"], true);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_the_database_it_lives_and_is_not_ready(db: PgPool) {
    let app = App::start(db.clone()).await;
    db.close().await;
    let ready = app.client().get("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(ready.json()["postgres"], "away");
    assert_eq!(app.client().get("/livez").await.status, StatusCode::OK);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_the_database_a_session_is_told_to_come_back(db: PgPool) {
    let app = App::start(db.clone()).await;
    let member = app.member("member@example.com").await;
    db.close().await;
    let answer = member.get("/api/v1/identity/me").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.problem(), "busy");
    assert_eq!(answer.header("retry-after"), "2");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn draining_is_not_ready_and_still_answers(db: PgPool) {
    let app = App::start(db).await;
    app.state.readiness().drain();
    let ready = app.client().get("/readyz").await;
    assert_eq!((ready.status, &ready.json()["draining"]), (StatusCode::SERVICE_UNAVAILABLE, &true.into()));
    assert_eq!(app.client().get("/login").await.status, StatusCode::OK);
}

#[sqlx::test]
async fn an_empty_database_is_not_ready(db: PgPool) {
    // A new database is a copy of one that may have the tables already.
    let empty = "DROP SCHEMA public CASCADE; CREATE SCHEMA public";
    sqlx::raw_sql(empty).execute(&db).await.expect("empties");
    let app = App::start(db).await;
    let answer = app.client().get("/readyz").await;
    assert_eq!(
        (answer.status, &answer.json()["schema"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"outdated".into())
    );
    // The pool is asked again right away; it must not have been left in a bad state.
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(app.client().get("/readyz").await.json()["postgres"], "up");
}
