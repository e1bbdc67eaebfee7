//! Plans end with what they are for: an organization, an account, or the will to pay. What is owed outlives them.

use domain::{
    AppError, FieldIssue,
    access::Permission,
    billing::service::{self, NoUsage},
    identity::service as identity,
    organizations::service as organizations,
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    billing_house::{DAY, Firm, check, firm, house_at, inside, pass, pay, staff},
    house::House,
};

const BEGIN: &str = "2026-11-01T00:00:00Z";

/// What an organization has, and how many documents there are of it, also where nobody may read them any more.
async fn stands(house: &House, organization: Uuid) -> (String, i64) {
    let mut tx = inside(house, organization).await;
    let row = sqlx::query!(
        r#"SELECT coalesce((SELECT v.plan FROM subscriptions s JOIN plan_versions v ON v.id = s.plan_version_id
                            WHERE s.organization_id = $1), 'none') AS "plan!",
                  (SELECT count(*) FROM invoices WHERE organization_id = $1 AND state <> 'draft') AS "documents!""#,
        organization,
    )
    .fetch_one(&mut *tx)
    .await
    .expect("a row");
    (row.plan, row.documents)
}

/// Somebody with their own organization.
async fn ann(house: &House) -> Firm {
    let owner = house.person("ann@example.com").await;
    let user = owner.signed_in().expect("in").user();
    let mut tx = inside(house, Uuid::nil()).await;
    let own = sqlx::query!("SELECT id, slug FROM organizations WHERE personal_of = $1", user)
        .fetch_one(&mut *tx)
        .await
        .expect("their own");
    Firm { id: own.id, slug: own.slug, owner }
}

