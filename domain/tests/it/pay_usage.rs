//! What is used by organizations that pay at Stripe: charged here, with the end of each month that Stripe tells of.

use std::time::Duration;

use domain::{
    access::Permission,
    billing::{
        InvoiceState, LineKind, PaymentProvider,
        service::{self, PlanRequest, pay},
    },
    organizations::service as organizations,
    spend::service::Ledger,
};
use futures::future::{join, join_all};
use sqlx::PgPool;

use crate::{
    billing_house::{DAY, ROOMS, amounts, check, costs, inside, request, staff},
    billing_usage_late::stretches,
    pay_till::Till,
};

/// A call costs a cent, and the organization notes its calls.
async fn priced(till: &Till) {
    let money = staff(&till.house).await;
    costs(&till.house, &money, "call", "0.01", "1").await;
    till.acme.meters(&["call"]).await;
}

/// Days go by, and Stripe tells of them.
async fn pass(till: &Till, days: u32) {
    let before = till.peer.events().len();
    till.pass(days).await;
    till.listen_since(before).await;
}

/// Everything that is due happens; answers what the lines of each invoice of ours come to, the oldest first.
async fn charged(till: &Till) -> Vec<Vec<i64>> {
    service::run_once(&till.house.platform, &Ledger).await.expect("runs");
    let mut all = Vec::new();
    for head in till.acme.invoices().await {
        if head.provider == PaymentProvider::Invoice.name() {
            all.push(amounts(&till.acme.invoice(&head.number).await));
        }
    }
    all
}

