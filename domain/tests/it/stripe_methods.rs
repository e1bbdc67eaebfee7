//! Ways to pay: left on a page of Stripe's, chosen and taken away, by whoever may and as often as it is tried.

use std::time::Duration;

use domain::{
    AppError, FieldIssue, FieldProblem,
    access::Permission,
    billing::{
        PaymentMethod,
        service::{self, pay::Payments},
        stripe::Stripe,
    },
    spend::service::Ledger,
};
use serde_json::{Value, json};
use sqlx::PgPool;
use stripe_peer::Fault;

use crate::{
    billing_house::inside,
    stripe_invoices::Books,
    stripe_scene::{KEEPER, VISA, id},
};

const MASTERCARD: &str = "5555 5555 5555 4444";

fn refused(field: &str, issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new(field, issue)] }
}

fn no<T>(issue: FieldIssue) -> Result<T, AppError> {
    Err(refused("payment_method_id", issue))
}

impl Books {
    fn stripe(&self) -> Option<&Stripe> {
        Some(&self.scene.shop.stripe)
    }

    fn payments(&self) -> Payments<'_> {
        Payments { usage: &Ledger, stripe: self.stripe() }
    }

    async fn methods(&self) -> Vec<PaymentMethod> {
        let grant = self.firm.may(Permission::ReadBilling).await;
        service::payment_methods(&grant, self.stripe()).await.expect("a list").items
    }

    /// The one that is charged.
    async fn charged(&self) -> Option<String> {
        let all = self.methods().await;
        assert!(all.iter().filter(|method| method.is_default).count() <= 1, "{all:?}");
        all.into_iter().find(|method| method.is_default).map(|method| method.id)
    }

    async fn choose(&self, method: &str) -> Result<(), AppError> {
        let grant = self.firm.may(Permission::UpdateBilling).await;
        service::set_default_payment_method(&grant, &self.payments(), method).await
    }

    async fn remove(&self, method: &str) -> Result<(), AppError> {
        let grant = self.firm.may(Permission::UpdateBilling).await;
        service::remove_payment_method(&grant, &self.payments(), method).await
    }

    /// Everything that has happened at the shop is told.
    async fn catch_up(&self) {
        for event in self.scene.shop.told_since(0) {
            self.tell(&event).await;
        }
        self.work().await;
    }

    fn at_stripe(&self, id: &str) -> Value {
        self.scene.shop.peer.object(id).expect("it is there")
    }

    async fn acts(&self) -> usize {
        let mut tx = inside(&self.house, self.firm.id).await;
        let rows = sqlx::query!("SELECT id FROM stripe_method_acts").fetch_all(&mut *tx).await;
        rows.expect("rows").len()
    }

    async fn noted(&self, deed: &str) -> usize {
        self.firm.trail(&self.house).await.iter().filter(|noted| *noted == deed).count()
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn without_stripe_each_says_so(db: PgPool) {
    let books = Books::open(db).await;
    let reads = books.firm.may(Permission::ReadBilling).await;
    let changes = books.firm.may(Permission::UpdateBilling).await;
    let none = || refused("organization_id", FieldIssue::NoStripe);
    assert_eq!(service::payment_methods(&reads, None).await.map(drop), Err(none()));
    let nothing = Payments { usage: &Ledger, stripe: None };
    assert_eq!(service::add_payment_method(&changes, None).await.map(drop), Err(none()));
    assert_eq!(service::open_portal(&changes, None).await.map(drop), Err(none()));
    assert_eq!(service::set_default_payment_method(&changes, &nothing, "pm_1").await, Err(none()));
    assert_eq!(service::remove_payment_method(&changes, &nothing, "pm_1").await, Err(none()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_card_is_left_at_stripe_chosen_and_taken_away(db: PgPool) {
    let books = Books::without_customer(db).await;
    let peer = &books.scene.shop.peer;
    assert!(books.methods().await.is_empty());
    let changes = books.firm.may(Permission::UpdateBilling).await;
    let page = service::add_payment_method(&changes, books.stripe()).await.expect("a page").continue_at;
    let session = page.strip_prefix(&format!("{}/checkout/", peer.url())).expect("a page of Stripe's");
    let back = peer.check_out(session, VISA).expect("is left");
    assert!(back.ends_with("/o/acme/billing?card=left"), "{back}");
    books.catch_up().await;
    let all = books.methods().await;
    let [card] = all.as_slice() else { panic!("one card: {all:?}") };
    assert_eq!((card.kind.as_str(), card.brand.as_deref()), ("card", Some("visa")));
    assert_eq!((card.last_four.as_deref(), card.expires.as_deref()), (Some("4242"), Some("2034-12")));
    assert!(!card.is_default, "nothing is charged that nobody has chosen");

    assert_eq!(books.choose(&card.id).await, Ok(()));
    assert_eq!(books.charged().await.as_ref(), Some(&card.id));
    assert_eq!(books.choose(&card.id).await, no(FieldIssue::Unchanged));
    let portal = service::open_portal(&changes, books.stripe()).await.expect("a page").continue_at;
    assert!(portal.starts_with(&format!("{}/portal/", peer.url())), "{portal}");
    assert_eq!(books.remove(&card.id).await, Ok(()));
    assert!(books.methods().await.is_empty());
    assert_eq!(books.at_stripe(&card.id)["customer"], Value::Null);
    assert_eq!(books.remove(&card.id).await, Err(AppError::NotFound));
    for (deed, count) in [
        ("billing.payment-page-opened", 2),
        ("billing.default-payment-method-set", 1),
        ("billing.payment-method-removed", 1),
    ] {
        assert_eq!(books.noted(deed).await, count, "{deed}");
    }
    assert_eq!(books.acts().await, 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_pays_for_a_plan_stays(db: PgPool) {
    let books = Books::open(db).await;
    let shop = &books.scene.shop;
    let first = shop.card(VISA);
    let subscription = id(&shop.subscribe(&shop.pro));
    books.catch_up().await;
    assert_eq!(books.charged().await.as_deref(), Some(first.as_str()));
    assert_eq!(books.remove(&first).await, no(FieldIssue::LastPaymentMethod));
    let second = id(&shop.call(
        "POST",
        "payment_methods",
        json!({ "type": "card", "card": { "number": MASTERCARD } }),
    ));
    shop.call("POST", &format!("payment_methods/{second}/attach"), json!({ "customer": shop.customer }));
    books.catch_up().await;
    assert_eq!(books.methods().await.len(), 2);
    assert_eq!(books.remove(&first).await, no(FieldIssue::ChargedPaymentMethod));
    assert_eq!(books.choose(&second).await, Ok(()));
    assert_eq!(books.at_stripe(&subscription)["default_payment_method"], second.as_str());
    assert_eq!(books.charged().await.as_ref(), Some(&second));
    assert_eq!(books.remove(&first).await, Ok(()));
    assert_eq!(books.remove(&second).await, no(FieldIssue::LastPaymentMethod));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_removes_what_another_one_removes_or_chooses_leaves_a_plan_with_its_card(db: PgPool) {
    let books = Books::open(db).await;
    let shop = &books.scene.shop;
    shop.card(VISA);
    shop.subscribe(&shop.pro);
    books.catch_up().await;
    for round in 0..4 {
        let more = id(&shop.call(
            "POST",
            "payment_methods",
            json!({ "type": "card", "card": { "number": MASTERCARD } }),
        ));
        shop.call("POST", &format!("payment_methods/{more}/attach"), json!({ "customer": shop.customer }));
        books.catch_up().await;
        let outcomes = if round % 2 == 0 {
            futures::future::join(books.remove(&more), books.remove(&more)).await
        } else {
            futures::future::join(books.choose(&more), books.remove(&more)).await
        };
        let done = [&outcomes.0, &outcomes.1].into_iter().filter(|it| it.is_ok()).count();
        assert!(done >= 1, "{round}: {outcomes:?}");
        let charged = books.charged().await.expect("a plan has a card");
        assert_eq!(books.at_stripe(&charged)["customer"], shop.customer.as_str(), "{round}: {outcomes:?}");
        assert_eq!(books.acts().await, 0);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_asked_and_not_answered_is_asked_again_and_done_once(db: PgPool) {
    let books = Books::open(db).await;
    let shop = &books.scene.shop;
    for fault in [Fault::Silence, Fault::LostAnswer, Fault::Error] {
        let card = shop.card(VISA);
        books.catch_up().await;
        let before = books.noted("billing.payment-method-removed").await;
        shop.peer.fail("POST /v1/payment_methods", [fault; 4]);
        let away = books.remove(&card).await;
        assert!(matches!(away, Err(AppError::Busy { .. })), "{fault:?}: {away:?}");
        assert_eq!(books.acts().await, 1, "it is written down");
        assert_eq!(books.remove(&card).await, no(FieldIssue::OnItsWay), "{fault:?}");
        shop.peer.recover();
        let resumed = service::resume_methods(&books.scene.platform, &shop.stripe, KEEPER).await;
        assert_eq!(resumed, Ok(0), "whoever asked has some time");
        books.scene.platform.clock().advance(Duration::from_mins(2));
        let resumed = service::resume_methods(&books.scene.platform, &shop.stripe, KEEPER).await;
        assert_eq!((resumed, books.acts().await), (Ok(1), 0), "{fault:?}");
        assert_eq!(books.at_stripe(&card)["customer"], Value::Null, "{fault:?}");
        assert_eq!(books.noted("billing.payment-method-removed").await, before + 1, "{fault:?}");
        assert!(books.methods().await.is_empty());
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_removal_that_was_done_longer_ago_than_keys_are_kept_is_done(db: PgPool) {
    let books = Books::open(db).await;
    let shop = &books.scene.shop;
    let card = shop.card(VISA);
    books.catch_up().await;
    shop.peer.fail("POST /v1/payment_methods", [Fault::LostAnswer; 4]);
    assert!(books.remove(&card).await.is_err());
    shop.peer.recover();
    shop.peer.forget_keys();
    books.scene.platform.clock().advance(Duration::from_hours(48));
    assert_eq!(service::resume_methods(&books.scene.platform, &shop.stripe, KEEPER).await, Ok(1));
    assert_eq!((books.acts().await, books.noted("billing.payment-method-removed").await), (0, 1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_card_of_somebody_else_is_nothing_one_knows_of(db: PgPool) {
    let books = Books::open(db).await;
    let shop = &books.scene.shop;
    let other = id(&shop.call("POST", "customers", json!({ "email": "bob@example.com" })));
    let card =
        id(&shop.call("POST", "payment_methods", json!({ "type": "card", "card": { "number": VISA } })));
    shop.call("POST", &format!("payment_methods/{card}/attach"), json!({ "customer": other }));
    books.catch_up().await;
    assert!(books.methods().await.is_empty());
    assert_eq!(books.choose(&card).await, Err(AppError::NotFound));
    assert_eq!(books.remove(&card).await, Err(AppError::NotFound));
    assert_eq!(books.at_stripe(&card)["customer"], other.as_str());
    assert!(matches!(books.remove(" ").await, Err(AppError::InvalidInput { .. })));
}
