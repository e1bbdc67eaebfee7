//! Many at once at a cap: never over, nothing held for ever, and nobody waits for somebody who waits for them.

use std::{sync::Arc, time::Duration};

use domain::{
    AppError,
    access::Permission,
    platform::{Parts, Platform, clock::Clock, testing},
    spend::{
        Nano,
        service::{self, Settlement},
    },
};
use sqlx::PgPool;
use tokio::sync::Barrier;

use crate::{house::House, shop::Shop};

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_thirty_two_at_a_cap_as_many_get_in_as_fit(db: PgPool) {
    let shop = Arc::new(Shop::new(db).await);
    let whole = shop.limit("organization", "month", "20").await;
    let [a, b] = [shop.limit("tag:a", "day", "12").await, shop.limit("tag:b", "rolling", "12").await];
    let barrier = Arc::new(Barrier::new(32));
    let tasks = (0..32_usize).map(|task| {
        let (shop, barrier) = (Arc::clone(&shop), Arc::clone(&barrier));
        tokio::spawn(async move {
            barrier.wait().await;
            let mut admitted = Vec::new();
            for round in 0..3 {
                // Budgets in every order and combination: whoever locked them as they come would wait for ever.
                let scope = ["tag:a", "tag:b", "tag:a, tag:b", "tag:b, tag:a"][(task + round) % 4];
                match shop.reserve_in(&format!("{task} {round}"), "1", scope).await {
                    Ok(held) => admitted.push((held.hold_id, scope)),
                    Err(AppError::SpendCapReached { .. }) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            admitted
        })
    });
    let mut admitted = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        admitted.extend(task.await.expect("runs"));
    }
    let with = |tag: &str| admitted.iter().filter(|(_, scope)| scope.contains(tag)).count();
    assert!(admitted.len() <= 20 && with("tag:a") <= 12 && with("tag:b") <= 12);
    assert!(admitted.len() == 20 || (with("tag:a") == 12 && with("tag:b") == 12), "what fits gets in");
    for (id, count) in [(whole, admitted.len()), (a, with("tag:a")), (b, with("tag:b"))] {
        assert_eq!(shop.meter(id).await, ("0.00".into(), format!("{count}.00")));
    }
    // All of them end at once, some twice, some both ways.
    let ends = admitted.iter().enumerate().flat_map(|(place, (hold, _))| {
        let (hold, amount) = (*hold, if place % 2 == 0 { "0.5" } else { "1" });
        (0..2).map(move |_| (hold, amount))
    });
    let ends = ends.map(|(hold, amount)| {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move { shop.settle(hold, amount).await.map(drop) })
    });
    for end in ends.collect::<Vec<_>>() {
        end.await.expect("runs").expect("settles");
    }
    let spent = admitted.len() - admitted.len().div_ceil(2) + admitted.len().div_ceil(2) / 2;
    let (told, held) = shop.meter(whole).await;
    assert_eq!((told.split('.').next(), held.as_str()), (Some(spent.to_string().as_str()), "0.00"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_budget_that_comes_while_calls_begin_misses_none_of_them(db: PgPool) {
    let shop = Arc::new(Shop::new(db).await);
    let calls = (0..24).map(|call| {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move { shop.reserve(&format!("call {call}"), "1").await.is_ok() })
    });
    let calls: Vec<_> = calls.collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let cap = shop.limit("organization", "month", "100").await;
    let mut admitted = 0;
    for call in calls {
        admitted += usize::from(call.await.expect("runs"));
    }
    assert_eq!(admitted, 24);
    assert_eq!(shop.meter(cap).await, ("0.00".into(), "24.00".into()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_process_whose_clock_is_ahead_spends_nothing_of_windows_to_come(db: PgPool) {
    let now = Clock::system().now();
    let shop = Shop::at(db.clone(), &now.rfc3339()).await;
    let cap = shop.limit("organization", "month", "10").await;
    let parts = Parts { clock: Clock::ahead(Duration::from_hours(24 * 40)), ..testing::parts(db, now) };
    let house = House::on(Platform::new(parts));
    let owner = house.caller(shop.owner.actor().clone());
    let ahead = Shop { house, id: shop.id, owner };
    let hold = ahead.reserve("one", "9").await.expect("fits").hold_id;
    assert_eq!(shop.meter(cap).await, ("0.00".into(), "9.00".into()), "it is held in the present month");
    assert!(matches!(ahead.reserve("two", "2").await, Err(AppError::SpendCapReached { .. })));
    ahead.settle(hold, "8").await.expect("settles");
    assert_eq!(shop.meter(cap).await, ("8.00".into(), "0.00".into()));
    assert_eq!(ahead.meter(cap).await, ("8.00".into(), "0.00".into()), "it sees what all others see");
    let lane = service::Lane::new(&ahead.house.platform);
    let call = service::Call {
        request_id: "three".into(),
        amount: Nano::dollars(1),
        provider: "acme-ai".into(),
        item: "large".into(),
        ..service::Call::default()
    };
    let ticket = lane.admit(&ahead.may(Permission::ReserveSpend).await, &call).await.expect("fits");
    assert_eq!(shop.meter(cap).await.1, "1.00");
    ticket.settle(Nano::dollars(1));
    lane.close().await.expect("gives back");
    let days = sqlx::query_scalar!(
        r#"SELECT count(*) AS "n!" FROM spend_daily WHERE organization_id = $1 AND day > current_date + 1"#,
        shop.id
    );
    let mut tx = shop.sql().await;
    assert_eq!(days.fetch_one(&mut *tx).await.expect("a number"), 0, "no day to come has calls");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_is_killed_in_the_middle_has_done_nothing_or_everything(db: PgPool) {
    let shop = Arc::new(Shop::new(db.clone()).await);
    let cap = shop.limit("organization", "month", "10").await;
    let hold = shop.reserve("one", "4").await.expect("fits");
    // Somebody holds the budget, so that settling stops half way; then it is killed there.
    let mut tx = shop.sql().await;
    sqlx::query!("SELECT id FROM spend_budgets WHERE id = $1 FOR UPDATE", cap)
        .fetch_one(&mut *tx)
        .await
        .expect("holds");
    let settling = {
        let shop = Arc::clone(&shop);
        tokio::spawn(async move { shop.settle(hold.hold_id, "3").await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    settling.abort();
    assert!(settling.await.is_err_and(|ended| ended.is_cancelled()));
    tx.rollback().await.expect("lets go");
    assert_eq!(shop.meter(cap).await, ("0.00".into(), "4.00".into()));
    assert_eq!(shop.account("unbilled").await, "0.00");
    let grant = shop.may(Permission::ReserveSpend).await;
    let typed =
        Settlement { hold_id: hold.hold_id.to_string(), amount: Some("3".into()), ..Settlement::default() };
    assert!(!service::settle(&grant, &typed).await.expect("settles").duplicate);
    assert_eq!(shop.meter(cap).await, ("3.00".into(), "0.00".into()));
}