/// Writes a draft, as a worker leaves one that died before it was issued.
async fn draft(house: &House, organization: Uuid) {
    let mut tx = inside(house, organization).await;
    let (id, now) = (house.platform.new_id(), house.platform.now().get());
    sqlx::query!(
        "INSERT INTO invoices (id, organization_id, kind, provider, change_no, currency, created_at)
         VALUES ($1, $2, 'invoice', 'invoice', 99, 'EUR', $3)",
        id,
        organization,
        now,
    )
    .execute(&mut *tx)
    .await
    .expect("a draft");
    sqlx::query!(
        "INSERT INTO invoice_lines (invoice_id, organization_id, position, kind, description, quantity, unit, amount)
         VALUES ($1, $2, 1, 'plan', 'Pro, one month', 1, 1900, 1900)",
        id,
        organization,
    )
    .execute(&mut *tx)
    .await
    .expect("a line");
    tx.commit().await.expect("commits");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_deletes_an_organization_pays_for_no_month_after_this_one(db: PgPool) {
    let house = house_at(db, BEGIN);
    let (acme, kept) = (firm(&house, "acme").await, firm(&house, "kept").await);
    for it in [&acme, &kept] {
        it.change("PRO", "2").await.expect("changes");
        let grant = it.may(Permission::DeleteOrganization).await;
        organizations::delete(&grant, &it.slug).await.expect("asks");
        let next = it.subscription().await.next.expect("something else comes");
        assert_eq!((next.plan.as_str(), next.extra_seats), ("FREE", 0));
    }
    let trail = acme.trail(&house).await;
    assert_eq!(trail, ["billing.invoice-issued", "billing.plan-changed", "billing.plan-ended"]);
    let refused = acme.owner.in_organization("acme").await.expect("a member").may(Permission::UpdateBilling);
    assert!(refused.is_err(), "nobody could cancel it themselves");
    organizations::keep(&kept.may(Permission::DeleteOrganization).await).await.expect("keeps");
    let grant = kept.may(Permission::UpdateBilling).await;
    service::resume(&grant, &NoUsage).await.expect("whoever keeps it can keep the plan");
    pass(&house, DAY * 30).await;
    assert_eq!(stands(&house, acme.id).await, ("FREE".into(), 1));
    assert_eq!(stands(&house, kept.id).await, ("PRO".into(), 2));
    assert_eq!(organizations::delete_due(&house.platform).await, Ok(1));
    assert_eq!(stands(&house, acme.id).await, ("none".into(), 1), "the books outlive it");
    let head = &documents_of(&house, acme.id).await[0];
    let money = staff(&house).await;
    service::mark_paid(&money.pays, head, None).await.expect("what is owed is still paid");
    service::credit(&money.corrects, head, None, "Away").await.expect("and taken back");
    assert!(check(&house, &NoUsage).await.ok);
}

/// The documents of an organization that is gone, by their ids.
async fn documents_of(house: &House, organization: Uuid) -> Vec<String> {
    let mut tx = inside(house, organization).await;
    sqlx::query_scalar!(r#"SELECT id::text AS "id!" FROM invoices WHERE organization_id = $1"#, organization)
        .fetch_all(&mut *tx)
        .await
        .expect("documents")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_organization_that_ends_by_a_version_before_renews_nothing_that_costs(db: PgPool) {
    let house = house_at(db, BEGIN);
    let acme = firm(&house, "acme").await;
    acme.change("PRO", "").await.expect("changes");
    let mut tx = inside(&house, acme.id).await;
    sqlx::query!(
        "UPDATE organizations SET deletes_at = $2 WHERE id = $1",
        acme.id,
        house.platform.now().get()
    )
    .execute(&mut *tx)
    .await
    .expect("marked");
    tx.commit().await.expect("commits");
    pass(&house, DAY * 30).await;
    assert_eq!(stands(&house, acme.id).await, ("FREE".into(), 1));
    assert!(acme.trail(&house).await.contains(&"billing.plan-ended".to_owned()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_deletes_their_account_pays_for_no_month_after_this_one(db: PgPool) {
    let house = house_at(db, BEGIN);
    let ann = ann(&house).await;
    ann.change("PRO", "").await.expect("changes");
    let fresh = ann.owner.stepped_up().expect("fresh");
    identity::delete_account(&fresh, "ann@example.com").await.expect("leaves");
    assert!(ann.trail(&house).await.contains(&"billing.plan-ended".to_owned()));
    pass(&house, DAY * 30).await;
    assert_eq!(stands(&house, ann.id).await, ("FREE".into(), 1));
    // What is to be issued yet is issued first.
    draft(&house, ann.id).await;
    assert_eq!(identity::delete_due(&house.platform).await, Ok(0));
    service::run_once(&house.platform, &NoUsage).await.expect("runs");
    assert_eq!(identity::delete_due(&house.platform).await, Ok(1));
    assert_eq!(stands(&house, ann.id).await, ("none".into(), 2));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_draft_goes_with_its_organization(db: PgPool) {
    let house = house_at(db, BEGIN);
    let acme = firm(&house, "acme").await;
    organizations::delete(&acme.may(Permission::DeleteOrganization).await, "acme").await.expect("asks");
    draft(&house, acme.id).await;
    house.platform.clock().advance(DAY * 15);
    assert_eq!(organizations::delete_due(&house.platform).await, Ok(0));
    service::run_once(&house.platform, &NoUsage).await.expect("runs");
    assert_eq!(organizations::delete_due(&house.platform).await, Ok(1));
    assert_eq!(stands(&house, acme.id).await, ("none".into(), 1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn somebody_who_looks_after_money_ends_a_plan_with_its_month(db: PgPool) {
    let house = house_at(db, BEGIN);
    let money = staff(&house).await;
    let acme = firm(&house, "acme").await;
    let id = acme.id.to_string();
    let end = async |id: &str, reason: &str| service::end_plan(&money.corrects, id, reason).await;
    let done = AppError::Conflict {
        errors: vec![domain::FieldProblem::new("organization_id", FieldIssue::AlreadyDone)],
    };
    assert_eq!(end(&id, "Fraud").await, Err(done.clone()), "there is nothing to end");
    acme.change("TEAM", "1").await.expect("changes");
    assert_eq!(end(&id, " ").await, Err(AppError::invalid("reason", FieldIssue::Required)));
    assert_eq!(end("x", "Fraud").await, Err(AppError::MalformedRequest));
    assert_eq!(end(&Uuid::nil().to_string(), "Fraud").await, Err(AppError::NotFound));
    assert_eq!(service::end_plan(&money.pays, &id, "Fraud").await, Err(AppError::NotAllowed));
    let ended = end(&id, "Fraud").await.expect("ends");
    assert_eq!(ended.at.rfc3339(), "2026-12-01T00:00:00Z");
    assert_eq!(end(&id, "Fraud").await, Err(done));
    pass(&house, DAY * 30).await;
    assert_eq!(stands(&house, acme.id).await, ("FREE".into(), 1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_plan_that_is_not_paid_ends_and_one_that_is_goes_on(db: PgPool) {
    let house = house_at(db, BEGIN);
    let money = staff(&house).await;
    let (pays, owes) = (firm(&house, "pays").await, firm(&house, "owes").await);
    for it in [&pays, &owes] {
        it.change("PRO", "").await.expect("changes");
    }
    pay(&money, &pays).await;
    pass(&house, DAY * 30).await;
    pay(&money, &pays).await;
    assert_eq!(stands(&house, owes.id).await, ("PRO".into(), 2), "two weeks over are not long");
    pass(&house, DAY * 31).await;
    assert_eq!(stands(&house, pays.id).await, ("PRO".into(), 3));
    assert_eq!(stands(&house, owes.id).await, ("FREE".into(), 2));
    assert!(owes.trail(&house).await.contains(&"billing.plan-ended".to_owned()));
    assert!(check(&house, &NoUsage).await.ok);
}
