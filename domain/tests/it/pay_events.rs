//! What follows from what Stripe tells: in any order, however often, and whatever is lost or forged, an organization has the
//! same plan at the end.

use domain::AppError;
use serde_json::{Value, json};
use sqlx::PgPool;
use stripe_peer::sign;

use crate::{
    pay_till::{Saved, Till},
    stripe_inbox::permutations,
    stripe_scene::{POOR, SECRET, VISA, id},
};

/// Something that happens at Stripe, and how the organization stands afterwards: the plan, the one that comes, and who is paid.
struct Scenario {
    name: &'static str,
    /// What it has before.
    begins_with: Option<(&'static str, &'static str)>,
    play: Play,
    ends: (&'static str, Option<&'static str>, &'static str),
}

#[derive(Clone, Copy)]
enum Play {
    Checkout,
    Raise,
    Lower,
    LowerBegins,
    RenewalFails,
    EndsWithPeriod,
    EndsAtOnce,
    Kept,
}

static SCENARIOS: [Scenario; 8] = [
    Scenario {
        name: "somebody pays on the page",
        begins_with: None,
        play: Play::Checkout,
        ends: ("TEAM", None, "stripe"),
    },
    Scenario {
        name: "a plan is raised at Stripe",
        begins_with: Some(("PRO", "0")),
        play: Play::Raise,
        ends: ("TEAM", None, "stripe"),
    },
    Scenario {
        name: "a lower plan is chosen for later",
        begins_with: Some(("TEAM", "1")),
        play: Play::Lower,
        ends: ("TEAM", Some("PRO"), "stripe"),
    },
    Scenario {
        name: "the lower plan begins",
        begins_with: Some(("TEAM", "1")),
        play: Play::LowerBegins,
        ends: ("PRO", None, "stripe"),
    },
    Scenario {
        name: "a renewal fails and is paid later",
        begins_with: Some(("TEAM", "1")),
        play: Play::RenewalFails,
        ends: ("TEAM", None, "stripe"),
    },
    Scenario {
        name: "what was paid for ends with its period",
        begins_with: Some(("TEAM", "1")),
        play: Play::EndsWithPeriod,
        ends: ("FREE", None, "invoice"),
    },
    Scenario {
        name: "somebody at Stripe ends it at once",
        begins_with: Some(("TEAM", "1")),
        play: Play::EndsAtOnce,
        ends: ("FREE", None, "invoice"),
    },
    Scenario {
        name: "what was to end goes on",
        begins_with: Some(("TEAM", "1")),
        play: Play::Kept,
        ends: ("TEAM", None, "stripe"),
    },
];

impl Scenario {
    /// A till of its own before anything is told, and what there is to tell.
    async fn recorded(&self, db: &PgPool) -> (Till, Saved, Vec<Value>) {
        let till = match self.begins_with {
            None => Till::open(db.clone()).await,
            Some((plan, seats)) => Till::with(db.clone(), plan, seats).await,
        };
        till.listen_since(0).await;
        let (saved, events) = self.play(&till).await;
        assert!((2..=6).contains(&events.len()), "{}: {} events", self.name, events.len());
        (till, saved, events)
    }

