//! Long work: taken once, fenced, done again after a crash, cancelled and tried again: against a real database.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::{
    AppError, FieldIssue,
    access::Caller,
    operations::{
        Operation, OperationEvent, OperationFailure, OperationState,
        service::{self, Doing, Trouble, Turn, Work, Works, work, work_once},
    },
};
use sqlx::{AssertSqlSafe, PgPool, Row as _};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::house::House;

const ANN: &str = "ann@example.com";
/// Longer than a turn lasts without a sign of life.
const LEASE: Duration = Duration::from_secs(31);

/// Where a step goes wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// It ends without a word, before it has begun to write.
    DiesBefore(&'static str),
    /// The same when everything is written and nothing committed.
    DiesAfter(&'static str),
    /// It says that it failed.
    Fails(&'static str),
    /// It writes when it is told to.
    Waits(&'static str),
}

/// Work of three steps, each of which leaves one row of the table `effects`.
struct Counting {
    fault: Mutex<Option<Fault>>,
    /// Rings when a step goes no further, and is rung to let it go on.
    waits: Notify,
    goes_on: Notify,
    begun: AtomicUsize,
}

const STEPS: [&str; 3] = ["one", "two", "three"];

impl Counting {
    fn new() -> &'static Self {
        Box::leak(Box::new(Self {
            fault: Mutex::default(),
            waits: Notify::new(),
            goes_on: Notify::new(),
            begun: AtomicUsize::new(0),
        }))
    }

    fn with(fault: Fault) -> &'static Self {
        let work = Self::new();
        *work.fault.lock().expect("whole") = Some(fault);
        work
    }

    /// Goes no further.
    async fn die(&self) {
        self.waits.notify_one();
        std::future::pending::<()>().await;
    }

    fn heal(&self) {
        *self.fault.lock().expect("whole") = None;
    }

    fn works(&'static self) -> Works {
        Box::leak(Box::new([self as &'static dyn Work]))
    }
}

impl Work for Counting {
    fn kind(&self) -> &'static str {
        "counting"
    }

    fn steps(&self) -> &'static [&'static str] {
        &STEPS
    }

    fn step<'a>(&'a self, turn: &'a Turn, step: &'a str) -> Doing<'a> {
        Box::pin(async move {
            self.begun.fetch_add(1, Ordering::Relaxed);
            let fault = *self.fault.lock().expect("whole");
            match fault {
                Some(Fault::DiesBefore(at)) if at == step => self.die().await,
                Some(Fault::Fails(at)) if at == step => return Err(Trouble::Failed(AppError::Internal)),
                Some(Fault::Waits(at)) if at == step => {
                    self.waits.notify_one();
                    self.goes_on.notified().await;
                }
                _ => {}
            }
            let mut done = turn.finish().await?;
            let effect = format!("INSERT INTO effects VALUES ('{}', '{step}')", turn.operation());
            sqlx::raw_sql(AssertSqlSafe(effect)).execute(done.tx().conn()).await.expect("an effect");
            if matches!(fault, Some(Fault::DiesAfter(at)) if at == step) {
                self.die().await;
            }
            Ok(done)
        })
    }

    fn undo<'a>(&'a self, turn: &'a Turn) -> Doing<'a> {
        Box::pin(async move {
            let mut done = turn.finish().await?;
            let clear = format!("DELETE FROM effects WHERE operation = '{}'", turn.operation());
            sqlx::raw_sql(AssertSqlSafe(clear)).execute(done.tx().conn()).await.expect("clears");
            Ok(done)
        })
    }
}

/// A house with somebody in it, and the table of effects.
async fn house(db: &PgPool) -> (House, Caller) {
    sqlx::raw_sql("CREATE TABLE effects (operation uuid NOT NULL, step text NOT NULL)")
        .execute(db)
        .await
        .expect("a table");
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    (house, ann)
}

async fn ask(house: &House, caller: &Caller, work: &dyn Work) -> service::Asked {
    try_to_ask(house, caller, work).await.expect("asks")
}

async fn try_to_ask(house: &House, caller: &Caller, work: &dyn Work) -> Result<service::Asked, AppError> {
    let own = caller.signed_in().expect("in");
    let mut tx = own.begin().await.expect("begins");
    let asked = service::ask(&mut tx, &house.platform, work, own.user(), own.user()).await?;
    tx.commit().await.expect("commits");
    Ok(asked)
}

async fn read(caller: &Caller, id: Uuid) -> Operation {
    service::get(&caller.signed_in().expect("in"), id).await.expect("reads")
}

async fn effects(db: &PgPool) -> Vec<String> {
    let steps = sqlx::raw_sql("SELECT step FROM effects ORDER BY array_position('{one,two,three}', step)");
    steps.fetch_all(db).await.expect("effects").iter().map(|row| row.get("step")).collect()
}

