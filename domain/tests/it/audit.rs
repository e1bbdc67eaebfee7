//! The trail: complete, chained, and closed to whoever has no right to it.

use std::time::Duration;

use domain::{
    AppError,
    access::{Grant, Purpose, Site, SiteAction},
    audit::{
        ChainReport, Deed, note,
        service::{self, Query},
    },
    identity::service as identity,
    second_factor::service as second_factor,
};
use sqlx::PgPool;

use crate::{
    house::{House, PASSWORD},
    second_factor::enrolled,
};

/// What somebody with the database's own rights could do to the trail.
pub(crate) async fn tamper(db: &PgPool, statement: &str) {
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
async fn a_swap_and_a_gap_are_found(db: PgPool) {
    let house = House::new(db.clone());
    house.staff("root@example.com", "{ADMIN,USER}").await;
    let swap = "UPDATE audit_entries SET seq = seq + 1000 WHERE seq IN (2, 3);
                UPDATE audit_entries SET seq = CASE seq WHEN 1002 THEN 3 ELSE 2 END WHERE seq > 1000";
    tamper(&db, swap).await;
    assert_eq!(verify(&house).await.first_broken_seq, Some(2), "swap");
    tamper(&db, swap).await;
    assert!(verify(&house).await.ok, "undone");
    tamper(&db, "DELETE FROM audit_entries WHERE seq = 3").await;
    assert_eq!(verify(&house).await.first_broken_seq, Some(3), "gap");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_lost_tail_and_a_forged_one_are_found(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let grant = root.may(SiteAction::VerifyAudit).expect("may");
    assert!(service::verify_chain(&grant).await.expect("verifies").ok);
    let head = sqlx::query_scalar!("SELECT seq FROM audit_heads WHERE chain = $1", uuid::Uuid::nil())
        .fetch_one(&db)
        .await
        .expect("the head of the site's chain");
    let forge = "INSERT INTO audit_entries (chain, seq, at, action, detail, address, request_id, hash)
                 SELECT chain, seq + 5, at, action, detail, address, request_id, hash FROM audit_entries
                 ORDER BY seq DESC LIMIT 1";
    tamper(&db, forge).await;
    assert_eq!(verify_with(&grant).await.first_broken_seq, Some(head + 1), "forged");
    tamper(&db, "DELETE FROM audit_entries WHERE seq = (SELECT max(seq) FROM audit_entries)").await;
    assert!(verify_with(&grant).await.ok, "undone");
    // Two more entries stand in the trail by now: of the two checks above.
    let last = head + 2;
    tamper(&db, "DELETE FROM audit_entries WHERE seq = (SELECT max(seq) FROM audit_entries)").await;
    assert_eq!(verify_with(&grant).await.first_broken_seq, Some(last), "lost");
}

async fn verify_with(grant: &Grant<Site>) -> ChainReport {
    service::verify_chain(grant).await.expect("verifies")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_chain_longer_than_a_batch_is_checked_without_holding_its_head(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let grant = root.may(SiteAction::VerifyAudit).expect("may");
    let mut tx = Grant::system(&house.platform, "test").begin().await.expect("begins");
    for _ in 0..2_100 {
        note(&mut tx, Deed::BootstrapLinkMade).await.expect("notes");
    }
    tx.commit().await.expect("commits");
    let mut holder = db.begin().await.expect("begins");
    sqlx::raw_sql("SELECT FROM audit_heads FOR UPDATE").execute(&mut *holder).await.expect("holds");
    let check = tokio::spawn(async move { verify_with(&grant).await });
    while !somebody_waits(&db).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // All was read by then, and only the result waits to be noted: what is changed now is not seen.
    tamper(&db, "UPDATE audit_entries SET address = '192.0.2.8' WHERE seq = 2").await;
    holder.commit().await.expect("commits");
    let report = check.await.expect("ends");
    assert!(report.ok && report.entries > 2_100, "{report:?}");
    assert_eq!(verify(&house).await.first_broken_seq, Some(2));
}

async fn somebody_waits(db: &PgPool) -> bool {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM pg_stat_activity
                          WHERE datname = current_database() AND wait_event_type = 'Lock') AS "some!""#
    )
    .fetch_one(db)
    .await
    .expect("answers")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn times_are_in_the_order_of_the_numbers(db: PgPool) {
    let house = House::new(db.clone());
    let grant = Grant::system(&house.platform, "test");
    let mut first = grant.begin().await.expect("begins");
    note(&mut first, Deed::BootstrapLinkMade).await.expect("notes");
    let second = async {
        let mut second = grant.begin().await.expect("begins");
        note(&mut second, Deed::BootstrapLinkMade).await.expect("notes");
        second.commit().await.expect("commits");
    };
    let finish = async {
        // The second waits for the head meanwhile.
        tokio::time::sleep(Duration::from_millis(300)).await;
        note(&mut first, Deed::BootstrapLinkMade).await.expect("notes");
        first.commit().await.expect("commits");
    };
    tokio::join!(second, finish);
    let mut tx = grant.begin().await.expect("begins");
    let times = sqlx::query_scalar!("SELECT at FROM audit_entries ORDER BY seq").fetch_all(tx.conn()).await;
    let times = times.expect("reads");
    assert!(times.len() == 3 && times.is_sorted(), "{times:?}");
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
    let query = Query { action: Some("identity.sign-in-refused".into()), limit: Some(1), ..Query::default() };
    let page = service::entries(&grant, query).await.expect("entries");
    let entry = &page.items[0];
    assert_eq!((entry.action.as_str(), entry.actor), ("identity.sign-in-refused", None));
    assert_eq!(entry.detail, r#"{"reason":"unknown-address"}"#);
    assert_eq!(entry.address, "192.0.2.7");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_wrong_proof_and_every_letter_asked_for_stands_in_the_trail(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let (own, read) = (root.stepped_up().expect("fresh"), root.may(SiteAction::ReadAudit).expect("may"));
    let wrong = || Some("not the password at all".to_owned());
    assert!(identity::step_up(&own.own(), wrong(), None).await.is_err());
    assert!(identity::change_password(&own.own(), "not the password at all", PASSWORD).await.is_err());
    second_factor::start(&own, "root@example.com").await.expect("starts");
    assert!(second_factor::confirm(&own, "000000").await.is_err());
    let (ann, _, _) = enrolled(&house).await;
    let code = identity::step_up(&ann.signed_in().expect("signed in"), None, Some("000000".into())).await;
    assert_eq!(code.map(drop), Err(AppError::CodeRefused));
    house.register("bob@example.com", PASSWORD).await;
    let asked = house.nobody().anonymous(Purpose::Letter);
    identity::resend_verification(&asked, "bob@example.com").await.expect("always");
    house.letters().await;
    let noted = async |action: &str| {
        let query = Query { action: Some(action.into()), ..Query::default() };
        let items = service::entries(&read, query).await.expect("entries").items;
        items.into_iter().map(|entry| entry.detail).collect::<Vec<_>>()
    };
    let (code, password) = (r#"{"proof":"code"}"#, r#"{"proof":"password"}"#);
    assert_eq!(noted("identity.proof-refused").await, [code, code, password, password]);
    assert_eq!(noted("identity.confirmation-asked").await.len(), 1);
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
    // The last one is in the year 10000 in UTC.
    for bad in ["yesterday", "9999-12-31T23:59:59-01:00"] {
        let query = Query { from: Some(bad.into()), ..Query::default() };
        assert!(service::entries(&grant, query).await.expect_err("refused").of_field("from").is_some());
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_action_is_found_by_its_whole_name_and_a_room_by_its_own(db: PgPool) {
    let house = House::new(db);
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    house.register("root@example.com", PASSWORD).await;
    let grant = root.may(SiteAction::ReadAudit).expect("may");
    let find = async |action: &str| {
        let query = Query { action: Some(action.into()), ..Query::default() };
        let items = service::entries(&grant, query).await.expect("entries").items;
        items.into_iter().map(|entry| entry.action).collect::<Vec<_>>()
    };
    assert_eq!(find("identity.registered").await, ["identity.registered"]);
    assert_eq!(find("identity.registered-again").await, ["identity.registered-again"]);
    assert!(find("identity").await.len() >= 4 && find("identity").await == find("identity.").await);
    assert_eq!(find("ident").await, Vec::<String>::new());
    let newest = service::entries(&grant, Query::default()).await.expect("entries").items.remove(0);
    assert_eq!(service::entry(&grant, &newest.seq.to_string()).await, Ok(newest));
    assert_eq!(service::entry(&grant, "999999").await, Err(AppError::NotFound));
    assert!(service::entry(&grant, "last").await.expect_err("no number").of_field("seq").is_some());
}
