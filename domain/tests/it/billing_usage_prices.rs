//! What usage costs: set by those who look after money, for what comes, and never for what was.

use domain::{
    AppError, FieldIssue,
    access::{Permission, SiteAction},
    billing::service::{self, NewUsagePrice},
    spend::service::Ledger,
};
use sqlx::PgPool;

use crate::{
    billing_house::{DAY, firm, house_at, join, staff},
    house::House,
};

fn price(of: &str, price: &str, from: Option<&str>) -> NewUsagePrice {
    NewUsagePrice {
        provider: "acme-ai".into(),
        item: "large".into(),
        unit: of.into(),
        currency: "eur".into(),
        price: price.into(),
        per: Some("1000000".into()),
        valid_from: from.map(str::to_owned),
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_price_is_set_for_what_comes_and_stays_as_it_was(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let money = staff(&house).await;
    let set = async |typed: &NewUsagePrice| service::set_usage_price(&money.corrects, typed).await;
    let past = set(&price("call", "3", Some("2026-10-31"))).await;
    assert_eq!(past, Err(AppError::invalid("valid_from", FieldIssue::NotInFuture)));
    set(&price("call", "3", None)).await.expect("sets");
    set(&price("call", "4", Some("2026-12-01"))).await.expect("sets");
    let twice = set(&price("call", "5", Some("2026-12-01"))).await;
    assert!(matches!(twice, Err(AppError::Conflict { .. })), "{twice:?}");
    let listed = async || service::usage_prices(&money.reads).await.expect("a list");
    assert!(listed().await.iter().all(|it| !it.is_current), "they come");
    house.platform.clock().advance(DAY);
    let current = async || {
        let all = listed().await.into_iter().filter(|it| it.is_current);
        all.map(|it| it.unit_price().told()).collect::<Vec<_>>()
    };
    assert_eq!(current().await, ["3.00 EUR for 1,000,000"]);
    house.platform.clock().advance(DAY * 30);
    assert_eq!(current().await, ["4.00 EUR for 1,000,000"]);
    for statement in ["UPDATE usage_prices SET price_nano = 1", "DELETE FROM usage_prices"] {
        #[expect(clippy::disallowed_methods, reason = "what must be refused")]
        let refused = sqlx::query(statement).execute(&house.db).await;
        assert!(refused.is_err(), "{statement}");
    }
    let backwards = sqlx::query!(
        "INSERT INTO usage_prices (id, provider, item, unit, currency, price_nano, per, valid_from, set_at)
         VALUES (gen_random_uuid(), 'a', 'b', 'c', 'EUR', 1, 1, '2026-01-01', '2026-01-02')",
    )
    .execute(&house.db)
    .await;
    assert!(backwards.is_err(), "what was never gets another price, whoever says so");
    let trail = house.trail("billing").await;
    assert_eq!(trail.len(), 2, "{trail:?}");
    assert!(trail.iter().all(|(action, detail)| {
        action == "billing.usage-price-set" && detail.contains("EUR for 1,000,000")
    }));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn everything_that_is_wrong_with_a_price_is_named_at_once(db: PgPool) {
    let house = House::new(db);
    let money = staff(&house).await;
    let wrong = NewUsagePrice {
        provider: " ".into(),
        item: "a\u{202e}b".into(),
        unit: "Big Unit".into(),
        currency: "XXX".into(),
        price: "-1".into(),
        per: Some("0".into()),
        valid_from: Some("tomorrow".into()),
    };
    let Err(AppError::InvalidInput { errors }) = service::set_usage_price(&money.corrects, &wrong).await
    else {
        panic!("refused")
    };
    let fields: Vec<_> = errors.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["provider", "item", "unit", "currency", "price", "per", "valid_from"]);
    assert!(service::usage_prices(&money.reads).await.expect("a list").is_empty());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn prices_are_of_those_who_look_after_money_and_usage_of_those_who_may_read_it(db: PgPool) {
    let house = House::new(db);
    let money = staff(&house).await;
    let refused = service::set_usage_price(&money.pays, &price("call", "3", None)).await;
    assert_eq!(refused, Err(AppError::NotAllowed), "a grant to note payments sets no price");
    let support = house.staff("support@example.com", "{USER,SUPPORT}").await;
    for action in [SiteAction::ReadBilling, SiteAction::CorrectBilling] {
        assert_eq!(support.may(action).err(), Some(AppError::NotAllowed));
    }
    let acme = firm(&house, "acme").await;
    let stranger = house.person("stranger@example.com").await;
    assert_eq!(stranger.in_organization("acme").await.err(), Some(AppError::NotFound));
    let viewer = house.person("viewer@example.com").await;
    join(&house, acme.id, viewer.signed_in().expect("in").user(), "VIEWER").await;
    let member = viewer.in_organization("acme").await.expect("a member");
    assert_eq!(member.may(Permission::ReadBilling).err(), Some(AppError::NotAllowed));
    let other = acme.may(Permission::ReadSpend).await;
    assert_eq!(service::open_usage(&other, &Ledger).await.err(), Some(AppError::NotAllowed));
}
