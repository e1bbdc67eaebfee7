//! Plans that are paid at Stripe: what is asked, what comes of it, and what is left when a process ends in the middle.

use std::time::Duration;

use domain::{
    AppError, FieldIssue, FieldProblem,
    access::Permission,
    billing::{
        InvoiceState, LineKind, When,
        service::{self, NoUsage, PlanRequest, pay},
        stripe::customers,
    },
};
use serde_json::json;
use sqlx::PgPool;
use stripe_peer::Fault;

use crate::{
    billing_house::{ROOMS, check, firm, inside, pass, request},
    pay_till::{THEIRS, Till},
    stripe_scene::{POOR, VISA, id},
};

fn conflict(field: &str, issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new(field, issue)] }
}

fn busy<T: std::fmt::Debug>(outcome: Result<T, AppError>) {
    assert!(matches!(outcome, Err(AppError::Busy { .. })), "{outcome:?}");
}

/// The plan, the one that comes, and who is paid.
async fn assert_stands(till: &Till, plan: &str, next: Option<&str>, provider: &str) {
    let (found, comes, paid) = till.stands().await;
    assert_eq!((found.as_str(), comes.as_deref(), paid.as_str()), (plan, next, provider));
}

/// How many intents of a kind there are in a state.
async fn intents(till: &Till, kind: &str, state: &str) -> i64 {
    let mut tx = inside(&till.house, till.acme.id).await;
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM stripe_intents WHERE kind = $1 AND state = $2"#,
        kind,
        state,
    )
    .fetch_one(&mut *tx)
    .await
    .expect("a count")
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_pays_on_the_page_has_the_plan_when_stripe_has_told(db: PgPool) {
    let till = Till::open(db).await;
    let asked = till.change("TEAM", "2").await.expect("asked");
    assert_eq!((asked.when, asked.invoice.as_deref()), (When::OncePaid, None));
    let address = asked.continue_at.expect("an address");
    assert!(address.starts_with(&format!("{}/checkout/cs_", till.peer.url())), "{address}");
    assert_stands(&till, "FREE", None, "invoice").await;
    let before = till.peer.events().len();
    let back = till.peer.check_out(address.rsplit('/').next().expect("a name"), VISA).expect("paid");
    assert_eq!(back, "http://127.0.0.1:3000/o/acme/billing?payment=made");
    assert_stands(&till, "FREE", None, "invoice").await;
    till.listen_since(before).await;
    assert_stands(&till, "TEAM", None, "stripe").await;
    let has = till.has().await;
    assert_eq!((has.extra_seats, has.usage[0].limit.amount, has.takes_cards), (2, Some(202), true));
    let item = &till.at_stripe().await["items"]["data"][0];
    assert_eq!(item["current_period_end"], has.period.until.unix_seconds());
    assert_eq!(item["price"]["unit_amount"], 7_900);
    let heads = till.acme.invoices().await;
    assert_eq!(heads.len(), 1, "{heads:?}");
    assert_eq!((heads[0].provider.as_str(), heads[0].state), ("stripe", InvoiceState::Paid));
    let document = till.acme.invoice(&heads[0].number).await;
    let lines: Vec<_> = document.lines.iter().map(|line| (line.kind, line.quantity)).collect();
    assert_eq!(lines, [(LineKind::Plan, 1), (LineKind::Seats, 2)]);
    let mut trail = till.acme.trail(&till.house).await;
    trail.sort_unstable();
    let expected = ["asked-at-stripe", "invoice-issued", "invoice-paid", "plan-changed"];
    assert_eq!(trail, expected.map(|deed| format!("billing.{deed}")));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_stripe_there_is_no_card_and_with_it_an_invoice_is_still_the_rule(db: PgPool) {
    let till = Till::open(db).await;
    let grant = till.acme.may(Permission::UpdateBilling).await;
    let none = pay::Payments { usage: &NoUsage, stripe: None };
    let wanted = PlanRequest { provider: Some("stripe".into()), ..request("PRO", "") };
    let refused = pay::change(&grant, &none, &wanted).await;
    assert_eq!(refused, Err(AppError::invalid("provider", FieldIssue::NotAnOption)));
    let nonsense = PlanRequest { provider: Some("gold".into()), ..request("PRO", "") };
    let refused = pay::change(&grant, &till.payments(), &nonsense).await;
    assert_eq!(refused, Err(AppError::invalid("provider", FieldIssue::NotAnOption)));
    let reads = till.acme.may(Permission::ReadBilling).await;
    assert!(!pay::subscription(&reads, &none, &ROOMS).await.expect("read").takes_cards);
    let changed = pay::change(&grant, &till.payments(), &request("PRO", "")).await.expect("changes");
    assert!(changed.invoice.is_some() && changed.continue_at.is_none());
    // What is paid for on invoice stays so until it ends.
    assert_eq!(till.change("TEAM", "").await, Err(conflict("provider", FieldIssue::PaidOtherwise)));
    assert_stands(&till, "PRO", None, "invoice").await;
    assert!(check(&till.house, &NoUsage).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_paid_at_stripe_is_not_changed_or_renewed_here(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    let row = till.row().await;
    let refused = till.acme.change("ENTERPRISE", "").await;
    assert_eq!(refused, Err(conflict("provider", FieldIssue::PaidOtherwise)));
    let grant = till.acme.may(Permission::UpdateBilling).await;
    let on_invoice = PlanRequest { provider: Some("invoice".into()), ..request("ENTERPRISE", "") };
    let refused = pay::change(&grant, &till.payments(), &on_invoice).await;
    assert_eq!(refused, Err(conflict("provider", FieldIssue::PaidOtherwise)));
    // Months go by, and Stripe says nothing.
    pass(&till.house, Duration::from_hours(24 * 100)).await;
    assert_eq!(till.row().await, row);
    let heads = till.acme.invoices().await;
    assert!(heads.iter().all(|head| head.provider == "stripe"), "{heads:?}");
    assert!(check(&till.house, &NoUsage).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn more_is_there_at_once_and_its_difference_is_paid(db: PgPool) {
    let till = Till::with(db, "PRO", "0").await;
    till.pass(10).await;
    let (grant, wanted) = (till.acme.may(Permission::ReadBilling).await, request("TEAM", "3"));
    let told = service::preview(&grant, &NoUsage, &ROOMS, &wanted).await.expect("a preview");
    assert_eq!((told.when, told.tax.minor.get()), (When::Now, 0));
    let paid = till.happened("invoice.paid");
    let changed = till.change("TEAM", "3").await.expect("changes");
    assert_eq!((changed.when, changed.continue_at), (When::Now, None));
    // Nobody had to tell: what was done is learned at once.
    assert_stands(&till, "TEAM", None, "stripe").await;
    assert_eq!(till.has().await.extra_seats, 3);
    assert_eq!(till.happened("invoice.paid"), paid + 1);
    let invoice = till.at_stripe().await["latest_invoice"].as_str().expect("an invoice").to_owned();
    let total = till.peer.object(&invoice).expect("it is there")["total"].as_i64().expect("an amount");
    assert!((total - told.total.minor.get()).abs() <= 3, "{total} and {:?}", told.total);
    till.listen_since(0).await;
    assert_stands(&till, "TEAM", None, "stripe").await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn where_the_card_is_declined_nothing_is_changed(db: PgPool) {
    let till = Till::with(db, "PRO", "0").await;
    till.cancel().await.expect("ends later");
    till.pay_with(POOR).await;
    till.listen_since(0).await;
    let (row, there) = (till.row().await, till.at_stripe().await);
    assert_eq!(till.change("TEAM", "3").await, Err(conflict("plan", FieldIssue::PaymentDeclined)));
    assert_eq!((till.row().await, till.at_stripe().await), (row.clone(), there));
    till.listen_since(0).await;
    assert_eq!(till.row().await, row);
    assert_eq!((intents(&till, "change", "refused").await, till.ask_again().await), (1, 0));
    assert!(till.acme.trail(&till.house).await.contains(&"billing.refused-at-stripe".to_owned()));
    till.pay_with(VISA).await;
    till.change("TEAM", "3").await.expect("another card pays");
    assert_stands(&till, "TEAM", None, "stripe").await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn less_comes_with_the_periods_end_and_can_be_taken_back_until_then(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    let later = till.change("PRO", "2").await.expect("comes later");
    assert_eq!((later.when, later.at), (When::PeriodEnd, till.has().await.period.until));
    assert_stands(&till, "TEAM", Some("PRO"), "stripe").await;
    assert_eq!(till.has().await.next.expect("it comes").extra_seats, 2);
    // Another one in its place, then the end, then nothing of it.
    till.change("TEAM", "0").await.expect("comes later");
    assert_eq!(till.has().await.next.expect("it comes").extra_seats, 0);
    assert_eq!(till.cancel().await.expect("ends later").when, When::PeriodEnd);
    assert_stands(&till, "TEAM", Some("FREE"), "stripe").await;
    till.resume().await.expect("stays");
    assert_stands(&till, "TEAM", None, "stripe").await;
    let there = till.at_stripe().await;
    assert!(there["schedule"].is_null() && there["cancel_at_period_end"] == false, "{there}");
    assert_eq!(till.resume().await, Err(conflict("plan", FieldIssue::Unchanged)));
    till.change("PRO", "2").await.expect("comes later");
    let before = till.peer.events().len();
    till.pass(32).await;
    till.listen_since(before).await;
    assert_stands(&till, "PRO", None, "stripe").await;
    assert_eq!(till.has().await.extra_seats, 2);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_raised_does_not_end_any_more(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    till.cancel().await.expect("ends later");
    raise(&till).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_raised_does_not_shrink_any_more(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    till.change("PRO", "").await.expect("comes later");
    raise(&till).await;
}

async fn raise(till: &Till) {
    till.change("ENTERPRISE", "").await.expect("changes");
    assert_stands(till, "ENTERPRISE", None, "stripe").await;
    let before = till.peer.events().len();
    till.pass(32).await;
    till.listen_since(before).await;
    assert_stands(till, "ENTERPRISE", None, "stripe").await;
    assert_eq!(till.has().await.extra_seats, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_has_ended_at_stripe_can_be_taken_again_in_either_way(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    till.cancel().await.expect("ends later");
    let before = till.peer.events().len();
    till.pass(32).await;
    till.listen_since(before).await;
    assert_stands(&till, "FREE", None, "invoice").await;
    assert_eq!(till.paid_for().await, None);
    let changed = till.acme.change("PRO", "").await.expect("changes");
    assert!(changed.invoice.is_some());
    assert!(check(&till.house, &NoUsage).await.ok, "nothing of what Stripe charged is missing here");
    till.acme.change("FREE", "").await.expect("ends later");
    pass(&till.house, Duration::from_hours(24 * 40)).await;
    till.subscribe("PRO", "").await;
    assert_stands(&till, "PRO", None, "stripe").await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_chooses_anew_pays_on_the_last_page_alone(db: PgPool) {
    let till = Till::open(db).await;
    let first = till.page("PRO", "").await;
    let second = till.page("TEAM", "1").await;
    assert_eq!(till.peer.object(&first).expect("it is there")["status"], "expired");
    assert!(till.peer.check_out(&first, VISA).is_err());
    // Whoever has paid and chooses again before that is told is not asked to pay twice.
    till.peer.check_out(&second, VISA).expect("paid");
    assert_eq!(till.change("PRO", "").await, Err(conflict("plan", FieldIssue::MovedOn)));
    assert_stands(&till, "TEAM", None, "stripe").await;
    assert_eq!(till.happened("customer.subscription.created"), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_plan_on_invoice_closes_the_page_on_which_it_could_be_paid_as_well(db: PgPool) {
    let till = Till::open(db).await;
    let page = till.page("PRO", "").await;
    let grant = till.acme.may(Permission::UpdateBilling).await;
    pay::change(&grant, &till.payments(), &request("TEAM", "")).await.expect("changes");
    assert_eq!(till.peer.object(&page).expect("it is there")["status"], "expired");
    assert_stands(&till, "TEAM", None, "invoice").await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn two_at_once_pay_once(db: PgPool) {
    let till = Till::open(db).await;
    let (one, other) = tokio::join!(till.change("TEAM", "1"), till.change("TEAM", "1"));
    let pages: Vec<_> = [one, other].into_iter().filter_map(|it| it.ok()?.continue_at).collect();
    assert!(!pages.is_empty());
    let open = pages.iter().filter(|page| {
        let name = page.rsplit('/').next().expect("a name");
        till.peer.object(name).expect("it is there")["status"] == "open"
    });
    let names: std::collections::BTreeSet<_> = open.collect();
    assert_eq!(names.len(), 1, "{pages:?}");
    till.subscribe("TEAM", "1").await;
    let paid = till.happened("invoice.paid");
    let (one, other) = tokio::join!(till.change("TEAM", "5"), till.change("TEAM", "5"));
    assert!(one.is_ok() || other.is_ok(), "{one:?} {other:?}");
    assert_eq!(till.happened("invoice.paid"), paid + 1);
    assert_eq!(till.has().await.extra_seats, 5);
    let (one, other) = tokio::join!(till.change("TEAM", "9"), till.cancel());
    assert!(one.is_ok() || other.is_ok(), "{one:?} {other:?}");
    till.house.platform.clock().advance(THEIRS);
    till.ask_again().await;
    let before = till.row().await;
    till.listen_since(0).await;
    assert_eq!(till.row().await, before, "what was learned is what there is");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn killed_between_writing_down_and_asking_it_is_asked_by_another(db: PgPool) {
    let till = Till::with(db, "PRO", "0").await;
    let paid = till.happened("invoice.paid");
    till.peer.fail("GET /v1/subscriptions", vec![Fault::Silence; 8]);
    {
        let asking = till.change("TEAM", "1");
        tokio::select! {
            _ = asking => panic!("Stripe does not answer"),
            () = tokio::time::sleep(Duration::from_millis(400)) => {}
        }
    }
    till.peer.recover();
    assert_stands(&till, "PRO", None, "stripe").await;
    assert_eq!(
        (intents(&till, "change", "asked").await, till.ask_again().await),
        (1, 0),
        "it may still be at it"
    );
    assert_eq!(till.cancel().await, Err(conflict("plan", FieldIssue::OnItsWay)));
    till.house.platform.clock().advance(THEIRS);
    assert_eq!(till.ask_again().await, 1);
    assert_stands(&till, "TEAM", None, "stripe").await;
    assert_eq!((till.happened("invoice.paid") - paid, till.ask_again().await), (1, 0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn killed_between_asking_and_learning_it_is_done_once(db: PgPool) {
    let till = Till::with(db, "PRO", "0").await;
    let paid = till.happened("invoice.paid");
    till.peer.fail("POST /v1/subscriptions", vec![Fault::LostAnswer; 4]);
    busy(till.change("TEAM", "1").await);
    assert_eq!(till.happened("invoice.paid") - paid, 1, "it was done, and nobody here knows");
    assert_stands(&till, "PRO", None, "stripe").await;
    till.house.platform.clock().advance(THEIRS);
    assert_eq!(till.ask_again().await, 1);
    assert_stands(&till, "TEAM", None, "stripe").await;
    assert_eq!(till.happened("invoice.paid") - paid, 1);
    // The same where nobody asks again, and Stripe tells.
    till.peer.fail("POST /v1/subscriptions", vec![Fault::LostAnswer; 4]);
    let before = till.peer.events().len();
    busy(till.change("TEAM", "4").await);
    till.listen_since(before).await;
    assert_eq!(till.has().await.extra_seats, 4);
    till.house.platform.clock().advance(THEIRS);
    assert_eq!(till.ask_again().await, 1);
    assert_eq!((till.happened("invoice.paid") - paid, till.has().await.extra_seats), (2, 4));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_step_of_every_act_can_be_the_last_one(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    for step in 0..3 {
        for (act, next) in [("schedule", Some("PRO")), ("end", Some("FREE")), ("keep", None)] {
            // The answers of so many changes at Stripe are lost for good; a worker goes on from each of them.
            till.peer.fail("POST /v1/subscription", vec![Fault::LostAnswer; 4 * step]);
            let done = match act {
                "schedule" => till.change("PRO", "1").await,
                "end" => till.cancel().await,
                _ => till.resume().await,
            };
            for _ in 0..step {
                till.house.platform.clock().advance(Duration::from_mins(10));
                till.ask_again().await;
            }
            till.peer.recover();
            till.house.platform.clock().advance(Duration::from_mins(10));
            till.ask_again().await;
            let told = format!("{act}, {step}: {done:?}");
            assert_eq!(till.stands().await.1.as_deref(), next, "{told}");
            let row = till.row().await;
            till.listen_since(0).await;
            assert_eq!(till.row().await, row, "{told}");
        }
    }
    assert_eq!(intents(&till, "schedule", "asked").await, 0);
    assert_eq!(till.happened("customer.subscription.created"), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_was_not_answered_for_a_day_is_given_up_and_stands_in_nobodys_way_before(db: PgPool) {
    let till = Till::with(db, "PRO", "0").await;
    till.peer.fail("POST", vec![Fault::Error; 4]);
    busy(till.change("TEAM", "1").await);
    till.house.platform.clock().advance(Duration::from_hours(24));
    assert_eq!(till.ask_again().await, 1);
    assert_eq!((intents(&till, "change", "refused").await, till.ask_again().await), (1, 0));
    assert_stands(&till, "PRO", None, "stripe").await;
    till.peer.fail("POST", vec![Fault::Error; 4]);
    busy(till.change("TEAM", "1").await);
    till.house.platform.clock().advance(Duration::from_mins(11));
    till.change("TEAM", "2").await.expect("another wish");
    assert_eq!((till.has().await.extra_seats, till.ask_again().await), (2, 0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_organization_that_is_about_to_be_deleted_pays_for_no_other_month(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    let mut tx = inside(&till.house, till.acme.id).await;
    sqlx::query!(
        "UPDATE organizations SET deletes_at = now() + interval '14 days' WHERE id = $1",
        till.acme.id
    )
    .execute(&mut *tx)
    .await
    .expect("about to end");
    tx.commit().await.expect("commits");
    // What was asked just now may still be under way.
    assert_eq!(till.ask_again().await, 0);
    till.house.platform.clock().advance(Duration::from_mins(61));
    assert_eq!(till.ask_again().await, 1);
    assert_eq!(till.at_stripe().await["cancel_at_period_end"], true);
    assert_stands(&till, "TEAM", Some("FREE"), "stripe").await;
    assert_eq!(till.ask_again().await, 0);
    // And when it is gone before that, at once.
    let there = till.paid_for().await.expect("it is paid for");
    let mut tx = inside(&till.house, till.acme.id).await;
    sqlx::query!("DELETE FROM organizations WHERE id = $1", till.acme.id)
        .execute(&mut *tx)
        .await
        .expect("gone");
    tx.commit().await.expect("commits");
    till.house.platform.clock().advance(Duration::from_mins(61));
    assert_eq!(till.ask_again().await, 1);
    assert_eq!(till.peer.object(&there).expect("it is there")["status"], "canceled");
    assert_eq!((till.paid_for().await, till.ask_again().await), (None, 0));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn staff_end_a_plan_at_stripe_with_its_month(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    till.end_by_staff().await.expect("ends later");
    assert_eq!(till.ask_again().await, 1);
    assert_stands(&till, "TEAM", Some("FREE"), "stripe").await;
    till.resume().await.expect("its owners may keep it");
    assert_stands(&till, "TEAM", None, "stripe").await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_organization_is_one_customer_whoever_asks_first_and_whoever_is_killed(db: PgPool) {
    let till = Till::open(db).await;
    let beta = firm(&till.house, "beta").await;
    let made = till.happened("customer.created");
    let asks = || customers::ensure(&till.house.platform, &till.stripe, beta.id);
    let (one, other) = tokio::join!(asks(), asks());
    assert_eq!(one, other);
    assert_eq!((till.happened("customer.created") - made, one.is_ok()), (1, true));
    let customer = till.peer.object(one.expect("made").as_str()).expect("it is there");
    assert_eq!((&customer["name"], &customer["metadata"]["gatehouse_id"]), (&json!("beta"), &json!(beta.id)));
    let gamma = firm(&till.house, "gamma").await;
    till.peer.fail("POST /v1/customers", vec![Fault::LostAnswer; 4]);
    busy(customers::ensure(&till.house.platform, &till.stripe, gamma.id).await);
    till.house.platform.clock().advance(THEIRS);
    assert_eq!(till.ask_again().await, 1);
    customers::ensure(&till.house.platform, &till.stripe, gamma.id).await.expect("it is there");
    assert_eq!(till.happened("customer.created") - made, 2);
    let gone = customers::ensure(&till.house.platform, &till.stripe, till.house.platform.new_id()).await;
    assert_eq!(gone, Err(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_customer_that_was_deleted_at_stripe_is_made_anew(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    let customer = till.at_stripe().await["customer"].as_str().expect("a customer").to_owned();
    let before = till.peer.events().len();
    till.call("DELETE", &format!("customers/{customer}"), json!({}));
    till.listen_since(before).await;
    assert_stands(&till, "FREE", None, "invoice").await;
    till.subscribe("PRO", "").await;
    assert_stands(&till, "PRO", None, "stripe").await;
    assert_ne!(till.at_stripe().await["customer"], customer.as_str());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_nobody_pays_for_any_more_is_ended_before_another_is_begun(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    let unpaid = till.paid_for().await.expect("it is paid for");
    let mut state = till.at_stripe().await;
    state["status"] = "unpaid".into();
    // Only Stripe itself sets it; here it is what was seen.
    let event = json!({
        "id": "evt_unpaid", "object": "event", "type": "customer.subscription.updated",
        "data": { "object": { "object": "subscription", "id": unpaid } },
    });
    till.peer.put(state);
    till.receive(&event).await;
    till.work().await;
    assert_stands(&till, "FREE", None, "invoice").await;
    assert_eq!(till.paid_for().await.as_ref(), Some(&unpaid));
    till.subscribe("PRO", "").await;
    assert_eq!(till.peer.object(&unpaid).expect("it is there")["status"], "canceled");
    assert_stands(&till, "PRO", None, "stripe").await;
    assert_ne!(id(&till.at_stripe().await), unpaid);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_price_that_is_not_ours_changes_nothing(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    let row = till.row().await;
    let other = till.call(
        "POST",
        "prices",
        json!({
            "product_data": { "name": "Odd" }, "currency": "eur", "unit_amount": "1",
            "recurring": { "interval": "month" },
        }),
    );
    let there = till.at_stripe().await;
    let items = json!([{ "id": there["items"]["data"][0]["id"], "price": id(&other) }]);
    let before = till.peer.events().len();
    till.call(
        "POST",
        &format!("subscriptions/{}", id(&there)),
        json!({ "items": items, "proration_behavior": "none" }),
    );
    till.listen_since(before).await;
    assert_eq!(till.row().await, row);
}
