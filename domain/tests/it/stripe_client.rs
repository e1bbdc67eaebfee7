//! The way to Stripe, against a stand-in with every fault of a network.

use std::time::{Duration, Instant};

use domain::billing::stripe::{
    Act, Change, CheckoutMode, InvoiceStatus, NewCheckout, NewCustomer, NewPhase, NewSubscription, Priced,
    Proration, Reported, ScheduleStatus, StripeProblem, SubscriptionStatus, Usage,
};
use serde_json::json;
use stripe_peer::Fault;

use crate::stripe_scene::{POOR, QUICK, Shop, VISA, way_to};

const ANN: NewCustomer<'static> =
    NewCustomer { name: Some("Ann & Co"), email: Some("ann@example.com"), reference: Some("org-1") };

fn act(what: &str) -> Act {
    Act::new("test", what)
}

fn one(price: &str) -> [Priced<'_>; 1] {
    [Priced { item: None, price, quantity: Some(1) }]
}

#[tokio::test]
async fn a_customer_is_made_changed_and_read() {
    let shop = Shop::open().await;
    let made = shop.stripe.create_customer(&act("make"), &ANN).await.expect("made");
    assert_eq!((made.name.as_deref(), made.email.as_deref()), (ANN.name, ANN.email));
    assert_eq!(made.metadata["gatehouse_id"], "org-1");
    let change = NewCustomer { name: Some("Bob"), ..NewCustomer::default() };
    let changed = shop.stripe.update_customer(&act("change"), &made.id, &change).await.expect("changed");
    assert_eq!((changed.name.as_deref(), changed.email.as_deref()), (Some("Bob"), ANN.email));
    assert_eq!(shop.stripe.customer(&made.id).await.expect("read"), changed);
    assert_eq!(shop.stripe.customer("cus_nobody").await, Err(StripeProblem::Missing));
}

