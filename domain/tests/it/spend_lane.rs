//! The fast way in: slices of budgets that a process leases, and what becomes of them when it is killed.

use std::{sync::Arc, time::Duration};

use domain::{
    AppError,
    access::Permission,
    platform::testing,
    spend::{
        Nano,
        service::{self, Call, Lane},
    },
};
use sqlx::PgPool;

use crate::shop::Shop;

fn call(name: &str, nano: i64) -> Call {
    Call {
        request_id: name.into(),
        amount: Nano::new(nano),
        provider: "acme-ai".into(),
        item: "large".into(),
        scope: "tag:a".into(),
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn three_processes_together_never_let_in_more_than_the_cap(db: PgPool) {
    let shop = Shop::new(db.clone()).await;
    let cap = shop.limit("organization", "month", "1").await;
    let tag = shop.limit("tag:a", "day", "0.9").await;
    let grant = Arc::new(shop.may(Permission::ReserveSpend).await);
    let lanes: Vec<Lane> =
        (0..3).map(|_| Lane::new(&testing::platform_at(db.clone(), shop.house.platform.now()))).collect();
    let tasks = (0..24_i64).map(|task| {
        let (lane, grant) = (lanes[usize::try_from(task % 3).expect("small")].clone(), Arc::clone(&grant));
        tokio::spawn(async move {
            let mut sum = 0;
            for number in 0..100 {
                // A tenth of a cent up to a cent.
                let nano = 1_000_000 * (1 + (task + number) % 10);
                match lane.admit(&grant, &call(&format!("{task} {number}"), nano)).await {
                    Ok(ticket) => {
                        sum += nano;
                        ticket.settle(Nano::new(nano));
                    }
                    Err(AppError::SpendCapReached { .. }) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            sum
        })
    });
    let mut admitted = 0;
    for task in tasks.collect::<Vec<_>>() {
        admitted += task.await.expect("runs");
        for lane in &lanes {
            lane.flush().await.expect("books");
        }
    }
    for lane in &lanes {
        lane.close().await.expect("gives back");
    }
    assert!(admitted <= 900_000_000, "{admitted}");
    assert!(admitted > 700_000_000, "slices become small near the cap: {admitted}");
    for id in [cap, tag] {
        assert_eq!(shop.meter(id).await, (Nano::new(admitted).to_string(), "0.00".into()));
    }
    assert_eq!(shop.account("unbilled").await, Nano::new(admitted).to_string());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_a_killed_process_may_have_spent_is_withheld_and_what_it_booked_stays(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let grant = shop.may(Permission::ReserveSpend).await;
    let lane = Lane::new(&shop.house.platform);
    let ticket = lane.admit(&grant, &call("booked", 100_000_000)).await.expect("fits");
    ticket.settle(Nano::new(50_000_000));
    assert_eq!(lane.flush().await, Ok(1));
    let lost = lane.admit(&grant, &call("lost", 100_000_000)).await.expect("from the same slice");
    // Killed: nobody tells what became of it.
    std::mem::forget(lost);
    std::mem::forget(lane);
    let (spent, held) = shop.meter(cap).await;
    assert_eq!(
        (spent.as_str(), held.as_str()),
        ("0.05", "0.40"),
        "a twentieth of what was left, less what was used"
    );
    let mut tx = shop.sql().await;
    sqlx::query!("UPDATE spend_holds SET expires_at = clock_timestamp() WHERE kind = 'slice'")
        .execute(&mut *tx)
        .await
        .expect("changes");
    tx.commit().await.expect("commits");
    assert_eq!(service::expire_due(&shop.house.platform).await, Ok(1));
    assert_eq!(
        shop.meter(cap).await,
        ("0.05".into(), "0.40".into()),
        "nobody can know what was paid from it"
    );
    assert!(shop.reserve("more", "9.6").await.is_err());
    shop.reserve("less", "9.55").await.expect("everything else");
    shop.house.platform.clock().advance(Duration::from_hours(24 * 31));
    assert_eq!(shop.meter(cap).await.1, "0.00", "the next month knows nothing of it");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_call_that_nobody_settles_costs_what_it_could_cost_at_most(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let grant = shop.may(Permission::ReserveSpend).await;
    let lane = Lane::new(&shop.house.platform);
    drop(lane.admit(&grant, &call("dropped", 2_000_000_000)).await.expect("fits"));
    lane.admit(&grant, &call("not made", 1_000_000_000)).await.expect("fits").settle(Nano::ZERO);
    // The same name is billed once.
    lane.admit(&grant, &call("dropped", 1_000_000_000)).await.expect("fits").settle(Nano::dollars(1));
    lane.close().await.expect("gives back");
    assert_eq!(shop.meter(cap).await, ("2.00".into(), "0.00".into()));
    for wrong in [0, -1] {
        assert!(lane.admit(&grant, &call("nothing", wrong)).await.is_err());
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_stops_waiting_for_the_books_loses_no_call(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let grant = shop.may(Permission::ReserveSpend).await;
    let lane = Lane::new(&shop.house.platform);
    lane.admit(&grant, &call("one", 100_000_000)).await.expect("fits").settle(Nano::new(50_000_000));
    // Somebody holds the budget, so that booking stops half way; then nobody waits for it any more.
    let mut tx = shop.sql().await;
    sqlx::query!("SELECT id FROM spend_budgets WHERE id = $1 FOR UPDATE", cap)
        .fetch_one(&mut *tx)
        .await
        .expect("holds");
    let flushing = {
        let lane = lane.clone();
        tokio::spawn(async move { lane.flush().await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    flushing.abort();
    assert!(flushing.await.is_err_and(|ended| ended.is_cancelled()));
    tx.rollback().await.expect("lets go");
    lane.admit(&grant, &call("two", 100_000_000)).await.expect("fits").settle(Nano::new(100_000_000));
    assert_eq!(lane.flush().await, Ok(2));
    assert_eq!(
        shop.meter(cap).await,
        ("0.15".into(), "0.30".into()),
        "half a dollar, less what two calls had"
    );
    lane.close().await.expect("gives back");
    assert_eq!(shop.meter(cap).await, ("0.15".into(), "0.00".into()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_slice_whose_caller_has_gone_is_leased_to_its_end_and_given_back(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let grant = shop.may(Permission::ReserveSpend).await;
    let lane = Lane::new(&shop.house.platform);
    // Somebody holds the budget, so that leasing stops half way; then nobody waits for it any more.
    let mut tx = shop.sql().await;
    sqlx::query!("SELECT id FROM spend_budgets WHERE id = $1 FOR UPDATE", cap)
        .fetch_one(&mut *tx)
        .await
        .expect("holds");
    let admitting = {
        let (lane, grant) = (lane.clone(), grant.clone());
        tokio::spawn(async move { lane.admit(&grant, &call("one", 100_000_000)).await.map(drop) })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    admitting.abort();
    assert!(admitting.await.is_err_and(|ended| ended.is_cancelled()));
    tx.rollback().await.expect("lets go");
    let mut turns = 0;
    while shop.meter(cap).await.1 != "0.50" {
        turns += 1;
        assert!(turns < 100, "it ends also when nobody waits for it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // It is the lane's: the next call is let in from it, and what nobody used is given back.
    let next = lane.admit(&grant, &call("two", 100_000_000)).await.expect("fits");
    assert_eq!(shop.meter(cap).await.1, "0.50", "no second one is leased");
    next.settle(Nano::new(100_000_000));
    lane.close().await.expect("gives back");
    assert_eq!(shop.meter(cap).await, ("0.10".into(), "0.00".into()), "nobody is billed for the first");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_name_that_the_ledger_does_not_take_gets_nobody_in(db: PgPool) {
    let shop = Shop::new(db).await;
    let grant = shop.may(Permission::ReserveSpend).await;
    let lane = Lane::new(&shop.house.platform);
    for name in ["", "a\0b", "x".repeat(201).as_str()] {
        let refused = lane.admit(&grant, &call(name, 1)).await.expect_err("no name");
        assert!(refused.of_field("request_id").is_some(), "{name:?}: {refused:?}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_new_budget_counts_what_is_withheld_of_a_lost_slice(db: PgPool) {
    let shop = Shop::new(db).await;
    let grant = shop.may(Permission::ReserveSpend).await;
    let lane = Lane::new(&shop.house.platform);
    std::mem::forget(lane.admit(&grant, &call("lost", 100_000_000)).await.expect("no budget"));
    std::mem::forget(lane);
    let mut tx = shop.sql().await;
    sqlx::query!("UPDATE spend_holds SET expires_at = clock_timestamp() WHERE kind = 'slice'")
        .execute(&mut *tx)
        .await
        .expect("changes");
    tx.commit().await.expect("commits");
    assert_eq!(service::expire_due(&shop.house.platform).await, Ok(1));
    let cap = shop.limit("organization", "month", "60").await;
    assert_eq!(shop.meter(cap).await, ("0.00".into(), "50.00".into()), "the most that a slice has");
}
