//! What Stripe tells and cannot be looked into, found or kept; and what is forgotten.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use domain::{
    AppError,
    access::Tx,
    billing::stripe::{
        Invoice,
        inbox::{self, Apply, Applying, Kind, Object, run_once},
    },
    platform::Platform,
};
use serde_json::{Value, json};
use sqlx::PgPool;
use stripe_peer::{Fault, sign};

use crate::{
    billing_house::{found, inside},
    house::House,
    stripe_inbox::{SCENARIOS, recorded},
    stripe_scene::{SECRET, Scene, VISA, id, way_to},
};

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn while_stripe_is_away_events_wait_for_a_month_and_after_that_for_being_told_again(db: PgPool) {
    let (scene, events) = recorded(&db, SCENARIOS[1]).await;
    scene.receive(&events[0]).await.expect("stored");
    scene.shop.peer.fail("GET", vec![Fault::Error; 4 * 100]);
    for _ in 0..59 {
        assert!(scene.work().await > 0, "pauses are not longer than an hour");
        assert_eq!(scene.events("waiting").await, 1);
        scene.platform.clock().advance(Duration::from_hours(12));
    }
    scene.platform.clock().advance(Duration::from_hours(24));
    scene.work().await;
    assert_eq!((scene.events("waiting").await, scene.events("failed").await), (0, 1));
    scene.shop.peer.recover();
    assert_eq!(scene.work().await, 0, "it has been given up");
    scene.receive(&events[0]).await.expect("taken up again");
    assert_eq!(scene.work().await, 1);
    assert_eq!((scene.events("applied").await, scene.events("failed").await), (1, 0));
    scene.assert_converged(&events[..1], "told again").await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_key_that_is_refused_for_days_loses_no_event(db: PgPool) {
    let (scene, events) = recorded(&db, SCENARIOS[1]).await;
    let refused = way_to(&scene.shop.peer, "nonsense");
    scene.receive(&events[0]).await.expect("stored");
    for _ in 0..10 {
        assert!(run_once(&scene.platform, &refused, &[]).await.expect("goes on") > 0);
        scene.platform.clock().advance(Duration::from_hours(12));
    }
    assert_eq!((scene.events("waiting").await, scene.work().await), (1, 1));
    scene.assert_converged(&events[..1], "with another key").await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_object_is_gone_when_stripe_says_that_it_was_deleted_and_not_found_any_more(db: PgPool) {
    let scene = Scene::new(db).await;
    let mut event = scene.shop.peer.events().pop().expect("an event");
    event["type"] = "invoice.deleted".into();
    event["data"]["object"] = json!({ "object": "invoice", "id": "in_draft_that_was_removed" });
    // Somebody in between does not know the address.
    scene.shop.peer.fail("GET", [Fault::Elsewhere]);
    scene.receive(&event).await.expect("stored");
    scene.work().await;
    assert_eq!(scene.known("invoice", "in_draft_that_was_removed").await, None);
    scene.platform.clock().advance(Duration::from_secs(4));
    scene.work().await;
    let known = scene.known("invoice", "in_draft_that_was_removed").await.expect("known");
    assert_eq!(known["deleted"], true);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_object_that_is_only_not_found_is_not_gone(db: PgPool) {
    let (scene, events) = recorded(&db, SCENARIOS[1]).await;
    let mut event = events[0].clone();
    // The key may be that of another account.
    event["data"]["object"]["id"] = "in_of_somebody_else".into();
    scene.receive(&event).await.expect("stored");
    scene.work().await;
    assert_eq!(
        (scene.known("invoice", "in_of_somebody_else").await, scene.events("waiting").await),
        (None, 1)
    );
    scene.platform.clock().advance(Duration::from_hours(24 * 3));
    scene.work().await;
    assert_eq!(
        (scene.known("invoice", "in_of_somebody_else").await, scene.events("failed").await),
        (None, 1)
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_nobody_keeps_and_what_cannot_be_read_is_stored_and_ends_there(db: PgPool) {
    let scene = Scene::new(db).await;
    let template = scene.shop.peer.events().pop().expect("an event");
    let mut odd: Vec<Value> = ["balance", "invoice", "charge"]
        .into_iter()
        .map(|kind| {
            let mut event = template.clone();
            event["data"]["object"] = json!({ "object": kind });
            event
        })
        .collect();
    odd[2]["data"]["object"]["id"] = "ch_1".into();
    odd.extend([
        json!({}),
        json!({ "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found", "created": "2026-11-21T12:00:00Z" }),
        json!({ "type": "invoice.paid", "created": 1, "data": { "object": "in_1" } }),
        json!({ "type": "invoice.paid", "created": 1, "data": { "object": { "object": "invoice", "id": "i".repeat(256) } } }),
        json!({ "type": "invoice.paid", "created": 1, "data": { "object": { "object": "invoice", "id": "in_\0" } } }),
    ]);
    for (number, event) in odd.iter_mut().enumerate() {
        event["id"] = format!("evt_{number}").into();
        assert_eq!(scene.receive(event).await, Ok(()), "{event}");
    }
    assert_eq!((scene.events("ignored").await, scene.work().await), (8, 0));
    let long = json!({ "id": "e".repeat(256) }).to_string();
    for nonsense in ["", "{}", "[]", "null", "\"evt_9\"", "{\"id\":\"\"}", "{\"id\":9}", long.as_str()] {
        let header = sign(SECRET, scene.platform.now().unix_seconds(), nonsense);
        assert_eq!(scene.receive_as(&header, nonsense).await, Err(AppError::MalformedRequest), "{nonsense}");
    }
}

/// Counts what it is told, and cannot do it at first.
struct Clumsy;

static TOLD: AtomicUsize = AtomicUsize::new(0);

impl Apply for Clumsy {
    fn apply<'a>(&'a self, _: &'a Platform, _tx: &'a mut Tx, object: &'a Object) -> Applying<'a> {
        Box::pin(async move {
            let invoice: Invoice = object.read().expect("an invoice");
            assert!(!object.is_deleted() && invoice.id.as_deref() == Some(object.id.as_str()));
            if TOLD.fetch_add(1, Ordering::SeqCst) == 0 { Err(AppError::Internal) } else { Ok(()) }
        })
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_keeps_something_is_told_in_the_same_transaction_and_again_where_it_failed(db: PgPool) {
    let (scene, events) = recorded(&db, SCENARIOS[1]).await;
    let event = events.iter().find(|event| event["type"] == "invoice.paid").expect("paid");
    scene.receive(event).await.expect("stored");
    let keepers: inbox::Keepers<'_> = &[&Clumsy];
    assert_eq!(scene.work_with(keepers).await, 1);
    assert_eq!(scene.known("invoice", &id(&event["data"]["object"])).await, None, "nothing half done");
    assert_eq!(scene.events("waiting").await, 1);
    scene.platform.clock().advance(Duration::from_secs(4));
    assert_eq!(scene.work_with(keepers).await, 1);
    assert_eq!(TOLD.load(Ordering::SeqCst), 2);
    scene.assert_converged(std::slice::from_ref(event), "at last").await;
}

/// Keeps no invoice, whatever happens.
struct Broken;

impl Apply for Broken {
    fn apply<'a>(&'a self, _: &'a Platform, _tx: &'a mut Tx, object: &'a Object) -> Applying<'a> {
        Box::pin(async move { if object.kind == Kind::Invoice { Err(AppError::Internal) } else { Ok(()) } })
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_keeper_that_always_fails_holds_nobody_up_and_its_events_wait_for_a_better_one(db: PgPool) {
    let (scene, events) = recorded(&db, SCENARIOS[1]).await;
    for event in &events {
        scene.receive(event).await.expect("stored");
    }
    let of_invoices = events.iter().filter(|event| event["data"]["object"]["object"] == "invoice").count();
    assert!((1..events.len()).contains(&of_invoices));
    assert_eq!(scene.work_with(&[&Broken]).await, events.len(), "each has its turn");
    for _ in 0..10 {
        scene.platform.clock().advance(Duration::from_hours(12));
        assert_eq!(scene.work_with(&[&Broken]).await, of_invoices, "once, and not over and over");
    }
    let waiting = usize::try_from(scene.events("waiting").await).expect("few");
    assert_eq!((waiting, scene.events("failed").await), (of_invoices, 0));
    scene.platform.clock().advance(Duration::from_hours(1));
    scene.work().await;
    scene.assert_converged(&events, "by a better one").await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn one_process_of_many_compares_and_old_events_are_forgotten(db: PgPool) {
    let (scene, events) = recorded(&db, SCENARIOS[1]).await;
    let (platform, stripe) = (&scene.platform, &scene.shop.stripe);
    let (one, two) =
        tokio::join!(inbox::reconcile_if_due(platform, stripe), inbox::reconcile_if_due(platform, stripe));
    let found = [one.expect("compared"), two.expect("compared")];
    assert_eq!(found.iter().filter(|count| **count > 0).count(), 1, "{found:?}");
    assert_eq!(inbox::reconcile_if_due(platform, stripe).await, Ok(0));
    scene.work().await;
    scene.assert_converged(&events, "found").await;
    assert_eq!(inbox::sweep(platform).await, Ok(0));
    platform.clock().advance(Duration::from_hours(24 * 36));
    assert!(inbox::sweep(platform).await.expect("forgotten") > 3);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_stripe_told_of_a_customer_goes_with_the_organization_and_does_not_come_back(db: PgPool) {
    let scene = Scene::new(db).await;
    let (shop, platform) = (&scene.shop, &scene.platform);
    let house = House::on(platform.clone());
    let organization = house.platform.new_id();
    found(&house, organization, "acme", "UTC").await;
    let ours = json!({ "gatehouse_id": organization.to_string() });
    let named = json!({ "name": "Ann & Co", "metadata": ours });
    shop.call("POST", &format!("customers/{}", shop.customer), named);
    let (card, subscription) = (shop.card(VISA), id(&shop.subscribe(&shop.pro)));
    for event in shop.told_since(0) {
        scene.receive(&event).await.expect("stored");
    }
    scene.work().await;
    let of_them = async || {
        [
            scene.known("customer", &shop.customer).await,
            scene.known("payment_method", &card).await,
            scene.known("subscription", &subscription).await,
        ]
    };
    let known = of_them().await;
    assert!(known.iter().all(Option::is_some) && known[0].as_ref().expect("known")["name"] == "Ann & Co");
    platform.clock().advance(Duration::from_hours(2));
    inbox::sweep(platform).await.expect("swept");
    assert_eq!(of_them().await, known, "the organization is still there");

    let mut tx = inside(&house, organization).await;
    sqlx::query!("DELETE FROM organizations WHERE id = $1", organization)
        .execute(&mut *tx)
        .await
        .expect("gone");
    tx.commit().await.expect("commits");
    inbox::sweep(platform).await.expect("swept");
    let bare = json!({ "id": shop.customer, "object": "customer", "metadata": ours });
    assert_eq!(of_them().await, [Some(bare), None, None], "whose it was, and nothing else");

    let before = shop.peer.events().len();
    shop.call("DELETE", &format!("subscriptions/{subscription}"), json!({}));
    for event in shop.told_since(before) {
        scene.receive(&event).await.expect("stored");
    }
    scene.work().await;
    assert!(of_them().await[2].is_some(), "Stripe still tells of it");
    platform.clock().advance(Duration::from_hours(2));
    inbox::sweep(platform).await.expect("swept");
    assert_eq!(of_them().await[2], None);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_stripe_told_of_a_customer_goes_when_they_were_deleted_there(db: PgPool) {
    let (scene, events) = recorded(&db, SCENARIOS[6]).await;
    for event in &events {
        scene.receive(event).await.expect("stored");
    }
    scene.work().await;
    scene.assert_converged(&events, "at first").await;
    inbox::sweep(&scene.platform).await.expect("swept");
    scene.assert_converged(&events, "a look may still be on its way").await;
    scene.platform.clock().advance(Duration::from_hours(2));
    inbox::sweep(&scene.platform).await.expect("swept");
    for event in &events {
        let object = &event["data"]["object"];
        let kind = object["object"].as_str().expect("a kind");
        let left = scene.known(kind, &id(object)).await;
        // That they were deleted is kept, so that nothing older is.
        assert_eq!(left.map(|left| left["deleted"] == true), (kind == "customer").then_some(true), "{kind}");
    }
}
