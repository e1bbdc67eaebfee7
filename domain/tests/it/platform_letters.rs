//! Letters: they leave when their transaction is committed, once, and tell nobody else what they say.

#![expect(clippy::expect_used, reason = "a test whose ground gives way cannot go on")]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use domain::{
    access::Grant,
    platform::{
        Platform,
        letters::{Delivery, DeliveryProblem, Letter, Parcel, Sender, Sink, deliver, folder::Folder, outbox},
        testing,
    },
};
use sqlx::PgPool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const LINK: &str = "http://127.0.0.1:3000/verify-email?token=0123456789012345678901234567890123456789012";

fn letter() -> Letter {
    Letter {
        to: "ada@example.org".into(),
        kind: "verify-email",
        subject: "Confirm your address".into(),
        text: format!("Open this:\n\n{LINK}\n"),
        html: format!("<p><a href=\"{LINK}\">Confirm</a></p>"),
    }
}

async fn put(platform: &Platform) -> Uuid {
    let mut tx = Grant::system(platform, "test").begin().await.expect("begins");
    let id = outbox::put(platform, &mut tx, letter()).await.expect("puts");
    tx.commit().await.expect("commits");
    id
}

async fn state(db: &PgPool, id: Uuid) -> String {
    sqlx::query_scalar!("SELECT state FROM letters WHERE id = $1", id).fetch_one(db).await.expect("is there")
}

fn sender() -> Sender {
    Sender::parse("Gatehouse <gate@example.com>").expect("valid")
}

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("readable");
    entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8")).collect()
}

/// Remembers what it was given, and answers as it is told.
#[derive(Default)]
struct Desk {
    taken: Mutex<Vec<Uuid>>,
    answer: Option<DeliveryProblem>,
}

impl Desk {
    fn failing(problem: DeliveryProblem) -> Self {
        Self { answer: Some(problem), ..Self::default() }
    }

    fn taken(&self) -> Vec<Uuid> {
        self.taken.lock().expect("whole").clone()
    }
}

impl Sink for Desk {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> Delivery<'a> {
        Box::pin(async move {
            self.taken.lock().expect("whole").push(parcel.id);
            tokio::task::yield_now().await;
            self.answer.clone().map_or(Ok(()), Err)
        })
    }
}

/// Hands a letter over and then does not come back until it is let go: a process that is about to die.
struct Stuck {
    folder: Folder,
    handed_over: Notify,
    go_on: Notify,
}

impl Stuck {
    fn new(folder: Folder) -> Self {
        Self { folder, handed_over: Notify::new(), go_on: Notify::new() }
    }
}

impl Sink for Stuck {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> Delivery<'a> {
        Box::pin(async move {
            self.folder.deliver(parcel).await?;
            self.handed_over.notify_one();
            self.go_on.notified().await;
            Ok(())
        })
    }
}