/// What happened, in short: `begun one 1`.
fn story(operation: &Operation) -> Vec<String> {
    let told = operation.log.iter().map(|entry| {
        let step = entry.step.as_deref().unwrap_or("-");
        format!("{} {step} {}", entry.event.name(), entry.attempt)
    });
    told.collect()
}

/// A process that is killed in the middle: what it held in memory is gone, and what it had not committed.
async fn killed(house: &House, work: &'static Counting) {
    let worker = tokio::spawn({
        let platform = house.platform.clone();
        async move { work_once(&platform, work.works()).await }
    });
    work.waits.notified().await;
    worker.abort();
    let _ = worker.await;
    // Until the database has noticed.
    tokio::time::sleep(Duration::from_millis(200)).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_step_is_done_once_and_told(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::new();
    let asked = ask(&house, &ann, counting).await;
    assert!(asked.is_new);
    let waiting = read(&ann, asked.id).await;
    assert_eq!(
        (waiting.state, waiting.step.as_deref(), waiting.progress),
        (OperationState::Waiting, Some("one"), 0)
    );
    assert_eq!(work_once(&house.platform, counting.works()).await, Ok(1));
    assert_eq!(work_once(&house.platform, counting.works()).await, Ok(0), "it has ended");
    assert_eq!(effects(&db).await, STEPS);
    let ended = read(&ann, asked.id).await;
    assert_eq!((ended.state, ended.step, ended.progress), (OperationState::Succeeded, None, 100));
    assert_eq!(ended.ended_at, Some(house.platform.now()));
    let told = [
        "asked - 0",
        "begun one 1",
        "done one 1",
        "begun two 1",
        "done two 1",
        "begun three 1",
        "done three 1",
    ];
    assert_eq!(story(&read(&ann, asked.id).await), told);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_process_killed_at_any_step_leaves_that_step_to_the_next_one(db: PgPool) {
    let (house, ann) = house(&db).await;
    for step in STEPS {
        for fault in [Fault::DiesBefore(step), Fault::DiesAfter(step)] {
            sqlx::raw_sql("DELETE FROM effects").execute(&db).await.expect("empties");
            let counting = Counting::with(fault);
            let asked = ask(&house, &ann, counting).await;
            killed(&house, counting).await;
            counting.heal();
            let done = STEPS.iter().position(|name| *name == step).expect("a step");
            assert_eq!(effects(&db).await, STEPS[..done], "only what was committed");
            assert_eq!(
                work_once(&house.platform, counting.works()).await,
                Ok(0),
                "somebody may still be at it"
            );
            house.platform.clock().advance(LEASE);
            assert_eq!(work_once(&house.platform, counting.works()).await, Ok(1));
            assert_eq!(effects(&db).await, STEPS, "killed at {step}");
            let ended = read(&ann, asked.id).await;
            assert_eq!(ended.state, OperationState::Succeeded);
            let again = format!("begun {step} 2");
            assert!(story(&ended).contains(&again), "{:?}", story(&ended));
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_step_of_whoever_lost_the_turn_does_not_count(db: PgPool) {
    let (house, ann) = house(&db).await;
    let slow = Counting::with(Fault::Waits("two"));
    let asked = ask(&house, &ann, slow).await;
    let worker = tokio::spawn({
        let platform = house.platform.clone();
        async move { work_once(&platform, slow.works()).await }
    });
    slow.waits.notified().await;
    // It sleeps past its lease; somebody else does the rest.
    house.platform.clock().advance(LEASE);
    let other = Counting::new();
    assert_eq!(work_once(&house.platform, other.works()).await, Ok(1));
    slow.goes_on.notify_one();
    worker.await.expect("ends").expect("gives up quietly");
    assert_eq!(effects(&db).await, STEPS, "each step once");
    assert_eq!(read(&ann, asked.id).await.state, OperationState::Succeeded);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_several_workers_one_takes_it(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::new();
    ask(&house, &ann, counting).await;
    let workers = (0..6).map(|_| work_once(&house.platform, counting.works()));
    let taken: usize =
        futures::future::join_all(workers).await.into_iter().map(|count| count.expect("works")).sum();
    assert_eq!(taken, 1);
    assert_eq!(counting.begun.load(Ordering::Relaxed), 3);
    assert_eq!(effects(&db).await, STEPS);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn one_thing_is_changed_by_one_operation_at_a_time(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::new();
    let first = ask(&house, &ann, counting).await;
    let again = ask(&house, &ann, counting).await;
    assert_eq!((again.id, again.is_new), (first.id, false));
    work_once(&house.platform, counting.works()).await.expect("works");
    let next = ask(&house, &ann, counting).await;
    assert!(next.is_new && next.id != first.id, "after the end there can be another one");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_step_that_fails_is_tried_again_five_times_and_goes_on_where_it_failed(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::with(Fault::Fails("two"));
    let asked = ask(&house, &ann, counting).await;
    for (attempt, wait) in [(1, 5), (2, 20), (3, 80), (4, 320)] {
        assert_eq!(work_once(&house.platform, counting.works()).await, Ok(1));
        let now = read(&ann, asked.id).await;
        assert_eq!((now.state, now.attempt), (OperationState::Waiting, attempt));
        assert_eq!(now.error, Some(OperationFailure::Internal));
        assert_eq!(now.next_attempt_at, Some(house.platform.now() + Duration::from_secs(wait)));
        assert_eq!(work_once(&house.platform, counting.works()).await, Ok(0), "not before its time");
        house.platform.clock().advance(Duration::from_secs(wait));
    }
    work_once(&house.platform, counting.works()).await.expect("works");
    let failed = read(&ann, asked.id).await;
    assert_eq!((failed.state, failed.progress), (OperationState::Failed, 33));
    assert_eq!(failed.error, Some(OperationFailure::Internal));
    house.platform.clock().advance(Duration::from_hours(2));
    assert_eq!(work_once(&house.platform, counting.works()).await, Ok(0), "nobody works on it any more");
    assert_eq!(house.trail("operations").await[0].0, "operations.failed");

    counting.heal();
    let own = ann.signed_in().expect("in");
    service::retry(&own, asked.id).await.expect("goes on");
    assert_eq!(work_once(&house.platform, counting.works()).await, Ok(1));
    assert_eq!(effects(&db).await, STEPS, "the first step is not done again");
    let conflict = service::retry(&own, asked.id).await.expect_err("it has succeeded");
    assert_eq!(conflict.of_field("id").map(|problem| &problem.issue), Some(&FieldIssue::MovedOn));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_failed_is_not_tried_again_once_it_was_asked_for_anew(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::with(Fault::Fails("two"));
    let failed = ask(&house, &ann, counting).await;
    for _ in 0..5 {
        work_once(&house.platform, counting.works()).await.expect("works");
        house.platform.clock().advance(Duration::from_hours(1));
    }
    assert_eq!(read(&ann, failed.id).await.state, OperationState::Failed);
    counting.heal();
    ask(&house, &ann, counting).await;
    work_once(&house.platform, counting.works()).await.expect("works");
    let refused = service::retry(&ann.signed_in().expect("in"), failed.id).await.expect_err("is out of date");
    assert_eq!(refused.of_field("id").map(|problem| &problem.issue), Some(&FieldIssue::MovedOn));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_operation_that_kills_its_process_again_and_again_is_given_up(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::with(Fault::DiesBefore("one"));
    let asked = ask(&house, &ann, counting).await;
    for _ in 0..5 {
        killed(&house, counting).await;
        house.platform.clock().advance(LEASE);
    }
    assert_eq!(work_once(&house.platform, counting.works()).await, Ok(0));
    let failed = read(&ann, asked.id).await;
    assert_eq!((failed.state, failed.error), (OperationState::Failed, Some(OperationFailure::Interrupted)));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_cancelled_in_the_middle_cannot_finish_and_is_cleared_away(db: PgPool) {
    let (house, ann) = house(&db).await;
    let slow = Counting::with(Fault::Waits("two"));
    let asked = ask(&house, &ann, slow).await;
    let worker = tokio::spawn({
        let platform = house.platform.clone();
        async move { work_once(&platform, slow.works()).await }
    });
    slow.waits.notified().await;
    let own = ann.signed_in().expect("in");
    service::cancel(&own, asked.id).await.expect("asks to end");
    assert_eq!(read(&ann, asked.id).await.state, OperationState::Cancelling);
    assert!(service::cancel(&own, asked.id).await.is_err(), "once is enough");
    assert!(
        matches!(try_to_ask(&house, &ann, slow).await, Err(AppError::Conflict { .. })),
        "it comes to nothing"
    );
    slow.goes_on.notify_one();
    worker.await.expect("ends").expect("clears away what it lost");
    assert_eq!(effects(&db).await, Vec::<String>::new());
    let ended = read(&ann, asked.id).await;
    assert_eq!(ended.state, OperationState::Cancelled);
    assert_eq!(ended.log.last().map(|entry| entry.event), Some(OperationEvent::Cancelled));
    let trail: Vec<String> = house.trail("operations").await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(trail, ["operations.cancel-asked", "operations.cancelled"]);
    assert!(service::retry(&own, asked.id).await.is_err(), "only what failed goes on");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_who_asked_sees_and_moves_it(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::new();
    let asked = ask(&house, &ann, counting).await;
    let bob = house.person("bob@example.com").await.signed_in().expect("in");
    assert_eq!(service::get(&bob, asked.id).await.map(drop), Err(AppError::NotFound));
    assert_eq!(service::cancel(&bob, asked.id).await, Err(AppError::NotFound));
    assert_eq!(service::retry(&bob, asked.id).await, Err(AppError::NotFound));
    assert_eq!(service::list(&bob, None, None).await.expect("lists").items, []);
    assert_eq!(read(&ann, asked.id).await.state, OperationState::Waiting);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_list_has_pages(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::new();
    let mut ids = Vec::new();
    for _ in 0..3 {
        house.platform.clock().advance(Duration::from_secs(1));
        ids.insert(0, ask(&house, &ann, counting).await.id);
        work_once(&house.platform, counting.works()).await.expect("works");
    }
    let own = ann.signed_in().expect("in");
    let first = service::list(&own, Some(2), None).await.expect("lists");
    let rest = service::list(&own, Some(2), first.next_cursor.as_deref()).await.expect("lists");
    let found: Vec<Uuid> = first.items.iter().chain(&rest.items).map(|operation| operation.id).collect();
    assert_eq!((found, rest.next_cursor), (ids, None));
    assert!(first.items.iter().all(|operation| operation.log.len() == 7), "each with its own log");
    assert!(service::list(&own, Some(0), None).await.is_err());
    assert!(service::list(&own, None, Some("x")).await.is_err());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_database_refuses_detours(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::new();
    let asked = ask(&house, &ann, counting).await;
    let try_to = async |change: &str| {
        let statement = format!("UPDATE operations SET {change} WHERE id = '{}'", asked.id);
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&db).await.map(drop)
    };
    for detour in [
        "state = 'succeeded', step = 3, ended_at = now()",
        "state = 'failed', error = 'internal', ended_at = now()",
        "state = 'cancelled', ended_at = now()",
        "step = 2",
        "epoch = -1",
        "kind = 'other'",
        "steps = '{one}'",
        "lease_until = now()",
        "ended_at = now()",
    ] {
        assert!(try_to(detour).await.is_err(), "{detour}");
    }
    work_once(&house.platform, counting.works()).await.expect("works");
    for detour in ["state = 'waiting', ended_at = NULL", "state = 'cancelling', ended_at = NULL", "step = 2"]
    {
        assert!(try_to(detour).await.is_err(), "{detour} after the end");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_operation_of_a_newer_version_is_left_to_it(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::new();
    let asked = ask(&house, &ann, counting).await;
    let newer = "ALTER TABLE operations DISABLE TRIGGER USER; UPDATE operations SET steps = '{one,another}';
                 ALTER TABLE operations ENABLE TRIGGER USER";
    sqlx::raw_sql(newer).execute(&db).await.expect("changes");
    work_once(&house.platform, counting.works()).await.expect("works");
    assert_eq!(effects(&db).await, ["one"]);
    let left = read(&ann, asked.id).await;
    assert_eq!(
        (left.state, left.step.as_deref(), left.error),
        (OperationState::Waiting, Some("another"), None)
    );
    assert_eq!(left.attempt, 0, "nobody has tried it");
    let told = left.log.len();
    house.platform.clock().advance(Duration::from_mins(2));
    assert_eq!(work_once(&house.platform, counting.works()).await, Ok(0));
    assert_eq!(read(&ann, asked.id).await.log.len(), told, "and nothing more is told of it");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_worker_is_woken_and_leaves_the_rest_to_others_when_it_stops(db: PgPool) {
    let (house, ann) = house(&db).await;
    let slow = Counting::with(Fault::Waits("two"));
    let stop = CancellationToken::new();
    let worker = tokio::spawn(work(house.platform.clone(), slow.works(), stop.clone()));
    // Long enough for the first look and for listening to begin.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let asked = ask(&house, &ann, slow).await;
    tokio::time::timeout(Duration::from_secs(3), slow.waits.notified()).await.expect("woken, not found");
    stop.cancel();
    slow.goes_on.notify_one();
    worker.await.expect("ends");
    assert_eq!(effects(&db).await, ["one", "two"], "the step under way is finished");
    let left = read(&ann, asked.id).await;
    assert_eq!((left.state, left.step.as_deref()), (OperationState::Waiting, Some("three")));
    let other = Counting::new();
    assert_eq!(
        work_once(&house.platform, other.works()).await,
        Ok(1),
        "at once, without waiting for a lease"
    );
    assert_eq!(effects(&db).await, STEPS);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_ended_a_month_ago_is_forgotten(db: PgPool) {
    let (house, ann) = house(&db).await;
    let counting = Counting::new();
    ask(&house, &ann, counting).await;
    work_once(&house.platform, counting.works()).await.expect("works");
    let month = Duration::from_hours(30 * 24);
    house.platform.clock().advance(month);
    assert_eq!(service::sweep(&house.platform).await, Ok(0));
    house.platform.clock().advance(Duration::from_secs(1));
    assert_eq!(service::sweep(&house.platform).await, Ok(1));
}
