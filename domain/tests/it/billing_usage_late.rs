//! Usage that comes late, between, or back again: every number of the ledger is charged once, and says where.

use std::time::Duration;

use domain::{
    Timestamp,
    access::Permission,
    billing::{
        Stretch, UsageState,
        service::{self, PricedTime, UsageSource},
    },
    spend::service::{self as spend, Ledger, NewPrice, Reprice},
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    billing_house::{
        DAY, Firm, amounts, check, costs, firm, house_at, inside, noted, pass_with_usage, pay, staff,
        treasurer,
    },
    house::House,
};

/// What each usage line of each invoice says, the oldest first.
async fn charged(firm: &Firm) -> Vec<Vec<i64>> {
    let mut all = Vec::new();
    for head in firm.invoices().await {
        all.push(firm.invoice(&head.number).await.lines.iter().map(|line| line.quantity).collect());
    }
    all
}

/// How much is charged, and in how many stretches each number of the ledger is.
pub(crate) async fn stretches(house: &House, organization: Uuid) -> (i64, Vec<i64>) {
    let mut tx = inside(house, organization).await;
    let sum = sqlx::query_scalar!(
        r#"SELECT coalesce(sum(quantity), 0)::bigint AS "sum!" FROM billing_usage WHERE organization_id = $1"#,
        organization,
    )
    .fetch_one(&mut *tx)
    .await
    .expect("a sum");
    let counts = sqlx::query_scalar!(
        r#"SELECT count(c.no) AS "n!" FROM spend_journal j
           LEFT JOIN subscription_changes c ON c.organization_id = $1 AND c.usage_after < j.number AND j.number <= c.usage_through
           WHERE j.organization_id = $1 GROUP BY j.number"#,
        organization,
    )
    .fetch_all(&mut *tx)
    .await
    .expect("counts");
    (sum, counts)
}

