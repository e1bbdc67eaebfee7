//! A stand-in for Stripe with something to sell, the way to it, and an inbox.

use std::time::Duration;

use domain::{
    AppError,
    billing::{
        service::pay::Keeper,
        stripe::{
            Mode, Pacing, Stripe, StripeSettings,
            inbox::{self, EVENTS, Keepers, Kind},
        },
    },
    platform::{Platform, outbound::Outbound, testing},
    spend::service::Ledger,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgPool;
use stripe_peer::{Peer, sign};

/// How long one try may take.
pub(crate) const PATIENCE: Duration = Duration::from_millis(300);
pub(crate) const SECRET: &str = "whsec_of_the_test";
pub(crate) const VISA: &str = "4242 4242 4242 4242";
/// It can be kept, and not be charged.
pub(crate) const POOR: &str = "4000 0000 0000 0341";

/// Who keeps what follows from what Stripe tells, as in the server.
pub(crate) const KEEPER: Keeper<'static> = Keeper { usage: &Ledger };
pub(crate) const KEEPERS: Keepers<'static> = &[&KEEPER];

/// Quick tries, so that a test need not wait.
pub(crate) const QUICK: Pacing = Pacing {
    tries: 4,
    first: Duration::from_millis(5),
    longest: Duration::from_millis(20),
    total: Duration::from_secs(10),
};

/// The shop: a peer with two plans.
pub(crate) struct Shop {
    pub(crate) peer: Peer,
    pub(crate) stripe: Stripe,
    pub(crate) pro: String,
    pub(crate) team: String,
    pub(crate) clock: String,
    pub(crate) customer: String,
}

pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}

/// The way to a peer.
pub(crate) fn way_to(peer: &Peer, key: &str) -> Stripe {
    way_within(peer, key, PATIENCE)
}

/// The same with a time of its own for each try.
pub(crate) fn way_within(peer: &Peer, key: &str, patience: Duration) -> Stripe {
    let settings = StripeSettings {
        api_key: SecretString::from(key.to_owned()),
        base_url: peer.url().parse().expect("an address"),
    };
    Stripe::new(settings, Outbound::new(patience), QUICK)
}

impl Shop {
    /// Opens it: a customer without a card, in a time of its own.
    pub(crate) async fn open() -> Self {
        let peer = Peer::start(([127, 0, 0, 1], 0).into()).await.expect("a free port");
        let call = |path: &str, params: Value| peer.call("POST", path, &params).expect("done");
        let price = |name: &str, cents: &str| {
            id(&call(
                "prices",
                json!({
                    "product_data": { "name": name }, "currency": "usd", "unit_amount": cents, "nickname": name,
                    "recurring": { "interval": "month" },
                }),
            ))
        };
        let (pro, team) = (price("Pro", "2000"), price("Team", "5000"));
        let clock = id(&call("test_helpers/test_clocks", json!({ "frozen_time": "1796119200" })));
        let customer = id(&call("customers", json!({ "email": "ann@example.com", "test_clock": clock })));
        let stripe = way_to(&peer, "sk_test_1");
        Self { peer, stripe, pro, team, clock, customer }
    }

    pub(crate) fn call(&self, method: &str, path: &str, params: Value) -> Value {
        self.peer.call(method, path, &params).unwrap_or_else(|problem| panic!("{method} {path}: {problem}"))
    }

    /// Gives the customer a card, which pays from now on.
    pub(crate) fn card(&self, number: &str) -> String {
        let made =
            self.call("POST", "payment_methods", json!({ "type": "card", "card": { "number": number } }));
        let card = id(&made);
        self.call("POST", &format!("payment_methods/{card}/attach"), json!({ "customer": self.customer }));
        let default = json!({ "invoice_settings": { "default_payment_method": card } });
        self.call("POST", &format!("customers/{}", self.customer), default);
        card
    }

    /// Subscribes the customer to a plan.
    pub(crate) fn subscribe(&self, price: &str) -> Value {
        let params = json!({ "customer": self.customer, "items": [{ "price": price }] });
        self.call("POST", "subscriptions", params)
    }

    /// Goes on by so many days.
    pub(crate) fn days_later(&self, days: i64) {
        let clock = self.peer.object(&self.clock).expect("a clock");
        let then = clock["frozen_time"].as_i64().expect("a time") + days * 86_400;
        let path = format!("test_helpers/test_clocks/{}/advance", self.clock);
        self.call("POST", &path, json!({ "frozen_time": then.to_string() }));
    }

    /// How often something happened.
    pub(crate) fn happened(&self, kind: &str) -> usize {
        self.peer.events().iter().filter(|event| event["type"] == kind).count()
    }

    /// What happened since so many events, of the kinds that the endpoint of a site is told.
    pub(crate) fn told_since(&self, count: usize) -> Vec<Value> {
        let events = self.peer.events().into_iter().skip(count);
        events.filter(|event| EVENTS.iter().any(|kind| event["type"] == *kind)).collect()
    }

    /// How much had happened when this just had.
    pub(crate) fn moment(&self, event: &Value) -> usize {
        let before = self.peer.events().iter().position(|other| other["id"] == event["id"]);
        before.expect("it happened here") + 1
    }
}

/// A shop, and a site that is told what happens there.
pub(crate) struct Scene {
    pub(crate) shop: Shop,
    pub(crate) platform: Platform,
    pub(crate) db: PgPool,
}

impl Scene {
    pub(crate) async fn new(db: PgPool) -> Self {
        Self { shop: Shop::open().await, platform: testing::platform(db.clone()), db }
    }

    /// An event as it would come.
    pub(crate) async fn receive(&self, event: &Value) -> Result<(), AppError> {
        let (at, body) = (self.platform.now().unix_seconds(), event.to_string());
        self.receive_as(&sign(SECRET, at, &body), &body).await
    }

    pub(crate) async fn receive_as(&self, header: &str, body: &str) -> Result<(), AppError> {
        let secrets = [SecretString::from("whsec_new".to_owned()), SECRET.to_owned().into()];
        inbox::receive(&self.platform, &secrets, Some(Mode::Test), header, body.as_bytes()).await
    }

    /// Looks into everything that is due.
    pub(crate) async fn work(&self) -> usize {
        self.work_with(&[]).await
    }

    pub(crate) async fn work_with(&self, keepers: Keepers<'_>) -> usize {
        inbox::run_once(&self.platform, &self.shop.stripe, keepers).await.expect("works")
    }

    /// Everything the site has is forgotten.
    pub(crate) async fn forget(&self) {
        sqlx::query!("DELETE FROM stripe_events").execute(&self.db).await.expect("gone");
        sqlx::query!("DELETE FROM stripe_objects").execute(&self.db).await.expect("gone");
    }

    /// What is known of an object here.
    pub(crate) async fn known(&self, kind: &str, id: &str) -> Option<Value> {
        let kind = Kind::parse(kind).expect("a kind");
        Some(inbox::object(&self.platform, kind, id).await.expect("readable")?.state)
    }

    /// Every object that these events are about is here as Stripe has it.
    pub(crate) async fn assert_converged(&self, events: &[Value], case: &str) {
        for event in events {
            let object = &event["data"]["object"];
            let kind = object["object"].as_str().expect("a kind");
            let truth = self.shop.peer.object(&id(object)).expect("it is there");
            assert_eq!(self.known(kind, &id(object)).await, Some(truth), "{case}: {kind}");
        }
    }

    /// How many events there are in a state.
    pub(crate) async fn events(&self, state: &str) -> i64 {
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM stripe_events WHERE state = $1"#, state)
            .fetch_one(&self.db)
            .await
            .expect("a count")
    }
}
