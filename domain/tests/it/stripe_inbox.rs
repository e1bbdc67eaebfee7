//! What Stripe tells: whatever order, however often, and whatever is lost or forged, the same is known at the end.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    AppError,
    billing::stripe::{
        API_VERSION,
        inbox::{self, EVENTS, run_once},
    },
};
use serde_json::{Value, json};
use sqlx::PgPool;
use stripe_peer::{Fault, sign};

use crate::stripe_scene::{POOR, SECRET, Scene, Shop, VISA, id, way_within};

/// Something that happens at Stripe, of which the site is told in at most six events.
pub(crate) type Scenario = (&'static str, fn(&Shop) -> Vec<Value>);

pub(crate) const SCENARIOS: [Scenario; 7] = [
    ("somebody subscribes on the page", |shop| {
        let page = shop.call(
            "POST",
            "checkout/sessions",
            json!({
                "customer": shop.customer, "mode": "subscription", "line_items": [{ "price": shop.pro }],
                "success_url": "https://gate.example.com/",
            }),
        );
        let before = shop.peer.events().len();
        shop.peer.check_out(&id(&page), VISA).expect("paid");
        shop.told_since(before)
    }),
    ("a plan is raised at once", |shop| {
        shop.card(VISA);
        let begun = shop.subscribe(&shop.pro);
        shop.days_later(3);
        let before = shop.peer.events().len();
        let items = json!([{ "id": begun["items"]["data"][0]["id"], "price": shop.team }]);
        let change = json!({ "items": items, "proration_behavior": "always_invoice" });
        shop.call("POST", &format!("subscriptions/{}", id(&begun)), change);
        shop.told_since(before)
    }),
    ("a lower plan is chosen for later", |shop| {
        shop.card(VISA);
        let begun = shop.subscribe(&shop.team);
        let before = shop.peer.events().len();
        plan_lower(shop, &begun);
        shop.told_since(before)
    }),
    ("the lower plan begins", |shop| {
        shop.card(VISA);
        let begun = shop.subscribe(&shop.team);
        plan_lower(shop, &begun);
        let before = shop.peer.events().len();
        shop.days_later(31);
        shop.told_since(before)
    }),
    ("a renewal fails and is paid by another card", |shop| {
        shop.card(VISA);
        shop.subscribe(&shop.pro);
        shop.card(POOR);
        let before = shop.peer.events().len();
        shop.days_later(31);
        let told = shop.told_since(before);
        shop.card(VISA);
        let invoice = told.iter().find(|it| it["type"] == "invoice.payment_failed").expect("failed");
        let before = shop.peer.events().len();
        shop.call("POST", &format!("invoices/{}/pay", id(&invoice["data"]["object"])), json!({}));
        [told, shop.told_since(before)].concat()
    }),
    ("a subscription is ended with its period", |shop| {
        shop.card(VISA);
        let begun = shop.subscribe(&shop.pro);
        let before = shop.peer.events().len();
        shop.call(
            "POST",
            &format!("subscriptions/{}", id(&begun)),
            json!({ "cancel_at_period_end": "true" }),
        );
        shop.days_later(31);
        shop.told_since(before)
    }),
    ("a card is removed, and then the customer", |shop| {
        let card = shop.card(VISA);
        shop.subscribe(&shop.pro);
        let before = shop.peer.events().len();
        shop.call("POST", &format!("payment_methods/{card}/detach"), json!({}));
        shop.call("DELETE", &format!("customers/{}", shop.customer), json!({}));
        shop.told_since(before)
    }),
];

fn plan_lower(shop: &Shop, begun: &Value) {
    let plan = shop.call("POST", "subscription_schedules", json!({ "from_subscription": id(begun) }));
    let (start, end) =
        (plan["phases"][0]["start_date"].to_string(), plan["phases"][0]["end_date"].to_string());
    let phases = json!([
        { "items": [{ "price": shop.team }], "start_date": start, "end_date": end },
        { "items": [{ "price": shop.pro }] },
    ]);
    shop.call("POST", &format!("subscription_schedules/{}", id(&plan)), json!({ "phases": phases }));
}

/// Every order of so many things.
pub(crate) fn permutations(count: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for next in 0..count {
        all = all
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |place| {
                    let mut order = order.clone();
                    order.insert(place, next);
                    order
                })
            })
            .collect();
    }
    all
}