/// Waits until so many transactions wait for a lock.
async fn waiting(house: &House, count: i64) {
    loop {
        let there = sqlx::query_scalar!(
            r#"SELECT count(*) AS "n!" FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock'"#,
        )
        .fetch_one(&house.db)
        .await
        .expect("a count");
        if there >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A house in which a call costs a cent, and an organization that notes its calls.
async fn scene(db: PgPool) -> (House, Firm) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let money = staff(&house).await;
    let acme = firm(&house, "acme").await;
    costs(&house, &money, "call", "0.01", "1").await;
    acme.meters(&["call", "byte"]).await;
    (house, acme)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_told_late_is_on_the_next_invoice(db: PgPool) {
    let (house, acme) = scene(db).await;
    acme.uses("in time", "call=10").await;
    // The month has ended, and no worker has seen that yet.
    house.platform.clock().advance(DAY * 30);
    acme.uses("after the end", "call=200").await;
    acme.used_at("late", "call=3000", Some("2026-11-20")).await;
    service::run_once(&house.platform, &Ledger).await.expect("runs");
    assert_eq!(charged(&acme).await, [[10]]);
    pass_with_usage(&house, DAY * 31).await;
    assert_eq!(charged(&acme).await, [[10], [3_200]]);
    assert!(check(&house, &Ledger).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_call_costs_what_it_did_when_it_happened(db: PgPool) {
    let (house, acme) = scene(db).await;
    let money = treasurer(&house, "other.money@example.com").await;
    acme.uses("cheap", "call=100").await;
    house.platform.clock().advance(DAY * 10);
    // A clock that is ahead does not choose its price.
    let ahead = (house.platform.now() + Duration::from_mins(4)).rfc3339();
    acme.used_at("ahead", "call=7", Some(&ahead)).await;
    costs(&house, &money, "call", "0.02", "1").await;
    acme.uses("dear", "call=100").await;
    acme.used_at("cheap and late", "call=50", Some("2026-11-05")).await;
    costs(&house, &money, "call", "0", "1").await;
    acme.uses("free", "call=100000").await;
    pass_with_usage(&house, DAY * 31).await;
    let all = acme.invoices().await;
    let invoice = acme.invoice(&all[0].number).await;
    let lines: Vec<_> = invoice.lines.iter().map(|line| (line.quantity, line.amount.minor.get())).collect();
    assert_eq!(lines, [(157, 157), (100, 200)], "a line for each price");
    assert!(invoice.lines[1].description.ends_with("0.02 EUR each"));
    assert!(check(&house, &Ledger).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_written_while_a_period_ends_is_charged_once_whatever_its_number(db: PgPool) {
    let (house, acme) = scene(db).await;
    let grant = acme.may(Permission::UpdateSpend).await;
    let budget = spend::NewLimit {
        scope: Some("project".into()),
        subject: Some("alpha".into()),
        cap: Some("100".into()),
        ..spend::NewLimit::default()
    };
    spend::set_limit(&grant, &budget).await.expect("sets");
    house.platform.clock().advance(DAY * 3);
    let in_alpha = |name: &str, usage: &str| spend::NewUsage {
        scope: Some("project:alpha".into()),
        ..noted(name, usage, Some("2026-11-02"))
    };
    let notes = acme.may(Permission::ReserveSpend).await;
    spend::record(&notes, &in_alpha("first", "call=1")).await.expect("is noted");
    // Somebody has taken a number and is stopped before it can be read.
    let mut held = inside(&house, acme.id).await;
    sqlx::query!("SELECT budget_id FROM spend_windows WHERE organization_id = $1 FOR UPDATE", acme.id)
        .fetch_all(&mut *held)
        .await
        .expect("windows");
    let (typed, by) = (in_alpha("slow", "call=20"), notes.clone());
    let slow = tokio::spawn(async move { spend::record(&by, &typed).await });
    waiting(&house, 1).await;
    // A higher one is there before it.
    acme.uses("fast", "call=300").await;
    house.platform.clock().advance(DAY * 28);
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let platform = house.platform.clone();
            tokio::spawn(async move { service::run_once(&platform, &Ledger).await })
        })
        .collect();
    waiting(&house, 3).await;
    held.rollback().await.expect("goes on");
    slow.await.expect("runs").expect("is noted");
    for worker in workers {
        worker.await.expect("runs").expect("ends periods");
    }
    assert_eq!(charged(&acme).await, [[321]]);
    assert_eq!(stretches(&house, acme.id).await, (321, vec![1, 1, 1]));
    assert!(check(&house, &Ledger).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn however_many_write_and_however_many_charge_every_number_is_charged_once(db: PgPool) {
    let (house, acme) = scene(db).await;
    let money = treasurer(&house, "other.money@example.com").await;
    acme.change("PRO", "").await.expect("changes");
    let mut total = 0;
    for round in 0..4_i64 {
        let writers = (0..8_i64).map(|writer| {
            let (acme, name) = (&acme, format!("{round} {writer}"));
            async move { acme.uses(&name, &format!("call={}", 100 + round * 8 + writer)).await }
        });
        total += (0..8).map(|writer| 100 + round * 8 + writer).sum::<i64>();
        let chargers = (0..3).map(|n| {
            let house = &house;
            async move {
                tokio::time::sleep(Duration::from_millis(n * 7)).await;
                if n == 1 {
                    house.platform.clock().advance(DAY * 16);
                }
                // One is cut off wherever it is, as a process is that is killed.
                let run = service::run_once(&house.platform, &Ledger);
                if n == 2 {
                    let _ = tokio::time::timeout(Duration::from_millis(9), run).await;
                } else {
                    run.await.expect("runs");
                }
            }
        });
        futures::future::join(futures::future::join_all(writers), futures::future::join_all(chargers)).await;
        pay(&money, &acme).await;
    }
    pass_with_usage(&house, DAY * 40).await;
    let (charged, counts) = stretches(&house, acme.id).await;
    assert_eq!((charged, counts.len()), (total, 32));
    assert!(counts.iter().all(|count| *count == 1), "{counts:?}");
    let report = check(&house, &Ledger).await;
    assert!(report.ok, "{report:?}");
}

/// Takes back what stands of a call, with nothing in its place.
async fn take_back(house: &House, firm: &Firm, name: &str) {
    let mut tx = inside(house, firm.id).await;
    sqlx::query!(
        "INSERT INTO spend_journal (id, organization_id, event_id, kind, reverses, priced, at)
         SELECT gen_random_uuid(), organization_id, event_id, 'reversal', id, true, $3 FROM spend_journal
         WHERE organization_id = $1 AND event_id = 'recorded ' || $2::text",
        firm.id,
        name,
        house.platform.now().get(),
    )
    .execute(&mut *tx)
    .await
    .expect("taken back");
    tx.commit().await.expect("commits");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_taken_back_is_less_on_the_next_invoice_and_no_invoice_is_of_less_than_nothing(db: PgPool) {
    let (house, acme) = scene(db).await;
    acme.uses("wrong", "call=500").await;
    acme.uses("right", "call=100").await;
    pass_with_usage(&house, DAY * 31).await;
    take_back(&house, &acme, "wrong").await;
    acme.uses("second", "call=200").await;
    pass_with_usage(&house, DAY * 31).await;
    assert_eq!(charged(&acme).await, [[600]], "300 less than nothing waits for more");
    let open = service::open_usage(&acme.may(Permission::ReadBilling).await, &Ledger).await.expect("open");
    assert_eq!((open.used.minor.get(), open.to_charge.minor.get()), (-300, 0));
    acme.uses("third", "call=450").await;
    pass_with_usage(&house, DAY * 31).await;
    assert_eq!(charged(&acme).await, [[600], [150]]);
    let (sum, counts) = stretches(&house, acme.id).await;
    assert_eq!((sum, counts), (750, vec![1; 5]));
    assert!(check(&house, &Ledger).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_call_that_is_billed_anew_by_a_book_of_its_own_costs_the_same_here(db: PgPool) {
    let (house, acme) = scene(db).await;
    acme.uses("one", "call=500").await;
    let price = |price: &str| NewPrice {
        provider: "acme-ai".into(),
        item: "large".into(),
        unit: "call".into(),
        price: price.into(),
        per: None,
        effective_from: Some("2026-01-01".into()),
    };
    let anew = async |to: &str| {
        let grant = acme.may(Permission::UpdateSpend).await;
        spend::set_price(&grant, &price(to)).await.expect("sets");
        let all = Reprice { provider: Some("acme-ai".into()), ..Reprice::default() };
        assert_eq!(spend::correct(&grant, &all).await.expect("corrects").corrected, 1);
    };
    // In the same stretch, and in the one after that in which it is billed.
    anew("7").await;
    pass_with_usage(&house, DAY * 31).await;
    assert_eq!(charged(&acme).await, [[500]]);
    anew("0.001").await;
    pass_with_usage(&house, DAY * 31).await;
    assert_eq!(charged(&acme).await, [[500]], "what is taken back and given again is nothing");
    assert_eq!(stretches(&house, acme.id).await.1, vec![1; 5]);
    assert!(check(&house, &Ledger).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_nobody_can_have_used_keeps_no_month_from_ending(db: PgPool) {
    let (house, acme) = scene(db).await;
    for n in 0..20 {
        acme.uses(&format!("call {n}"), "call=1000000000000000").await;
    }
    pass_with_usage(&house, DAY * 31).await;
    let all = acme.invoices().await;
    assert_eq!(
        amounts(&acme.invoice(&all[0].number).await),
        [1_000_000_000_000_000],
        "and somebody looks at it"
    );
    assert!(check(&house, &Ledger).await.ok);
}

/// The time of a price that nobody keeps.
fn priced(id: u128, unit: &str, from: &str, until: Option<&str>) -> PricedTime {
    let at = |text: &str| Timestamp::typed(text).expect("valid");
    PricedTime {
        price: Uuid::from_u128(id),
        provider: "acme-ai".into(),
        item: "large".into(),
        unit: unit.into(),
        from: at(from),
        until: until.map(at),
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn however_the_ledger_is_cut_its_parts_have_used_together_what_the_whole_has(db: PgPool) {
    let (house, acme) = scene(db).await;
    for n in 0..24_i64 {
        acme.uses(&format!("event {n}"), &format!("call={}, byte={}", n * n + 1, 77 - n)).await;
        house.platform.clock().advance(DAY / 3);
        if n % 5 == 4 {
            take_back(&house, &acme, &format!("event {}", n - 2)).await;
        }
    }
    let mut tx = inside(&house, acme.id).await;
    let numbers = sqlx::query_scalar!(
        "SELECT number FROM spend_journal WHERE organization_id = $1 ORDER BY number",
        acme.id,
    )
    .fetch_all(&mut *tx)
    .await
    .expect("numbers");
    let prices = [
        priced(1, "call", "2026-01-01", Some("2026-11-04")),
        priced(2, "call", "2026-11-04", None),
        priced(3, "byte", "2026-11-02", Some("2026-11-07")),
    ];
    let (first, last) = (numbers[0] - 1, numbers[numbers.len() - 1]);
    // Every way to cut it in three.
    let mut wholes = Vec::new();
    for (place, one) in numbers.iter().enumerate() {
        let other = numbers[(place * 7 + 3) % numbers.len()];
        let mut cuts = [first, *one, other, last];
        cuts.sort_unstable();
        let mut sums = vec![0; prices.len()];
        for pair in cuts.windows(2) {
            let stretch = Stretch { organization: acme.id, after: pair[0], through: pair[1] };
            for sum in Ledger.sums(&mut tx, stretch, &prices).await.expect("sums") {
                let place = prices.iter().position(|price| price.price == sum.price).expect("one of them");
                sums[place] += sum.quantity;
            }
        }
        wholes.push(sums);
    }
    assert!(wholes[0].iter().all(|sum| *sum > 0), "{:?}", wholes[0]);
    assert!(wholes.iter().all(|sums| *sums == wholes[0]), "{wholes:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_call_says_on_which_line_of_which_invoice_it_is_or_why_on_none(db: PgPool) {
    let (house, acme) = scene(db).await;
    let told = async |name: &str| {
        let grant = acme.may(Permission::ReadSpend).await;
        spend::explain(&grant, name).await.expect("explains")
    };
    acme.change("PRO", "").await.expect("changes");
    acme.uses("small", "call=400, byte=1").await;
    let open = told("small").await;
    let states: Vec<_> = open.charges.iter().map(|charge| (charge.unit.as_str(), charge.state)).collect();
    assert_eq!(states, [("call", UsageState::Open), ("byte", UsageState::Unpriced)]);
    assert_eq!(open.charges[0].reason, "It is not billed yet: its period ends on 1 Dec 2026, 00:01 UTC.");
    assert!(open.charges[1].reason.contains("no price in EUR"), "{}", open.charges[1].reason);
    assert_eq!(open.invoice_line, None);
    pass_with_usage(&house, DAY * 31).await;
    let money = treasurer(&house, "other.money@example.com").await;
    pay(&money, &acme).await;
    let all = acme.invoices().await;
    let included = told("small").await;
    assert_eq!(included.charges[0].state, UsageState::Included, "{}", included.charges[0].reason);
    assert_eq!(included.invoice_line, Some(format!("{} line 2", all[1].number)));
    acme.uses("large", "byte=5, call=4000").await;
    pass_with_usage(&house, DAY * 31).await;
    let number = acme.invoices().await[2].number.clone();
    let billed = told("large").await;
    let charge = billed.charges.iter().find(|charge| charge.unit == "call").expect("calls");
    assert_eq!((charge.state, charge.quantity, charge.line), (UsageState::Billed, 4_000, Some(2)));
    assert_eq!(charge.reason, format!("It is in line 2 of invoice {number}."));
    assert_eq!(acme.invoice(&number).await.lines[1].quantity, 4_000, "counted from one");
    take_back(&house, &acme, "large").await;
    let back = told("large").await;
    let calls: Vec<_> = back.charges.iter().filter(|charge| charge.unit == "call").collect();
    assert_eq!((calls[0].quantity, calls[1].quantity), (4_000, -4_000));
    assert_eq!((calls[0].state, calls[1].state), (UsageState::Billed, UsageState::Open));
}
