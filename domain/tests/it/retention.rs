//! What is old goes under a checkpoint, nothing else goes, and what is left is as trustworthy as before.

use std::time::Duration;

use domain::{
    access::{Grant, SiteAction},
    admin::reseal::reseal_all,
    audit::{
        ChainReport, Deed, note,
        service::{self, Query, retain, verify_chain_of_the_site},
    },
    platform::{Platform, clock::Clock, testing},
};
use sqlx::PgPool;

use crate::{
    audit::tamper,
    house::House,
    reseal::{NEW, OLD, with_keys},
};

const DAY: Duration = Duration::from_hours(24);

/// A house that keeps its trail for thirty days. The database's clock, by which entries are dated, goes on as always.
fn forgetful(db: &PgPool) -> House {
    let mut parts = testing::parts(db.clone(), Clock::system().now());
    parts.rules.audit_retention = Some(30 * DAY);
    let mut house = House::new(db.clone());
    house.platform = Platform::new(parts);
    house
}

async fn verify(house: &House) -> ChainReport {
    verify_chain_of_the_site(&Grant::system(&house.platform, "test")).await.expect("verifies")
}

async fn noted(house: &House, count: usize) {
    let mut tx = Grant::system(&house.platform, "test").begin().await.expect("begins");
    for _ in 0..count {
        note(&mut tx, Deed::BootstrapLinkMade).await.expect("notes");
    }
    tx.commit().await.expect("commits");
}

