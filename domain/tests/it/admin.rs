//! Find, lock and unlock people: against a real database.

use domain::{
    AppError, FieldIssue,
    access::{Actor, Grant, SiteAction},
    admin::{
        Status,
        service::{self, Query},
    },
    audit,
    platform::{Platform, testing},
};
use sqlx::PgPool;

use crate::{
    house::{House, PASSWORD},
    second_factor::{enrol, enrolled},
};

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_locked_person_is_out_at_once_and_comes_back_when_unlocked(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let ann = house.account("ann@example.com").await.to_string();
    let cookie = house.cookie_of("ann@example.com").await;
    let lock = root.may(SiteAction::LockUser).expect("may");
    let refused = service::lock_user(&lock, &ann, "  ").await.expect_err("no reason");
    assert_eq!(refused.of_field("reason").map(|p| &p.issue), Some(&FieldIssue::Required));
    service::lock_user(&lock, &ann, "Left the team").await.expect("locks");
    assert!(matches!(house.with_cookie(&cookie).await.actor(), Actor::Nobody));
    assert_eq!(house.sign_in("ann@example.com", PASSWORD).await.err(), Some(AppError::WrongCredentials));
    assert!(matches!(service::lock_user(&lock, &ann, "Again").await, Err(AppError::Conflict { .. })));
    service::unlock_user(&root.may(SiteAction::UnlockUser).expect("may"), &ann, "Came back")
        .await
        .expect("unlocks");
    assert!(house.sign_in("ann@example.com", PASSWORD).await.is_ok());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn staff_does_nothing_to_the_site_without_a_second_factor(db: PgPool) {
    let mut house = House::new(db.clone());
    let mut parts = testing::parts(db, house.platform.now());
    parts.rules.staff_needs_second_factor = true;
    house.platform = Platform::new(parts);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    for action in [SiteAction::ReadUsers, SiteAction::LockUser, SiteAction::ReadAudit] {
        assert_eq!(root.may(action).map(drop), Err(AppError::SecondFactorRequired), "{action:?}");
    }
    assert!(root.signed_in().is_ok(), "their own account is theirs all the same");
    let (root, ..) = enrol(&house, &root).await;
    assert_eq!(root.may(SiteAction::ReadUsers).map(drop), Ok(()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_locks_themselves_and_support_locks_no_staff(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let helper = house.staff("help@example.com", "{SUPPORT,USER}").await;
    let grant = root.may(SiteAction::LockUser).expect("may");
    let own = grant.person().user.to_string();
    assert!(matches!(service::lock_user(&grant, &own, "Oops").await, Err(AppError::Conflict { .. })));
    let helping = helper.may(SiteAction::LockUser).expect("may");
    assert_eq!(service::lock_user(&helping, &own, "Coup").await, Err(AppError::NotAllowed));
    let unknown = uuid::Uuid::nil().to_string();
    assert_eq!(service::lock_user(&helping, &unknown, "Who").await, Err(AppError::NotFound));
    assert_eq!(service::lock_user(&helping, "1 OR 1=1", "Who").await, Err(AppError::MalformedRequest));
    assert_eq!(helper.may(SiteAction::ReadAudit).map(drop), Err(AppError::NotAllowed));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_two_administrators_who_lock_each_other_one_stays(db: PgPool) {
    let house = House::new(db.clone());
    let one = house.staff("root@example.com", "{ADMIN,USER}").await.may(SiteAction::LockUser).expect("may");
    let two = house.staff("toor@example.com", "{ADMIN,USER}").await.may(SiteAction::LockUser).expect("may");
    let (first, second) = (one.person().user.to_string(), two.person().user.to_string());
    for _ in 0..10 {
        let (a, b) = tokio::join!(
            service::lock_user(&one, &second, "Coup"),
            service::lock_user(&two, &first, "Coup"),
        );
        assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
        assert!([a, b].contains(&Err(AppError::SignInRequired)));
        sqlx::query!("UPDATE users SET locked_at = NULL").execute(&db).await.expect("unlocks");
    }
    // A grant from before a role was taken away is worth nothing either.
    sqlx::query!("UPDATE users SET roles = '{USER}' WHERE id = $1", one.person().user)
        .execute(&db)
        .await
        .expect("takes the role");
    assert_eq!(service::lock_user(&one, &second, "Coup").await, Err(AppError::NotAllowed));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_locked_administrator_is_none(db: PgPool) {
    let house = House::new(db.clone());
    house.staff("root@example.com", "{ADMIN,USER}").await;
    let system = Grant::system(&house.platform, "test");
    assert_eq!(service::invite_first_administrator(&system).await, Ok(None));
    sqlx::query!("UPDATE users SET locked_at = now()").execute(&db).await.expect("locks");
    assert!(service::invite_first_administrator(&system).await.expect("answers").is_some());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_runs_the_machine_takes_a_lost_second_factor_away(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let (ann, _, _) = enrolled(&house).await;
    assert!(ann.signed_in().is_ok());
    let system = Grant::system(&house.platform, "test");
    service::reset_second_factor(&system, "ANN@example.com").await.expect("resets");
    assert!(house.letters().await[0].contains("was taken away"));
    let sessions = domain::sessions::service::list(&ann.signed_in().expect("from before")).await;
    assert_eq!(sessions.map(|list| list.len()), Ok(0));
    house.cookie_of("ann@example.com").await;
    let again = service::reset_second_factor(&system, "ann@example.com").await;
    assert!(matches!(again, Err(AppError::Conflict { .. })));
    assert_eq!(service::reset_second_factor(&system, "who@example.com").await, Err(AppError::NotFound));
    let query =
        audit::service::Query { action: Some("admin.second-factor-reset".into()), ..Default::default() };
    let page = audit::service::entries(&root.may(SiteAction::ReadAudit).expect("may"), query).await;
    let items = page.expect("entries").items;
    assert_eq!((items.len(), items[0].actor), (1, None));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn each_order_pages_through_everybody_once(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    sqlx::query!(
        "INSERT INTO users (id, email, display_name, created_at, email_verified_at, last_seen_at)
         SELECT gen_random_uuid(), 'p' || n || '@example.com', 'Person ' || n, now() - n * interval '1 minute',
                CASE WHEN n % 3 > 0 THEN now() END, CASE WHEN n % 2 > 0 THEN now() - n * interval '1 hour' END
         FROM generate_series(1, 60) n"
    )
    .execute(&db)
    .await
    .expect("people");
    let grant = root.may(SiteAction::ReadUsers).expect("may");
    for sort in ["newest", "email", "last-seen"] {
        let mut seen = std::collections::BTreeSet::new();
        let mut cursor = None;
        loop {
            let query = Query { sort: Some(sort.into()), limit: Some(7), cursor, ..Query::default() };
            let page = service::users(&grant, query).await.expect("a page");
            assert!(page.items.iter().all(|row| seen.insert(row.id)), "nobody twice in {sort}");
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 61, "everybody in {sort}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_page_goes_on_where_the_last_row_was_though_it_moved_or_went(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    sqlx::query!(
        "INSERT INTO users (id, email, created_at, last_seen_at)
         SELECT gen_random_uuid(), 'p' || n || '@example.com', now() - n * interval '1 minute',
                now() - n * interval '1 hour'
         FROM generate_series(1, 9) n"
    )
    .execute(&db)
    .await
    .expect("people");
    let grant = root.may(SiteAction::ReadUsers).expect("may");
    let page = async |sort: &str, cursor: Option<String>| {
        let query = Query { sort: Some(sort.into()), limit: Some(4), cursor, ..Query::default() };
        let page = service::users(&grant, query).await.expect("a page");
        let emails: Vec<String> = page.items.into_iter().map(|row| row.email).collect();
        (emails, page.next_cursor)
    };
    let (first, cursor) = page("last-seen", None).await;
    assert_eq!(first.last().map(String::as_str), Some("p3@example.com"));
    sqlx::query!("UPDATE users SET last_seen_at = now() WHERE email = 'p3@example.com'")
        .execute(&db)
        .await
        .expect("is seen again");
    assert_eq!(page("last-seen", cursor).await.0[0], "p4@example.com");
    for (sort, last) in [("newest", "p3@example.com"), ("email", "p5@example.com")] {
        let (first, cursor) = page(sort, None).await;
        assert_eq!(first.last().map(String::as_str), Some(last), "{sort}");
        sqlx::query!("DELETE FROM users WHERE email = $1", last).execute(&db).await.expect("goes");
        assert_eq!(page(sort, cursor).await.0.len(), 4, "{sort}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn filters_find_what_was_meant_and_wildcards_are_letters(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    house.account("ann@example.com").await;
    house.register("bob@example.com", PASSWORD).await;
    let grant = root.may(SiteAction::ReadUsers).expect("may");
    let find = |q: &str, role: &str, status: &str| {
        let query = Query {
            q: Some(q.into()),
            role: Some(role.into()),
            status: Some(status.into()),
            ..Query::default()
        };
        let grant = grant.clone();
        async move {
            service::users(&grant, query)
                .await
                .map(|page| page.items.into_iter().map(|r| r.email).collect::<Vec<_>>())
        }
    };
    assert_eq!(find("ANN@", "", "").await, Ok(vec!["ann@example.com".into()]));
    assert_eq!(find("", "ADMIN", "").await, Ok(vec!["root@example.com".into()]));
    assert_eq!(find("", "", "unverified").await, Ok(vec!["bob@example.com".into()]));
    assert_eq!(find("%", "", "").await, Ok(vec![]));
    assert_eq!(find("_", "", "").await, Ok(vec![]));
    assert_eq!(find("", "", "locked").await, Ok(vec![]));
    assert!(find("", "root", "").await.expect_err("no such role").of_field("role").is_some());
    assert_eq!(Status::parse("active"), Some(Status::Active));
}