async fn wait_until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_letter_of_a_transaction_that_was_rolled_back_never_leaves(db: PgPool) {
    let platform = testing::platform(db.clone());
    let mut tx = Grant::system(&platform, "test").begin().await.expect("begins");
    outbox::put(&platform, &mut tx, letter()).await.expect("puts");
    drop(tx);
    let desk = Desk::default();
    assert_eq!(deliver::run_once(&platform, &desk).await, Ok(0));
    assert_eq!(outbox::depth(&platform).await, Ok(0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn two_workers_deliver_each_letter_once(db: PgPool) {
    let platform = testing::platform(db.clone());
    let mut ids = Vec::new();
    for _ in 0..25 {
        ids.push(put(&platform).await);
    }
    let desk = Arc::new(Desk::default());
    let stop = CancellationToken::new();
    let workers = [(); 2].map(|()| {
        let sink: Arc<dyn Sink> = Arc::<Desk>::clone(&desk);
        tokio::spawn(deliver::run(platform.clone(), sink, stop.clone()))
    });
    wait_until(|| desk.taken().len() >= ids.len()).await;
    stop.cancel();
    for worker in workers {
        worker.await.expect("stops");
    }
    let mut taken = desk.taken();
    taken.sort_unstable();
    ids.sort_unstable();
    assert_eq!(taken, ids);
    assert_eq!(outbox::depth(&platform).await, Ok(0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_crash_after_the_delivery_leaves_one_file(db: PgPool) {
    let platform = testing::platform(db.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("mail");
    let sink = Stuck::new(Folder::new(place.clone(), sender()));
    let id = put(&platform).await;
    tokio::select! {
        _ = deliver::run_once(&platform, &sink) => panic!("it is stuck"),
        () = sink.handed_over.notified() => {}
    }
    assert_eq!(state(&db, id).await, "waiting");
    let before = fs::read(place.join(format!("{id}.eml"))).expect("is there");
    assert_eq!(deliver::run_once(&platform, &Desk::default()).await, Ok(0), "the lease still holds");

    platform.clock().advance(Duration::from_mins(3));
    let again = Folder::new(place.clone(), sender());
    assert_eq!(deliver::run_once(&platform, &again).await, Ok(1));
    assert_eq!(files(&place), [format!("{id}.eml")]);
    assert_eq!(fs::read(place.join(format!("{id}.eml"))).expect("is there"), before);
    assert_eq!(state(&db, id).await, "sent");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_worker_that_lost_its_lease_cannot_close_the_letter(db: PgPool) {
    let platform = testing::platform(db.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let slow = Arc::new(Stuck::new(Folder::new(folder.path().to_owned(), sender())));
    let id = put(&platform).await;
    let theirs = (platform.clone(), Arc::clone(&slow));
    let first = tokio::spawn(async move { deliver::run_once(&theirs.0, theirs.1.as_ref()).await });
    slow.handed_over.notified().await;

    platform.clock().advance(Duration::from_mins(3));
    let second = Desk::failing(DeliveryProblem::Later("smtp 451".into()));
    assert_eq!(deliver::run_once(&platform, &second).await, Ok(1));
    slow.go_on.notify_one();
    assert_eq!(first.await.expect("runs"), Ok(1));
    assert_eq!(state(&db, id).await, "waiting");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nothing_of_a_letter_is_readable_in_the_database_and_nothing_stays_there(db: PgPool) {
    let platform = testing::platform(db.clone());
    let id = put(&platform).await;
    let row = async || {
        sqlx::query_scalar!(
            r#"SELECT row_to_json(l)::text || encode(sealed, 'escape') AS "row!" FROM letters l"#
        )
        .fetch_one(&db)
        .await
        .expect("is there")
    };
    let text = row().await;
    assert!(!text.contains("ada@") && !text.contains("token=") && !text.contains("Confirm"), "{text}");
    assert_eq!(deliver::run_once(&platform, &Desk::default()).await, Ok(1));
    let length = sqlx::query_scalar!(r#"SELECT length(sealed) AS "length!" FROM letters WHERE id = $1"#, id);
    assert_eq!(length.fetch_one(&db).await.expect("is there"), 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_letter_that_does_not_leave_is_tried_for_a_day_and_then_given_up(db: PgPool) {
    let platform = testing::platform(db.clone());
    let id = put(&platform).await;
    let desk = Desk::failing(DeliveryProblem::Later("smtp 451".into()));
    assert_eq!(deliver::run_once(&platform, &desk).await, Ok(1));
    assert_eq!(deliver::run_once(&platform, &desk).await, Ok(0), "not before its time");
    let mut hours = 0;
    while state(&db, id).await == "waiting" {
        platform.clock().advance(Duration::from_hours(1));
        hours += 1;
        assert_eq!(deliver::run_once(&platform, &desk).await, Ok(1));
    }
    assert!((23..=24).contains(&hours), "{hours} hours");
    let row = sqlx::query!("SELECT state, sealed, last_problem FROM letters WHERE id = $1", id);
    let row = row.fetch_one(&db).await.expect("is there");
    assert_eq!((row.state.as_str(), row.sealed.len()), ("failed", 0));
    assert_eq!(row.last_problem.as_deref(), Some("smtp 451"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_hopeless_letter_is_tried_once(db: PgPool) {
    let platform = testing::platform(db.clone());
    let id = put(&platform).await;
    let desk = Desk::failing(DeliveryProblem::Never("smtp 550".into()));
    assert_eq!(deliver::run_once(&platform, &desk).await, Ok(1));
    assert_eq!(state(&db, id).await, "failed");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_address_or_subject_that_would_inject_a_header_is_refused(db: PgPool) {
    let platform = testing::platform(db.clone());
    let inject = "x\r\nBcc: everybody@example.net".to_owned();
    for letter in [Letter { to: inject.clone(), ..letter() }, Letter { subject: inject, ..letter() }] {
        let mut tx = Grant::system(&platform, "test").begin().await.expect("begins");
        assert!(outbox::put(&platform, &mut tx, letter).await.is_err());
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_letter_in_the_folder_is_for_its_owner_alone_and_easy_to_read(db: PgPool) {
    let platform = testing::platform(db.clone());
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("mail");
    let id = put(&platform).await;
    let sink = Folder::new(place.clone(), sender());
    assert_eq!(deliver::run_once(&platform, &sink).await, Ok(1));
    let file = place.join(format!("{id}.eml"));
    let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    assert_eq!((mode(&place), mode(&file)), (0o700, 0o600));
    let text = fs::read_to_string(file).expect("UTF-8");
    assert!(text.lines().any(|line| line == LINK), "{text}");
    assert!(text.contains(&format!("Message-ID: <{id}@example.com>")), "{text}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_committed_letter_wakes_the_worker_also_after_postgres_dropped_every_connection(db: PgPool) {
    let platform = testing::platform(db.clone());
    let desk = Arc::new(Desk::default());
    let stop = CancellationToken::new();
    let sink: Arc<dyn Sink> = Arc::<Desk>::clone(&desk);
    let worker = tokio::spawn(deliver::run(platform.clone(), sink, stop.clone()));
    let first = put(&platform).await;
    wait_until(|| desk.taken() == [first]).await;

    // The first letter may have been found before the listener was there: it is the one to drop.
    loop {
        let dropped = sqlx::query!(
            r#"SELECT count(pg_terminate_backend(pid)) AS "count!" FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()"#
        );
        if dropped.fetch_one(&db).await.expect("allowed").count >= 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Long enough for the listener to be back, so that the letter wakes it.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let begun = Instant::now();
    let second = put(&platform).await;
    wait_until(|| desk.taken() == [first, second]).await;
    assert!(begun.elapsed() < Duration::from_secs(4), "woken, not found by looking every five seconds");
    stop.cancel();
    worker.await.expect("stops");
}
