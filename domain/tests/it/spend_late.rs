//! What comes late, or twice, or between: budgets that are younger than the calls they count, settlements after the time, prices
//! for the past, names that somebody else has taken.

use domain::{
    AppError, FieldIssue,
    access::Permission,
    spend::{
        Nano, Scope,
        service::{
            self, Call, Lane, NewDispatch, NewLimit, NewUsage, Reprice, Reservation, Settlement, UsageQuery,
        },
    },
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::shop::{self, Shop, grant};

fn usage(name: &str, usage: &str) -> NewUsage {
    NewUsage {
        event_id: name.into(),
        provider: "acme-ai".into(),
        item: "large".into(),
        usage: Some(usage.into()),
        ..NewUsage::default()
    }
}

/// Says that a call is sent on; all of it is known when nobody says what.
async fn send(shop: &Shop, hold: Uuid, known: Option<&str>) {
    let typed = NewDispatch {
        hold_id: hold.to_string(),
        known: known.map(str::to_owned),
        expires_in_s: Some("86400".into()),
    };
    service::dispatch(&shop.may(Permission::ReserveSpend).await, &typed).await.expect("is sent on");
}

/// Lets the time of a hold be over.
async fn expire(shop: &Shop, hold: Uuid) {
    shop.overdue(hold).await;
    assert_eq!(service::expire_due(&shop.house.platform).await, Ok(1));
}

async fn verdict(shop: &Shop, organization: Uuid, name: &str) -> String {
    let read = grant(&shop.owner, organization, Permission::ReadSpend).await.expect("may");
    service::explain(&read, name).await.expect("explains").verdict
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_hold_that_cannot_be_ended_keeps_nobody_elses(db: PgPool) {
    let shop = Shop::new(db.clone()).await;
    shop.limit("organization", "month", "10").await;
    let stuck = shop.reserve("stuck", "2").await.expect("fits").hold_id;
    send(&shop, stuck, None).await;
    let other = shop::organization(&shop.house, "other", &shop.owner).await;
    let theirs = grant(&shop.owner, other, Permission::ReserveSpend).await.expect("may");
    let typed =
        Reservation { amount: Some("1".into()), request_id: "theirs".into(), ..Reservation::default() };
    let held = service::reserve(&theirs, &typed).await.expect("no budget").hold_id;
    // The window does not know of it, so that it cannot be taken out of there.
    let fill = async |held: i64| {
        let mut tx = shop.sql().await;
        sqlx::query!("UPDATE spend_windows SET held_nano = $2 WHERE organization_id = $1", shop.id, held)
            .execute(&mut *tx)
            .await
            .expect("changes");
        tx.commit().await.expect("commits");
    };
    fill(0).await;
    shop.overdue(stuck).await;
    let mut tx = shop::enter(&db, other).await;
    sqlx::query!("UPDATE spend_holds SET expires_at = clock_timestamp() WHERE id = $1", held)
        .execute(&mut *tx)
        .await
        .expect("changes");
    tx.commit().await.expect("commits");
    assert_eq!(service::expire_due(&shop.house.platform).await, Ok(1), "the one behind it");
    assert_eq!(verdict(&shop, other, "theirs").await, "expired");
    assert_eq!(verdict(&shop, shop.id, "stuck").await, "held", "until it can be ended");
    assert_eq!(service::expire_due(&shop.house.platform).await, Ok(0), "it is put off");
    fill(Nano::dollars(2).get()).await;
    expire(&shop, stuck).await;
    assert_eq!(shop.account("unbilled").await, "2.00");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_call_that_was_sent_on_is_billed_whatever_names_are_taken(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let hold = shop.reserve("mine", "2").await.expect("fits").hold_id;
    send(&shop, hold, Some("1.5")).await;
    for name in ["mine", hold.to_string().as_str()] {
        let typed = NewUsage { amount: Some("0.25".into()), usage: None, ..usage(name, "") };
        shop.record(typed).await.expect("notes");
    }
    expire(&shop, hold).await;
    assert_eq!(shop.meter(cap).await, ("2.00".into(), "0.00".into()));
    assert_eq!(shop.account("unbilled").await, "2.00");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_request_whose_hold_has_ended_is_no_leave_to_call(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let settled = shop.reserve("settled", "2").await.expect("fits").hold_id;
    shop.settle(settled, "2").await.expect("settles");
    let [released, expired] = ["released", "expired"].map(|name| shop.reserve(name, "2"));
    let (released, expired) = (released.await.expect("fits").hold_id, expired.await.expect("fits").hold_id);
    service::release(&shop.may(Permission::ReserveSpend).await, &released.to_string()).await.expect("ends");
    expire(&shop, expired).await;
    for name in ["settled", "released", "expired"] {
        let refused = shop.reserve(name, "2").await.expect_err("nothing is held for it");
        assert!(matches!(refused, AppError::Conflict { .. }), "{name}: {refused:?}");
        assert_eq!(refused.of_field("request_id").map(|it| it.issue.clone()), Some(FieldIssue::Ended));
    }
    assert_eq!(shop.meter(cap).await, ("2.00".into(), "0.00".into()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_name_of_a_call_gets_nobody_the_hold_of_another_one(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.reserve_in("one", "1", "project:alpha, tag:x").await.expect("no budget");
    shop.reserve_in("one", "1", "tag:x, project:alpha").await.expect("the same call");
    let elsewhere = shop.reserve_in("one", "1", "project:beta").await;
    assert_eq!(elsewhere, Err(AppError::IdempotencyMismatch));
    let colleague = shop.member("colleague@example.com", "DEVELOPER").await;
    let theirs = grant(&colleague, shop.id, Permission::ReserveSpend).await.expect("may");
    let typed = Reservation {
        amount: Some("1".into()),
        scope: Some("project:alpha, tag:x".into()),
        request_id: "one".into(),
        ..Reservation::default()
    };
    assert_eq!(service::reserve(&theirs, &typed).await, Err(AppError::IdempotencyMismatch));
    // Nor does a request get in the way of an event.
    shop.reserve("recorded a", "1").await.expect("no budget");
    let typed = NewUsage { amount: Some("1".into()), usage: None, ..usage("a", "") };
    assert!(!shop.record(typed).await.expect("notes").duplicate);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_name_of_one_call_lets_no_call_of_another_kind_be_free(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "50").await;
    let nano = |name: &str| NewUsage { amount: Some("0.000000001".into()), usage: None, ..usage(name, "") };
    shop.record(nano("x")).await.expect("notes");
    let grant = shop.may(Permission::ReserveSpend).await;
    let lane = Lane::new(&shop.house.platform);
    let call = Call {
        request_id: "x".into(),
        amount: Nano::dollars(2),
        provider: "acme-ai".into(),
        item: "large".into(),
        ..Call::default()
    };
    lane.admit(&grant, &call).await.expect("fits").settle(Nano::dollars(2));
    lane.close().await.expect("gives back");
    let hold = shop.reserve("x", "4").await.expect("fits").hold_id;
    assert_eq!(shop.settle(hold, "4").await.expect("settles").event_id, "x");
    assert_eq!(shop.meter(cap).await, ("6.000000001".into(), "0.00".into()));
    // Nor the other way round, and no name can be made to look like one of another kind.
    for name in ["y", "leased z"] {
        let hold = shop.reserve(name, "1").await.expect("fits").hold_id;
        shop.settle(hold, "0").await.expect("settles");
    }
    for name in ["y", "settled y", "z"] {
        let typed = NewUsage { amount: Some("1".into()), usage: None, ..usage(name, "") };
        assert!(!shop.record(typed).await.expect("notes").duplicate, "{name}");
    }
    lane.admit(&grant, &Call { request_id: "z".into(), ..call })
        .await
        .expect("fits")
        .settle(Nano::dollars(2));
    lane.close().await.expect("gives back");
    assert_eq!(shop.meter(cap).await.0, "11.000000001");
    // Each can be explained.
    let read = shop.may(Permission::ReadSpend).await;
    for (name, amount) in [("settled x", 4_000_000_000), ("recorded x", 1), ("leased x", 2_000_000_000)] {
        let told = service::explain(&read, name).await.expect("explains");
        assert_eq!((told.event_id.as_str(), told.amount), ("x", Nano::new(amount)), "{name}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_put_right_later_reaches_budgets_that_came_since(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.price("call", "3", "1", Some("2026-11-01")).await;
    shop.record(usage("a", "call=2")).await.expect("notes");
    let idle = shop.reserve_in("idle", "2", "tag:x").await.expect("no budget").hold_id;
    expire(&shop, idle).await;
    let sent = shop.reserve_in("sent", "4", "tag:x").await.expect("no budget").hold_id;
    send(&shop, sent, Some("1")).await;
    expire(&shop, sent).await;
    let month = shop.limit("organization", "month", "50").await;
    let tag = shop.limit("tag:x", "day", "50").await;
    assert_eq!(shop.meter(month).await.0, "7.00");
    shop.settle(idle, "1.5").await.expect("late");
    assert_eq!((shop.meter(month).await.0, shop.meter(tag).await.0), ("8.50".into(), "2.50".into()));
    shop.settle(sent, "3").await.expect("late");
    assert_eq!((shop.meter(month).await.0, shop.meter(tag).await.0), ("10.50".into(), "4.50".into()));
    shop.price("call", "5", "1", Some("2026-11-01")).await;
    let by = Reprice { provider: Some("acme-ai".into()), ..Reprice::default() };
    let done = service::correct(&shop.may(Permission::UpdateSpend).await, &by).await.expect("corrects");
    assert_eq!(done.difference, Nano::dollars(4));
    assert_eq!((shop.meter(month).await.0, shop.meter(tag).await.0), ("14.50".into(), "4.50".into()));
    assert_eq!(shop.account("unbilled").await, "14.50");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_settled_late_names_what_nothing_was_kept_for_and_can_be_corrected(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "50").await;
    let sent = shop.reserve("sent", "4").await.expect("fits").hold_id;
    send(&shop, sent, Some("1")).await;
    expire(&shop, sent).await;
    let settled = shop.settle(sent, "6").await.expect("late");
    assert_eq!((settled.overrun, settled.duplicate), (Nano::dollars(5), false));
    let again = shop.settle(sent, "6").await.expect("settled already");
    assert_eq!((again.overrun, again.duplicate), (Nano::dollars(5), true));
    let overruns = async || {
        let trail = shop.trail().await.into_iter().filter(|(action, _)| action == "spend.overrun");
        trail.map(|(_, detail)| detail).collect::<Vec<_>>()
    };
    let named = overruns().await;
    assert!(named.len() == 1 && named[0].contains("1.00") && named[0].contains("6.00"), "{named:?}");
    // What has no price yet costs what was held, which it is billed at already; what was used is known all the same.
    let typed = Reservation {
        amount: Some("2".into()),
        provider: Some("acme-ai".into()),
        item: Some("large".into()),
        request_id: "unpriced".into(),
        ..Reservation::default()
    };
    let grant = shop.may(Permission::ReserveSpend).await;
    let hold = service::reserve(&grant, &typed).await.expect("fits").hold_id;
    send(&shop, hold, None).await;
    expire(&shop, hold).await;
    let typed =
        Settlement { hold_id: hold.to_string(), usage: Some("call=3".into()), ..Settlement::default() };
    let settled = service::settle(&grant, &typed).await.expect("late");
    assert_eq!((settled.amount, settled.priced, settled.overrun), (Nano::dollars(2), false, Nano::ZERO));
    assert_eq!(verdict(&shop, shop.id, "unpriced").await, "unpriced");
    assert_eq!(shop.price("call", "0.5", "1", Some("2026-11-01")).await, 1, "it is outdated");
    let by = Reprice { event_id: Some("unpriced".into()), ..Reprice::default() };
    let done = service::correct(&shop.may(Permission::UpdateSpend).await, &by).await.expect("corrects");
    assert_eq!((done.corrected, done.difference), (1, Nano::new(-500_000_000)));
    assert_eq!(verdict(&shop, shop.id, "unpriced").await, "billed");
    assert_eq!(shop.meter(cap).await, ("7.50".into(), "0.00".into()));
    assert_eq!(overruns().await.len(), 1, "nothing more than was kept");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_settled_late_is_rated_by_the_prices_of_when_it_happened_now_and_later(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.price("call", "1", "1", Some("2026-11-01")).await;
    let typed = Reservation {
        amount: Some("9".into()),
        provider: Some("acme-ai".into()),
        item: Some("large".into()),
        request_id: "a".into(),
        expires_in_s: Some("86400".into()),
        ..Reservation::default()
    };
    let grant = shop.may(Permission::ReserveSpend).await;
    let hold = service::reserve(&grant, &typed).await.expect("no budget").hold_id;
    send(&shop, hold, Some("4")).await;
    shop.house.platform.clock().advance(std::time::Duration::from_hours(2));
    shop.price("call", "2", "1", None).await;
    shop.house.platform.clock().advance(std::time::Duration::from_hours(1));
    expire(&shop, hold).await;
    let typed = Settlement {
        hold_id: hold.to_string(),
        usage: Some("call=3".into()),
        occurred_at: Some("2026-11-18T12:30:00Z".into()),
        ..Settlement::default()
    };
    assert_eq!(service::settle(&grant, &typed).await.expect("late").amount, Nano::dollars(3));
    let by = Reprice { provider: Some("acme-ai".into()), ..Reprice::default() };
    let update = shop.may(Permission::UpdateSpend).await;
    assert_eq!(service::correct(&update, &by).await.expect("nothing to correct").corrected, 0);
    // A price from before it happened on reaches it; one from after it on does not.
    assert_eq!(shop.price("call", "9", "1", Some("2026-11-18T14:30:00Z")).await, 0);
    assert_eq!(shop.price("call", "1.5", "1", Some("2026-11-18T12:00:00Z")).await, 1);
    assert_eq!(service::correct(&update, &by).await.expect("corrects").difference, Nano::new(1_500_000_000));
    assert_eq!(service::correct(&update, &by).await.expect("nothing more").corrected, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_longer_window_counts_the_days_it_is_longer_by(db: PgPool) {
    let shop = Shop::new(db).await;
    let hold = shop.reserve_in("a", "3", "tag:x").await.expect("no budget yet").hold_id;
    shop.settle(hold, "3").await.expect("settles");
    shop.house.platform.clock().advance(std::time::Duration::from_hours(24 * 4));
    let tag = shop.limit("tag:x", "rolling", "3.5").await;
    assert_eq!(shop.meter(tag).await.0, "0.00", "three days");
    let set = async |days: &str| {
        let typed = NewLimit {
            scope: Some("tag".into()),
            subject: Some("x".into()),
            period: Some("rolling".into()),
            rolling_days: Some(days.into()),
            cap: Some("3.5".into()),
            ..NewLimit::default()
        };
        service::set_limit(&shop.may(Permission::UpdateSpend).await, &typed).await.expect("sets");
    };
    set("10").await;
    assert_eq!(shop.meter(tag).await.0, "3.00");
    let refused = shop.reserve_in("b", "1", "tag:x").await;
    assert!(matches!(refused, Err(AppError::SpendCapReached { scope: Scope::Tag, .. })), "{refused:?}");
    // There and back again: no day is counted twice.
    set("2").await;
    assert_eq!(shop.meter(tag).await.0, "0.00");
    set("10").await;
    assert_eq!(shop.meter(tag).await.0, "3.00");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_budget_of_a_model_is_not_passed_by_under_another_name(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.limit("model:large", "month", "1").await;
    let typed = Reservation {
        amount: Some("2".into()),
        provider: Some("acme-ai".into()),
        item: Some("large".into()),
        scope: Some("model:small".into()),
        request_id: "a".into(),
        ..Reservation::default()
    };
    let refused = service::reserve(&shop.may(Permission::ReserveSpend).await, &typed).await;
    assert!(matches!(refused, Err(AppError::SpendCapReached { scope: Scope::Model, .. })), "{refused:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_call_happens_before_it_is_reserved_nor_at_a_price_that_was_over_by_then(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.price("call", "1", "1", Some("2026-11-01")).await;
    shop.price("call", "5", "1", Some("2026-11-18")).await;
    let reserve = async |name: &str| {
        let typed = Reservation {
            amount: Some("20".into()),
            provider: Some("acme-ai".into()),
            item: Some("large".into()),
            request_id: name.into(),
            ..Reservation::default()
        };
        service::reserve(&shop.may(Permission::ReserveSpend).await, &typed).await.expect("no budget").hold_id
    };
    let settle = async |hold: Uuid, at: &str| {
        let typed = Settlement {
            hold_id: hold.to_string(),
            usage: Some("call=2".into()),
            occurred_at: Some(at.into()),
            ..Settlement::default()
        };
        service::settle(&shop.may(Permission::ReserveSpend).await, &typed).await
    };
    // Reserved at noon of the 18th, at the dearer price.
    let hold = reserve("a").await;
    for before in ["2026-10-20", "2026-11-17T23:59:00Z", "2026-11-18T11:54:59Z", "2026-11-18T12:05:01Z"] {
        let refused = settle(hold, before).await.expect_err(before);
        assert!(refused.of_field("occurred_at").is_some(), "{before}: {refused:?}");
    }
    assert_eq!(settle(hold, "2026-11-18T12:00:00Z").await.expect("settles").amount, Nano::dollars(10));
    // A clock that is a little behind is forgiven, but gets no price that was over.
    shop.price("call", "7", "1", Some("2026-11-18T12:00:00Z")).await;
    let hold = reserve("b").await;
    assert_eq!(settle(hold, "2026-11-18T11:59:00Z").await.expect("settles").amount, Nano::dollars(14));
    let told = service::explain(&shop.may(Permission::ReadSpend).await, "b").await.expect("explains");
    assert_eq!(told.occurred_at.map(domain::Timestamp::rfc3339), Some("2026-11-18T12:00:00Z".into()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_sum_that_is_full_stays_full_and_keeps_no_call_out_of_the_ledger(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "100").await;
    shop.price("call", "1", "1", Some("2026-11-01")).await;
    shop.record(usage("a", "call=1")).await.expect("notes");
    let hold = shop.reserve("held", "2").await.expect("fits").hold_id;
    let sent = shop.reserve("sent", "3").await.expect("fits").hold_id;
    send(&shop, sent, None).await;
    // So much was spent that nothing can be added any more, of the day and of the window.
    let mut tx = shop.sql().await;
    sqlx::query!("UPDATE spend_daily SET cost_nano = $2 WHERE organization_id = $1", shop.id, i64::MAX - 1)
        .execute(&mut *tx)
        .await
        .expect("changes");
    sqlx::query!(
        "UPDATE spend_windows SET spent_nano = $2 WHERE organization_id = $1",
        shop.id,
        i64::MAX - 1
    )
    .execute(&mut *tx)
    .await
    .expect("changes");
    tx.commit().await.expect("commits");
    shop.record(usage("b", "call=1")).await.expect("notes what has happened");
    shop.settle(hold, "1.5").await.expect("settles");
    expire(&shop, sent).await;
    assert_eq!(shop.account("unbilled").await, "6.50", "the ledger has each");
    let full = Nano::MAX.to_string();
    assert_eq!(shop.meter(cap).await, (full.clone(), "0.00".into()), "and nothing is held any more");
    let refused = shop.reserve("more", "1").await;
    assert!(matches!(refused, Err(AppError::SpendCapReached { .. })), "{refused:?}");
    // What is taken back makes no room in it: nobody knows how much more than full it was.
    shop.price("call", "0.5", "1", Some("2026-11-01")).await;
    let by = Reprice { provider: Some("acme-ai".into()), ..Reprice::default() };
    let done = service::correct(&shop.may(Permission::UpdateSpend).await, &by).await.expect("corrects");
    assert_eq!((done.corrected, done.difference), (2, Nano::dollars(-1)));
    assert_eq!((shop.meter(cap).await.0, shop.account("unbilled").await), (full.clone(), "5.50".into()));
    let read = shop.may(Permission::ReadSpend).await;
    let told = service::usage(&read, &UsageQuery::default()).await.expect("reads");
    assert_eq!((told.total, told.calls), (Nano::MAX, 4));
    // A budget that comes now counts it as it is.
    let day = shop.limit("organization", "day", "100").await;
    assert_eq!(shop.meter(day).await.0, full);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_would_hold_more_than_can_be_written_down_is_refused_before_it_is_made(db: PgPool) {
    let shop = Shop::new(db).await;
    let typed = NewLimit { action: Some("notify".into()), cap: Some("100".into()), ..NewLimit::default() };
    let cap = service::set_limit(&shop.may(Permission::UpdateSpend).await, &typed).await.expect("sets").id;
    shop.reserve("a", "1").await.expect("fits");
    let mut tx = shop.sql().await;
    sqlx::query!("UPDATE spend_windows SET held_nano = $2 WHERE organization_id = $1", shop.id, i64::MAX)
        .execute(&mut *tx)
        .await
        .expect("changes");
    tx.commit().await.expect("commits");
    let refused = shop.reserve("b", "1").await.expect_err("the sum of what is held");
    assert!(matches!(refused, AppError::Conflict { .. }), "{refused:?}");
    assert_eq!(refused.of_field("amount").map(|it| it.issue.clone()), Some(FieldIssue::SumTooLarge));
    assert_eq!(shop.meter(cap).await.1, Nano::MAX.to_string());
    let read = shop.may(Permission::ReadSpend).await;
    assert_eq!(service::explain(&read, "b").await, Err(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_correction_goes_on_behind_a_call_that_would_be_too_dear(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.price("call", "1", "1", Some("2026-11-01")).await;
    for (name, used) in [("a", "call=1"), ("b", "call=1000"), ("c", "call=2")] {
        shop.record(usage(name, used)).await.expect("notes");
    }
    // Two million dollars for the one in the middle.
    assert_eq!(shop.price("call", "2000", "1", Some("2026-11-01")).await, 2, "it is not counted");
    let by = Reprice { provider: Some("acme-ai".into()), ..Reprice::default() };
    let done = service::correct(&shop.may(Permission::UpdateSpend).await, &by).await.expect("corrects");
    assert_eq!((done.checked, done.corrected, done.too_dear), (3, 2, 1));
    assert_eq!(shop.account("unbilled").await, "7000.00", "one stays at a thousand");
    assert_eq!(shop.price("call", "3", "1", Some("2026-11-01")).await, 3);
    let done = service::correct(&shop.may(Permission::UpdateSpend).await, &by).await.expect("corrects");
    assert_eq!((done.corrected, done.too_dear), (3, 0));
    assert_eq!(shop.account("unbilled").await, "3009.00");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_price_outdates_as_many_calls_as_a_correction_changes(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.price("call", "1", "1", Some("2026-11-01")).await;
    // A third of a nano-dollar for each, rounded up.
    shop.price("byte", "0.000000001", "3", Some("2026-11-01")).await;
    let most = 1_000_000_000_000_000_i64;
    for (name, used, day) in [
        ("before", "call=1", "2026-11-09"),
        ("one", "call=1", "2026-11-11"),
        ("bytes", "byte=4", "2026-11-11"),
        ("none", "call=0, byte=0", "2026-11-12"),
        ("both", "call=2, byte=7", "2026-11-13"),
        ("many", format!("byte={}", most - 1).as_str(), "2026-11-13"),
    ] {
        let typed = NewUsage { occurred_at: Some(day.into()), ..usage(name, used) };
        shop.record(typed).await.expect(name);
    }
    let said = NewUsage { amount: Some("1".into()), usage: None, ..usage("said", "") };
    shop.record(said).await.expect("notes");
    let corrected = async || {
        let by = Reprice { provider: Some("acme-ai".into()), ..Reprice::default() };
        service::correct(&shop.may(Permission::UpdateSpend).await, &by).await.expect("corrects").corrected
    };
    for (unit, price, per, outdated) in [
        // The same price once more, and the same in other words.
        ("call", "1", "1", 0),
        ("byte", "0.000000002", "6", 0),
        // One and two calls; not the one before, nor the one of nothing.
        ("call", "2", "1", 2),
        // Four bytes are rounded up to the same two nano-dollars; seven, and very many, are not.
        ("byte", "0.000000001", "2", 2),
        ("output-token", "1", "1", 0),
    ] {
        let told = shop.price(unit, price, per, Some("2026-11-10")).await;
        assert_eq!(told, outdated, "{unit} {price} for {per}");
        assert_eq!(corrected().await, outdated, "{unit} {price} for {per}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_correction_goes_on_behind_what_was_looked_at(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.price("call", "1", "1", Some("2026-11-01")).await;
    for name in ["a", "b", "c"] {
        shop.record(usage(name, "call=1")).await.expect("notes");
    }
    shop.price("call", "2", "1", Some("2026-11-01")).await;
    let update = shop.may(Permission::UpdateSpend).await;
    let by =
        Reprice { provider: Some("acme-ai".into()), cursor: Some("recorded a".into()), ..Reprice::default() };
    let done = service::correct(&update, &by).await.expect("corrects");
    assert_eq!((done.checked, done.corrected, done.next_cursor), (2, 2, None));
    let nul = Reprice { event_id: Some("a\0".into()), ..Reprice::default() };
    let refused = service::correct(&update, &nul).await.expect_err("no name");
    assert!(refused.of_field("event_id").is_some(), "{refused:?}");
}
