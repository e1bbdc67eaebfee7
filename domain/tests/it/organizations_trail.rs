//! The trails of organizations: each in its own chain, checked and shortened like the site's.

use std::time::Duration;

use domain::{
    AppError,
    access::{Grant, Permission, SiteAction},
    audit::{
        ChainReport,
        service::{Query, entries, entries_of_organization, retain, verify_chain_of_the_site},
    },
    organizations::service::{self, Change},
    platform::{Platform, clock::Clock, testing},
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    audit::tamper,
    house::House,
    organizations::{ANN, BOB, arrives, create, issue, join, may, trail, user},
};

async fn verify(house: &House) -> ChainReport {
    verify_chain_of_the_site(&Grant::system(&house.platform, "test")).await.expect("verifies")
}

async fn rename(house: &House, organization: Uuid, name: &str) {
    let ann = arrives(house, ANN).await;
    let grant = may(&ann, organization, Permission::UpdateOrganization).await.expect("hers");
    service::update(&grant, &Change { name: Some(name.into()), ..Change::default() }).await.expect("renames");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_organizations_trail_is_its_own_and_for_those_who_may_read_it(db: PgPool) {
    let house = House::new(db.clone());
    let root = house.staff("root@example.com", "{ADMIN,USER}").await;
    let (ann, bob) = (house.person(ANN).await, house.person(BOB).await);
    let acme = create(&ann, "Acme", None).await.expect("makes");
    let other = create(&ann, "Other", None).await.expect("makes");
    join(&db, acme.id, user(&bob), "VIEWER").await;
    rename(&house, acme.id, "Acme Inc.").await;
    let grant = may(&ann, acme.id, Permission::ReadAudit).await.expect("hers");
    let read = async |query: Query| entries_of_organization(&grant, query).await;
    let page = read(Query::default()).await.expect("reads");
    let actions: Vec<&str> = page.items.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["organizations.changed", "organizations.created"]);
    assert!(page.items.iter().all(|entry| entry.organization_id == Some(acme.id)));
    assert_eq!(page.items[0].actor_email.as_deref(), Some(ANN));
    let by = |actor: &str| Query { actor: Some(actor.into()), ..Query::default() };
    assert_eq!(read(by(ANN)).await.expect("reads").items.len(), 2);
    assert_eq!(read(by(BOB)).await.expect("reads").items.len(), 0);
    let first = read(Query { limit: Some(1), ..Query::default() }).await.expect("reads");
    assert!(first.items.len() == 1 && first.next_cursor.is_some());
    assert!(
        issue(read(Query { from: Some("yesterday".into()), ..Query::default() }).await, "from").is_some()
    );
    assert_eq!(may(&bob, acme.id, Permission::ReadAudit).await.map(drop), Err(AppError::NotAllowed));
    assert_eq!(trail(&db, other.id).await, ["organizations.created"]);
    let of_site = Query { action: Some("organizations".into()), ..Query::default() };
    let seen = entries(&root.may(SiteAction::ReadAudit).expect("may"), of_site).await.expect("reads");
    assert_eq!(seen.items.len(), 0, "whoever reads the site's trail reads the site's");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_check_reads_every_chain_and_names_the_one_that_is_broken(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    let acme = create(&ann, "Acme", None).await.expect("makes");
    for number in 0..3 {
        rename(&house, acme.id, &format!("Acme {number}")).await;
    }
    let report = verify(&house).await;
    assert!(report.ok && report.organization_id.is_none() && report.chains == 3, "{report:?}");
    let of_acme = |change: &str, seq: i64| format!("{change} WHERE chain = '{}' AND seq = {seq}", acme.id);
    tamper(&db, &of_acme("UPDATE audit_entries SET address = '192.0.2.99'", 3)).await;
    let report = verify(&house).await;
    let found = (report.ok, report.organization_id, report.first_broken_seq);
    assert_eq!(found, (false, Some(acme.id), Some(3)), "an edit");
    tamper(&db, &of_acme("UPDATE audit_entries SET address = '192.0.2.7'", 3)).await;
    assert!(verify(&house).await.ok, "undone");
    tamper(&db, &of_acme("DELETE FROM audit_entries", 4)).await;
    let report = verify(&house).await;
    assert_eq!((report.organization_id, report.first_broken_seq), (Some(acme.id), Some(4)), "a lost tail");
    let deed = house.trail("audit").await.pop().expect("noted");
    assert!(deed.1.contains(&acme.id.to_string()), "{deed:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_forged_tail_and_a_long_chain_are_checked_as_well(db: PgPool) {
    let house = House::new(db.clone());
    let ann = house.person(ANN).await;
    let acme = create(&ann, "Acme", None).await.expect("makes");
    for number in 0..60 {
        let grant = may(&ann, acme.id, Permission::UpdateOrganization).await.expect("hers");
        let change = Change { name: Some(format!("Acme {number}")), ..Change::default() };
        service::update(&grant, &change).await.expect("renames");
    }
    assert!(verify(&house).await.ok);
    tamper(&db, &format!("UPDATE audit_entries SET action = 'x' WHERE chain = '{}' AND seq = 57", acme.id))
        .await;
    assert_eq!(verify(&house).await.first_broken_seq, Some(57));
    tamper(
        &db,
        &format!(
            "UPDATE audit_entries SET action = 'organizations.changed' WHERE chain = '{}' AND seq = 57",
            acme.id
        ),
    )
    .await;
    assert!(verify(&house).await.ok, "undone");
    let own = service::list(&ann.signed_in().expect("in")).await.expect("lists").remove(0).id;
    let forge = format!(
        "INSERT INTO audit_entries (chain, seq, organization_id, at, action, detail, address, request_id, hash)
         SELECT chain, seq + 1, organization_id, at, action, detail, address, request_id, hash FROM audit_entries
         WHERE chain = '{own}'"
    );
    tamper(&db, &forge).await;
    let report = verify(&house).await;
    assert_eq!((report.organization_id, report.first_broken_seq), (Some(own), Some(2)), "forged");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_old_goes_from_every_chain_under_a_checkpoint_of_its_own(db: PgPool) {
    let mut parts = testing::parts(db.clone(), Clock::system().now());
    parts.rules.audit_retention = Some(Duration::from_hours(30 * 24));
    let house = House::on(Platform::new(parts));
    let ann = house.person(ANN).await;
    let acme = create(&ann, "Acme", None).await.expect("makes");
    rename(&house, acme.id, "Acme Inc.").await;
    assert_eq!(retain(&house.platform).await, Ok(0), "none is old yet");
    house.platform.clock().advance(Duration::from_hours(31 * 24));
    assert!(retain(&house.platform).await.expect("removes") >= 5);
    assert_eq!(trail(&db, acme.id).await, ["organizations.entries-removed"]);
    let report = verify(&house).await;
    assert!(report.ok && report.chains == 3, "{report:?}");
    tamper(&db, &format!("UPDATE audit_checkpoints SET seq = seq + 1 WHERE chain = '{}'", acme.id)).await;
    assert_eq!(verify(&house).await.organization_id, Some(acme.id), "a forged checkpoint");
}
