//! A till: an organization, a stand-in for Stripe, and the way between them.

use std::time::Duration;

use domain::{
    AppError,
    access::{Permission, SiteAction},
    billing::{
        PlanChanged, Subscription, When,
        service::{
            PlanRequest, end_plan,
            pay::{self, Payments},
            run_once,
        },
        stripe::{Mode, Stripe, inbox},
    },
    spend::service::Ledger,
};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgPool;
use stripe_peer::{Peer, sign};

use crate::{
    billing_house::{DAY, Firm, ROOMS, firm, inside, request},
    house::House,
    stripe_scene::{KEEPER, KEEPERS, SECRET, VISA, id, way_to},
};

/// The time until a worker asks again.
pub(crate) const THEIRS: Duration = Duration::from_secs(121);

pub(crate) struct Till {
    pub(crate) house: House,
    pub(crate) peer: Peer,
    pub(crate) stripe: Stripe,
    pub(crate) acme: Firm,
    clock: String,
}

/// What our own tables and those of what Stripe told hold.
pub(crate) struct Saved {
    subscription: Value,
    objects: Value,
    paid_for: Option<String>,
}

impl Till {
    /// Opens it: an organization that is a customer already, in a time of its own.
    pub(crate) async fn open(db: PgPool) -> Self {
        let house = House::new(db);
        let acme = firm(&house, "acme").await;
        let peer = Peer::start(([127, 0, 0, 1], 0).into()).await.expect("a free port");
        let now = house.platform.now().unix_seconds().to_string();
        let call = |path: &str, params: Value| peer.call("POST", path, &params).expect("done");
        let clock = id(&call("test_helpers/test_clocks", json!({ "frozen_time": now })));
        let metadata = json!({ "gatehouse_id": acme.id.to_string() });
        let customer = id(&call("customers", json!({ "test_clock": clock, "metadata": metadata })));
        let mut tx = inside(&house, acme.id).await;
        sqlx::query!(
            "INSERT INTO stripe_customers (organization_id, customer_id, created_at) VALUES ($1, $2, now())",
            acme.id,
            customer,
        )
        .execute(&mut *tx)
        .await
        .expect("a customer");
        tx.commit().await.expect("commits");
        // The first thing that is told, so that there is a beginning of what was compared.
        call(&format!("customers/{customer}"), json!({ "name": "Acme" }));
        let stripe = way_to(&peer, "sk_test_1");
        let till = Self { house, peer, stripe, acme, clock };
        till.reconcile().await;
        till
    }

    /// The same with a plan that is paid for, and every price of two plans known.
    pub(crate) async fn with(db: PgPool, plan: &str, seats: &str) -> Self {
        let till = Self::open(db).await;
        till.subscribe("TEAM", "1").await;
        till.change("PRO", "1").await.expect("comes later");
        till.resume().await.expect("stays");
        if plan != "TEAM" || seats != "1" {
            let lower = till.change(plan, seats).await.expect("changes");
            if lower.when == When::PeriodEnd {
                till.pass(32).await;
                till.listen_since(0).await;
            }
        }
        let has = till.has().await;
        assert_eq!((has.plan.plan.as_str(), has.provider.as_str()), (plan, "stripe"));
        till
    }

