//! The trail: complete, chained, and closed to whoever has no right to it.

use domain::{
    access::SiteAction,
    audit::{
        ChainReport,
        service::{self, Query},
    },
};
use sqlx::PgPool;

use crate::house::{House, PASSWORD};

/// What somebody with the database's own rights could do to the trail.
async fn tamper(db: &PgPool, statement: &str) {
    let script = format!(
        "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_only_grow;
         ALTER TABLE audit_entries DISABLE ROW LEVEL SECURITY; {statement};
         ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY;
         ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_only_grow;"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(db).await.expect("tampers");
}

async fn verify(house: &House) -> ChainReport {
    let root = house.with_cookie(&house.cookie_of("root@example.com").await).await;
    service::verify_chain(&root.may(SiteAction::VerifyAudit).expect("may")).await.expect("verifies")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_untouched_chain_is_whole(db: PgPool) {
    let house = House::new(db);
    house.staff("root@example.com", "{ADMIN,USER}").await;
    let report = verify(&house).await;
    assert!(report.ok && report.entries >= 4 && report.first_broken_seq.is_none(), "{report:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_edit_is_found_at_its_place(db: PgPool) {
    let house = House::new(db.clone());
    house.staff("root@example.com", "{ADMIN,USER}").await;
    for (n, statement) in [
        "UPDATE audit_entries SET address = '192.0.2.8' WHERE seq = 2",
        "UPDATE audit_entries SET at = at + interval '1 microsecond', address = '192.0.2.7' WHERE seq = 2",
    ]
    .into_iter()
    .enumerate()
    {
        tamper(&db, statement).await;
        assert_eq!(verify(&house).await.first_broken_seq, Some(2), "edit {n}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_gap_a_swap_and_a_lost_tail_are_found(db: PgPool) {
    let house = House::new(db.clone());
    house.staff("root@example.com", "{ADMIN,USER}").await;
    tamper(
        &db,
        "UPDATE audit_entries SET seq = seq + 1000 WHERE seq IN (2, 3);
         UPDATE audit_entries SET seq = CASE seq WHEN 1002 THEN 3 ELSE 2 END WHERE seq > 1000",
    )
    .await;
    assert_eq!(verify(&house).await.first_broken_seq, Some(2), "swap");
    tamper(&db, "DELETE FROM audit_entries WHERE seq = 2").await;
    assert_eq!(verify(&house).await.first_broken_seq, Some(2), "gap");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_lost_tail_is_found(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let grant = root.may(SiteAction::VerifyAudit).expect("may");
    let before = service::verify_chain(&grant).await.expect("verifies");
    tamper(&db, "DELETE FROM audit_entries WHERE seq = (SELECT max(seq) FROM audit_entries)").await;
    let report = service::verify_chain(&grant).await.expect("verifies");
    assert_eq!(report.first_broken_seq, Some(before.entries + 1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn entries_are_never_changed_and_invisible_without_a_grant(db: PgPool) {
    let house = House::new(db.clone());
    house.account("ann@example.com").await;
    let seen = sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM audit_entries"#).fetch_one(&db).await;
    assert_eq!(seen.expect("counts"), 0, "row-level security hides what no grant opened");
    let changed = sqlx::raw_sql("SELECT set_config('app.site', 'on', false); DELETE FROM audit_entries")
        .execute(&db)
        .await
        .expect_err("refused");
    assert!(changed.to_string().contains("never changed"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_refused_sign_in_stands_in_the_trail_without_the_address_typed(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    assert!(house.sign_in("who@example.com", PASSWORD).await.is_err());
    let grant = root.may(SiteAction::ReadAudit).expect("may");
    let query = Query { action: Some("identity.sign-in".into()), limit: Some(1), ..Query::default() };
    let page = service::entries(&grant, query).await.expect("entries");
    let entry = &page.items[0];
    assert_eq!((entry.action.as_str(), entry.actor), ("identity.sign-in-refused", None));
    assert_eq!(entry.detail, r#"{"reason":"unknown-address"}"#);
    assert_eq!(entry.address, "192.0.2.7");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn filters_and_pages_go_through_the_trail_once(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    for n in 0..5 {
        house.account(&format!("p{n}@example.com")).await;
    }
    let grant = root.may(SiteAction::ReadAudit).expect("may");
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let query = Query { limit: Some(3), cursor, ..Query::default() };
        let page = service::entries(&grant, query).await.expect("entries");
        seen.extend(page.items.into_iter().map(|entry| entry.seq));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let expected: Vec<i64> = (1..=i64::try_from(seen.len()).expect("few")).rev().collect();
    assert_eq!(seen, expected);
    let of = |actor: &str| Query { actor: Some(actor.into()), ..Query::default() };
    let by_root = service::entries(&grant, of("ROOT@example.com")).await.expect("entries");
    assert!(!by_root.items.is_empty());
    assert!(by_root.items.iter().all(|e| e.actor_email.as_deref() == Some("root@example.com")));
    assert!(service::entries(&grant, of("ghost@example.com")).await.expect("entries").items.is_empty());
    let bad = Query { from: Some("yesterday".into()), ..Query::default() };
    assert!(service::entries(&grant, bad).await.expect_err("refused").of_field("from").is_some());
}