    async fn play(&self, till: &Till) -> (Saved, Vec<Value>) {
        if let Play::Checkout = self.play {
            let page = till.page("TEAM", "1").await;
            let (saved, before) = (till.save().await, till.peer.events().len());
            till.peer.check_out(&page, VISA).expect("paid");
            return (saved, till.told_since(before));
        }
        let present = till.at_stripe().await;
        let (path, item) = (format!("subscriptions/{}", id(&present)), id(&present["items"]["data"][0]));
        if let Play::RenewalFails = self.play {
            till.pay_with(POOR).await;
        }
        if let Play::Kept = self.play {
            till.call("POST", &path, json!({ "cancel_at_period_end": "true" }));
        }
        if let Play::LowerBegins = self.play {
            lower(till, &present);
        }
        till.listen_since(0).await;
        let (saved, before) = (till.save().await, till.peer.events().len());
        match self.play {
            Play::Checkout => {}
            Play::Raise => {
                let items = json!([{ "id": item, "price": price(till, "TEAM") }]);
                till.call("POST", &path, json!({ "items": items, "proration_behavior": "always_invoice" }));
            }
            Play::Lower => lower(till, &present),
            Play::LowerBegins => till.pass(32).await,
            Play::RenewalFails => {
                till.pass(32).await;
                let failed = till.told_since(before);
                let failed = failed.iter().find(|it| it["type"] == "invoice.payment_failed").expect("failed");
                let invoice = id(&failed["data"]["object"]);
                till.pay_with(VISA).await;
                till.call("POST", &format!("invoices/{invoice}/pay"), json!({}));
            }
            Play::EndsWithPeriod => {
                till.call("POST", &path, json!({ "cancel_at_period_end": "true" }));
                till.pass(32).await;
            }
            Play::EndsAtOnce => {
                till.call("POST", &path, json!({ "cancel_at_period_end": "true" }));
                till.call("DELETE", &path, json!({}));
            }
            Play::Kept => {
                till.call("POST", &path, json!({ "cancel_at_period_end": "false" }));
                till.call("POST", &path, json!({ "metadata": { "seen": "yes" } }));
            }
        }
        // Cards that come and go, and what is to be paid, follow from nothing here and are told all the same.
        let told = till.told_since(before);
        let about = |event: &&Value| {
            let kind = event["type"].as_str().expect("a kind");
            told.len() <= 6 || kind.starts_with("customer.subscription.") || kind.starts_with("invoice.pa")
        };
        (saved, told.iter().filter(about).cloned().collect())
    }