/// A scenario, played at a shop of its own.
pub(crate) async fn recorded(db: &PgPool, (name, play): Scenario) -> (Scene, Vec<Value>) {
    let scene = Scene::new(db.clone()).await;
    let events = play(&scene.shop);
    assert!((2..=6).contains(&events.len()), "{name}: {} events", events.len());
    (scene, events)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn events_in_any_order_lead_to_the_same_end(db: PgPool) {
    for scenario in SCENARIOS {
        let (scene, events) = recorded(&db, scenario).await;
        let shop = &scene.shop;
        let moments: Vec<usize> = events.iter().map(|event| shop.moment(event)).collect();
        for order in permutations(events.len()) {
            scene.forget().await;
            let mut newest = 0;
            for (count, place) in order.iter().enumerate() {
                // What comes has happened, and of what has not come nobody knows more than that.
                newest = newest.max(moments[*place]);
                shop.peer.stand_at(Some(newest));
                scene.receive(&events[*place]).await.expect("stored");
                // Someone looks into each before the next comes; with many orders, into two at a time.
                if events.len() < 5 || count % 2 == 1 {
                    scene.work().await;
                }
            }
            scene.work().await;
            shop.peer.stand_at(None);
            scene.assert_converged(&events, &format!("{}, {order:?}", scenario.0)).await;
        }
    }
}

/// Events about the same object, for each that there are several of.
fn of_one_object(events: &[Value]) -> Vec<Vec<&Value>> {
    let name = |event: &Value| id(&event["data"]["object"]);
    let names: BTreeSet<String> = events.iter().map(name).collect();
    let of = |wanted: String| events.iter().filter(|event| name(event) == wanted).collect::<Vec<_>>();
    names.into_iter().map(of).filter(|about| about.len() > 1).collect()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whichever_answer_arrives_last_what_was_asked_last_is_kept(db: PgPool) {
    let (mut held, mut orders) = (0, 0);
    for scenario in SCENARIOS {
        let (scene, events) = recorded(&db, scenario).await;
        let peer = &scene.shop.peer;
        let stripe = way_within(peer, "sk_test_1", Duration::from_secs(10));
        for about in of_one_object(&events) {
            for order in permutations(about.len()) {
                scene.forget().await;
                let (first, mut looks) = (held, Vec::new());
                // Stripe is asked when each of them has just happened, and answers of that moment are on the way.
                for event in &about {
                    peer.stand_at(Some(scene.shop.moment(event)));
                    peer.fail("GET", [Fault::Held(held)]);
                    held += 1;
                    let calls = peer.calls().len();
                    scene.receive(event).await.expect("stored");
                    let (platform, stripe) = (scene.platform.clone(), stripe.clone());
                    looks.push(tokio::spawn(async move { run_once(&platform, &stripe, &[]).await }));
                    while peer.calls().len() == calls {
                        tokio::time::sleep(Duration::from_millis(1)).await;
                    }
                }
                for place in &order {
                    peer.release(first + place);
                    assert_eq!((&mut looks[*place]).await.expect("whole"), Ok(1), "{}", scenario.0);
                }
                peer.stand_at(None);
                let last = about.last().map(|event| (*event).clone());
                scene.assert_converged(last.as_slice(), &format!("{}, {order:?}", scenario.0)).await;
                orders += 1;
            }
        }
    }
    assert!(orders >= 12, "there was something to mix up: {orders}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_event_that_comes_twice_changes_nothing(db: PgPool) {
    for scenario in SCENARIOS {
        let (scene, events) = recorded(&db, scenario).await;
        scene.forget().await;
        for event in &events {
            scene.receive(event).await.expect("stored");
            scene.receive(event).await.expect("known");
            scene.work().await;
            assert_eq!(scene.work().await, 0, "{}", scenario.0);
        }
        let calls = scene.shop.peer.calls().len();
        for event in events.iter().rev() {
            scene.receive(event).await.expect("known");
        }
        assert_eq!((scene.work().await, scene.shop.peer.calls().len()), (0, calls), "{}", scenario.0);
        scene.assert_converged(&events, scenario.0).await;
        let count = i64::try_from(events.len()).expect("few");
        assert_eq!(scene.events("applied").await + scene.events("covered").await, count);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_event_that_never_came_is_found_in_the_list(db: PgPool) {
    for scenario in SCENARIOS {
        let (scene, events) = recorded(&db, scenario).await;
        for dropped in (0..events.len()).map(Some).chain([None]) {
            scene.forget().await;
            for (place, event) in events.iter().enumerate() {
                // Without one of them, and at last without any.
                if dropped.is_some_and(|dropped| dropped != place) {
                    scene.receive(event).await.expect("stored");
                }
            }
            scene.work().await;
            let missing = inbox::reconcile(&scene.platform, &scene.shop.stripe).await.expect("compared");
            assert!(missing >= 1, "{}", scenario.0);
            scene.work().await;
            scene.assert_converged(&events, &format!("{} without {dropped:?}", scenario.0)).await;
            let again = inbox::reconcile(&scene.platform, &scene.shop.stripe).await.expect("compared");
            assert_eq!(again, 0, "{}", scenario.0);
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_nobody_asked_to_be_told_is_not_missing(db: PgPool) {
    let scene = Scene::new(db).await;
    assert!(scene.shop.happened("customer.created") > 0);
    assert_eq!(inbox::reconcile(&scene.platform, &scene.shop.stripe).await, Ok(0));
    scene.shop.card(VISA);
    let told = scene.shop.told_since(0).len();
    let missing = inbox::reconcile(&scene.platform, &scene.shop.stripe).await.expect("compared");
    assert_eq!(usize::try_from(missing), Ok(told));
}

#[test]
fn the_manual_names_the_version_and_the_events_that_are_looked_for_and_not_too_many() {
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/stripe.md");
    let manual = std::fs::read_to_string(manual).expect("the manual");
    assert!(manual.contains(&format!("`{API_VERSION}`, and these events:")));
    let list = manual.split("and these events:").nth(1).expect("a list");
    let list = list.split("Others do no harm").next().expect("its end");
    let named: BTreeSet<&str> = list.split('`').skip(1).step_by(2).collect();
    assert_eq!(named, BTreeSet::from(EVENTS));
    assert!(named.len() <= 20, "of which Stripe takes no more");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_forged_stale_or_altered_leaves_no_trace(db: PgPool) {
    for scenario in SCENARIOS {
        let (scene, events) = recorded(&db, scenario).await;
        scene.forget().await;
        let now = scene.platform.now().unix_seconds();
        for event in &events {
            let body = event.to_string();
            let altered = body.replace(&id(event), "evt_other");
            for (header, body) in [
                (sign("whsec_wrong", now, &body), &body),
                (sign(SECRET, now - 301, &body), &body),
                (sign(SECRET, now + 301, &body), &body),
                (sign(SECRET, now, &body), &altered),
                (String::new(), &body),
            ] {
                let refused = scene.receive_as(&header, body).await;
                assert_eq!(refused, Err(AppError::MalformedRequest), "{}: {header}", scenario.0);
            }
        }
        assert_eq!((scene.events("waiting").await, scene.work().await), (0, 0));
        for event in &events {
            scene.receive(event).await.expect("stored");
        }
        scene.work().await;
        scene.assert_converged(&events, scenario.0).await;
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_an_event_says_of_its_object_is_not_believed(db: PgPool) {
    let (scene, mut events) = recorded(&db, SCENARIOS[1]).await;
    for event in &mut events {
        event["data"]["object"]["status"] = "canceled".into();
        event["data"]["object"]["total"] = 1.into();
        scene.receive(event).await.expect("stored");
    }
    scene.work().await;
    scene.assert_converged(&events, "lies").await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn events_that_come_while_things_go_on_lead_to_the_end_as_well(db: PgPool) {
    for seed in 0..12_usize {
        let scene = Scene::new(db.clone()).await;
        scene.forget().await;
        let shop = &scene.shop;
        let (mut seen, mut late, mut told) = (shop.peer.events().len(), Vec::new(), Vec::new());
        let steps: [fn(&Shop); 6] = [
            |shop| drop(shop.card(VISA)),
            |shop| drop(shop.subscribe(&shop.pro)),
            |shop| shop.days_later(31),
            |shop| drop(shop.card(POOR)),
            |shop| shop.days_later(31),
            |shop| drop(shop.card(VISA)),
        ];
        for (number, step) in steps.into_iter().enumerate() {
            step(shop);
            late.extend(shop.told_since(seen));
            seen = shop.peer.events().len();
            // Some come now, from either end, one of them never, and Stripe stumbles.
            for turn in 0..late.len() / 2 {
                let place = (seed * 7 + number * 3 + turn * 5) % late.len();
                let event = late.remove(place);
                if (seed + number + turn) % 5 != 0 {
                    scene.receive(&event).await.expect("stored");
                }
                told.push(event);
            }
            if (seed + number) % 3 == 0 {
                shop.peer.fail("GET", [Fault::Error, Fault::LostAnswer]);
            }
            scene.work().await;
        }
        for event in &late {
            scene.receive(event).await.expect("stored");
        }
        shop.peer.recover();
        inbox::reconcile(&scene.platform, &shop.stripe).await.expect("compared");
        scene.platform.clock().advance(Duration::from_hours(2));
        scene.work().await;
        told.extend(late);
        scene.assert_converged(&told, &format!("seed {seed}")).await;
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_look_that_took_long_does_not_undo_a_later_one(db: PgPool) {
    let scene = Scene::new(db).await;
    let shop = &scene.shop;
    let change = |name: &str| {
        shop.call("POST", &format!("customers/{}", shop.customer), json!({ "name": name }));
        shop.peer.events().pop().expect("an event")
    };
    let (platform, stripe) = (scene.platform.clone(), shop.stripe.clone());
    // What is read is old before it arrives.
    shop.peer.fail("GET /v1/customers", [Fault::Late(Duration::from_millis(200))]);
    let first = change("before");
    scene.receive(&first).await.expect("stored");
    let slow = tokio::spawn(async move { run_once(&platform, &stripe, &[]).await });
    while shop.peer.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let second = change("after");
    scene.receive(&second).await.expect("stored");
    assert_eq!(scene.work().await, 1);
    assert_eq!(slow.await.expect("whole"), Ok(1));
    scene.assert_converged(&[second], "late").await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn killed_in_the_middle_of_a_look_the_event_is_taken_again_after_its_lease(db: PgPool) {
    let (scene, events) = recorded(&db, SCENARIOS[1]).await;
    scene.receive(&events[0]).await.expect("stored");
    scene.shop.peer.fail("GET", vec![Fault::Silence; 3]);
    let (platform, stripe) = (scene.platform.clone(), scene.shop.stripe.clone());
    let worker = tokio::spawn(async move { run_once(&platform, &stripe, &[]).await });
    while scene.shop.peer.calls().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.abort();
    let _ = worker.await;
    assert_eq!(scene.work().await, 0, "the lease holds");
    scene.platform.clock().advance(Duration::from_secs(121));
    assert_eq!(scene.work().await, 1);
    scene.assert_converged(&events[..1], "killed").await;
}
