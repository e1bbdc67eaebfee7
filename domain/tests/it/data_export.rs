//! The copy of everything the site holds about somebody: against a real database.

use std::time::Duration;

use domain::{
    AppError,
    access::{Caller, Grant, Permission, SiteAction},
    admin::service as admin,
    audit::{Deed, note},
    identity::{
        DataExport,
        service::{self, MakeDataExport, data_export, download, export_data},
    },
    operations::{
        OperationState,
        service::{self as operations, Doing, Turn, Work, Works, work_once},
    },
    organizations::service::{self as organizations, Change},
};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    house::{House, PASSWORD},
    organizations::{BOB, create, join, may, user},
};

const ANN: &str = "ann@example.com";
const WORKS: Works = &[&MakeDataExport];
const WEEK: Duration = Duration::from_hours(7 * 24);

async fn ask(caller: &Caller) -> Uuid {
    export_data(&caller.stepped_up().expect("fresh")).await.expect("asks").operation_id
}

async fn state(caller: &Caller) -> DataExport {
    data_export(&caller.signed_in().expect("in"), caller.stepped_up().ok().as_ref()).await.expect("reads")
}

async fn text(caller: &Caller) -> Result<String, AppError> {
    let mut copy = download(&caller.stepped_up().expect("fresh")).await?;
    let mut text = Vec::new();
    while let Some(piece) = copy.next_piece().await? {
        text.extend(piece);
    }
    assert_eq!(copy.bytes(), text.len() as u64, "as long as it was said to be");
    Ok(String::from_utf8(text).expect("text"))
}

async fn file(caller: &Caller) -> Value {
    serde_json::from_str(&text(caller).await.expect("takes it away")).expect("one JSON object")
}

async fn rows(db: &PgPool, table: &str) -> usize {
    let all = format!("SELECT * FROM {table}");
    sqlx::raw_sql(AssertSqlSafe(all)).fetch_all(db).await.expect("rows").len()
}