/// Everything so far is gone; answers the number of the last entry that went.
async fn forgotten(house: &House) -> i64 {
    house.platform.clock().advance(31 * DAY);
    let removed = retain(&house.platform).await.expect("removes");
    i64::try_from(removed).expect("few")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn old_entries_go_under_a_checkpoint_and_the_chain_stays_whole(db: PgPool) {
    let house = forgetful(&db);
    noted(&house, 7).await;
    assert_eq!(retain(&house.platform).await, Ok(0), "none is old yet");
    assert_eq!(forgotten(&house).await, 7);
    let report = verify(&house).await;
    assert_eq!((report.ok, report.entries, report.checkpoint_seq), (true, 1, Some(7)), "{report:?}");
    // The note of the removal is old as well by now; one at a time would never end.
    assert_eq!(retain(&house.platform).await, Ok(0));
    house.platform.clock().advance(DAY);
    assert_eq!(retain(&house.platform).await, Ok(2));
    assert_eq!(verify(&house).await.checkpoint_seq, Some(9));
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let query = Query { action: Some("audit.entries-removed".into()), ..Query::default() };
    let entries = service::entries(&root.may(SiteAction::ReadAudit).expect("may"), query).await;
    assert_eq!(entries.expect("reads").items[0].detail, r#"{"count":2,"through":9}"#);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn behind_a_checkpoint_an_edit_a_gap_and_a_swap_are_found_at_their_place(db: PgPool) {
    let house = forgetful(&db);
    noted(&house, 20).await;
    assert_eq!(forgotten(&house).await, 20);
    noted(&house, 6).await;
    assert!(verify(&house).await.ok);
    tamper(&db, "UPDATE audit_entries SET address = '192.0.2.8' WHERE seq = 23").await;
    assert_eq!(verify(&house).await.first_broken_seq, Some(23), "edit");
    tamper(&db, "UPDATE audit_entries SET address = '127.0.0.1' WHERE seq = 23").await;
    assert!(verify(&house).await.ok, "undone");
    let swap = "UPDATE audit_entries SET seq = seq + 1000 WHERE seq IN (24, 25);
                UPDATE audit_entries SET seq = CASE seq WHEN 1024 THEN 25 ELSE 24 END WHERE seq > 1000";
    tamper(&db, swap).await;
    assert_eq!(verify(&house).await.first_broken_seq, Some(24), "swap");
    tamper(&db, swap).await;
    assert!(verify(&house).await.ok, "undone");
    tamper(&db, "DELETE FROM audit_entries WHERE seq = 22").await;
    assert_eq!(verify(&house).await.first_broken_seq, Some(22), "gap");
    tamper(&db, "DELETE FROM audit_entries WHERE seq = 21").await;
    assert_eq!(verify(&house).await.first_broken_seq, Some(21), "a gap right behind the checkpoint");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_forged_and_a_missing_checkpoint_are_found(db: PgPool) {
    let house = forgetful(&db);
    noted(&house, 20).await;
    assert_eq!(forgotten(&house).await, 20);
    noted(&house, 6).await;
    // Whoever owns the database removes three more entries and lets the checkpoint stand for them.
    let forge =
        "UPDATE audit_checkpoints SET seq = 23, hash = (SELECT hash FROM audit_entries WHERE seq = 23);
                 DELETE FROM audit_entries WHERE seq <= 23";
    tamper(&db, forge).await;
    let report = verify(&house).await;
    assert_eq!((report.ok, report.first_broken_seq), (false, Some(23)), "forged");
    tamper(&db, "DELETE FROM audit_checkpoints").await;
    assert_eq!(verify(&house).await.first_broken_seq, Some(1), "missing");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_checkpoint_of_other_keys_is_none_of_ours(db: PgPool) {
    let house = forgetful(&db);
    noted(&house, 3).await;
    assert_eq!(forgotten(&house).await, 3);
    let mut parts = testing::parts(db.clone(), house.platform.now());
    parts.vault = domain::platform::vault::Vault::new(domain::platform::vault::Keyring::single(1, [7; 32]));
    let stranger = Platform::new(parts);
    let report = verify_chain_of_the_site(&Grant::system(&stranger, "test")).await.expect("verifies");
    assert_eq!((report.ok, report.first_broken_seq), (false, Some(3)));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_checkpoint_outlives_the_key_it_was_sealed_with(db: PgPool) {
    let mut house = forgetful(&db);
    noted(&house, 3).await;
    assert_eq!(forgotten(&house).await, 3);
    let now = house.platform.now();
    let both = Grant::system(&with_keys(&db, now, &format!("{OLD}\n{NEW}")), "test");
    assert_eq!(reseal_all(&both).await.expect("seals").done, 1);
    house.platform = with_keys(&db, now, NEW);
    let report = verify(&house).await;
    assert_eq!((report.ok, report.checkpoint_seq), (true, Some(3)), "{report:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_else_removes_an_entry_and_retention_none_without_a_checkpoint(db: PgPool) {
    let house = forgetful(&db);
    noted(&house, 5).await;
    let mut connection = db.acquire().await.expect("a connection");
    let as_site = "SELECT set_config('app.site', 'on', false); DELETE FROM audit_entries";
    let refused = sqlx::raw_sql(as_site).execute(&mut *connection).await.expect_err("refused");
    assert!(refused.to_string().contains("never changed"));
    let as_retention =
        "SELECT set_config('app.site', 'on', false), set_config('app.audit_retention', 'on', false);
                        DELETE FROM audit_entries";
    sqlx::raw_sql(as_retention).execute(&mut *connection).await.expect("is heard");
    let update = sqlx::raw_sql("UPDATE audit_entries SET address = ''").execute(&mut *connection).await;
    assert!(update.expect_err("refused").to_string().contains("never changed"));
    assert_eq!(verify(&house).await.entries, 5, "no checkpoint stands for any of them");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_broken_chain_is_kept_as_evidence_and_so_is_everything_where_nobody_asked(db: PgPool) {
    let house = forgetful(&db);
    noted(&house, 9).await;
    tamper(&db, "UPDATE audit_entries SET address = '192.0.2.8' WHERE seq = 4").await;
    assert_eq!(forgotten(&house).await, 0);
    assert_eq!(verify(&house).await.first_broken_seq, Some(4));
    tamper(&db, "UPDATE audit_entries SET address = '127.0.0.1' WHERE seq = 4").await;
    let patient = House::new(db.clone());
    patient.platform.clock().advance(400 * DAY);
    assert_eq!(retain(&patient.platform).await, Ok(0));
    assert_eq!(forgotten(&house).await, 10, "with the note of the check");
}