async fn assert_right(till: &Till) {
    let report = check(&till.house, &Ledger).await;
    assert!(report.ok, "{report:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_used_is_charged_here_with_the_end_of_each_month_that_stripe_tells_of(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    priced(&till).await;
    let month = till.has().await.period;
    till.acme.uses("one", "call=4000").await;
    let before = till.peer.events().len();
    till.pass(32).await;
    till.acme.uses("after the end", "call=7").await;
    assert!(charged(&till).await.is_empty(), "nothing was told");
    till.listen_since(before).await;
    assert_eq!(charged(&till).await, [[4_000, -2_500]]);
    let heads = till.acme.invoices().await;
    let head = heads.iter().find(|head| head.provider == "invoice").expect("one of ours");
    let invoice = till.acme.invoice(&head.number).await;
    assert!(invoice.lines.iter().all(|line| line.kind == LineKind::Usage && line.covers == Some(month)));
    assert_right(&till).await;
    // What is included in the next month is more than what was used in it.
    pass(&till, 31).await;
    pass(&till, 31).await;
    assert_eq!(charged(&till).await, [[4_000, -2_500]]);
    let head = till.acme.invoice(&head.number).await.head;
    assert!(head.is_overdue && head.state == InvoiceState::Open);
    assert_eq!(till.stands().await, ("TEAM".into(), None, "stripe".into()), "which Stripe is paid for");
    assert_right(&till).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_used_before_the_first_payment_and_after_the_last_one_is_charged_as_well(db: PgPool) {
    let till = Till::open(db).await;
    priced(&till).await;
    till.acme.uses("free", "call=30").await;
    till.pass(1).await;
    till.subscribe("PRO", "").await;
    assert_eq!(charged(&till).await, [[30]]);
    till.acme.uses("paid", "call=700").await;
    till.cancel().await.expect("ends later");
    till.acme.uses("to the end", "call=1").await;
    pass(&till, 33).await;
    assert_eq!(till.stands().await, ("FREE".into(), None, "invoice".into()));
    assert_eq!(charged(&till).await, [vec![30], vec![701, -500]]);
    till.acme.uses("free again", "call=5").await;
    till.pass(31).await;
    assert_eq!(charged(&till).await, [vec![30], vec![701, -500], vec![5]]);
    assert_right(&till).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_month_includes_what_the_plan_does_that_is_there_at_its_end_and_a_preview_is_of_the_plan_alone(
    db: PgPool,
) {
    let till = Till::with(db, "PRO", "0").await;
    priced(&till).await;
    till.acme.uses("pro", "call=700").await;
    let (grant, wanted) = (till.acme.may(Permission::ReadBilling).await, request("TEAM", "0"));
    let told = service::preview(&grant, &Ledger, &ROOMS, &wanted).await.expect("a preview");
    assert_eq!(told.lines.len(), 2, "{told:?}");
    let agreed = PlanRequest { provider: Some("stripe".into()), total: Some(told.total.digits()), ..wanted };
    let changes = till.acme.may(Permission::UpdateBilling).await;
    pay::change(&changes, &till.payments(), &agreed).await.expect("changes");
    till.acme.uses("team", "call=2000").await;
    assert!(charged(&till).await.is_empty(), "the month goes on");
    let open = service::open_usage(&grant, &Ledger).await.expect("what is open");
    assert_eq!((open.used.minor.get(), open.to_charge.minor.get()), (2_700, 200));
    pass(&till, 32).await;
    assert_eq!(charged(&till).await, [[2_700, -2_500]]);
    assert_right(&till).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn months_that_nobody_told_of_are_charged_one_by_one(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    priced(&till).await;
    let before = till.peer.events().len();
    for month in 0..3 {
        till.acme.uses(&format!("month {month}"), "call=3000").await;
        till.pass(31).await;
    }
    assert!(charged(&till).await.is_empty(), "nothing was told");
    till.listen_since(before).await;
    assert_eq!(charged(&till).await, [[3_000, -2_500]; 3], "each with what it includes");
    assert_right(&till).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_an_organization_has_used_is_charged_before_it_goes_whether_or_not_stripe_tells(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    priced(&till).await;
    till.acme.uses("last", "call=3000").await;
    organizations::delete(&till.acme.may(Permission::DeleteOrganization).await, "acme").await.expect("asks");
    // Its month has ended as well, of which nobody hears.
    till.house.platform.clock().advance(DAY * 40);
    assert_eq!(organizations::delete_due(&till.house.platform).await, Ok(0), "it waits for what is charged");
    service::run_once(&till.house.platform, &Ledger).await.expect("runs");
    assert_eq!(organizations::delete_due(&till.house.platform).await, Ok(1));
    let mut tx = inside(&till.house, till.acme.id).await;
    let lines = sqlx::query_scalar!(
        r#"SELECT l.amount FROM invoice_lines l JOIN invoices i ON i.id = l.invoice_id
           WHERE i.organization_id = $1 AND i.provider = 'invoice' AND i.state = 'open' ORDER BY i.number, l.position"#,
        till.acme.id,
    )
    .fetch_all(&mut *tx)
    .await
    .expect("lines");
    drop(tx);
    assert_eq!(lines, [3_000, -2_500]);
    assert_right(&till).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_used_while_stripe_tells_is_charged_once_whatever_is_cut_off(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    priced(&till).await;
    let mut total = 0;
    for round in 0..3_i64 {
        let before = till.peer.events().len();
        till.pass(32).await;
        for event in till.told_since(before) {
            till.receive(&event).await;
        }
        let writers = (0..8_i64).map(|writer| {
            let (acme, name, calls) = (&till.acme, format!("{round} {writer}"), 1_000 + round * 8 + writer);
            async move { acme.uses(&name, &format!("call={calls}")).await }
        });
        total += (0..8).map(|writer| 1_000 + round * 8 + writer).sum::<i64>();
        let workers = (0..3).map(|n| {
            let till = &till;
            async move {
                tokio::time::sleep(Duration::from_millis(n * 5)).await;
                // One is cut off wherever it is, as a process is that is killed.
                if n == 2 {
                    let _ = tokio::time::timeout(Duration::from_millis(9), till.work()).await;
                } else {
                    till.work().await;
                }
            }
        });
        join(join_all(writers), join_all(workers)).await;
        // Whatever was cut off is taken up when its lease has ended.
        till.house.platform.clock().advance(Duration::from_hours(1));
        till.work().await;
    }
    pass(&till, 32).await;
    assert_eq!(charged(&till).await.len(), 3);
    let (sum, counts) = stretches(&till.house, till.acme.id).await;
    assert_eq!((sum, counts.len()), (total, 24));
    assert!(counts.iter().all(|count| *count == 1), "{counts:?}");
    assert_right(&till).await;
}
