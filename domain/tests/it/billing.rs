//! Plans and subscriptions: what is taken, when it changes, what that costs, and what it gives.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::Permission,
    billing::{
        Currency, Entitlement, When,
        service::{self, Details, NoUsage, PlanRequest},
    },
};
use sqlx::PgPool;

use crate::{
    billing_house::{DAY, ROOMS, amounts, check, firm, groups, house_at, inside, join, pass, request},
    house::House,
};

fn unchanged() -> AppError {
    let problem = domain::FieldProblem::new("plan", FieldIssue::Unchanged);
    AppError::Conflict { errors: vec![problem] }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_organization_has_the_free_plan_from_the_beginning(db: PgPool) {
    let house = House::new(db);
    let acme = firm(&house, "acme").await;
    let has = acme.subscription().await;
    assert_eq!((has.plan.plan.as_str(), has.monthly_price.minor.get(), has.extra_seats), ("FREE", 0, 0));
    assert!(has.next.is_none() && has.period.from < has.period.until);
    let seats = has.usage.iter().find(|it| it.limit.entitlement == Entitlement::Seats).expect("seats");
    assert_eq!((seats.limit.amount, seats.used), (Some(25), Some(1)));
    pass(&house, DAY * 100).await;
    assert!(acme.subscription().await.period.until > house.platform.now());
    assert!(acme.invoices().await.is_empty(), "what costs nothing makes no invoice");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_taken_first_begins_a_month_of_its_own_and_is_charged_whole(db: PgPool) {
    let house = house_at(db, "2026-01-10T09:00:00Z");
    let acme = firm(&house, "acme").await;
    house.platform.clock().advance(DAY * 21);
    let changed = acme.change("PRO", "").await.expect("changes");
    assert_eq!(changed.when, When::Now);
    let has = acme.subscription().await;
    assert_eq!(has.plan.plan, "PRO");
    assert_eq!(has.period.from.rfc3339(), "2026-01-31T09:00:00Z");
    assert_eq!(has.period.until.rfc3339(), "2026-02-28T09:00:00Z", "the last day of a short month");
    let invoice = acme.invoice(&changed.invoice.expect("a number")).await;
    assert_eq!(invoice.head.number, "2026-000001");
    assert_eq!(amounts(&invoice), [1_900]);
    pass(&house, DAY * 28).await;
    let has = acme.subscription().await;
    assert_eq!(has.period.until.rfc3339(), "2026-03-31T09:00:00Z", "the 31st comes back");
    let all = acme.invoices().await;
    assert_eq!(all.iter().map(|it| it.total.minor.get()).collect::<Vec<_>>(), [1_900, 1_900]);
    assert!(check(&house, &NoUsage).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_costs_more_is_there_at_once_and_charged_for_the_rest_of_the_month(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let acme = firm(&house, "acme").await;
    acme.change("PRO", "").await.expect("changes");
    house.platform.clock().advance(DAY * 20);
    let request = request("TEAM", "3");
    let told = service::preview(&acme.may(Permission::ReadBilling).await, &NoUsage, &ROOMS, &request).await;
    let told = told.expect("a preview");
    let changed = acme.change("TEAM", "3").await.expect("changes");
    let invoice = acme.invoice(changed.invoice.as_deref().expect("a number")).await;
    // Ten days of thirty: 1900 / 3 given back, (7900 + 3 * 800) / 3 charged, each counted from the beginning of the month.
    assert_eq!(amounts(&invoice), [-634, 3_434]);
    assert_eq!(told.lines.iter().map(|line| line.amount.minor.get()).collect::<Vec<_>>(), [-634, 3_434]);
    assert_eq!(
        (told.when, told.total, told.monthly_price.minor.get()),
        (When::Now, invoice.head.total, 10_300)
    );
    let has = acme.subscription().await;
    assert_eq!(has.period.until.rfc3339(), "2026-12-01T00:00:00Z", "the month stays");
    assert_eq!(has.usage[0].limit.amount, Some(203), "200 and 3");
    pass(&house, DAY * 10).await;
    let all = acme.invoices().await;
    assert_eq!(amounts(&acme.invoice(&all[2].number).await), [7_900, 2_400]);
    assert!(check(&house, &NoUsage).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_said_before_is_what_is_charged_also_when_a_month_has_just_ended(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let acme = firm(&house, "acme").await;
    acme.change("PRO", "").await.expect("changes");
    // The month has ended, and no worker has seen that yet.
    house.platform.clock().advance(DAY * 40);
    let told =
        service::preview(&acme.may(Permission::ReadBilling).await, &NoUsage, &ROOMS, &request("TEAM", "1"))
            .await;
    let told = told.expect("a preview");
    assert_eq!(
        acme.subscription().await.period.until.rfc3339(),
        "2026-12-01T00:00:00Z",
        "looking ends nothing"
    );
    let changed = acme.change("TEAM", "1").await.expect("changes");
    let invoice = acme.invoice(&changed.invoice.expect("a number")).await;
    let said: Vec<_> = told.lines.iter().map(|line| line.amount.minor.get()).collect();
    assert_eq!((amounts(&invoice), invoice.head.total), (said, told.total));
    assert!(told.total.minor.get() > 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_agreed_to_a_version_and_a_sum_gets_no_other(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let acme = firm(&house, "acme").await;
    acme.change("PRO", "").await.expect("changes");
    house.platform.clock().advance(DAY * 10);
    let seen = async |plan: &str| {
        let grant = acme.may(Permission::ReadBilling).await;
        let told = service::preview(&grant, &NoUsage, &ROOMS, &request(plan, "")).await.expect("a preview");
        let offered = service::plans(&acme.owner.signed_in().expect("in"), None).await.expect("plans");
        let plan = offered.into_iter().find(|it| it.plan == plan).expect("on offer");
        PlanRequest {
            total: Some(told.total.digits()),
            version_id: Some(plan.version_id.to_string()),
            ..request(&plan.plan, "")
        }
    };
    let change = async |request: &PlanRequest| {
        service::change(&acme.may(Permission::UpdateBilling).await, &NoUsage, request).await.map(|it| it.when)
    };
    let moved_on = |field: &str| {
        Err(AppError::Conflict { errors: vec![domain::FieldProblem::new(field, FieldIssue::MovedOn)] })
    };
    let agreed = seen("ENTERPRISE").await;
    house.platform.clock().advance(Duration::from_mins(70));
    assert_eq!(change(&agreed).await, moved_on("total"), "a page that was open for longer than an hour");
    let agreed = seen("ENTERPRISE").await;
    for (total, expected) in [
        ("1.00", moved_on("total")),
        ("9999.00", moved_on("total")),
        ("x", Err(AppError::invalid("total", FieldIssue::Unreadable))),
    ] {
        assert_eq!(
            change(&PlanRequest { total: Some(total.into()), ..agreed.clone() }).await,
            expected,
            "{total}"
        );
    }
    house.platform.clock().advance(Duration::from_mins(59));
    let other = PlanRequest { version_id: Some(uuid::Uuid::nil().to_string()), ..agreed.clone() };
    assert_eq!(change(&other).await, moved_on("version_id"));
    assert_eq!(change(&agreed).await, Ok(When::Now));
    let less = seen("FREE").await;
    assert_eq!(less.total.as_deref(), Some("0.00"));
    assert_eq!(change(&less).await, Ok(When::PeriodEnd));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_costs_less_comes_with_the_end_of_what_is_paid_for(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let acme = firm(&house, "acme").await;
    acme.change("TEAM", "").await.expect("changes");
    groups(&house, &acme, 120).await;
    let told =
        service::preview(&acme.may(Permission::ReadBilling).await, &NoUsage, &ROOMS, &request("FREE", ""))
            .await;
    let told = told.expect("a preview");
    assert_eq!((told.when, told.total.minor.get(), told.lines.len()), (When::PeriodEnd, 0, 0));
    assert_eq!(told.exceeded.len(), 1, "{:?}", told.exceeded);
    assert_eq!((told.exceeded[0].limit.amount, told.exceeded[0].used), (Some(100), Some(120)));
    let changed = acme.change("PRO", "").await.expect("changes");
    assert_eq!((changed.when, changed.invoice), (When::PeriodEnd, None));
    let has = acme.subscription().await;
    assert_eq!((has.plan.plan.as_str(), has.next.map(|next| next.plan)), ("TEAM", Some("PRO".into())));
    pass(&house, DAY * 30).await;
    let has = acme.subscription().await;
    assert_eq!((has.plan.plan.as_str(), has.next), ("PRO", None));
    assert_eq!(acme.invoices().await[1].total.minor.get(), 1_900);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_cancelled_ends_with_the_month_unless_it_is_resumed(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let acme = firm(&house, "acme").await;
    let grant = || acme.may(Permission::UpdateBilling);
    assert_eq!(
        service::cancel(&grant().await, &NoUsage).await,
        Err(unchanged()),
        "there is nothing to cancel"
    );
    acme.change("PRO", "").await.expect("changes");
    service::cancel(&grant().await, &NoUsage).await.expect("cancels");
    assert_eq!(service::cancel(&grant().await, &NoUsage).await, Err(unchanged()), "twice is once");
    service::resume(&grant().await, &NoUsage).await.expect("resumes");
    assert_eq!(service::resume(&grant().await, &NoUsage).await, Err(unchanged()));
    service::cancel(&grant().await, &NoUsage).await.expect("cancels");
    // At the very end, which is not in the month any more.
    pass(&house, DAY * 30).await;
    assert_eq!(acme.subscription().await.plan.plan, "FREE");
    assert_eq!(acme.invoices().await.len(), 1);
    pass(&house, DAY * 60).await;
    assert_eq!(acme.invoices().await.len(), 1);
    let trail: Vec<_> = house.trail_of(acme.id, "billing").await;
    let expected = [
        "billing.invoice-issued",
        "billing.plan-changed",
        "billing.plan-change-scheduled",
        "billing.plan-kept",
        "billing.plan-change-scheduled",
        "billing.renewed",
    ];
    let actions: Vec<_> =
        trail.iter().map(String::as_str).filter(|it| *it != "billing.overdue-told").collect();
    assert_eq!(actions, expected, "a month that costs nothing and follows one like it is no news");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_new_version_of_a_plan_changes_nothing_for_whoever_has_taken_it(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let (acme, later) = (firm(&house, "acme").await, firm(&house, "later").await);
    acme.change("PRO", "").await.expect("changes");
    house.platform.clock().advance(DAY * 3);
    let version = house.platform.new_id();
    sqlx::query!(
        "INSERT INTO plan_versions (id, plan, title, rank, valid_from) VALUES ($1, 'PRO', 'Pro', 20, $2)",
        version,
        house.platform.now().get(),
    )
    .execute(&house.db)
    .await
    .expect("a version");
    sqlx::query!(
        "INSERT INTO plan_prices (plan_version_id, currency, month_minor, seat_minor) VALUES ($1, 'EUR', 2900, 900)",
        version
    )
    .execute(&house.db)
    .await
    .expect("a price");
    let changed = later.change("PRO", "").await.expect("changes");
    assert_eq!(amounts(&later.invoice(&changed.invoice.expect("a number")).await), [2_900]);
    assert_eq!(later.subscription().await.usage[0].limit.amount, Some(0), "it names no seats");
    pass(&house, DAY * 27).await;
    let has = acme.subscription().await;
    assert_eq!((has.monthly_price.minor.get(), has.usage[0].limit.amount), (1_900, Some(50)));
    acme.change("PRO", "1").await.expect("one more seat");
    assert_eq!(acme.subscription().await.monthly_price.minor.get(), 2_500, "at the price it was taken at");
    for table in ["plan_versions", "plan_prices", "plan_entitlements"] {
        let statement = format!("DELETE FROM {table}");
        #[expect(clippy::disallowed_methods, reason = "three tables, one rule")]
        let refused = sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&house.db).await;
        assert!(refused.is_err(), "{table} only grows");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_no_plan_and_what_is_no_number_of_seats_is_refused(db: PgPool) {
    let house = House::new(db);
    let acme = firm(&house, "acme").await;
    for (plan, seats, field, issue) in [
        ("", "", "plan", FieldIssue::Required),
        ("GOLD", "", "plan", FieldIssue::NotAnOption),
        ("PRO", "-1", "extra_seats", FieldIssue::OutOfRange { min: 0, max: 10_000 }),
        ("PRO", "10001", "extra_seats", FieldIssue::OutOfRange { min: 0, max: 10_000 }),
        ("PRO", "1.5", "extra_seats", FieldIssue::Unreadable),
        ("PRO", "NaN", "extra_seats", FieldIssue::Unreadable),
        ("PRO", "99999999999999999999", "extra_seats", FieldIssue::Unreadable),
        ("FREE", "1", "extra_seats", FieldIssue::OutOfRange { min: 0, max: 0 }),
    ] {
        let refused = acme.change(plan, seats).await;
        assert_eq!(refused, Err(AppError::invalid(field, issue)), "{plan} {seats}");
    }
    assert_eq!(acme.change("free", "0").await, Err(unchanged()));
    assert_eq!(
        acme.change("pro", "2").await.map(|changed| changed.when),
        Ok(When::Now),
        "names in small letters"
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn strangers_find_nothing_and_members_without_the_right_may_not(db: PgPool) {
    let house = House::new(db);
    let acme = firm(&house, "acme").await;
    let stranger = house.person("stranger@example.com").await;
    assert_eq!(stranger.in_organization("acme").await.err(), Some(AppError::NotFound));
    let viewer = house.person("viewer@example.com").await;
    join(&house, acme.id, viewer.signed_in().expect("in").user(), "VIEWER").await;
    let member = viewer.in_organization("acme").await.expect("a member");
    assert_eq!(member.may(Permission::ReadBilling).err(), Some(AppError::NotAllowed));
    let biller = house.person("biller@example.com").await;
    join(&house, acme.id, biller.signed_in().expect("in").user(), "BILLING").await;
    let grant =
        biller.in_organization("acme").await.expect("a member").may(Permission::ReadBilling).expect("may");
    assert_eq!(
        service::cancel(&grant, &NoUsage).await,
        Err(AppError::NotAllowed),
        "a grant to read changes nothing"
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn details_are_read_as_typed_and_the_currency_stays_while_something_is_paid_for(db: PgPool) {
    let house = House::new(db);
    let acme = firm(&house, "acme").await;
    let grant = acme.may(Permission::UpdateBilling).await;
    let some = |text: &str| Some(text.to_owned());
    let typed = Details {
        company: some(" Acme GmbH "),
        address: some("Hauptstraße 1\r\n\r\n10115 Berlin\r\n"),
        country: some("de"),
        tax_id: some("DE123456789"),
        email: some("Bills@Example.com"),
        currency: some("usd"),
        ..Details::default()
    };
    service::set_details(&grant, &typed).await.expect("sets");
    let read =
        || async { service::details(&acme.may(Permission::ReadBilling).await).await.expect("details") };
    let said = read().await;
    assert_eq!((said.company.as_str(), said.country.as_str()), ("Acme GmbH", "DE"));
    assert_eq!(
        (said.address.as_str(), said.email.as_str()),
        ("Hauptstraße 1\n10115 Berlin", "Bills@example.com")
    );
    assert_eq!(said.currency.map(|it| it.code().to_owned()), some("USD"));
    let wrong = Details {
        // A letter that turns round what comes after it.
        company: some("Acme \u{202e}HbmG"),
        country: some("Germany"),
        email: some("nobody"),
        currency: some("XXX"),
        ..Details::default()
    };
    let Err(AppError::InvalidInput { errors }) = service::set_details(&grant, &wrong).await else {
        panic!("refused")
    };
    let fields: Vec<_> = errors.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["company", "country", "email", "currency"], "every problem at once");
    acme.change("PRO", "").await.expect("changes");
    assert_eq!(acme.invoices().await[0].total.currency.code(), "USD");
    let other = Details { currency: some("EUR"), ..Details::default() };
    let refused = service::set_details(&grant, &other).await;
    assert!(matches!(refused, Err(AppError::Conflict { errors }) if errors[0].issue == FieldIssue::PaidFor));
    let unknown = Details { currency: some("KWD"), ..Details::default() };
    assert!(service::set_details(&grant, &unknown).await.is_err(), "no plan has a price in it");
    assert_eq!(read().await.currency.map(|it| it.code().to_owned()), some("USD"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_currency_is_chosen_of_those_in_which_the_plan_that_is_taken_has_a_price(db: PgPool) {
    let house = House::new(db);
    let acme = firm(&house, "acme").await;
    // What is on offer now is another version, without a price in anything.
    sqlx::query!(
        "INSERT INTO plan_versions (id, plan, title, rank, valid_from) VALUES ($1, 'FREE', 'Free', 10, $2)",
        house.platform.new_id(),
        house.platform.now().get(),
    )
    .execute(&house.db)
    .await
    .expect("a version");
    let choices = || async {
        let grant = acme.may(Permission::ReadBilling).await;
        let said = service::details(&grant).await.expect("details");
        said.currencies.iter().map(|it| it.code().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(choices().await, "CHF EUR GBP JPY USD");
    let grant = acme.may(Permission::UpdateBilling).await;
    let wanted = |code: &str| Details { currency: Some(code.into()), ..Details::default() };
    service::set_details(&grant, &wanted("CHF")).await.expect("sets");
    assert_eq!(acme.subscription().await.monthly_price.currency, Currency::parse("CHF").expect("one"));
    let unknown = AppError::invalid("currency", FieldIssue::NotAnOption);
    assert_eq!(service::set_details(&grant, &wanted("KWD")).await, Err(unknown));
    acme.change("PRO", "").await.expect("changes");
    assert_eq!(choices().await, "CHF", "something is paid for");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn rows_of_an_organization_are_not_seen_from_another_one(db: PgPool) {
    let house = House::new(db);
    let (acme, other) = (firm(&house, "acme").await, firm(&house, "other").await);
    acme.change("PRO", "").await.expect("changes");
    other.subscription().await;
    let mut tx = other.may(Permission::ReadBilling).await.begin().await.expect("begins");
    let seen = sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM subscriptions) + (SELECT count(*) FROM subscription_changes)
                  + (SELECT count(*) FROM invoices) + (SELECT count(*) FROM invoice_lines)
                  + (SELECT count(*) FROM invoice_taxes) + (SELECT count(*) FROM billing_details) AS "n!""#,
    )
    .fetch_one(tx.conn())
    .await
    .expect("a count");
    assert_eq!(seen, 2, "its own subscription and how it began");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_part_of_a_document_is_of_the_organization_that_the_document_is_of(db: PgPool) {
    let house = House::new(db);
    let (acme, other) = (firm(&house, "acme").await, firm(&house, "other").await);
    acme.change("PRO", "").await.expect("changes");
    let issued = acme.invoices().await[0].id;
    let draft = house.platform.new_id();
    let mut tx = inside(&house, acme.id).await;
    sqlx::query!(
        "INSERT INTO invoices (id, organization_id, kind, provider, change_no, currency, created_at)
         VALUES ($1, $2, 'invoice', 'invoice', 9, 'EUR', now())",
        draft,
        acme.id,
    )
    .execute(&mut *tx)
    .await
    .expect("a draft");
    tx.commit().await.expect("commits");
    for (statement, of) in [
        (
            "INSERT INTO invoice_lines (invoice_id, organization_id, position, kind, description, quantity, amount)
             VALUES ($1, $2, 1, 'usage', 'Calls', 1, 1)",
            draft,
        ),
        (
            "INSERT INTO invoice_taxes (invoice_id, organization_id, position, name, rate, base, amount)
             VALUES ($1, $2, 1, 'VAT', 1, 1, 1)",
            draft,
        ),
        (
            "INSERT INTO invoices (id, organization_id, kind, provider, credits, currency, created_at)
             VALUES (gen_random_uuid(), $2, 'credit-note', 'invoice', $1, 'EUR', now())",
            issued,
        ),
    ] {
        let mut tx = inside(&house, other.id).await;
        #[expect(clippy::disallowed_methods, reason = "what must be refused")]
        let refused = sqlx::query(statement).bind(of).bind(other.id).execute(&mut *tx).await;
        let code = refused.err().and_then(|error| Some(error.as_database_error()?.code()?.into_owned()));
        assert_eq!(code.as_deref(), Some("23503"), "a foreign key: {statement}");
    }
}
