//! What was used, on invoices: by quantity, at the prices of whoever runs the site, beyond what a plan includes.

use domain::{
    access::Permission,
    billing::{
        Invoice, LineKind,
        service::{self, Details, NewTaxRate},
    },
    organizations::service as organizations,
    spend::service::Ledger,
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    billing_house::{
        DAY, Firm, ROOMS, amounts, check, costs, firm, house_at, inside, pass_with_usage, pay, request, staff,
    },
    house::House,
};

/// The last document of an organization.
async fn newest(firm: &Firm) -> Invoice {
    let all = firm.invoices().await;
    firm.invoice(&all.last().expect("an invoice").number).await
}

/// How much of a unit the events of an organization tell, and what that costs at so many cents for a thousand: by another way
/// than that of invoices.
async fn by_hand(house: &House, organization: Uuid, unit: &str, cents: i64) -> (i64, i64) {
    let mut tx = inside(house, organization).await;
    let row = sqlx::query!(
        r#"SELECT coalesce(sum(q.quantity), 0)::bigint AS "quantity!",
                  round(coalesce(sum(q.quantity), 0) * $3::bigint / 1000.0)::bigint AS "amount!"
           FROM spend_events e, unnest(e.units, e.quantities) AS q (unit, quantity)
           WHERE e.organization_id = $1 AND q.unit = $2"#,
        organization,
        unit,
        cents,
    )
    .fetch_one(&mut *tx)
    .await
    .expect("a sum");
    (row.quantity, row.amount)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_was_used_is_on_the_invoice_of_the_month_with_what_is_included(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let money = staff(&house).await;
    let (acme, other) = (firm(&house, "acme").await, firm(&house, "other").await);
    costs(&house, &money, "call", "3", "1000").await;
    costs(&house, &money, "second", "0.5", "1000").await;
    for it in [&acme, &other] {
        it.change("PRO", "").await.expect("changes");
        it.meters(&["call", "second", "byte"]).await;
    }
    for n in 0..40 {
        acme.uses(&format!("call {n}"), &format!("call={}, second={}, byte=7", n * 11, n * 3)).await;
        house.platform.clock().advance(DAY / 2);
    }
    other.uses("elsewhere", "call=1000000").await;
    let (calls, seconds) =
        (by_hand(&house, acme.id, "call", 300).await, by_hand(&house, acme.id, "second", 50).await);
    pass_with_usage(&house, DAY * 11).await;
    let invoice = newest(&acme).await;
    let told: Vec<_> = invoice.lines.iter().map(|line| (line.quantity, line.amount.minor.get())).collect();
    assert_eq!(told, [(1, 1_900), calls, seconds, (1, -500)], "the plan, each unit, and what it includes");
    assert_eq!((calls, seconds), ((8_580, 2_574), (2_340, 117)));
    assert_eq!(invoice.lines[1].description, "acme-ai large: call, 3.00 EUR for 1,000");
    assert_eq!(invoice.lines[3].description, "Usage included in Pro");
    assert!(invoice.lines[1..].iter().all(|line| line.kind == LineKind::Usage));
    let covers = invoice.lines[1].covers.expect("a month");
    assert_eq!(covers.until, invoice.lines[0].covers.expect("a month").from, "the month that has ended");
    let report = check(&house, &Ledger).await;
    assert!(report.ok, "{report:?}");
    for it in [&acme, &other] {
        pay(&money, it).await;
    }
    pass_with_usage(&house, DAY * 31).await;
    assert_eq!(amounts(&newest(&acme).await), [1_900], "nothing is charged twice");
    assert_eq!(amounts(&newest(&other).await).len(), 1, "nor is that of others");
    let mut tx = other.may(Permission::ReadBilling).await.begin().await.expect("begins");
    let seen =
        sqlx::query_scalar!(r#"SELECT count(*) AS "n!" FROM billing_usage"#).fetch_one(tx.conn()).await;
    assert_eq!(seen.expect("a count"), 1, "its own");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_pays_for_no_plan_pays_for_what_is_used_with_the_taxes_of_their_country(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let money = staff(&house).await;
    let vat = NewTaxRate {
        country: "DE".into(),
        name: "VAT".into(),
        percent: "19".into(),
        ..NewTaxRate::default()
    };
    service::set_tax_rate(&money.corrects, &vat).await.expect("sets");
    costs(&house, &money, "call", "0.05", "1").await;
    let (silent, swiss, idle) =
        (firm(&house, "silent").await, firm(&house, "swiss").await, firm(&house, "idle").await);
    let lives = Details { country: Some("CH".into()), ..Details::default() };
    service::set_details(&swiss.may(Permission::UpdateBilling).await, &lives).await.expect("sets");
    for it in [&silent, &swiss] {
        it.meters(&["call"]).await;
        it.uses("once", "call=100").await;
    }
    pass_with_usage(&house, DAY * 31).await;
    let (silent, swiss) = (newest(&silent).await, newest(&swiss).await);
    assert_eq!((amounts(&silent), silent.tax().minor.get()), (vec![500], 95), "as where the supplier is");
    assert_eq!((amounts(&swiss), swiss.taxes.len()), (vec![500], 0));
    assert!(idle.invoices().await.is_empty(), "what is not used costs nothing");
    assert!(check(&house, &Ledger).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_has_no_price_in_the_currency_of_the_invoice_is_not_billed(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let money = staff(&house).await;
    let (euros, dollars) = (firm(&house, "euros").await, firm(&house, "dollars").await);
    let chosen = Details { currency: Some("USD".into()), ..Details::default() };
    service::set_details(&dollars.may(Permission::UpdateBilling).await, &chosen).await.expect("sets");
    for it in [&euros, &dollars] {
        it.meters(&["call", "byte"]).await;
        it.uses("before there was a price", "call=1000000").await;
    }
    costs(&house, &money, "call", "1", "1").await;
    for it in [&euros, &dollars] {
        it.uses("after", "call=3, byte=1000000").await;
        // Only what it cost, and no quantity.
        let typed = domain::spend::service::NewUsage {
            event_id: "told".into(),
            provider: "acme-ai".into(),
            item: "large".into(),
            amount: Some("1000".into()),
            ..Default::default()
        };
        let grant = it.may(Permission::ReserveSpend).await;
        domain::spend::service::record(&grant, &typed).await.expect("is noted");
    }
    pass_with_usage(&house, DAY * 31).await;
    assert_eq!(amounts(&newest(&euros).await), [300]);
    assert!(dollars.invoices().await.is_empty());
    assert!(check(&house, &Ledger).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_was_used_by_a_plan_is_charged_when_another_takes_its_place(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let money = staff(&house).await;
    let acme = firm(&house, "acme").await;
    costs(&house, &money, "call", "0.01", "1").await;
    acme.meters(&["call"]).await;
    acme.uses("free", "call=40").await;
    house.platform.clock().advance(DAY);
    let asked = request("PRO", "");
    let grant = acme.may(Permission::UpdateBilling).await;
    let read = acme.may(Permission::ReadBilling).await;
    let told = service::preview(&read, &Ledger, &ROOMS, &asked).await.expect("a preview");
    // What is used while somebody thinks about it was not agreed to, and is owed all the same.
    acme.uses("meanwhile", "call=2").await;
    house.platform.clock().advance(DAY / 48);
    let agreed = service::PlanRequest { total: Some(told.total.digits()), ..asked };
    let changed = service::change(&grant, &Ledger, &agreed).await.expect("changes");
    let first = acme.invoice(&changed.invoice.expect("a number")).await;
    assert_eq!(told.total.minor.get(), 1_940);
    assert_eq!(amounts(&first), [1_900, 42], "what was used by the free plan, of which nothing is included");
    acme.uses("pro", "call=700").await;
    house.platform.clock().advance(DAY * 10);
    let team = service::change(&grant, &Ledger, &request("TEAM", "")).await.expect("changes");
    let rest = acme.invoice(&team.invoice.expect("a number")).await;
    assert!(rest.lines.iter().all(|line| line.kind != LineKind::Usage), "the month goes on");
    acme.uses("team", "call=2000").await;
    pass_with_usage(&house, DAY * 31).await;
    let all = amounts(&newest(&acme).await);
    assert_eq!(all, [7_900, 2_700, -2_500], "what the plan includes that is there when the month ends");
    assert!(check(&house, &Ledger).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_open_is_told_as_it_would_be_charged(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let money = staff(&house).await;
    let acme = firm(&house, "acme").await;
    let open = async || {
        let grant = acme.may(Permission::ReadBilling).await;
        service::open_usage(&grant, &Ledger).await.expect("what is open")
    };
    assert!(!open().await.has_prices, "nothing is charged on this site");
    costs(&house, &money, "call", "0.01", "1").await;
    acme.change("PRO", "").await.expect("changes");
    acme.meters(&["call", "byte"]).await;
    for (name, calls, used, to_charge) in [("one", 300, 300, 0), ("two", 450, 750, 250)] {
        acme.uses(name, &format!("call={calls}, byte=9")).await;
        let open = open().await;
        assert!(open.has_prices);
        assert_eq!((open.used.minor.get(), open.to_charge.minor.get()), (used, to_charge));
        assert_eq!((open.included.minor.get(), open.lines.len()), (500, 1));
        assert_eq!(open.lines[0].unit_price().told(), "0.01 EUR each");
        assert_eq!(open.period, acme.subscription().await.period);
    }
    pass_with_usage(&house, DAY * 31).await;
    assert_eq!(amounts(&newest(&acme).await), [1_900, 750, -500]);
    let after = open().await;
    assert_eq!((after.used.minor.get(), after.lines.len()), (0, 0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_an_organization_has_used_is_charged_before_it_goes(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let money = staff(&house).await;
    let acme = firm(&house, "acme").await;
    costs(&house, &money, "call", "0.01", "1").await;
    acme.change("PRO", "").await.expect("changes");
    acme.meters(&["call"]).await;
    acme.uses("last", "call=900").await;
    organizations::delete(&acme.may(Permission::DeleteOrganization).await, "acme").await.expect("asks");
    house.platform.clock().advance(DAY * 15);
    assert_eq!(organizations::delete_due(&house.platform).await, Ok(0), "it waits for what is charged");
    service::run_once(&house.platform, &Ledger).await.expect("runs");
    assert_eq!(organizations::delete_due(&house.platform).await, Ok(1));
    let mut tx = inside(&house, acme.id).await;
    let lines = sqlx::query_scalar!(
        r#"SELECT l.amount FROM invoice_lines l JOIN invoices i ON i.id = l.invoice_id
           WHERE i.organization_id = $1 AND i.state = 'open' ORDER BY i.number, l.position"#,
        acme.id,
    )
    .fetch_all(&mut *tx)
    .await
    .expect("lines");
    drop(tx);
    assert_eq!(lines, [1_900, 900, -500], "its month, and what was used beyond what that includes");
    let report = check(&house, &Ledger).await;
    assert!(report.ok && report.documents == 2, "also where the ledger is gone: {report:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_check_finds_what_is_charged_and_was_not_used(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let money = staff(&house).await;
    costs(&house, &money, "call", "0.01", "1").await;
    let (acme, free) = (firm(&house, "acme").await, firm(&house, "free").await);
    acme.change("PRO", "").await.expect("changes");
    for it in [&acme, &free] {
        it.meters(&["call"]).await;
        it.uses("one", "call=900").await;
    }
    pass_with_usage(&house, DAY * 31).await;
    assert!(check(&house, &Ledger).await.ok);
    for statement in ["UPDATE billing_usage SET quantity = 1", "DELETE FROM billing_usage"] {
        let mut tx = inside(&house, acme.id).await;
        #[expect(clippy::disallowed_methods, reason = "what must be refused")]
        let refused = sqlx::query(statement).execute(&mut *tx).await;
        assert!(refused.is_err(), "{statement}: it only grows");
    }
    let wrong = newest(&acme).await.head.number;
    for statement in [
        "ALTER TABLE billing_usage DISABLE TRIGGER USER",
        "ALTER TABLE billing_usage NO FORCE ROW LEVEL SECURITY",
    ] {
        #[expect(clippy::disallowed_methods, reason = "what nobody should do")]
        sqlx::query(statement).execute(&house.db).await.expect(statement);
    }
    sqlx::query!("UPDATE billing_usage SET quantity = 901 WHERE organization_id = $1", acme.id)
        .execute(&house.db)
        .await
        .expect("what nobody should do");
    assert_eq!(check(&house, &Ledger).await.wrong, std::slice::from_ref(&wrong));
    sqlx::query!("UPDATE billing_usage SET quantity = 900 WHERE organization_id = $1", acme.id)
        .execute(&house.db)
        .await
        .expect("put right");
    assert!(check(&house, &Ledger).await.ok);
    // A stretch that leaves something out, which nobody was charged for.
    for statement in [
        "ALTER TABLE subscription_changes DISABLE TRIGGER USER",
        "ALTER TABLE subscription_changes NO FORCE ROW LEVEL SECURITY",
    ] {
        #[expect(clippy::disallowed_methods, reason = "what nobody should do")]
        sqlx::query(statement).execute(&house.db).await.expect(statement);
    }
    sqlx::query!(
        "UPDATE subscription_changes SET usage_through = usage_after WHERE organization_id = $1 AND usage_through > usage_after",
        acme.id,
    )
    .execute(&house.db)
    .await
    .expect("what nobody should do");
    assert_eq!(check(&house, &Ledger).await.wrong, [wrong]);
}