#[tokio::test]
async fn a_fault_that_passes_is_got_over_and_the_act_is_done_once() {
    let faults = [Fault::LostAnswer, Fault::Silence, Fault::InUse, Fault::Rate(0), Fault::Error];
    for fault in faults {
        let shop = Shop::open().await;
        let before = shop.happened("customer.created");
        shop.peer.fail("POST /v1/customers", [fault]);
        let made = shop.stripe.create_customer(&act("make"), &ANN).await;
        assert!(made.is_ok(), "{fault:?}: {made:?}");
        assert_eq!(shop.happened("customer.created") - before, 1, "{fault:?}");
        assert_eq!(shop.peer.calls().len(), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn after_the_last_try_it_is_said_and_the_same_act_can_be_tried_later() {
    for fault in [Fault::LostAnswer, Fault::Silence, Fault::InUse, Fault::Rate(0), Fault::Error] {
        let shop = Shop::open().await;
        let before = shop.happened("customer.created");
        shop.peer.fail("POST", vec![fault; QUICK.tries as usize]);
        let failed = shop.stripe.create_customer(&act("make"), &ANN).await.expect_err("failed");
        let is_unknown = matches!(failed, StripeProblem::Unreachable(_) | StripeProblem::Busy { .. });
        assert!(is_unknown, "{fault:?}: {failed:?}");
        assert_eq!(shop.peer.calls().len(), QUICK.tries as usize, "{fault:?}");
        let made = shop.stripe.create_customer(&act("make"), &ANN).await.expect("made");
        assert_eq!(shop.happened("customer.created") - before, 1, "{fault:?}");
        assert_eq!(shop.stripe.create_customer(&act("make"), &ANN).await, Ok(made), "{fault:?}");
    }
}

#[tokio::test]
async fn the_pause_that_stripe_asks_for_is_kept_and_one_that_is_too_long_is_not_waited_for() {
    let shop = Shop::open().await;
    shop.peer.fail("", [Fault::Rate(1)]);
    let begun = Instant::now();
    shop.stripe.look().await.expect("got over");
    assert!(begun.elapsed() >= Duration::from_secs(1));
    shop.peer.fail("", [Fault::Rate(60)]);
    let begun = Instant::now();
    assert_eq!(shop.stripe.look().await, Err(StripeProblem::Busy { status: 429 }));
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_failure_that_is_kept_under_the_key_is_not_asked_for_over_and_over() {
    let shop = Shop::open().await;
    shop.peer.fail("", [Fault::ErrorKept]);
    let failed = shop.stripe.create_customer(&act("make"), &ANN).await;
    assert_eq!(failed, Err(StripeProblem::Busy { status: 500 }));
    assert_eq!(shop.peer.calls().len(), 2);
    shop.peer.forget_keys();
    assert!(shop.stripe.create_customer(&act("make"), &ANN).await.is_ok(), "a day later");
}

#[tokio::test]
async fn an_act_has_one_meaning() {
    let shop = Shop::open().await;
    let made = shop.stripe.create_customer(&act("make"), &ANN).await.expect("made");
    assert_eq!(shop.stripe.create_customer(&act("make"), &ANN).await, Ok(made));
    let other = NewCustomer { name: Some("Eve"), ..ANN };
    assert_eq!(shop.stripe.create_customer(&act("make"), &other).await, Err(StripeProblem::KeyReused));
}

#[tokio::test]
async fn a_wrong_key_and_what_is_no_answer_are_said_at_once() {
    let shop = Shop::open().await;
    assert_eq!(way_to(&shop.peer, "nonsense").look().await, Err(StripeProblem::Key));
    shop.peer.fail("", [Fault::Garbage]);
    assert_eq!(shop.stripe.look().await, Err(StripeProblem::Unreadable));
    assert_eq!(shop.peer.calls().len(), 2);
}

#[tokio::test]
async fn cards_come_and_go_and_one_pays() {
    let shop = Shop::open().await;
    let (first, second) = (shop.card(VISA), shop.card("5555 5555 5555 4444"));
    let cards = shop.stripe.payment_methods(&shop.customer).await.expect("listed");
    assert_eq!(cards.data.iter().map(|card| card.id.as_str()).collect::<Vec<_>>(), [&second, &first]);
    assert_eq!(cards.data[0].card.as_ref().expect("a card").last4, "4444");
    let chosen = shop.stripe.set_default_payment_method(&act("choose"), &shop.customer, &first).await;
    let chosen = chosen.expect("chosen").invoice_settings.default_payment_method;
    assert_eq!(chosen.as_deref(), Some(first.as_str()));
    let gone = shop.stripe.detach_payment_method(&act("detach"), &first).await.expect("gone");
    assert_eq!(gone.customer, None);
    let card = json!({ "type": "card", "card": { "number": "4000 0000 0000 0002" } });
    let bad = shop.call("POST", "payment_methods", card)["id"].as_str().expect("an id").to_owned();
    let refused = shop.stripe.attach_payment_method(&act("attach"), &bad, &shop.customer).await;
    assert_eq!(refused, Err(StripeProblem::Declined { code: "generic_decline".into() }));
}

#[tokio::test]
async fn a_subscription_is_begun_raised_at_once_lowered_later_and_ended() {
    let shop = Shop::open().await;
    shop.card(VISA);
    let prices = one(&shop.pro);
    let new = NewSubscription { customer: &shop.customer, prices: &prices, reference: "org-1" };
    let begun = shop.stripe.create_subscription(&act("begin"), &new).await.expect("begun");
    assert_eq!(
        (begun.status, begun.metadata["gatehouse_id"].as_str()),
        (SubscriptionStatus::Active, "org-1")
    );
    let item = &begun.items.data[0];

    // After ten of thirty-one days the rest of the dearer plan costs 21/31 of the difference.
    shop.days_later(10);
    let raise = [Priced { item: Some(&item.id), price: &shop.team, quantity: None }];
    let preview = shop.stripe.preview_invoice(&begun.id, &raise).await.expect("computed");
    assert_eq!(preview.total, 3387 - 1355);
    let change = Change::Prices(&raise, Proration::InvoiceNow);
    let raised = shop.stripe.change_subscription(&act("raise"), &begun.id, change).await.expect("raised");
    assert_eq!(raised.items.data[0].price.id, shop.team);
    let invoices = shop.stripe.invoices(&shop.customer, 1, None).await.expect("listed");
    let newest = &invoices.data[0];
    assert_eq!((newest.total, newest.status), (preview.total, Some(InvoiceStatus::Paid)));
    assert_eq!((newest.subscription(), invoices.has_more), (Some(begun.id.as_str()), true));
    let older = shop.stripe.invoices(&shop.customer, 1, newest.id.as_deref()).await.expect("listed");
    assert_eq!((older.data[0].total, older.has_more), (2000, false));
    let next = shop.stripe.preview_invoice(&begun.id, &[]).await.expect("computed");
    assert_eq!(next.total, 5000);

    let plan = shop.stripe.create_schedule(&act("plan"), &begun.id).await.expect("planned");
    let present = plan.phases[0].clone();
    let (dear, cheap) = (one(&shop.team), one(&shop.pro));
    let phases = [
        NewPhase { prices: &dear, start: present.start_date, end: Some(present.end_date) },
        NewPhase { prices: &cheap, start: present.end_date, end: None },
    ];
    let planned = shop.stripe.plan_phases(&act("phases"), &plan.id, &phases).await.expect("planned");
    assert_eq!((planned.phases.len(), planned.status), (2, ScheduleStatus::Active));
    shop.days_later(21);
    let lowered = shop.stripe.subscription(&begun.id).await.expect("read");
    assert_eq!(lowered.items.data[0].price.id, shop.pro);
    let released = shop.stripe.release_schedule(&act("release"), &plan.id).await.expect("released");
    assert_eq!((released.status, released.subscription), (ScheduleStatus::Released, None));

    let ending = shop.stripe.change_subscription(&act("end"), &begun.id, Change::EndWithPeriod).await;
    assert!(ending.expect("ending").cancel_at_period_end);
    let going_on = shop.stripe.change_subscription(&act("go on"), &begun.id, Change::GoOn).await;
    assert!(!going_on.expect("going on").cancel_at_period_end);
    // The answer to the first try is lost; the second finds it ended.
    shop.peer.fail("DELETE", [Fault::LostAnswer]);
    let ended = shop.stripe.cancel_subscription(&begun.id).await.expect("ended");
    assert_eq!(ended.status, SubscriptionStatus::Canceled);
    assert_eq!(shop.stripe.cancel_subscription("sub_none").await, Err(StripeProblem::Missing));
}

#[tokio::test]
async fn a_raise_that_cannot_be_paid_changes_nothing() {
    let shop = Shop::open().await;
    shop.card(VISA);
    let begun = shop.subscribe(&shop.pro);
    shop.card(POOR);
    let item = begun["items"]["data"][0]["id"].as_str().expect("an item");
    let raise = [Priced { item: Some(item), price: &shop.team, quantity: None }];
    shop.days_later(1);
    let id = begun["id"].as_str().expect("an id");
    let change = Change::Prices(&raise, Proration::InvoiceNow);
    let refused = shop.stripe.change_subscription(&act("raise"), id, change).await;
    assert_eq!(refused, Err(StripeProblem::Declined { code: "generic_decline".into() }));
    assert_eq!(shop.stripe.subscription(id).await.expect("read").items.data[0].price.id, shop.pro);
}

#[tokio::test]
async fn pages_are_opened_and_lead_somewhere() {
    let shop = Shop::open().await;
    let prices = one(&shop.pro);
    let checkout = NewCheckout {
        customer: &shop.customer,
        mode: CheckoutMode::Subscribe(&prices),
        reference: "org-1",
        success_url: "https://gate.example.com/o/org?paid={CHECKOUT_SESSION_ID}",
        cancel_url: "https://gate.example.com/o/org",
    };
    let page = shop.stripe.create_checkout(&act("check out"), &checkout).await.expect("opened");
    assert!(page.url.as_deref().is_some_and(|url| url.starts_with(&shop.peer.url())));
    assert!(shop.peer.check_out(&page.id, POOR).is_err());
    let onward = shop.peer.check_out(&page.id, VISA).expect("paid");
    assert_eq!(onward, format!("https://gate.example.com/o/org?paid={}", page.id));
    let done = shop.stripe.checkout(&page.id).await.expect("read");
    assert_eq!(
        (done.status.as_deref(), done.client_reference_id.as_deref()),
        (Some("complete"), Some("org-1"))
    );
    let subscription = shop.stripe.subscription(&done.subscription.expect("begun")).await.expect("read");
    assert_eq!(subscription.metadata["gatehouse_id"], "org-1");

    let setup = NewCheckout { mode: CheckoutMode::Setup("usd"), ..checkout };
    let page = shop.stripe.create_checkout(&act("set up"), &setup).await.expect("opened");
    shop.peer.check_out(&page.id, VISA).expect("kept");
    let portal = shop.stripe.create_portal(&act("portal"), &shop.customer, "https://gate.example.com/").await;
    assert!(portal.expect("opened").url.starts_with(&shop.peer.url()));
}

#[tokio::test]
async fn usage_is_counted_once_also_after_the_key_is_forgotten() {
    let shop = Shop::open().await;
    let meter = shop.stripe.create_meter(&act("meter"), "gatehouse_calls", "Calls").await.expect("made");
    assert_eq!(shop.stripe.meters().await.expect("listed").data, std::slice::from_ref(&meter));
    let at = shop.peer.object(&shop.clock).expect("a clock")["frozen_time"].as_i64().expect("a time");
    let usage = Usage {
        event_name: "gatehouse_calls",
        customer: &shop.customer,
        value: 7,
        identifier: "calls:org-1:12",
        at,
    };
    shop.peer.fail("POST /v1/billing/meter_events", [Fault::LostAnswer]);
    assert_eq!(shop.stripe.report(&usage).await, Ok(Reported::Now));
    shop.peer.forget_keys();
    assert_eq!(shop.stripe.report(&usage).await, Ok(Reported::Before));
    let next = Usage { value: 5, identifier: "calls:org-1:13", ..usage };
    assert_eq!(shop.stripe.report(&next).await, Ok(Reported::Now));
    let (from, until) = (at - at % 3600, at - at % 3600 + 3600);
    let sums = shop.stripe.meter_summaries(&meter.id, &shop.customer, from, until).await.expect("summed up");
    assert_eq!(sums.data[0].aggregated_value.as_u64(), Some(12));
    let late = Usage { identifier: "calls:org-1:1", at: at - 36 * 86_400, ..usage };
    let refused = StripeProblem::Refused { code: String::new(), param: "timestamp".into() };
    assert_eq!(shop.stripe.report(&late).await, Err(refused));
}