    pub(crate) fn payments(&self) -> Payments<'_> {
        Payments { usage: &Ledger, stripe: Some(&self.stripe) }
    }

    /// Takes a plan by card.
    pub(crate) async fn change(&self, plan: &str, seats: &str) -> Result<PlanChanged, AppError> {
        let wanted = PlanRequest { provider: Some("stripe".into()), ..request(plan, seats) };
        pay::change(&self.acme.may(Permission::UpdateBilling).await, &self.payments(), &wanted).await
    }

    pub(crate) async fn cancel(&self) -> Result<PlanChanged, AppError> {
        pay::cancel(&self.acme.may(Permission::UpdateBilling).await, &self.payments()).await
    }

    pub(crate) async fn resume(&self) -> Result<PlanChanged, AppError> {
        pay::resume(&self.acme.may(Permission::UpdateBilling).await, &self.payments()).await
    }

    /// Opens a page on which somebody can pay; answers its name.
    pub(crate) async fn page(&self, plan: &str, seats: &str) -> String {
        let asked = self.change(plan, seats).await.expect("asked");
        let address = asked.continue_at.expect("an address");
        address.rsplit('/').next().expect("a name").to_owned()
    }

    /// Takes a plan for the first time, and pays.
    pub(crate) async fn subscribe(&self, plan: &str, seats: &str) {
        let before = self.peer.events().len();
        let page = self.page(plan, seats).await;
        self.peer.check_out(&page, VISA).expect("paid");
        self.listen_since(before).await;
    }

    pub(crate) async fn has(&self) -> Subscription {
        let grant = self.acme.may(Permission::ReadBilling).await;
        pay::subscription(&grant, &self.payments(), &ROOMS).await.expect("a subscription")
    }

    /// The name of the plan, of the one that comes, and who is paid.
    pub(crate) async fn stands(&self) -> (String, Option<String>, String) {
        let has = self.has().await;
        (has.plan.plan, has.next.map(|next| next.plan), has.provider)
    }

    /// What the organization pays for, as Stripe has it.
    pub(crate) async fn at_stripe(&self) -> Value {
        let name = self.paid_for().await.expect("something is paid for");
        self.peer.object(&name).expect("it is there")
    }

    pub(crate) async fn paid_for(&self) -> Option<String> {
        let mut tx = inside(&self.house, self.acme.id).await;
        sqlx::query_scalar!(
            "SELECT subscription_id FROM stripe_customers WHERE organization_id = $1",
            self.acme.id,
        )
        .fetch_one(&mut *tx)
        .await
        .expect("a customer")
    }

    pub(crate) fn call(&self, method: &str, path: &str, params: Value) -> Value {
        self.peer.call(method, path, &params).unwrap_or_else(|problem| panic!("{method} {path}: {problem}"))
    }

    /// From now on it is paid with this card.
    pub(crate) async fn pay_with(&self, number: &str) {
        let subscription = self.at_stripe().await;
        let made =
            self.call("POST", "payment_methods", json!({ "type": "card", "card": { "number": number } }));
        let attach = format!("payment_methods/{}/attach", id(&made));
        self.call("POST", &attach, json!({ "customer": subscription["customer"] }));
        let path = format!("subscriptions/{}", id(&subscription));
        self.call("POST", &path, json!({ "default_payment_method": id(&made) }));
    }

    /// Days go by, here and at Stripe; nobody is told.
    pub(crate) async fn pass(&self, days: u32) {
        self.house.platform.clock().advance(DAY * days);
        let path = format!("test_helpers/test_clocks/{}/advance", self.clock);
        let then = self.house.platform.now().unix_seconds().to_string();
        self.call("POST", &path, json!({ "frozen_time": then }));
        run_once(&self.house.platform, &Ledger).await.expect("runs");
    }

    /// What happened since so many events, of the kinds that are told.
    pub(crate) fn told_since(&self, count: usize) -> Vec<Value> {
        let events = self.peer.events().into_iter().skip(count);
        events.filter(|event| inbox::EVENTS.iter().any(|kind| event["type"] == *kind)).collect()
    }

    pub(crate) async fn listen_since(&self, count: usize) {
        for event in self.told_since(count) {
            self.receive(&event).await;
        }
        self.work().await;
    }

    /// An event as it comes.
    pub(crate) async fn receive(&self, event: &Value) {
        let (at, body) = (self.house.platform.now().unix_seconds(), event.to_string());
        self.receive_as(&sign(SECRET, at, &body), &body).await.expect("stored");
    }

    pub(crate) async fn receive_as(&self, header: &str, body: &str) -> Result<(), AppError> {
        let secrets = [SecretString::from(SECRET.to_owned())];
        inbox::receive(&self.house.platform, &secrets, Some(Mode::Test), header, body.as_bytes()).await
    }

    /// Looks into everything that was told.
    pub(crate) async fn work(&self) -> usize {
        inbox::run_once(&self.house.platform, &self.stripe, KEEPERS).await.expect("works")
    }

    /// Asks again for what was not answered.
    pub(crate) async fn ask_again(&self) -> usize {
        pay::run_once(&self.house.platform, &self.stripe, KEEPER).await.expect("asks")
    }

    pub(crate) async fn reconcile(&self) {
        inbox::reconcile(&self.house.platform, &self.stripe).await.expect("compared");
    }

    /// How often something happened at Stripe.
    pub(crate) fn happened(&self, kind: &str) -> usize {
        self.peer.events().iter().filter(|event| event["type"] == kind).count()
    }

    /// How much had happened when this just had.
    pub(crate) fn moment(&self, event: &Value) -> usize {
        let before = self.peer.events().iter().position(|other| other["id"] == event["id"]);
        before.expect("it happened here") + 1
    }

    /// The row of the organization's subscription, but for the number of its last change: how often something was seen on its
    /// way differs.
    pub(crate) async fn row(&self) -> Value {
        let mut tx = inside(&self.house, self.acme.id).await;
        sqlx::query_scalar!(
            r#"SELECT to_jsonb(s) - 'changes' || jsonb_build_object('paid_for', c.subscription_id) AS "row!"
               FROM subscriptions s LEFT JOIN stripe_customers c USING (organization_id) WHERE s.organization_id = $1"#,
            self.acme.id,
        )
        .fetch_one(&mut *tx)
        .await
        .expect("a row")
    }

    pub(crate) async fn save(&self) -> Saved {
        let objects = sqlx::query_scalar!(
            r#"SELECT coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'id', id, 'state', state, 'seen_as', seen_as,
                                                            'fetched_at', fetched_at)), '[]') AS "all!"
               FROM stripe_objects"#
        )
        .fetch_one(&self.house.db)
        .await
        .expect("objects");
        Saved { subscription: self.row().await, objects, paid_for: self.paid_for().await }
    }

    /// Everything is as it was, and these events have never come.
    pub(crate) async fn restore(&self, saved: &Saved, events: &[Value]) {
        let ids: Vec<String> = events.iter().map(id).collect();
        let mut tx = inside(&self.house, self.acme.id).await;
        sqlx::query!("DELETE FROM stripe_events WHERE id = ANY($1)", &ids[..])
            .execute(&mut *tx)
            .await
            .expect("gone");
        sqlx::query!("DELETE FROM stripe_objects").execute(&mut *tx).await.expect("gone");
        sqlx::query!(
            "INSERT INTO stripe_objects (kind, id, state, seen_as, fetched_at)
             SELECT kind, id, state, seen_as, fetched_at
             FROM jsonb_to_recordset($1) AS t (kind text, id text, state jsonb, seen_as bigint, fetched_at timestamptz)",
            saved.objects,
        )
        .execute(&mut *tx)
        .await
        .expect("back");
        sqlx::query!(
            "UPDATE subscriptions s
             SET provider = r.provider, plan_version_id = r.plan_version_id, currency = r.currency,
                 extra_seats = r.extra_seats, anchor = r.anchor, period = r.period, period_from = r.period_from,
                 period_until = r.period_until, next_plan_version_id = r.next_plan_version_id,
                 next_extra_seats = r.next_extra_seats
             FROM jsonb_populate_record(NULL::subscriptions, $2) r WHERE s.organization_id = $1",
            self.acme.id,
            saved.subscription,
        )
        .execute(&mut *tx)
        .await
        .expect("back");
        sqlx::query!(
            "UPDATE stripe_customers SET subscription_id = $2 WHERE organization_id = $1",
            self.acme.id,
            saved.paid_for.as_deref(),
        )
        .execute(&mut *tx)
        .await
        .expect("back");
        tx.commit().await.expect("commits");
    }

    /// Ends the plan of the organization, as somebody who looks after money.
    pub(crate) async fn end_by_staff(&self) -> Result<PlanChanged, AppError> {
        self.house.letters().await;
        let staff = self.house.staff("money@example.com", "{USER,BILLING_ADMIN}").await;
        let grant = staff.may(SiteAction::CorrectBilling).expect("may");
        end_plan(&grant, &self.acme.id.to_string(), "They asked for it.").await
    }
}
