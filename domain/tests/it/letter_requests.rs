//! Letters somebody asks for: answered once, also after a failure, and noted as their request.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    access::{Purpose, SiteAction},
    audit::service::{self as audit, Query},
    identity::service,
};
use futures::future::join_all;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

use crate::house::House;

const ANN: &str = "ann@example.com";

async fn forgot(house: &House, email: &str) -> uuid::Uuid {
    let caller = house.nobody();
    service::forgot_password(&caller.anonymous(Purpose::Letter), email, None).await.expect("always");
    caller.request().id
}

async fn count(db: &PgPool, table: &'static str) -> i64 {
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(format!("SELECT * FROM {table}")));
    i64::try_from(rows.fetch_all(db).await.expect("rows").len()).expect("few")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_known_and_an_unknown_address_leave_the_same_behind(db: PgPool) {
    let house = House::new(db.clone());
    house.account(ANN).await;
    let before = count(&db, "letters").await;
    for email in [ANN, "bob@example.com"] {
        forgot(&house, email).await;
    }
    assert_eq!(count(&db, "letter_requests").await, 2);
    assert_eq!(count(&db, "letters").await, before, "nothing is decided while somebody waits");
    let rows = sqlx::query!("SELECT sealed FROM letter_requests").fetch_all(&db).await.expect("rows");
    assert!(rows.iter().all(|row| !row.sealed.windows(7).any(|part| part == b"example")));
    assert_eq!(house.letters().await.len(), 1);
    assert_eq!(count(&db, "letter_requests").await, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_several_workers_one_answers(db: PgPool) {
    let house = House::new(db.clone());
    house.account(ANN).await;
    forgot(&house, ANN).await;
    // While somebody holds the request, every worker sees it and waits for it.
    let mut holder = db.begin().await.expect("begins");
    sqlx::raw_sql("SELECT FROM letter_requests FOR UPDATE").execute(&mut *holder).await.expect("holds");
    let release = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        holder.commit().await.expect("commits");
    };
    let workers = join_all((0..4).map(|_| service::answer_letter_requests_once(&house.platform)));
    tokio::join!(workers, release);
    assert_eq!(house.letters().await.len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_request_whose_answer_fails_is_answered_later_and_holds_up_nobody(db: PgPool) {
    let house = House::new(db.clone());
    house.account(ANN).await;
    house.account("bob@example.com").await;
    let links = count(&db, "letter_tokens").await;
    sqlx::raw_sql(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planned'; END $$;
         CREATE TRIGGER fail BEFORE INSERT ON letters FOR EACH ROW EXECUTE FUNCTION fail()",
    )
    .execute(&db)
    .await
    .expect("a failure to come");
    forgot(&house, ANN).await;
    assert!(house.letters().await.is_empty());
    assert_eq!(count(&db, "letter_tokens").await, links, "no link without its letter");
    sqlx::raw_sql("DROP TRIGGER fail ON letters").execute(&db).await.expect("drops");
    forgot(&house, "bob@example.com").await;
    assert_eq!(house.letters().await.len(), 1, "the other is answered at once");
    house.platform.clock().advance(Duration::from_secs(5));
    assert_eq!(house.letters().await.len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_noted_names_the_request_it_was_asked_with(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let id = forgot(&house, "root@example.com").await;
    house.letters().await;
    let query = Query { action: Some("identity.reset-asked".into()), ..Query::default() };
    let page = audit::entries(&root.may(SiteAction::ReadAudit).expect("may"), query).await.expect("entries");
    assert_eq!((page.items[0].request_id, page.items[0].address.as_str()), (id, "192.0.2.7"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_worker_is_woken_at_once(db: PgPool) {
    let house = Arc::new(House::new(db.clone()));
    house.account(ANN).await;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(service::answer_letter_requests(house.platform.clone(), stop.clone()));
    // Long enough for the first look and for listening to begin.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = count(&db, "letters").await;
    forgot(&house, ANN).await;
    let begun = Instant::now();
    while count(&db, "letters").await == before {
        assert!(begun.elapsed() < Duration::from_secs(3), "woken, not found by looking around");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    worker.await.expect("ends");
}
