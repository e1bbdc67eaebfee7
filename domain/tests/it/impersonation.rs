//! Somebody else's eyes: whose, for how long, and that nothing is touched by them. Against a real database.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::{Actor, Caller, SiteAction},
    admin::service,
    audit::service as audit,
    identity::service::{me, update_profile},
    sessions,
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{house::House, races::overtaken};

const ROOT: &str = "root@example.com";
const ANN: &str = "ann@example.com";
const WHY: &str = "She cannot find her tokens";

/// An administrator's cookie, and somebody to look at.
async fn root_and_ann(house: &House) -> (String, Uuid) {
    house.staff(ROOT, "{ADMIN,USER}").await;
    let ann = house.account(ANN).await;
    (house.cookie_of(ROOT).await, ann)
}

async fn begin(caller: &Caller, user: Uuid) -> Result<(), AppError> {
    let grant = caller.may(SiteAction::Impersonate)?;
    // A large future would have to be held by every caller.
    Box::pin(service::impersonate(&grant, &user.to_string(), WHY)).await
}

async fn stop(caller: &Caller) -> Result<Uuid, AppError> {
    service::stop_impersonating(&caller.impersonating()?).await
}

fn issue(outcome: Result<(), AppError>) -> Option<FieldIssue> {
    outcome.expect_err("refused").of_field("user_id").map(|problem| problem.issue.clone())
}

/// Whose eyes a cookie sees with, if not its owner's.
async fn eyes(house: &House, cookie: &str) -> Option<String> {
    match house.with_cookie(cookie).await.actor() {
        Actor::Impersonating(it) => Some(it.impersonation.email.clone()),
        Actor::Person(_) => None,
        other => panic!("nobody is in: {other:?}"),
    }
}