    async fn assert_stands(&self, till: &Till, case: &str) {
        let (plan, next, provider) = till.stands().await;
        let found = (plan.as_str(), next.as_deref(), provider.as_str());
        assert_eq!(found, self.ends, "{}, {case}", self.name);
    }
}

/// What a plan is called at Stripe.
fn price(till: &Till, plan: &str) -> String {
    let all = till.call("GET", "prices", json!({ "limit": "100" }));
    let version = match plan {
        "PRO" => "2",
        _ => "3",
    };
    let key = format!("gatehouse-01900000-0000-7000-8000-00000000000{version}-EUR-plan");
    let found =
        all["data"].as_array().expect("prices").iter().find(|price| price["lookup_key"] == key.as_str());
    id(found.expect("a price"))
}

fn lower(till: &Till, present: &Value) {
    let plan = till.call("POST", "subscription_schedules", json!({ "from_subscription": id(present) }));
    let phase = &plan["phases"][0];
    let (start, end) = (phase["start_date"].to_string(), phase["end_date"].to_string());
    let phases = json!([
        { "items": [{ "price": price(till, "TEAM") }], "start_date": start, "end_date": end },
        { "items": [{ "price": price(till, "PRO") }] },
    ]);
    till.call("POST", &format!("subscription_schedules/{}", id(&plan)), json!({ "phases": phases }));
}

/// The end, reached by what is told in its order.
async fn reached(scenario: &Scenario, till: &Till, events: &[Value]) -> Value {
    for event in events {
        till.receive(event).await;
        till.work().await;
    }
    till.peer.stand_at(None);
    scenario.assert_stands(till, "in order").await;
    till.row().await
}

async fn in_any_order(db: PgPool, scenario: &Scenario) {
    let (till, saved, events) = scenario.recorded(&db).await;
    let end = reached(scenario, &till, &events).await;
    assert_ne!(end, saved_row(&till, &saved, &events).await, "{}: something follows", scenario.name);
    let moments: Vec<usize> = events.iter().map(|event| till.moment(event)).collect();
    for order in permutations(events.len()) {
        till.restore(&saved, &events).await;
        let mut newest = 0;
        for (count, place) in order.iter().enumerate() {
            // What comes has happened, and of what has not come nobody knows more than that.
            newest = newest.max(moments[*place]);
            till.peer.stand_at(Some(newest));
            till.receive(&events[*place]).await;
            if events.len() < 5 || count % 2 == 1 {
                till.work().await;
            }
        }
        till.work().await;
        till.peer.stand_at(None);
        assert_eq!(till.row().await, end, "{}, {order:?}", scenario.name);
    }
}

/// The row as it was before anything was told.
async fn saved_row(till: &Till, saved: &Saved, events: &[Value]) -> Value {
    till.restore(saved, events).await;
    till.row().await
}

macro_rules! orders {
    ($($name:ident: $place:literal,)*) => {
        $(
            #[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
            async fn $name(db: PgPool) {
                in_any_order(db, &SCENARIOS[$place]).await;
            }
        )*
    };
}

orders! {
    a_first_payment_gives_the_plan_in_whatever_order_it_is_told: 0,
    a_raise_at_stripe_is_there_in_whatever_order_it_is_told: 1,
    a_lower_plan_is_known_to_come_in_whatever_order_it_is_told: 2,
    a_lower_plan_begins_in_whatever_order_it_is_told: 3,
    a_payment_that_fails_and_succeeds_leaves_the_plan_in_whatever_order_it_is_told: 4,
    an_end_with_the_period_leaves_what_is_free_in_whatever_order_it_is_told: 5,
    an_end_at_once_leaves_what_is_free_in_whatever_order_it_is_told: 6,
    an_end_that_was_taken_back_leaves_the_plan_in_whatever_order_it_is_told: 7,
}

async fn twice_lost_and_forged(db: PgPool, scenario: &Scenario) {
    let (till, saved, events) = scenario.recorded(&db).await;
    let end = reached(scenario, &till, &events).await;
    // Each twice.
    till.restore(&saved, &events).await;
    for event in events.iter().chain(events.iter().rev()) {
        till.receive(event).await;
        till.receive(event).await;
        till.work().await;
    }
    assert_eq!(till.row().await, end, "{}: twice", scenario.name);
    // Each lost, and at last all of them; the list has them.
    for lost in (0..events.len()).map(Some).chain([None]) {
        till.restore(&saved, &events).await;
        for (place, event) in events.iter().enumerate() {
            if lost.is_some_and(|lost| lost != place) {
                till.receive(event).await;
            }
        }
        till.work().await;
        till.reconcile().await;
        till.work().await;
        assert_eq!(till.row().await, end, "{}: without {lost:?}", scenario.name);
    }
    // None of them by somebody else.
    let before = saved_row(&till, &saved, &events).await;
    let now = till.house.platform.now().unix_seconds();
    for event in &events {
        let body = event.to_string();
        let altered = body.replace(&id(event), "evt_other");
        for (header, body) in [
            (sign("whsec_wrong", now, &body), &body),
            (sign(SECRET, now - 301, &body), &body),
            (sign(SECRET, now, &body), &altered),
            (String::new(), &body),
        ] {
            assert_eq!(till.receive_as(&header, body).await, Err(AppError::MalformedRequest), "{header}");
        }
    }
    assert_eq!(till.work().await, 0, "{}", scenario.name);
    assert_eq!(till.row().await, before, "{}: forged", scenario.name);
}

macro_rules! losses {
    ($($name:ident: $place:literal,)*) => {
        $(
            #[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
            async fn $name(db: PgPool) {
                twice_lost_and_forged(db, &SCENARIOS[$place]).await;
            }
        )*
    };
}

losses! {
    a_first_payment_gives_the_plan_told_twice_or_not_at_all: 0,
    a_raise_at_stripe_is_there_told_twice_or_not_at_all: 1,
    a_lower_plan_is_known_to_come_told_twice_or_not_at_all: 2,
    a_lower_plan_begins_told_twice_or_not_at_all: 3,
    a_payment_that_fails_and_succeeds_leaves_the_plan_told_twice_or_not_at_all: 4,
    an_end_with_the_period_leaves_what_is_free_told_twice_or_not_at_all: 5,
    an_end_at_once_leaves_what_is_free_told_twice_or_not_at_all: 6,
    an_end_that_was_taken_back_leaves_the_plan_told_twice_or_not_at_all: 7,
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_an_event_says_of_a_plan_is_not_believed(db: PgPool) {
    let till = Till::with(db, "TEAM", "1").await;
    till.listen_since(0).await;
    let before = (till.row().await, till.peer.events().len());
    let present = till.at_stripe().await;
    till.call("POST", &format!("subscriptions/{}", id(&present)), json!({ "metadata": { "seen": "yes" } }));
    for mut event in till.told_since(before.1) {
        event["data"]["object"]["status"] = "canceled".into();
        event["data"]["object"]["items"]["data"][0]["price"]["id"] = price(&till, "PRO").into();
        till.receive(&event).await;
    }
    assert!(till.work().await > 0);
    assert_eq!(till.row().await, before.0);
}