async fn do_to(db: &PgPool, change: &'static str) {
    sqlx::raw_sql(change).execute(db).await.expect("changes");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_copy_holds_what_is_known_of_its_owner_and_nothing_that_lets_anybody_in(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    house.make_api_token(&ann).await;
    let user = ann.signed_in().expect("in").user();
    do_to(&db, "INSERT INTO federated_identities VALUES (gen_random_uuid(), (SELECT id FROM users), 'https://id.example.com', 'subject-7', 'ann@else.example', now())").await;
    do_to(&db, "INSERT INTO passkeys VALUES (gen_random_uuid(), (SELECT id FROM users), '\\x00112233445566778899aabbccddeeff', '{\"secret\": \"cred\"}', 'Blue key', now())").await;
    service::change_email(&ann.stepped_up().expect("fresh"), "new@example.com").await.expect("asks");
    house.letters().await;
    house.person("bob@example.com").await;
    ask(&ann).await;
    assert_eq!(work_once(&house.platform, WORKS).await, Ok(1));
    let copy = file(&ann).await;
    assert_eq!(copy["format"], "gatehouse-account-1");
    assert_eq!(copy["account"]["id"], user.to_string());
    assert_eq!((&copy["account"]["email"], &copy["account"]["display_name"]), (&ANN.into(), &"Ann".into()));
    assert_eq!(copy["sessions"][0]["address"], "192.0.2.7");
    assert!(copy["sessions"][0]["user_agent"].as_str().is_some_and(|text| text.contains("Firefox")));
    assert_eq!(copy["known_browsers"].as_array().map(Vec::len), Some(1));
    assert_eq!(copy["api_tokens"][0]["name"], "backup");
    assert_eq!(copy["passkeys"][0]["name"], "Blue key");
    assert_eq!(copy["providers"][0]["subject"], "subject-7");
    assert_eq!(copy["address_changes"][0]["new_email"], "new@example.com");
    let entries = copy["audit_entries"].as_array().expect("entries");
    let has = |action: &str| entries.iter().any(|entry| entry["action"] == action);
    assert!(has("identity.registered") && has("identity.signed-in") && has("identity.data-export-asked"));
    assert_eq!(copy["audit_entries_whole"], true);
    let text = copy.to_string();
    assert!(!text.contains("bob@example.com"), "nobody else is in it");
    for secret in ["hash", "$argon2", "sealed", "cred", PASSWORD, "gate_"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_stripe_told_of_ones_own_organization_is_in_it_and_of_no_other(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    house.person("bob@example.com").await;
    do_to(
        &db,
        "BEGIN;
         SELECT set_config('app.site', 'on', true);
         INSERT INTO stripe_objects (kind, id, state, seen_as, fetched_at)
         SELECT 'customer', 'cus_' || u.email,
                jsonb_build_object('email', u.email, 'metadata', jsonb_build_object('gatehouse_id', o.id)), 1, now()
         FROM organizations o JOIN users u ON u.id = o.personal_of;
         INSERT INTO stripe_objects (kind, id, state, seen_as, fetched_at)
         SELECT 'invoice', 'in_' || id, jsonb_build_object('customer', id, 'total', 7), 1, now() FROM stripe_objects;
         COMMIT",
    )
    .await;
    ask(&ann).await;
    assert_eq!(work_once(&house.platform, WORKS).await, Ok(1));
    let copy = file(&ann).await;
    let told = copy["stripe_objects"].as_array().expect("a list");
    assert_eq!((told.len(), &told[0]["email"], &told[1]["total"]), (2, &ANN.into(), &7.into()));
    assert!(!copy.to_string().contains("bob@example.com"), "nobody else is in it");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_took_longer_and_when_somebody_looked_is_in_it(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let ann = house.person(ANN).await;
    let bob = house.person("bob@example.com").await;
    let user = ann.signed_in().expect("in").user();
    let look = root.may(SiteAction::Impersonate).expect("may");
    Box::pin(admin::impersonate(&look, &user.to_string(), "She asked us to")).await.expect("looks");
    let (own, theirs) = (ask(&ann).await, ask(&bob).await);
    assert_eq!(work_once(&house.platform, WORKS).await, Ok(2));
    let copy = file(&ann).await;
    let operations = copy["operations"].as_array().expect("a list");
    assert_eq!(operations.len(), 1, "{operations:?}");
    assert_eq!(
        (&operations[0]["id"], &operations[0]["kind"]),
        (&own.to_string().into(), &"data-export".into())
    );
    assert_eq!(operations[0]["log"][0]["event"], "asked");
    let looks = copy["looks"].as_array().expect("a list");
    assert_eq!((looks.len(), &looks[0]["by"]), (1, &"somebody-else".into()));
    let text = copy.to_string();
    for other in [root.signed_in().expect("in").user(), theirs] {
        assert!(!text.contains(&other.to_string()), "who they are is not in it");
    }
    assert_eq!(file(&bob).await["looks"], Value::Array(Vec::new()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_else_acted_is_not_in_it_and_from_where_neither(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let ann = house.person(ANN).await;
    let user = ann.signed_in().expect("in").user();
    let mut tx = root.signed_in().expect("in").begin().await.expect("begins");
    note(&mut tx, Deed::UserUnlocked { user, reason: "Called us".into() }).await.expect("notes");
    tx.commit().await.expect("commits");
    ask(&ann).await;
    work_once(&house.platform, WORKS).await.expect("works");
    let copy = file(&ann).await;
    let entries = copy["audit_entries"].as_array().expect("entries");
    let helped = entries.iter().find(|entry| entry["action"] == "admin.user-unlocked").expect("an entry");
    assert_eq!((&helped["by"], &helped["address"]), (&"somebody-else".into(), &Value::Null));
    assert_eq!(helped["detail"]["reason"], "Called us");
    let own = entries.iter().find(|entry| entry["action"] == "identity.signed-in").expect("an entry");
    assert_eq!((&own["by"], &own["address"]), (&"you".into(), &"192.0.2.7".into()));
    assert!(!copy.to_string().contains(&root.signed_in().expect("in").user().to_string()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_second_request_gives_the_same_operation_and_one_letter(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    house.letters().await;
    let first = ask(&ann).await;
    assert_eq!(ask(&ann).await, first);
    assert!(state(&ann).await.ready.is_none(), "nothing before its end");
    work_once(&house.platform, WORKS).await.expect("works");
    let letters = house.letters().await;
    assert!(letters.len() == 1 && letters[0].contains("The copy of your data is ready"), "{letters:?}");
    let until = (house.platform.now() + WEEK).to_string();
    assert!(letters[0].contains(&until), "{letters:?}");
    let trail: Vec<String> = house.trail("identity").await.into_iter().map(|(action, _)| action).collect();
    assert_eq!(
        trail.iter().filter(|action| action.contains("data-export")).count(),
        2,
        "asked once, made once"
    );
}

/// The real work, interrupted: a step ends in the middle, before or after what it writes.
struct Interrupted {
    at: &'static str,
    when: When,
    reached: Notify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    Before,
    After,
}

/// A process that is killed at this step.
async fn killed(house: &House, at: &'static str, when: When) {
    let work: &'static Interrupted = Box::leak(Box::new(Interrupted { at, when, reached: Notify::new() }));
    let works: Works = Box::leak(Box::new([work as &'static dyn Work]));
    let platform = house.platform.clone();
    let worker = tokio::spawn(async move { work_once(&platform, works).await });
    work.reached.notified().await;
    worker.abort();
    let _ = worker.await;
    // Until the database has noticed.
    tokio::time::sleep(Duration::from_millis(200)).await;
}

impl Work for Interrupted {
    fn kind(&self) -> &'static str {
        MakeDataExport.kind()
    }

    fn steps(&self) -> &'static [&'static str] {
        MakeDataExport.steps()
    }

    fn step<'a>(&'a self, turn: &'a Turn, step: &'a str) -> Doing<'a> {
        Box::pin(async move {
            if step != self.at {
                return MakeDataExport.step(turn, step).await;
            }
            let written = match self.when {
                When::Before => None,
                When::After => Some(MakeDataExport.step(turn, step).await),
            };
            self.reached.notify_one();
            std::future::pending::<()>().await;
            written.expect("never")
        })
    }

    fn undo<'a>(&'a self, turn: &'a Turn) -> Doing<'a> {
        MakeDataExport.undo(turn)
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn killed_at_any_step_there_is_one_whole_copy_and_one_letter(db: PgPool) {
    let house = House::new(db.clone());
    house.account(ANN).await;
    let mut session = house.cookie_of(ANN).await;
    for at in MakeDataExport.steps() {
        for when in [When::Before, When::After] {
            house.letters().await;
            let operation = ask(&house.with_cookie(&session).await).await;
            killed(&house, at, when).await;
            house.platform.clock().advance(Duration::from_secs(31));
            assert_eq!(work_once(&house.platform, WORKS).await, Ok(1), "{at} {when:?}");
            assert_eq!(house.letters().await.len(), 1, "{at} {when:?}");
            let ann = house.with_cookie(&session).await;
            let copy = file(&ann).await;
            assert_eq!(copy["audit_entries_whole"], true, "{at} {when:?}");
            assert_eq!(
                state(&ann).await.operation.map(|it| (it.id, it.state)),
                Some((operation, OperationState::Succeeded))
            );
            assert_eq!(rows(&db, "data_exports").await, 1, "the one before has gone");
            assert_eq!(rows(&db, "data_export_parts").await, 2, "and its pieces");
            session = house.cookie_of(ANN).await;
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_copy_lies_sealed_and_a_piece_of_another_one_does_not_open(db: PgPool) {
    let house = House::new(db.clone());
    let (ann, bob) = (house.person(ANN).await, house.person("bob@example.com").await);
    for caller in [&ann, &bob] {
        ask(caller).await;
    }
    work_once(&house.platform, WORKS).await.expect("works");
    let readable =
        "SELECT FROM data_export_parts WHERE position(convert_to('example.com', 'UTF8') IN sealed) > 0";
    assert_eq!(sqlx::raw_sql(readable).fetch_all(&db).await.expect("rows").len(), 0);
    // Somebody with the database alone gives one person the pieces of the other.
    do_to(
        &db,
        "CREATE TEMP TABLE t AS SELECT min(operation_id::text)::uuid AS a, max(operation_id::text)::uuid AS b FROM data_exports;
         DELETE FROM data_export_parts USING t WHERE operation_id = a;
         UPDATE data_export_parts SET operation_id = a FROM t WHERE operation_id = b;
         DROP TABLE t",
    )
    .await;
    for caller in [&ann, &bob] {
        assert!(matches!(text(caller).await, Err(AppError::Internal | AppError::NotFound)));
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_its_owner_takes_it_away_and_that_is_noted(db: PgPool) {
    let house = House::new(db.clone());
    let (ann, bob) = (house.person(ANN).await, house.person("bob@example.com").await);
    ask(&ann).await;
    work_once(&house.platform, WORKS).await.expect("works");
    assert_eq!(text(&bob).await.map(drop), Err(AppError::NotFound));
    assert!(state(&bob).await.ready.is_none());
    text(&ann).await.expect("takes it away");
    text(&ann).await.expect("and again");
    let trail = house.trail("identity").await;
    assert_eq!(trail.iter().filter(|(action, _)| action == "identity.data-downloaded").count(), 2);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_download_breaks_off_when_its_owner_is_shut_out_meanwhile(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    ask(&ann).await;
    work_once(&house.platform, WORKS).await.expect("works");
    let mut copy = download(&ann.stepped_up().expect("fresh")).await.expect("begins");
    assert!(copy.next_piece().await.expect("reads").is_some());
    do_to(&db, "DELETE FROM sessions").await;
    assert_eq!(copy.next_piece().await, Err(AppError::SignInRequired));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn after_a_week_it_is_gone(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    ask(&ann).await;
    work_once(&house.platform, WORKS).await.expect("works");
    house.platform.clock().advance(WEEK.saturating_sub(Duration::from_secs(1)));
    let session = house.cookie_of(ANN).await;
    let ann = house.with_cookie(&session).await;
    text(&ann).await.expect("to the last moment");
    house.platform.clock().advance(Duration::from_secs(1));
    assert!(state(&ann).await.ready.is_none());
    assert_eq!(text(&ann).await.map(drop), Err(AppError::NotFound), "also before it is swept");
    service::sweep(&house.platform).await.expect("sweeps");
    assert_eq!((rows(&db, "data_exports").await, rows(&db, "data_export_parts").await), (0, 0));
    assert!(state(&ann).await.operation.is_some(), "that there was one is remembered for longer");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn cancelled_in_the_middle_nothing_is_left_of_it(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    let operation = ask(&ann).await;
    killed(&house, "publish", When::Before).await;
    assert_eq!(rows(&db, "data_export_parts").await, 2);
    operations::cancel(&ann.signed_in().expect("in"), operation).await.expect("asks to end");
    house.letters().await;
    assert_eq!(work_once(&house.platform, WORKS).await, Ok(1), "without waiting for the lease");
    assert_eq!((rows(&db, "data_export_parts").await, house.letters().await.len()), (0, 0));
    assert_eq!(state(&ann).await.operation.map(|it| it.state), Some(OperationState::Cancelled));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_account_that_goes_takes_its_copies_and_operations_along(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    ask(&ann).await;
    work_once(&house.platform, WORKS).await.expect("works");
    ask(&ann).await;
    do_to(&db, "DELETE FROM users").await;
    assert_eq!(work_once(&house.platform, WORKS).await, Ok(0));
    for table in ["operations", "operation_log", "data_exports", "data_export_parts"] {
        assert_eq!(rows(&db, table).await, 0, "{table}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_long_trail_is_cut_into_pieces_and_the_newest_twenty_thousand_are_told(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    let user = ann.signed_in().expect("in").user();
    let mut tx = Grant::system(&house.platform, "test").begin().await.expect("begins");
    let many = format!(
        "INSERT INTO audit_entries (chain, seq, at, actor, action, target, detail, address, request_id, hash)
         SELECT h.chain, h.seq + n, now(), '{user}', 'test.many', 'user:{user}', '{{}}', '192.0.2.7', h.chain, h.hash
         FROM audit_heads h, generate_series(1, 21000) n;
         UPDATE audit_heads SET seq = seq + 21000"
    );
    sqlx::raw_sql(AssertSqlSafe(many)).execute(tx.conn()).await.expect("many entries");
    tx.commit().await.expect("commits");
    ask(&ann).await;
    work_once(&house.platform, WORKS).await.expect("works");
    assert!(rows(&db, "data_export_parts").await > 20);
    let copy = file(&ann).await;
    assert_eq!(copy["audit_entries"].as_array().map(Vec::len), Some(20_000));
    assert_eq!(copy["audit_entries_whole"], false);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_somebody_did_in_organizations_is_in_it_also_where_they_have_left(db: PgPool) {
    let house = House::new(db.clone());
    let (ann, bob) = (house.person(ANN).await, house.person(BOB).await);
    let acme = create(&ann, "Acme", Some("acme")).await.expect("makes").id;
    join(&db, acme, user(&bob), "OWNER").await;
    let grant = may(&bob, acme, Permission::UpdateOrganization).await.expect("may");
    let change = Change { name: Some("Acme Inc.".into()), ..Change::default() };
    organizations::update(&grant, &change).await.expect("renames");
    organizations::leave(&ann.signed_in().expect("in"), "acme").await.expect("leaves");
    ask(&ann).await;
    assert_eq!(work_once(&house.platform, WORKS).await, Ok(1));
    let copy = file(&ann).await;
    let entries = copy["audit_entries"].as_array().expect("entries");
    let of = |organization: Value| {
        let found = entries.iter().filter(|entry| entry["organization_id"] == organization);
        found.map(|entry| entry["action"].as_str().expect("a name")).collect::<Vec<_>>()
    };
    assert_eq!(of(acme.to_string().into()), ["organizations.left", "organizations.created"]);
    assert!(of(Value::Null).contains(&"identity.registered"), "beside what the site's trail says");
    let mut elsewhere = entries.iter().filter(|entry| entry["organization_id"] != Value::Null);
    assert!(elsewhere.all(|entry| entry["by"] == "you"));
    assert_eq!(copy["audit_entries_whole"], true);
    assert!(!copy.to_string().contains(&user(&bob).to_string()), "what others did there is theirs");
}