async fn sql(house: &House, statement: &'static str) {
    sqlx::raw_sql(statement).execute(&house.db).await.expect("changes");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_administrator_sees_what_the_person_sees_and_changes_nothing(db: PgPool) {
    let house = House::new(db);
    let (cookie, ann) = root_and_ann(&house).await;
    begin(&house.with_cookie(&cookie).await, ann).await.expect("begins");
    let caller = house.with_cookie(&cookie).await;
    let grant = caller.signed_in().expect("reads");
    let seen = me(&grant).await.expect("sees");
    assert_eq!((seen.email.as_str(), seen.id), (ANN, ann));
    assert_eq!(seen.impersonated_by.expect("somebody").email, ROOT);
    // What could change, prove or show something is not even granted …
    let refused = Some(AppError::NotAllowed);
    assert_eq!(caller.any_session().err(), refused);
    assert_eq!(caller.also_leaving().err(), refused);
    assert_eq!(caller.stepped_up().err(), refused);
    assert_eq!(caller.may(SiteAction::ReadUsers).err(), refused);
    assert_eq!(caller.may(SiteAction::Impersonate).err(), refused);
    // … and where the grant to read is used to write, Postgres refuses.
    assert!(update_profile(&grant, Some("Eve".into()), None, None, None).await.is_err());
    assert!(sessions::service::sign_out(&grant).await.is_err());
    assert_eq!(me(&grant).await.expect("sees").display_name, "Ann");
    assert_eq!(stop(&caller).await, Ok(ann));
    assert_eq!(eyes(&house, &cookie).await, None);
    assert_eq!(
        me(&house.with_cookie(&cookie).await.signed_in().expect("in")).await.expect("sees").email,
        ROOT
    );
    assert_eq!(house.with_cookie(&cookie).await.impersonating().err(), refused);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_is_seen_who_looks_after_the_site_or_cannot_be_in(db: PgPool) {
    let house = House::new(db);
    let (cookie, ann) = root_and_ann(&house).await;
    let help = house.staff("help@example.com", "{SUPPORT,USER}").await;
    let root = house.with_cookie(&cookie).await;
    let Actor::Person(person) = root.actor() else { panic!("somebody") };
    assert_eq!(issue(begin(&root, person.user).await), Some(FieldIssue::Yourself));
    assert_eq!(begin(&root, Uuid::nil()).await, Err(AppError::NotFound));
    for role in ["ADMIN", "SUPPORT", "BILLING_ADMIN"] {
        sqlx::query!(
            "UPDATE users SET roles = ARRAY[$1, 'USER']::text[]::site_role[] WHERE id = $2",
            role,
            ann
        )
        .execute(&house.db)
        .await
        .expect("raises");
        assert_eq!(issue(begin(&root, ann).await), Some(FieldIssue::Staff), "{role}");
    }
    sql(&house, "UPDATE users SET roles = '{USER}' WHERE email = 'ann@example.com'").await;
    for (out, back) in [
        (
            "UPDATE users SET locked_at = now() WHERE email = 'ann@example.com'",
            "UPDATE users SET locked_at = NULL",
        ),
        (
            "UPDATE users SET deletion_due_at = now() WHERE email = 'ann@example.com'",
            "UPDATE users SET deletion_due_at = NULL",
        ),
        (
            "UPDATE users SET email_verified_at = NULL WHERE email = 'ann@example.com'",
            "UPDATE users SET email_verified_at = now()",
        ),
    ] {
        sql(&house, out).await;
        assert_eq!(issue(begin(&root, ann).await), Some(FieldIssue::NobodyIn), "{out}");
        sql(&house, back).await;
    }
    let grant = root.may(SiteAction::Impersonate).expect("may");
    let without = service::impersonate(&grant, &ann.to_string(), " ").await.expect_err("refused");
    assert!(without.of_field("reason").is_some());
    // Never one inside another, not even by a request from before.
    begin(&root, ann).await.expect("begins");
    assert_eq!(issue(begin(&root, ann).await), Some(FieldIssue::AlreadyDone));
    assert_eq!(begin(&help, ann).await, Err(AppError::NotAllowed));
    house.platform.clock().advance(Duration::from_secs(301));
    assert!(matches!(begin(&root, ann).await, Err(AppError::StepUpRequired { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn it_ends_after_half_an_hour_and_with_the_session(db: PgPool) {
    let house = House::new(db);
    let (cookie, ann) = root_and_ann(&house).await;
    begin(&house.with_cookie(&cookie).await, ann).await.expect("begins");
    house.platform.clock().advance(Duration::from_secs(29 * 60 + 59));
    assert_eq!(eyes(&house, &cookie).await.as_deref(), Some(ANN));
    house.platform.clock().advance(Duration::from_secs(1));
    assert_eq!(eyes(&house, &cookie).await, None);
    // The next one is not in the way of the last.
    let cookie = house.cookie_of(ROOT).await;
    let root = house.with_cookie(&cookie).await;
    begin(&root, ann).await.expect("begins");
    sessions::service::sign_out(&root.signed_in().expect("in")).await.expect("leaves");
    assert!(matches!(house.with_cookie(&cookie).await.actor(), Actor::Nobody));
    sessions::service::sweep(&house.platform).await.expect("sweeps");
    let left = sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM impersonations"#);
    assert_eq!(left.fetch_one(&house.db).await.expect("counts"), 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn it_ends_for_good_when_the_one_or_the_other_changes(db: PgPool) {
    let house = House::new(db);
    let (cookie, ann) = root_and_ann(&house).await;
    let second = house.staff("second@example.com", "{ADMIN,USER}").await;
    for (change, back) in [
        ("UPDATE users SET roles = '{SUPPORT,USER}' WHERE email = 'ann@example.com'", "'ann@example.com'"),
        ("UPDATE users SET roles = '{USER}' WHERE email = 'root@example.com'", "'root@example.com'"),
        ("UPDATE users SET locked_at = now() WHERE email = 'ann@example.com'", "'ann@example.com'"),
        ("UPDATE users SET deletion_due_at = now() WHERE email = 'ann@example.com'", "'ann@example.com'"),
    ] {
        begin(&house.with_cookie(&cookie).await, ann).await.expect("begins");
        assert_eq!(eyes(&house, &cookie).await.as_deref(), Some(ANN), "{change}");
        sql(&house, change).await;
        assert_eq!(eyes(&house, &cookie).await, None, "{change}");
        let roles = if back.contains("root") { "{ADMIN,USER}" } else { "{USER}" };
        let restore = format!(
            "UPDATE users SET roles = '{roles}', locked_at = NULL, deletion_due_at = NULL WHERE email = {back}"
        );
        sql(&house, restore.leak()).await;
        assert_eq!(eyes(&house, &cookie).await, None, "{change}: not again");
    }
    // By our own acts it ends at once, also where no request comes in between.
    let (root, user) = (house.with_cookie(&cookie).await, ann.to_string());
    begin(&root, ann).await.expect("begins");
    let lock = second.may(SiteAction::LockUser).expect("may");
    service::lock_user(&lock, &user, WHY).await.expect("locks");
    service::unlock_user(&second.may(SiteAction::UnlockUser).expect("may"), &user, WHY)
        .await
        .expect("unlocks");
    assert_eq!(eyes(&house, &cookie).await, None);
    begin(&root, ann).await.expect("begins");
    let set = second.may(SiteAction::SetRoles).expect("may");
    service::set_roles(&set, &user, &["SUPPORT".to_owned()], WHY).await.expect("raises");
    service::set_roles(&set, &user, &[], WHY).await.expect("lowers");
    assert_eq!(eyes(&house, &cookie).await, None);
    begin(&root, ann).await.expect("begins");
    sql(&house, "DELETE FROM users WHERE email = 'ann@example.com'").await;
    assert_eq!(eyes(&house, &cookie).await, None);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_changes_while_it_begins_is_seen(db: PgPool) {
    let house = House::new(db.clone());
    let (cookie, ann) = root_and_ann(&house).await;
    let root = house.with_cookie(&cookie).await;
    let raised = "UPDATE users SET roles = '{ADMIN,USER}' WHERE email = 'ann@example.com'";
    assert_eq!(issue(overtaken(&db, raised, begin(&root, ann)).await), Some(FieldIssue::Staff));
    let locked = "UPDATE users SET roles = '{USER}', locked_at = now() WHERE email = 'ann@example.com'";
    assert_eq!(issue(overtaken(&db, locked, begin(&root, ann)).await), Some(FieldIssue::NobodyIn));
    sql(&house, "UPDATE users SET locked_at = NULL").await;
    let ended = overtaken(&db, "DELETE FROM sessions", begin(&root, ann)).await;
    assert_eq!(ended, Err(AppError::SignInRequired));
    // The one who asks, this time.
    sql(&house, "UPDATE users SET roles = '{ADMIN,USER}' WHERE email = 'ann@example.com'").await;
    let bob = house.account("bob@example.com").await;
    let cookie = house.cookie_of(ANN).await;
    let caller = house.with_cookie(&cookie).await;
    let lowered = "UPDATE users SET roles = '{USER}' WHERE email = 'ann@example.com'";
    assert_eq!(overtaken(&db, lowered, begin(&caller, bob)).await, Err(AppError::NotAllowed));
    assert_eq!(eyes(&house, &cookie).await, None);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_two_at_once_one_begins(db: PgPool) {
    let house = House::new(db);
    let (cookie, ann) = root_and_ann(&house).await;
    let bob = house.account("bob@example.com").await;
    let root = house.with_cookie(&cookie).await;
    let (one, two) = tokio::join!(begin(&root, ann), begin(&root, bob));
    assert_ne!(one.is_ok(), two.is_ok());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_trail_names_both_and_the_owner_gets_a_letter_with_the_reason(db: PgPool) {
    let house = House::new(db);
    let (cookie, ann) = root_and_ann(&house).await;
    let root = house.with_cookie(&cookie).await;
    let Actor::Person(person) = root.actor() else { panic!("somebody") };
    house.letters().await;
    let grant = root.may(SiteAction::Impersonate).expect("may");
    service::impersonate(&grant, &ann.to_string(), "She asked <b>twice</b> & waits").await.expect("begins");
    let [letter] = &house.letters().await[..] else { panic!("one letter") };
    // Long lines are folded on their way.
    let letter = letter.replace("=\r\n", "");
    assert!(letter.contains("To: ann@example.com") && letter.contains(ROOT), "{letter}");
    assert!(letter.contains("&lt;b&gt;twice&lt;/b&gt; &amp; waits"), "escaped where it has to be: {letter}");
    let looking = house.with_cookie(&cookie).await;
    sessions::impersonation::note_look(&looking.impersonating().expect("looks"), "/account/security")
        .await
        .expect("writes");
    stop(&looking).await.expect("stops");
    assert!(house.letters().await.is_empty(), "one letter for one look");
    let root = house.with_cookie(&cookie).await;
    let query = audit::Query { action: Some("admin".into()), ..Default::default() };
    let items =
        audit::entries(&root.may(SiteAction::ReadAudit).expect("may"), query).await.expect("reads").items;
    let actions: Vec<&str> = items.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["admin.impersonation-begun", "admin.looked", "admin.impersonation-ended"]);
    for entry in &items {
        assert_eq!(entry.actor, Some(person.user), "{}", entry.action);
        assert_eq!(entry.target.as_deref(), Some(format!("user:{ann}").as_str()), "{}", entry.action);
    }
    assert!(items[1].detail.contains("/account/security"), "{}", items[1].detail);
}
