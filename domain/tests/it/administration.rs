//! Roles, help and several people at once: against a real database.

use domain::{
    AppError, FieldIssue,
    access::{Actor, Caller, Purpose, SiteAction, SiteRole},
    admin::{
        LockOutcome::{AlreadyLocked, Locked, NotAllowed, NotFound, Yourself},
        service::{self, Query},
    },
    audit::service as audit,
    identity::service::{self as identity, Registration},
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    house::{House, PASSWORD},
    second_factor::enrolled,
};

fn id_of(caller: &Caller) -> Uuid {
    let Actor::Person(person) = caller.actor() else { panic!("somebody signed in") };
    person.user
}

async fn set(caller: &Caller, user: Uuid, roles: &[&str]) -> Result<(), AppError> {
    let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
    service::set_roles(&caller.may(SiteAction::SetRoles)?, &user.to_string(), &roles, "As agreed").await
}

fn issue(outcome: Result<(), AppError>) -> Option<FieldIssue> {
    let error = outcome.expect_err("refused");
    error.of_field("user_id").map(|problem| problem.issue.clone())
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_role_holds_from_the_next_request_on_and_the_trail_says_why(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let ann = house.account("ann@example.com").await;
    let cookie = house.cookie_of("ann@example.com").await;
    let may = async || house.with_cookie(&cookie).await.may(SiteAction::ReadUsers).is_ok();
    assert!(!may().await);
    set(&root, ann, &["SUPPORT"]).await.expect("gives");
    assert!(may().await, "the session goes on with the new role");
    assert_eq!(issue(set(&root, ann, &["SUPPORT", "USER"]).await), Some(FieldIssue::AlreadyDone));
    set(&root, ann, &[]).await.expect("takes");
    assert!(!may().await);
    let wrong = set(&root, ann, &["ROOT"]).await.expect_err("no such role");
    assert!(wrong.of_field("roles").is_some());
    let query = audit::Query { action: Some("admin.roles-set".into()), ..Default::default() };
    let items =
        audit::entries(&root.may(SiteAction::ReadAudit).expect("may"), query).await.expect("reads").items;
    let first = items.last().expect("an entry");
    assert_eq!(first.detail, r#"{"after":["SUPPORT","USER"],"before":["USER"],"reason":"As agreed"}"#);
    assert_eq!((items.len(), first.target.as_deref()), (2, Some(format!("user:{ann}").as_str())));
}

/// Everybody can act again, and both are administrators.
async fn back_in(db: &PgPool) {
    sqlx::query!(
        "UPDATE users SET locked_at = NULL, deletion_due_at = NULL, email_verified_at = now(), roles = '{ADMIN,USER}'"
    )
    .execute(db)
    .await
    .expect("brings back");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_last_administrator_stays_one_and_whoever_cannot_act_does_not_count(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let other = house.staff("toor@example.com", "{ADMIN,USER}").await;
    for out in ["locked_at = now()", "deletion_due_at = now()", "email_verified_at = NULL"] {
        let change = format!("UPDATE users SET {out} WHERE email = 'toor@example.com'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(change)).execute(&db).await.expect("puts out");
        let refused = issue(set(&root, id_of(&root), &["SUPPORT"]).await);
        assert_eq!(refused, Some(FieldIssue::LastAdministrator), "{out}");
        back_in(&db).await;
    }
    set(&root, id_of(&root), &["SUPPORT"]).await.expect("there is another one now");
    assert_eq!(set(&root, id_of(&other), &[]).await, Err(AppError::NotAllowed), "the grant is from before");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_two_administrators_who_give_up_or_take_the_role_at_once_one_stays(db: PgPool) {
    let house = House::new(db.clone());
    let one = house.staff("root@example.com", "{ADMIN,USER}").await;
    let two = house.staff("toor@example.com", "{ADMIN,USER}").await;
    let (first, second) = (id_of(&one), id_of(&two));
    for round in 0..20 {
        // In turn: each takes the other's role, and each gives up their own.
        let (a, b) = if round % 2 == 0 { (second, first) } else { (first, second) };
        let (one_done, two_done) = tokio::join!(set(&one, a, &[]), set(&two, b, &[]));
        assert!(one_done.is_ok() != two_done.is_ok(), "{round}: {one_done:?} {two_done:?}");
        let left = sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM users WHERE roles @> '{ADMIN}'"#);
        assert_eq!(left.fetch_one(&db).await.expect("counts"), 1);
        back_in(&db).await;
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_two_administrators_of_whom_one_leaves_and_the_other_goes_at_once_one_stays(db: PgPool) {
    let house = House::new(db.clone());
    let one = house.staff("root@example.com", "{ADMIN,USER}").await;
    let two = house.staff("toor@example.com", "{ADMIN,USER}").await;
    let second = id_of(&two);
    let lock = one.may(SiteAction::LockUser).expect("may");
    let leave = async || {
        identity::delete_account(&one.stepped_up().expect("a fresh proof"), "root@example.com").await
    };
    for round in 0..24 {
        // In turn: the other gives up the role, and is locked by the one who leaves.
        let goes = async || match round % 2 {
            0 => set(&two, second, &[]).await,
            _ => service::lock_user(&lock, &second.to_string(), "As agreed").await,
        };
        let (left, gone) = tokio::join!(leave(), goes());
        let able = sqlx::query_scalar!(
            r#"SELECT count(*) AS "n!" FROM users
               WHERE roles @> '{ADMIN}' AND locked_at IS NULL AND deletion_due_at IS NULL"#
        );
        assert_eq!(able.fetch_one(&db).await.expect("counts"), 1, "{round}: {left:?} {gone:?}");
        back_in(&db).await;
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn support_helps_users_and_touches_neither_staff_nor_roles(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let helper = house.staff("help@example.com", "{SUPPORT,USER}").await;
    let (ann, _, _) = enrolled(&house).await;
    house.letters().await;
    assert_eq!(helper.may(SiteAction::SetRoles).map(drop), Err(AppError::NotAllowed));
    let factor = helper.may(SiteAction::ResetSecondFactor).expect("may");
    let reset = async |user: Uuid, reason: &str| {
        service::take_second_factor(&factor, &user.to_string(), reason).await
    };
    assert_eq!(reset(id_of(&root), "A call").await, Err(AppError::NotAllowed));
    assert_eq!(issue(reset(id_of(&helper), "A call").await), Some(FieldIssue::Yourself));
    let short = reset(id_of(&ann), "x").await.expect_err("hardly a reason");
    assert_eq!(short.of_field("reason").map(|p| &p.issue), Some(&FieldIssue::TooShort { min: 3 }));
    reset(id_of(&ann), "Lost phone, known by voice").await.expect("resets");
    assert!(house.letters().await[0].contains("was taken away"));
    let detail =
        service::user(&helper.may(SiteAction::ReadUsers).expect("may"), &id_of(&ann).to_string()).await;
    let detail = detail.expect("sees");
    assert!(!detail.user.second_factor && detail.devices.is_empty() && detail.recovery_codes_left == 0);
    assert!(detail.entries.is_empty(), "the trail is not for support");
    assert_eq!(issue(reset(id_of(&ann), "A call").await), Some(FieldIssue::FactorMissing));
    let seen = service::user(&root.may(SiteAction::ReadUsers).expect("may"), &id_of(&ann).to_string()).await;
    let newest = seen.expect("sees").entries.into_iter().next().expect("an entry");
    assert_eq!(newest.action, "admin.second-factor-reset");
    assert_eq!(newest.detail, r#"{"reason":"Lost phone, known by voice"}"#);
    let letter = root.may(SiteAction::ResendVerification).expect("may");
    let again = service::resend_verification(&letter, &id_of(&ann).to_string(), "She asked").await;
    assert_eq!(issue(again), Some(FieldIssue::AlreadyDone));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_confirmation_is_sent_again_within_the_share_of_its_address(db: PgPool) {
    let house = House::new(db.clone());
    let helper = house.staff("help@example.com", "{SUPPORT,USER}").await;
    house.register("bob@example.com", PASSWORD).await;
    house.letters().await;
    let bob = sqlx::query_scalar!("SELECT id FROM users WHERE email = 'bob@example.com'");
    let bob = bob.fetch_one(&db).await.expect("an account").to_string();
    let grant = helper.may(SiteAction::ResendVerification).expect("may");
    service::resend_verification(&grant, &bob, "It never came").await.expect("sends");
    assert!(house.letters().await[0].contains("/verify-email?token="));
    let mut outcome = Ok(());
    for _ in 0..5 {
        outcome = service::resend_verification(&grant, &bob, "It never came").await;
    }
    assert!(matches!(outcome, Err(AppError::TooManyRequests { .. })), "{outcome:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_several_each_is_locked_on_their_own(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let helper = house.staff("help@example.com", "{SUPPORT,USER}").await;
    let (ann, bob) = (house.account("ann@example.com").await, house.account("bob@example.com").await);
    let grant = helper.may(SiteAction::LockUser).expect("may");
    let nobody = service::lock_users(&grant, &[], "Left the team").await.expect_err("nobody");
    assert_eq!(nobody.of_field("user_ids").map(|p| &p.issue), Some(&FieldIssue::NobodyChosen));
    let users: Vec<String> = [ann, id_of(&root), id_of(&helper), Uuid::nil(), bob, ann]
        .iter()
        .map(Uuid::to_string)
        .chain(["1 OR 1=1".to_owned()])
        .collect();
    assert!(service::lock_users(&grant, &users, " ").await.expect_err("why").of_field("reason").is_some());
    let outcomes = async || {
        let report = service::lock_users(&grant, &users, "Left the team").await.expect("a line for each");
        report.items.into_iter().map(|line| line.outcome).collect::<Vec<_>>()
    };
    assert_eq!(outcomes().await, [Locked, NotAllowed, Yourself, NotFound, Locked, NotFound]);
    assert_eq!(outcomes().await, [AlreadyLocked, NotAllowed, Yourself, NotFound, AlreadyLocked, NotFound]);
    let query = audit::Query { action: Some("admin.user-locked".into()), ..Default::default() };
    let entries = audit::entries(&root.may(SiteAction::ReadAudit).expect("may"), query).await;
    assert_eq!(entries.expect("reads").items.len(), 2);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_may_open_an_account_depends_on_the_address_alone(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    house.account("ann@elsewhere.example").await;
    let grant = root.may(SiteAction::ChangeSettings).expect("may");
    let register = async |email: &str| {
        let typed =
            Registration { email: email.into(), password: PASSWORD.into(), ..Registration::default() };
        identity::register(&house.nobody().anonymous(Purpose::Register), typed).await
    };
    service::update_settings(&grant, "open", "Example.com @example.org", "Only us").await.expect("saves");
    let (taken, free) = (register("ann@elsewhere.example").await, register("bob@elsewhere.example").await);
    assert!(
        taken.is_err() && taken == free,
        "an address that has an account is refused like one that has none"
    );
    let error = free.expect_err("refused");
    assert_eq!(error.of_field("email").map(|p| &p.issue), Some(&FieldIssue::DomainNotAllowed));
    assert!(register("eve@EXAMPLE.org").await.is_ok());
    let own = root.stepped_up().expect("a fresh proof");
    let moved = identity::change_email(&own, "root@elsewhere.example").await.expect_err("refused");
    assert_eq!(moved.of_field("email").map(|p| &p.issue), Some(&FieldIssue::DomainNotAllowed));
    identity::change_email(&own, "root@example.org").await.expect("asks");
    service::update_settings(&grant, "closed", "", "Moving house").await.expect("saves");
    let (taken, free) = (register("root@example.com").await, register("new@example.com").await);
    assert!(taken == free && matches!(free, Err(AppError::Conflict { .. })));
    let again = service::update_settings(&grant, "closed", "", "Moving house").await;
    assert!(again.expect_err("refused").of_field("registration").is_some());
    for (registration, domains, field) in [("ajar", "", "registration"), ("open", "*.com", "allowed_domains")]
    {
        let refused =
            service::update_settings(&grant, registration, domains, "Why not").await.expect_err("refused");
        assert!(refused.of_field(field).is_some(), "{field}");
    }
    let read = root.may(SiteAction::ReadSettings).expect("may");
    let now = service::settings(&read).await.expect("reads");
    assert_eq!(service::settings(&grant).await, Err(AppError::NotAllowed), "to change is not to read");
    assert_eq!((now.registration.name(), now.allowed_domains.len()), ("closed", 0));
    let query = audit::Query { action: Some("admin.settings-changed".into()), ..Default::default() };
    let entries = audit::entries(&root.may(SiteAction::ReadAudit).expect("may"), query).await.expect("reads");
    assert!(entries.items[0].detail.contains(r#""registration":"closed""#) && entries.items.len() == 2);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn people_are_found_by_their_second_factor_and_by_when_they_were_here(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    enrolled(&house).await;
    house.account("bob@example.com").await;
    house.account("eve@example.com").await;
    sqlx::query!(
        "UPDATE users SET last_seen_at = CASE email WHEN 'ann@example.com' THEN now() - interval '3 days'
                                                    WHEN 'bob@example.com' THEN now() - interval '40 days' END
         WHERE email <> 'root@example.com'"
    )
    .execute(&db)
    .await
    .expect("moves");
    let grant = root.may(SiteAction::ReadUsers).expect("may");
    let find = async |second_factor: &str, seen: &str| {
        let query = Query {
            second_factor: Some(second_factor.into()),
            seen: Some(seen.into()),
            sort: Some("email".into()),
            ..Query::default()
        };
        let page = service::users(&grant, query).await.expect("a page");
        page.items.into_iter().map(|row| row.email.chars().take(3).collect::<String>()).collect::<Vec<_>>()
    };
    assert_eq!(find("on", "").await, ["ann"]);
    assert_eq!(find("off", "").await, ["bob", "eve", "roo"]);
    assert_eq!(find("", "day").await, ["roo"]);
    assert_eq!(find("", "week").await, ["ann", "roo"]);
    assert_eq!(find("", "longer").await, ["bob"]);
    assert_eq!(find("", "never").await, ["eve"]);
    assert_eq!(find("on", "longer").await, Vec::<String>::new());
    assert_eq!(SiteRole::parse("ADMIN"), Some(SiteRole::Admin));
}
