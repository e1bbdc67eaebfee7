//! What may be spent: reserved, settled, released, refused; told once; and explained.

use domain::{
    AppError, FieldIssue,
    access::Permission,
    spend::{
        LimitState, Nano, Scope,
        service::{self, NewDispatch, NewLimit, NewUsage, Reprice, Reservation, Settlement},
    },
};
use sqlx::PgPool;

use crate::shop::{Shop, grant};

fn usage(name: &str, usage: &str) -> NewUsage {
    NewUsage {
        event_id: name.into(),
        provider: "acme-ai".into(),
        item: "large".into(),
        usage: Some(usage.into()),
        ..NewUsage::default()
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_reserved_is_held_what_is_settled_is_spent_and_the_rest_is_free_again(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let hold = shop.reserve("one", "4").await.expect("fits");
    assert_eq!(shop.meter(cap).await, ("0.00".into(), "4.00".into()));
    let settled = shop.settle(hold.hold_id, "1.5").await.expect("settles");
    assert_eq!(
        (settled.amount, settled.overrun, settled.duplicate),
        (Nano::new(1_500_000_000), Nano::ZERO, false)
    );
    assert_eq!(shop.meter(cap).await, ("1.50".into(), "0.00".into()));
    assert_eq!(
        (shop.account("unbilled").await, shop.account("usage:").await),
        ("1.50".into(), "-1.50".into())
    );
    let hold = shop.reserve("two", "8.5").await.expect("fits to the nano");
    let grant = shop.may(Permission::ReserveSpend).await;
    service::release(&grant, &hold.hold_id.to_string()).await.expect("releases");
    let again =
        service::release(&grant, &hold.hold_id.to_string()).await.expect("a second time changes nothing");
    assert!(again.duplicate);
    assert_eq!(shop.meter(cap).await, ("1.50".into(), "0.00".into()));
    let refused = shop.settle(hold.hold_id, "1").await.expect_err("was released");
    assert_eq!(refused.of_field("hold_id").map(|it| it.issue.clone()), Some(FieldIssue::Ended));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_refusal_names_the_budget_and_what_is_left_of_it(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.limit("organization", "month", "10").await;
    let hold = shop.reserve("one", "4").await.expect("fits");
    shop.settle(hold.hold_id, "3").await.expect("settles");
    shop.reserve("two", "6.5").await.expect("fits");
    let refused = shop.reserve("three", "0.500000001").await.expect_err("one nano too much");
    let AppError::SpendCapReached { scope, subject, cap, spent, held, resets_at, manage_url } = refused
    else {
        panic!("{refused:?}")
    };
    assert_eq!((scope, subject.as_str()), (Scope::Organization, ""));
    assert_eq!([cap, spent, held].map(|it| it.to_string()), ["10.00", "3.00", "6.50"]);
    assert_eq!(resets_at.rfc3339(), "2026-12-01T00:00:00Z");
    assert!(manage_url.ends_with("/o/acme/limits"), "{manage_url}");
    shop.reserve("four", "0.5").await.expect("what is left");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_call_counts_against_every_budget_above_it_or_against_none(db: PgPool) {
    let shop = Shop::new(db).await;
    let whole = shop.limit("organization", "month", "100").await;
    let project = shop.limit("project:alpha", "day", "5").await;
    let model = shop.limit("model:large", "rolling", "7").await;
    let other = shop.limit("tag:night", "month", "1").await;
    shop.reserve_in("one", "4", "project:alpha, model:large").await.expect("fits");
    let refused = shop.reserve_in("two", "2", "project:alpha, model:large").await;
    assert!(matches!(refused, Err(AppError::SpendCapReached { scope: Scope::Project, .. })), "{refused:?}");
    let refused = shop.reserve_in("three", "4", "model:large").await;
    assert!(matches!(refused, Err(AppError::SpendCapReached { scope: Scope::Model, .. })), "{refused:?}");
    for (id, held) in [(whole, "4.00"), (project, "4.00"), (model, "4.00"), (other, "0.00")] {
        assert_eq!(shop.meter(id).await, ("0.00".into(), held.into()));
    }
    // The day is over for the project, and the model's three days are not.
    shop.house.platform.clock().advance(std::time::Duration::from_hours(24));
    let refused = shop.reserve_in("four", "4", "project:alpha, model:large").await;
    assert!(matches!(refused, Err(AppError::SpendCapReached { scope: Scope::Model, .. })), "{refused:?}");
    shop.reserve_in("five", "3", "project:alpha, model:large").await.expect("fits");
    shop.house.platform.clock().advance(std::time::Duration::from_hours(48));
    shop.reserve_in("six", "4", "model:large").await.expect("the first day is out of the window");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_same_request_gets_the_same_hold_and_another_one_none(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "5").await;
    let first = shop.reserve("one", "4").await.expect("fits");
    assert_eq!(shop.reserve("one", "4").await.expect("the same"), first);
    assert_eq!(shop.meter(cap).await.1, "4.00");
    assert_eq!(shop.reserve("one", "3").await, Err(AppError::IdempotencyMismatch));
    shop.settle(first.hold_id, "4").await.expect("settles");
    let over = shop.reserve("one", "4").await.expect_err("it is no leave to make the call once more");
    assert_eq!(over.of_field("request_id").map(|it| it.issue.clone()), Some(FieldIssue::Ended));
    let again = shop.settle(first.hold_id, "4.0").await.expect("settled already");
    assert!(again.duplicate);
    let other = shop.settle(first.hold_id, "3").await.expect_err("at something else");
    assert_eq!(other.of_field("hold_id").map(|it| it.issue.clone()), Some(FieldIssue::AlreadyDone));
    assert_eq!(shop.meter(cap).await, ("4.00".into(), "0.00".into()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_expired_hold_is_free_again_unless_it_was_sent_on(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let [idle, sent, plain] = ["idle", "sent", "plain"].map(|name| shop.reserve(name, "2"));
    let (idle, sent, plain) =
        (idle.await.expect("fits"), sent.await.expect("fits"), plain.await.expect("fits"));
    let grant = shop.may(Permission::ReserveSpend).await;
    let known = |id: uuid::Uuid, known: Option<&str>| NewDispatch {
        hold_id: id.to_string(),
        known: known.map(str::to_owned),
        expires_in_s: None,
    };
    service::dispatch(&grant, &known(sent.hold_id, Some("0.25"))).await.expect("is sent on");
    service::dispatch(&grant, &known(plain.hold_id, None)).await.expect("is sent on");
    for zero in ["0", "2.1", "-1", "NaN"] {
        assert!(service::dispatch(&grant, &known(sent.hold_id, Some(zero))).await.is_err(), "{zero}");
    }
    assert_eq!(service::expire_due(&shop.house.platform).await, Ok(0));
    for hold in [&idle, &sent, &plain] {
        shop.overdue(hold.hold_id).await;
    }
    assert_eq!(service::expire_due(&shop.house.platform).await, Ok(3));
    assert_eq!(service::expire_due(&shop.house.platform).await, Ok(0));
    // Nothing, what was known, and all of it where nobody had said what is known.
    assert_eq!(shop.meter(cap).await, ("2.25".into(), "0.00".into()));
    // Who comes late is heard: what was never sent on has cost something after all, what was known is put right.
    assert_eq!(shop.settle(idle.hold_id, "1").await.expect("late").overrun, Nano::dollars(1));
    assert_eq!(shop.settle(sent.hold_id, "0.75").await.expect("late").amount, Nano::new(750_000_000));
    assert_eq!(shop.meter(cap).await, ("3.75".into(), "0.00".into()));
    assert_eq!(shop.account("unbilled").await, "3.75");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_was_sent_on_is_never_released_at_nothing(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let hold = shop.reserve("one", "2").await.expect("fits");
    let grant = shop.may(Permission::ReserveSpend).await;
    let id = hold.hold_id.to_string();
    let typed = NewDispatch { hold_id: id.clone(), known: Some("0.5".into()), expires_in_s: None };
    service::dispatch(&grant, &typed).await.expect("is sent on");
    let twice = shop.reserve("one", "2").await.expect_err("it is no leave to send it on once more");
    assert_eq!(twice.of_field("request_id").map(|it| it.issue.clone()), Some(FieldIssue::SentOn));
    assert_eq!(service::release(&grant, &id).await.expect("ends").amount, Nano::new(500_000_000));
    assert_eq!(shop.meter(cap).await, ("0.50".into(), "0.00".into()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn more_than_was_held_is_booked_in_full_and_named(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let hold = shop.reserve("one", "2").await.expect("fits");
    let settled = shop.settle(hold.hold_id, "12").await.expect("settles");
    assert_eq!(settled.overrun, Nano::dollars(10));
    assert_eq!(shop.meter(cap).await, ("12.00".into(), "0.00".into()));
    let trail = shop.trail().await;
    assert!(
        trail.iter().any(|(action, detail)| action == "spend.overrun" && detail.contains("12.00")),
        "{trail:?}"
    );
    assert!(matches!(shop.reserve("two", "0.000000001").await, Err(AppError::SpendCapReached { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn each_warning_is_told_once_to_those_who_can_raise_the_budget(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.member("billing@example.com", "BILLING").await;
    shop.member("viewer@example.com", "VIEWER").await;
    shop.house.letters().await;
    shop.limit("organization", "month", "10").await;
    let spend = async |name: &str, amount: &str| {
        let hold = shop.reserve(name, amount).await.expect("fits");
        shop.settle(hold.hold_id, amount).await.expect("settles");
        shop.house.letters().await
    };
    assert!(spend("a", "4.9").await.is_empty());
    let told = spend("b", "0.1").await;
    assert_eq!(told.len(), 2, "owner and billing, not the viewer");
    assert!(told.iter().all(|letter| letter.contains("50 % of the budget of the organization")), "{told:?}");
    assert!(spend("c", "0.1").await.is_empty());
    // Two at once: only the higher one is told.
    let told = spend("d", "4.9").await;
    assert!(told.len() == 2 && told.iter().all(|letter| letter.contains("100 %")), "{told:?}");
    // Raised, it is crossed anew; and in the next month as well.
    shop.limit("organization", "month", "30").await;
    assert!(spend("e", "1").await.is_empty());
    assert_eq!(spend("f", "4").await.len(), 2);
    shop.house.platform.clock().advance(std::time::Duration::from_hours(24 * 20));
    assert!(spend("g", "14").await.is_empty());
    assert_eq!(spend("h", "1").await.len(), 2);
    let warned = shop.trail().await.into_iter().filter(|(action, _)| action == "spend.warned");
    assert_eq!(warned.count(), 4);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_first_refusal_of_a_window_is_told_and_the_others_are_not(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.limit("organization", "month", "1").await;
    for name in ["a", "b", "c"] {
        assert!(matches!(shop.reserve(name, "2").await, Err(AppError::SpendCapReached { .. })));
    }
    let told = shop.house.letters().await;
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("had not enough left")
            && told[0].contains("$1.00")
            && told[0].contains("/o/acme/limits")
            && !told[0].contains("used up")
    );
    // A call that is too large says nothing of how the budget stands.
    assert_eq!(shop.limits().await[0].state, LimitState::Fine);
    let hold = shop.reserve("d", "0.5").await.expect("fits").hold_id;
    shop.settle(hold, "0.5").await.expect("settles");
    assert_eq!(shop.limits().await[0].state, LimitState::Near);
    shop.reserve("e", "0.5").await.expect("fits");
    assert_eq!(shop.limits().await[0].state, LimitState::Reached, "spent and held are the cap");
    let reached = shop.trail().await.into_iter().filter(|(action, _)| action == "spend.cap-reached");
    assert_eq!(reached.count(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_letter_of_a_refusal_says_that_a_budget_is_used_up_only_where_it_is(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.limit("organization", "month", "1").await;
    shop.reserve("a", "1").await.expect("fits");
    assert!(matches!(shop.reserve("b", "0.1").await, Err(AppError::SpendCapReached { .. })));
    let told = shop.house.letters().await;
    assert!(told.len() == 1 && told[0].contains("A budget is used up"), "{told:?}");
    // Raised, the next refusal is told again, as what it is.
    shop.limit("organization", "month", "2").await;
    assert!(matches!(shop.reserve("c", "1.1").await, Err(AppError::SpendCapReached { .. })));
    let told = shop.house.letters().await;
    assert!(told.len() == 1 && told[0].contains("A budget has refused a call"), "{told:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_budget_may_put_off_or_only_tell(db: PgPool) {
    let shop = Shop::new(db).await;
    let set = async |action: &str| {
        let typed = NewLimit { cap: Some("1".into()), action: Some(action.into()), ..NewLimit::default() };
        service::set_limit(&shop.may(Permission::UpdateSpend).await, &typed).await.expect("sets");
    };
    set("throttle").await;
    let put_off = shop.reserve("a", "2").await;
    assert!(matches!(put_off, Err(AppError::TooManyRequests { retry_after_s: 1..=3600 })), "{put_off:?}");
    set("notify").await;
    shop.reserve("b", "2").await.expect("goes on");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_new_budget_counts_what_was_before_it_in_its_window(db: PgPool) {
    let shop = Shop::new(db).await;
    for (name, amount) in [("a", "3"), ("b", "2")] {
        let hold = shop.reserve_in(name, amount, "tag:x").await.expect("no budget yet");
        shop.settle(hold.hold_id, amount).await.expect("settles");
        shop.house.platform.clock().advance(std::time::Duration::from_hours(24 * 4));
    }
    let open = shop.reserve_in("c", "1", "tag:x").await.expect("no budget yet");
    let month = shop.limit("organization", "month", "10").await;
    let tag = shop.limit("tag:x", "rolling", "10").await;
    let other = shop.limit("tag:y", "month", "10").await;
    assert_eq!(shop.meter(month).await, ("5.00".into(), "1.00".into()));
    assert_eq!(shop.meter(tag).await, ("0.00".into(), "1.00".into()), "three days");
    assert_eq!(shop.meter(other).await, ("0.00".into(), "0.00".into()));
    shop.settle(open.hold_id, "0.5").await.expect("settles");
    assert_eq!(shop.meter(month).await, ("5.50".into(), "0.00".into()));
    // Below what is spent it refuses everything, and says so.
    shop.limit("organization", "month", "2").await;
    assert!(matches!(shop.reserve("d", "0.01").await, Err(AppError::SpendCapReached { .. })));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_window_begins_twice_when_the_organization_moves(db: PgPool) {
    let shop = Shop::at(db, "2026-11-30T22:30:00Z").await;
    let cap = shop.limit("organization", "month", "10").await;
    shop.reserve("a", "9").await.expect("fits");
    let mut tx = shop.sql().await;
    sqlx::query!("UPDATE organizations SET time_zone = 'America/New_York' WHERE id = $1", shop.id)
        .execute(&mut *tx)
        .await
        .expect("moves");
    tx.commit().await.expect("commits");
    assert!(shop.reserve("b", "2").await.is_err(), "still November, by another clock");
    assert_eq!(shop.limits().await[0].resets_at.rfc3339(), "2026-12-01T05:00:00Z");
    shop.house.platform.clock().advance(std::time::Duration::from_hours(7));
    assert_eq!(shop.meter(cap).await.1, "0.00", "December began in New York");
    shop.reserve("c", "2").await.expect("fits");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_has_no_price_is_refused_or_billed_at_what_was_held_and_never_free(db: PgPool) {
    let shop = Shop::new(db).await;
    let cap = shop.limit("organization", "month", "10").await;
    let ask = async |name: &str, amount: Option<&str>| {
        let typed = Reservation {
            amount: amount.map(str::to_owned),
            usage: Some("input-token=1000000, output-token=1".into()),
            provider: Some("acme-ai".into()),
            item: Some("large".into()),
            request_id: name.into(),
            ..Reservation::default()
        };
        service::reserve(&shop.may(Permission::ReserveSpend).await, &typed).await
    };
    shop.price("input-token", "3", "1000000", None).await;
    let unpriced = Some(FieldIssue::Unpriced);
    let refused = ask("a", None).await.expect_err("half of it has no price");
    assert_eq!(refused.of_field("usage").map(|it| it.issue.clone()), unpriced);
    let refused = shop.record(usage("b", "output-token=5")).await.expect_err("no price");
    assert_eq!(refused.of_field("usage").map(|it| it.issue.clone()), unpriced);
    let hold = ask("c", Some("2")).await.expect("held at what its client says");
    let typed = Settlement {
        hold_id: hold.hold_id.to_string(),
        usage: Some("input-token=100, output-token=7".into()),
        ..Settlement::default()
    };
    let settled = service::settle(&shop.may(Permission::ReserveSpend).await, &typed).await.expect("settles");
    assert_eq!((settled.amount, settled.priced), (Nano::dollars(2), false));
    let read = shop.may(Permission::ReadSpend).await;
    assert_eq!(service::explain(&read, "c").await.expect("explains").verdict, "unpriced");
    // The price comes late, for the past: the correction takes back what was billed and bills what it costs.
    assert_eq!(shop.price("output-token", "15", "1000000", Some("2026-11-01")).await, 1);
    let update = shop.may(Permission::UpdateSpend).await;
    let by = Reprice { event_id: Some("c".into()), ..Reprice::default() };
    let done = service::correct(&update, &by).await.expect("corrects");
    assert_eq!((done.checked, done.corrected), (1, 1));
    assert_eq!(shop.meter(cap).await.0, "0.000405");
    assert_eq!(service::correct(&update, &by).await.expect("nothing more").corrected, 0);
    let told = service::explain(&read, "c").await.expect("explains");
    assert_eq!((told.verdict.as_str(), told.amount), ("billed", Nano::new(405_000)));
    let kinds: Vec<_> =
        told.entries.iter().map(|line| (line.kind.as_str(), line.amount.to_string())).collect();
    assert_eq!(kinds.len(), 6, "{kinds:?}");
    assert_eq!(told.lines.iter().map(|line| line.amount.get()).collect::<Vec<_>>(), [300_000, 105_000]);
    assert_eq!(told.budgets.len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_call_is_rated_by_the_price_of_the_moment_it_happened(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.price("call", "1", "1", Some("2026-11-01")).await;
    shop.price("call", "2", "1", Some("2026-11-10")).await;
    let at = |name: &str, day: &str| NewUsage { occurred_at: Some(day.into()), ..usage(name, "call=3") };
    assert_eq!(shop.record(at("a", "2026-11-09")).await.expect("notes").amount, Nano::dollars(3));
    assert_eq!(shop.record(at("b", "2026-11-10")).await.expect("notes").amount, Nano::dollars(6));
    // Of two prices for the same moment the one that was written later counts.
    shop.price("call", "5", "1", Some("2026-11-10")).await;
    assert_eq!(shop.record(at("c", "2026-11-10")).await.expect("notes").amount, Nano::dollars(15));
    let again = shop.record(at("a", "2026-11-10")).await.expect("noted before");
    assert_eq!((again.duplicate, again.amount), (true, Nano::dollars(3)));
    for day in ["2026-10-01", "2026-11-19", "yesterday"] {
        assert!(shop.record(at("d", day)).await.is_err(), "{day}");
    }
    let report =
        service::usage(&shop.may(Permission::ReadSpend).await, &service::UsageQuery::default()).await;
    let report = report.expect("reports");
    assert_eq!((report.total, report.calls, report.days.len()), (Nano::dollars(24), 3, 30));
    assert_eq!(report.keys.len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_settlement_that_is_sent_again_is_the_same_also_when_prices_have_changed_since(db: PgPool) {
    let shop = Shop::new(db).await;
    shop.price("call", "1", "1", Some("2026-11-01")).await;
    let typed = Reservation {
        usage: Some("call=3".into()),
        provider: Some("acme-ai".into()),
        item: Some("large".into()),
        request_id: "a".into(),
        ..Reservation::default()
    };
    let grant = shop.may(Permission::ReserveSpend).await;
    let hold = service::reserve(&grant, &typed).await.expect("no budget").hold_id.to_string();
    let typed = Settlement { hold_id: hold, usage: Some("call=2".into()), ..Settlement::default() };
    let first = service::settle(&grant, &typed).await.expect("settles");
    shop.house.platform.clock().advance(std::time::Duration::from_hours(1));
    shop.price("call", "2", "1", None).await;
    let again = service::settle(&grant, &typed).await.expect("settled already");
    assert_eq!((again.duplicate, again.amount), (true, first.amount));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn amounts_that_are_none_are_refused(db: PgPool) {
    let shop = Shop::new(db).await;
    for (amount, issue) in [
        ("", FieldIssue::Required),
        ("0", FieldIssue::NotPositive),
        ("-0.00", FieldIssue::NotPositive),
        ("NaN", FieldIssue::NotAnAmount),
        ("1e3", FieldIssue::NotAnAmount),
        ("0.0000000001", FieldIssue::NotAnAmount),
        ("-1", FieldIssue::OutOfRange { min: 0, max: 9_223_372_036 }),
        ("9223372036.854775808", FieldIssue::OutOfRange { min: 0, max: 9_223_372_036 }),
        ("1000000.01", FieldIssue::OutOfRange { min: 0, max: 1_000_000 }),
    ] {
        let refused = shop.reserve("a", amount).await.expect_err(amount);
        assert_eq!(refused.of_field("amount").map(|it| it.issue.clone()), Some(issue), "{amount:?}");
    }
    for scope in ["everything", "person:me", "token:x", "planet:mars", "tag:", "group:a"] {
        assert!(shop.reserve_in("a", "1", scope).await.is_err(), "{scope}");
    }
    for wrong in
        [("scope", "planet"), ("period", "year"), ("action", "shout"), ("cap", "much"), ("cap", "-1")]
    {
        let mut typed = NewLimit { cap: Some("1".into()), ..NewLimit::default() };
        match wrong {
            ("scope", it) => typed.scope = Some(it.into()),
            ("period", it) => typed.period = Some(it.into()),
            ("action", it) => typed.action = Some(it.into()),
            (_, it) => typed.cap = Some(it.into()),
        }
        let refused = service::set_limit(&shop.may(Permission::UpdateSpend).await, &typed).await;
        assert!(refused.expect_err("refused").of_field(wrong.0).is_some(), "{wrong:?}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn members_see_and_spend_by_their_roles_and_strangers_see_nothing(db: PgPool) {
    let shop = Shop::new(db).await;
    let viewer = shop.member("viewer@example.com", "VIEWER").await;
    let developer = shop.member("developer@example.com", "DEVELOPER").await;
    let stranger = shop.house.person("stranger@example.com").await;
    let permissions = [Permission::ReadSpend, Permission::ReserveSpend, Permission::UpdateSpend];
    for (caller, may) in [(&viewer, [true, false, false]), (&developer, [true, true, false])] {
        for (permission, may) in permissions.into_iter().zip(may) {
            assert_eq!(grant(caller, shop.id, permission).await.is_ok(), may, "{permission:?}");
        }
    }
    for permission in permissions {
        assert_eq!(grant(&stranger, shop.id, permission).await.err(), Some(AppError::NotFound));
    }
    // A grant for one thing is none for another.
    let read = shop.may(Permission::ReadSpend).await;
    let set = service::set_limit(&read, &NewLimit { cap: Some("1".into()), ..NewLimit::default() }).await;
    assert_eq!(set, Err(AppError::NotAllowed));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_ledger_only_grows_and_its_lines_sum_to_nothing(db: PgPool) {
    let shop = Shop::new(db).await;
    let hold = shop.reserve("a", "1").await.expect("fits");
    shop.settle(hold.hold_id, "1").await.expect("settles");
    for statement in [
        "UPDATE spend_entries SET amount_nano = amount_nano * 2",
        "UPDATE spend_events SET cost_nano = 0",
        "UPDATE spend_journal SET kind = 'correction'",
        "DELETE FROM spend_entries",
        "DELETE FROM spend_events",
    ] {
        let mut tx = shop.sql().await;
        let changed = sqlx::raw_sql(statement).execute(&mut *tx).await.map(|done| done.rows_affected());
        // Refused by the trigger, or not even seen by whoever has no right to change rows at all.
        assert!(matches!(changed, Err(_) | Ok(0)), "{statement}: {changed:?}");
    }
    let mut tx = shop.sql().await;
    let add = "INSERT INTO spend_entries (organization_id, journal_id, account, amount_nano)
               SELECT organization_id, id, 'elsewhere', 5 FROM spend_journal";
    sqlx::raw_sql(add).execute(&mut *tx).await.expect("is looked at when the transaction ends");
    assert!(tx.commit().await.is_err(), "one side alone");
    assert_eq!(shop.account("unbilled").await, "1.00");
}
