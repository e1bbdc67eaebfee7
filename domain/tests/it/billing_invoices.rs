//! Documents: frozen when they are issued, numbered without gaps, taxed by their day, and computed anew by a check.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    AppError, FieldIssue,
    access::{Permission, SiteAction},
    billing::{
        InvoiceState,
        service::{self, Details, NewTaxRate, NoUsage, Query, SiteQuery},
    },
};
use sqlx::PgPool;

use crate::{
    billing_house::{
        DAY, Firm, Treasurer, amounts, check, firm, house_at, inside, join, pass, pay, person, staff,
        treasurer,
    },
    house::House,
};

async fn vat(house: &House, money: &Treasurer, percent: &str, with: &str) {
    let typed = NewTaxRate {
        country: "de".into(),
        name: "VAT".into(),
        percent: percent.into(),
        with_tax_id: Some(with.into()),
        valid_from: None,
    };
    service::set_tax_rate(&money.corrects, &typed).await.expect("sets");
    house.platform.clock().advance(Duration::from_mins(1));
}

async fn lives_in(firm: &Firm, country: &str, tax_id: &str) {
    let typed = Details { country: Some(country.into()), tax_id: Some(tax_id.into()), ..Details::default() };
    service::set_details(&firm.may(Permission::UpdateBilling).await, &typed).await.expect("sets");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn numbers_have_no_gaps_whoever_is_at_it_and_whatever_comes_to_nothing(db: PgPool) {
    let house = house_at(db, "2026-12-31T22:00:00Z");
    let mut firms = Vec::new();
    for n in 0..14 {
        firms.push(firm(&house, &format!("firm{n}")).await);
    }
    firms[0].change("PRO", "").await.expect("changes");
    give_up_with_a_number(&house, &firms[1]).await;
    // Every third is cut off somewhere.
    let changes = firms.iter().enumerate().skip(2).map(|(n, it)| async move {
        let change = it.change("PRO", "");
        if n % 3 == 0 {
            let _ = tokio::time::timeout(Duration::from_millis(3 + n as u64 * 2), change).await;
        } else {
            change.await.expect("changes");
        }
    });
    futures::future::join_all(changes).await;
    house.platform.clock().advance(Duration::from_hours(3));
    for it in &firms {
        if it.subscription().await.plan.plan == "FREE" {
            it.change("TEAM", "").await.expect("changes");
        }
    }
    let mut numbers = BTreeSet::new();
    for it in &firms {
        numbers.extend(it.invoices().await.into_iter().map(|head| head.number));
    }
    let count = |year: &str| numbers.iter().filter(|number| number.starts_with(year)).count();
    let expected = ["2026", "2027"]
        .into_iter()
        .flat_map(|year| (1..=count(year)).map(move |n| format!("{year}-{n:06}")));
    assert_eq!(numbers.iter().cloned().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    assert!(count("2026") >= 9 && numbers.len() == 14);
    let report = check(&house, &NoUsage).await;
    assert!(report.ok, "{report:?}");
}

/// Begins a change and cuts it off when it has taken a number: it waits for its trail, which somebody else holds.
async fn give_up_with_a_number(house: &House, firm: &Firm) {
    let mut held = inside(house, firm.id).await;
    sqlx::query!("SELECT seq FROM audit_heads WHERE chain = $1 FOR UPDATE", firm.id)
        .fetch_one(&mut *held)
        .await
        .expect("a trail");
    let mut change = Box::pin(firm.change("PRO", ""));
    loop {
        tokio::select! {
            _ = &mut change => panic!("it waits for its trail"),
            () = tokio::time::sleep(Duration::from_millis(5)) => {}
        }
        let taken =
            sqlx::query!("SELECT last FROM invoice_numbers FOR UPDATE NOWAIT").fetch_all(&house.db).await;
        if taken.is_err() {
            break;
        }
    }
    drop(change);
    held.rollback().await.expect("the trail is free again");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_issued_stays_as_it_was(db: PgPool) {
    let house = House::new(db);
    let acme = firm(&house, "acme").await;
    lives_in(&acme, "DE", "").await;
    let number = acme.change("PRO", "2").await.expect("changes").invoice.expect("a number");
    let before = acme.invoice(&number).await;
    assert_eq!(before.supplier.name, "Gatehouse Example Ltd");
    assert_eq!(before.customer.name, "acme");
    let typed =
        Details { company: Some("Another GmbH".into()), country: Some("FR".into()), ..Details::default() };
    service::set_details(&acme.may(Permission::UpdateBilling).await, &typed).await.expect("sets");
    assert_eq!(acme.invoice(&number).await, before);
    let id = before.head.id;
    for statement in [
        "UPDATE invoices SET total = 1, net = 1 WHERE id = $1",
        "UPDATE invoices SET customer = '{}' WHERE id = $1",
        "UPDATE invoices SET number = '2026-999999' WHERE id = $1",
        "UPDATE invoices SET state = 'draft' WHERE id = $1",
        "UPDATE invoice_lines SET amount = 1, unit = 1, quantity = 1 WHERE invoice_id = $1",
        "DELETE FROM invoice_lines WHERE invoice_id = $1",
        "DELETE FROM invoices WHERE id = $1",
        "INSERT INTO invoice_lines (invoice_id, organization_id, position, kind, description, quantity, amount)
         SELECT id, organization_id, 9, 'usage', 'Late', 1, 1 FROM invoices WHERE id = $1",
    ] {
        let mut tx = inside(&house, acme.id).await;
        #[expect(clippy::disallowed_methods, reason = "what must be refused")]
        let refused = sqlx::query(statement).bind(id).execute(&mut *tx).await;
        assert!(refused.is_err(), "{statement}");
    }
    assert_eq!(acme.invoice(&number).await, before);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_invoice_has_the_taxes_of_its_day_and_of_its_customer(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let money = staff(&house).await;
    vat(&house, &money, "19", "reverse-charge").await;
    let (here, abroad, company) =
        (firm(&house, "here").await, firm(&house, "abroad").await, firm(&house, "company").await);
    lives_in(&here, "DE", "").await;
    lives_in(&abroad, "CH", "").await;
    lives_in(&company, "DE", "DE123456789").await;
    let invoice = async |it: &Firm| {
        let number = it.change("PRO", "").await.expect("changes").invoice.expect("a number");
        it.invoice(&number).await
    };
    let (taxed, free, reverse) = (invoice(&here).await, invoice(&abroad).await, invoice(&company).await);
    assert_eq!((taxed.tax().minor.get(), taxed.head.total.minor.get()), (361, 2_261));
    assert_eq!((free.taxes.len(), free.head.total.minor.get()), (0, 1_900));
    assert_eq!((reverse.tax().minor.get(), reverse.taxes[0].rate), (0, 0));
    assert_eq!(reverse.taxes[0].note.as_deref(), Some("Reverse charge: the customer owes VAT of 19 %."));
    // In the very moment in which these were issued, which they do not see.
    vat(&house, &money, "16", "reverse-charge").await;
    assert!(check(&house, &NoUsage).await.ok);
    pass(&house, DAY * 31).await;
    let all = here.invoices().await;
    assert_eq!(all[1].total.minor.get(), 2_204, "the new rate for the new invoice");
    assert_eq!(here.invoice(&all[0].number).await.head.total.minor.get(), 2_261, "the old one stays");
    let report = check(&house, &NoUsage).await;
    assert!(report.ok, "each is computed with the rate of its day: {report:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_says_nothing_of_where_they_are_or_types_no_number_of_theirs_is_taxed_all_the_same(
    db: PgPool,
) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let (silent, clever) = (firm(&house, "silent").await, firm(&house, "clever").await);
    silent.change("PRO", "").await.expect("there are no taxes anywhere");
    let money = staff(&house).await;
    vat(&house, &money, "19", "reverse-charge").await;
    let refused = AppError::invalid("country", FieldIssue::Required);
    assert_eq!(silent.change("TEAM", "").await, Err(refused.clone()));
    assert_eq!(clever.change("PRO", "").await, Err(refused));
    for country in ["ZZ", "EN", "UK"] {
        let typed = Details { country: Some(country.into()), ..Details::default() };
        let grant = clever.may(Permission::UpdateBilling).await;
        let refused = AppError::invalid("country", FieldIssue::NotAnOption);
        assert_eq!(service::set_details(&grant, &typed).await, Err(refused), "{country}");
    }
    for (tax_id, total) in [("x", 2_261), ("FR12345678901", 2_261), ("de 123 456 789", 1_900)] {
        lives_in(&clever, "DE", tax_id).await;
        clever.change("PRO", "").await.expect("changes");
        let all = clever.invoices().await;
        assert_eq!(all[all.len() - 1].total.minor.get(), total, "{tax_id}");
        service::cancel(&clever.may(Permission::UpdateBilling).await, &NoUsage).await.expect("cancels");
        pass(&house, DAY * 31).await;
    }
    // The supplier is in Germany.
    assert_eq!(silent.invoices().await[1].total.minor.get(), 2_261, "a month that renews itself");
    let report = check(&house, &NoUsage).await;
    assert!(report.ok, "{report:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_tax_is_set_for_what_comes_and_never_for_what_was(db: PgPool) {
    let house = House::new(db);
    let money = staff(&house).await;
    let typed = |from: &str| NewTaxRate {
        country: "DE".into(),
        name: "VAT".into(),
        percent: "19".into(),
        valid_from: Some(from.into()),
        ..NewTaxRate::default()
    };
    let past = service::set_tax_rate(&money.corrects, &typed("2020-01-01")).await;
    assert_eq!(past, Err(AppError::invalid("valid_from", FieldIssue::NotInFuture)));
    service::set_tax_rate(&money.corrects, &typed("2099-01-01")).await.expect("sets");
    let twice = service::set_tax_rate(&money.corrects, &typed("2099-01-01")).await;
    assert!(matches!(twice, Err(AppError::Conflict { .. })), "{twice:?}");
    let wrong = NewTaxRate { country: "Germany".into(), percent: "-1".into(), ..NewTaxRate::default() };
    let Err(AppError::InvalidInput { errors }) = service::set_tax_rate(&money.corrects, &wrong).await else {
        panic!("refused")
    };
    assert_eq!(errors.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["country", "name", "percent"]);
    let caller = house.staff("support@example.com", "{USER,SUPPORT}").await;
    assert_eq!(caller.may(SiteAction::ChangeBilling).err(), Some(AppError::NotAllowed));
    assert_eq!(house.trail("billing").await.len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_invoice_is_open_until_somebody_says_how_it_ends_and_ends_once(db: PgPool) {
    let house = House::new(db);
    let money = staff(&house).await;
    let (acme, other) = (firm(&house, "acme").await, firm(&house, "other").await);
    let paid = acme.change("PRO", "").await.expect("changes").invoice.expect("a number");
    let mistake = other.change("PRO", "").await.expect("changes").invoice.expect("a number");
    let id = acme.invoice(&paid).await.head.id.to_string();
    service::mark_paid(&money.pays, &id, Some("Transfer 4711")).await.expect("pays");
    let after = acme.invoice(&paid).await;
    assert_eq!((after.head.state, after.reference.as_deref()), (InvoiceState::Paid, Some("Transfer 4711")));
    assert!(after.ended_at.is_some());
    let moved_on = |refused: Result<(), AppError>| matches!(refused, Err(AppError::Conflict { errors }) if errors[0].issue == FieldIssue::MovedOn);
    assert!(moved_on(service::mark_paid(&money.pays, &id, None).await));
    assert!(moved_on(service::void(&money.corrects, &id, "A mistake").await));
    let id = other.invoice(&mistake).await.head.id.to_string();
    assert_eq!(
        service::void(&money.corrects, &id, " ").await,
        Err(AppError::invalid("reason", FieldIssue::Required))
    );
    service::void(&money.corrects, &id, "A mistake").await.expect("voids");
    let void = other.invoice(&mistake).await;
    assert_eq!((void.head.state, void.reference), (InvoiceState::Void, None), "why is in the trail");
    assert!(moved_on(service::mark_paid(&money.pays, &id, None).await));
    assert!(moved_on(service::credit(&money.corrects, &id, None, "Nothing").await.map(drop)));
    let unknown = house.platform.new_id().to_string();
    assert_eq!(service::mark_paid(&money.pays, &unknown, None).await, Err(AppError::NotFound));
    assert_eq!(service::mark_paid(&money.pays, "x", None).await, Err(AppError::MalformedRequest));
    assert_eq!(
        house.trail_of(acme.id, "billing").await,
        ["billing.invoice-issued", "billing.plan-changed", "billing.invoice-paid"]
    );
    house.platform.clock().advance(DAY);
    service::credit(&money.corrects, &after.head.id.to_string(), None, "Away").await.expect("credits");
    let credited = acme.invoice(&paid).await;
    assert_eq!((credited.head.state, credited.paid_at), (InvoiceState::Credited, after.ended_at));
    assert!(credited.paid_at < credited.ended_at);
    assert_eq!(credited.reference.as_deref(), Some("Transfer 4711"), "when and by what it was paid stays");
    assert!(check(&house, &NoUsage).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_is_taken_back_is_a_document_of_its_own_and_never_more_than_was_charged(db: PgPool) {
    let house = House::new(db);
    let money = staff(&house).await;
    vat(&house, &money, "19", "charged").await;
    let acme = firm(&house, "acme").await;
    lives_in(&acme, "DE", "").await;
    let number = acme.change("PRO", "").await.expect("changes").invoice.expect("a number");
    let id = acme.invoice(&number).await.head.id.to_string();
    let credit =
        async |amount: Option<&str>| service::credit(&money.corrects, &id, amount, "One week away").await;
    for (amount, issue) in [
        ("22.62", FieldIssue::OutOfRange { min: 1, max: 2_261 }),
        ("0", FieldIssue::OutOfRange { min: 1, max: 2_261 }),
        ("-1", FieldIssue::Unreadable),
        ("1.234", FieldIssue::Unreadable),
        ("NaN", FieldIssue::Unreadable),
    ] {
        assert_eq!(credit(Some(amount)).await, Err(AppError::invalid("amount", issue)), "{amount}");
    }
    house.platform.clock().advance(Duration::from_secs(1));
    let first = credit(Some("10.00")).await.expect("credits");
    let year = house.platform.now().get().year();
    assert_eq!(first, format!("CN-{year}-000001"));
    let note = acme.invoice(&first).await;
    assert_eq!((note.head.state, note.head.total.minor.get()), (InvoiceState::Issued, -1_000));
    // 159.66 cents of tax are 160.
    assert_eq!((amounts(&note), note.tax().minor.get()), (vec![-840], -160));
    assert_eq!(note.taxes[0].base.minor.get(), -840, "what the tax is on");
    assert_eq!(
        (note.credits.as_deref(), note.reason.as_deref()),
        (Some(number.as_str()), Some("One week away"))
    );
    let invoice = acme.invoice(&number).await;
    assert_eq!((invoice.head.state, invoice.head.credited.minor.get()), (InvoiceState::Open, 1_000));
    house.platform.clock().advance(Duration::from_secs(1));
    let second = credit(None).await.expect("credits the rest");
    let rest = acme.invoice(&second).await;
    assert_eq!(rest.head.total.minor.get(), -1_261);
    assert_eq!(rest.tax().minor.get() - 160, -361, "both notes together are the tax of the invoice");
    assert_eq!(acme.invoice(&number).await.head.state, InvoiceState::Credited);
    assert!(credit(None).await.is_err(), "nothing is left");
    let of_note = service::credit(&money.corrects, &note.head.id.to_string(), None, "Twice").await;
    assert!(of_note.is_err(), "nothing is taken back of a credit note");
    let report = check(&house, &NoUsage).await;
    assert!(report.ok && report.documents == 3, "{report:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn two_who_take_back_the_same_at_once_take_it_back_once(db: PgPool) {
    let house = House::new(db);
    // One alone waits for themselves before they come to the invoice.
    let mut staff = Vec::new();
    for n in 0..4 {
        staff.push(treasurer(&house, &format!("money{n}@example.com")).await);
    }
    let acme = firm(&house, "acme").await;
    let number = acme.change("PRO", "").await.expect("changes").invoice.expect("a number");
    let id = acme.invoice(&number).await.head.id.to_string();
    let all = staff.iter().map(|it| service::credit(&it.corrects, &id, None, "All of it"));
    let done = futures::future::join_all(all).await;
    assert_eq!(done.iter().filter(|it| it.is_ok()).count(), 1, "{done:?}");
    assert_eq!(acme.invoice(&number).await.head.credited.minor.get(), 1_900);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_letter_tells_of_an_invoice_and_one_more_when_it_is_overdue(db: PgPool) {
    let house = house_at(db, "2026-11-01T22:30:00Z");
    let money = staff(&house).await;
    let (acme, named) = (firm(&house, "acme").await, firm(&house, "named").await);
    let bills = person(&house, "bills@example.com").await;
    join(&house, named.id, bills.signed_in().expect("in").user(), "VIEWER").await;
    wants_letters(&named, "Bills@example.com").await;
    // Nobody of the organization has this address.
    wants_letters(&acme, "bills@example.com").await;
    house.letters().await;
    let open = acme.change("PRO", "").await.expect("changes").invoice.expect("a number");
    let paid = named.change("PRO", "").await.expect("changes").invoice.expect("a number");
    let letters = house.letters().await;
    assert_eq!(letters.len(), 2);
    let to =
        |address: &str| letters.iter().find(|it| it.contains(&format!("To: {address}"))).expect("a letter");
    assert!(to("owner.acme@example.com").contains(&format!("/o/acme/billing/invoices/{open}")));
    assert!(to("bills@example.com").contains("19.00 EUR"));
    assert!(to("bills@example.com").contains("to be paid by 15 Nov 2026"));
    let id = named.invoice(&paid).await.head.id.to_string();
    service::mark_paid(&money.pays, &id, None).await.expect("pays");
    pass(&house, DAY * 14).await;
    assert!(house.letters().await.is_empty(), "there is the rest of the day");
    assert!(!acme.invoices().await[0].is_overdue);
    pass(&house, Duration::from_mins(91)).await;
    let letters = house.letters().await;
    assert_eq!(letters.len(), 1, "of the one that is open");
    assert!(letters[0].contains("X-Gatehouse-Kind: invoice-overdue"));
    assert!(letters[0].contains("To: owner.acme@example.com") && letters[0].contains("by 15 Nov 2026"));
    assert!(acme.invoices().await[0].is_overdue);
    pass(&house, DAY).await;
    assert!(house.letters().await.is_empty(), "once");
}

async fn wants_letters(firm: &Firm, email: &str) {
    let typed = Details { email: Some(email.into()), ..Details::default() };
    service::set_details(&firm.may(Permission::UpdateBilling).await, &typed).await.expect("sets");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn many_invoices_are_not_many_letters(db: PgPool) {
    let house = House::new(db);
    let acme = firm(&house, "acme").await;
    house.letters().await;
    for seats in ["0", "1", "2", "3"] {
        acme.change("PRO", seats).await.expect("changes");
        house.platform.clock().advance(Duration::from_mins(10));
    }
    assert_eq!(acme.invoices().await.len(), 4);
    assert_eq!(house.letters().await.len(), 1);
    house.platform.clock().advance(Duration::from_mins(20));
    acme.change("PRO", "4").await.expect("changes");
    assert_eq!(house.letters().await.len(), 1, "an hour after the last one there is another");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_check_finds_what_was_changed_behind_the_back_what_is_missing_and_what_was_not_charged(
    db: PgPool,
) {
    let house = House::new(db);
    let mut firms = Vec::new();
    for n in 0..8 {
        let it = firm(&house, &format!("firm{n}")).await;
        it.change("PRO", "").await.expect("changes");
        firms.push(it);
    }
    assert!(check(&house, &NoUsage).await.ok);
    let mut numbers = Vec::new();
    for it in &firms {
        numbers.push(it.invoices().await[0].number.clone());
    }
    for statement in [
        "ALTER TABLE invoices DISABLE TRIGGER USER",
        "ALTER TABLE invoice_lines DISABLE TRIGGER USER",
        "ALTER TABLE invoices NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE invoice_lines NO FORCE ROW LEVEL SECURITY",
        "UPDATE invoice_lines SET amount = 1899, unit = 1899 WHERE invoice_id = (SELECT id FROM invoices WHERE number LIKE '%-000002')",
        "UPDATE invoices SET net = 2900, total = 2900 WHERE number LIKE '%-000003'",
        "UPDATE invoice_lines SET description = 'Team' WHERE invoice_id = (SELECT id FROM invoices WHERE number LIKE '%-000004')",
        "UPDATE invoices SET currency = 'USD' WHERE number LIKE '%-000005'",
        "UPDATE invoices SET number = 'AAAA-1' WHERE number LIKE '%-000006'",
        "DELETE FROM invoice_lines WHERE invoice_id = (SELECT id FROM invoices WHERE number LIKE '%-000007')",
        "DELETE FROM invoices WHERE number LIKE '%-000007'",
        "ALTER TABLE invoices FORCE ROW LEVEL SECURITY",
        "ALTER TABLE invoice_lines FORCE ROW LEVEL SECURITY",
    ] {
        #[expect(clippy::disallowed_methods, reason = "what nobody should do")]
        sqlx::query(statement).execute(&house.db).await.expect(statement);
    }
    numbers[5] = "AAAA-1".into();
    let money = staff(&house).await;
    let mut report = service::check(&money.reads, &NoUsage).await.expect("a report");
    assert!(!report.ok);
    report.wrong.sort_unstable_by_key(|number| numbers.iter().position(|it| it == number));
    assert_eq!((report.documents, report.wrong), (7, numbers[1..6].to_vec()));
    assert_eq!(report.missing, numbers[6..7]);
    assert_eq!(
        report.uncharged,
        [format!("{} 1", firms[6].id)],
        "what it had cost is on no invoice any more"
    );
    assert_eq!(house.trail("billing").await.len(), 2, "that it was checked is noted, both times");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_draft_that_waits_is_not_charged_when_it_has_waited_for_long(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let acme = firm(&house, "acme").await;
    acme.change("PRO", "").await.expect("changes");
    // As a worker leaves it that ended the month and died.
    let mut tx = inside(&house, acme.id).await;
    let end = "INSERT INTO subscription_changes
            (organization_id, no, at, kind, plan_version_id, currency, extra_seats, period, period_from, period_until)
        SELECT organization_id, 2, period_until, 'renewed', plan_version_id, currency, 0, 1, period_until,
               period_until + interval '31 days'
        FROM subscriptions WHERE organization_id = $1";
    let draft = "INSERT INTO invoices (id, organization_id, kind, provider, change_no, currency, created_at)
        VALUES (gen_random_uuid(), $1, 'invoice', 'invoice', 2, 'EUR', '2026-11-01T00:00:00Z')";
    for statement in [end, draft] {
        #[expect(clippy::disallowed_methods, reason = "what a worker leaves that died")]
        sqlx::query(statement).bind(acme.id).execute(&mut *tx).await.expect(statement);
    }
    tx.commit().await.expect("commits");
    assert!(check(&house, &NoUsage).await.ok, "it is issued in a moment");
    house.platform.clock().advance(Duration::from_hours(2));
    assert_eq!(check(&house, &NoUsage).await.uncharged, [format!("{} 2", acme.id)]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn documents_are_listed_page_by_page_and_those_of_others_are_not_there(db: PgPool) {
    let house = house_at(db, "2026-01-01T00:00:00Z");
    let (acme, other) = (firm(&house, "acme").await, firm(&house, "other").await);
    acme.change("PRO", "").await.expect("changes");
    let theirs = other.change("TEAM", "").await.expect("changes").invoice.expect("a number");
    let money = staff(&house).await;
    for it in [&acme, &other] {
        pay(&money, it).await;
    }
    pass(&house, DAY * 100).await;
    let grant = acme.may(Permission::ReadBilling).await;
    let mut seen = Vec::new();
    let mut query = Query { limit: Some(3), cursor: None };
    loop {
        let page = service::documents(&grant, &query).await.expect("a page");
        seen.extend(page.items.into_iter().map(|head| head.number));
        let Some(cursor) = page.next_cursor else { break };
        query.cursor = Some(cursor);
    }
    assert_eq!(seen.len(), 4);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 4, "none comes twice");
    assert_eq!(service::document(&grant, &theirs).await, Err(AppError::NotFound));
    let id = other.invoice(&theirs).await.head.id.to_string();
    assert_eq!(service::document(&grant, &id).await, Err(AppError::NotFound));
    assert_eq!(service::owner_of(&acme.owner.signed_in().expect("in"), &id).await, Err(AppError::NotFound));
    let owner = service::owner_of(&other.owner.signed_in().expect("in"), &id).await;
    assert_eq!(owner, Ok(other.id));
    let find = async |q: &str, state: &str| {
        let query = SiteQuery { q: Some(q.into()), state: Some(state.into()), ..SiteQuery::default() };
        service::documents_for_staff(&money.reads, &query).await.map(|page| page.items.len())
    };
    assert_eq!(find("", "").await, Ok(8));
    assert_eq!(find("ACME", "").await, Ok(4));
    assert_eq!(find(&theirs, "paid").await, Ok(1));
    assert_eq!(find("", "overdue").await, Ok(0), "the others were issued just now");
    house.platform.clock().advance(DAY * 16);
    assert_eq!(find("", "overdue").await, Ok(6));
    assert_eq!(find("", "lost").await, Err(AppError::invalid("state", FieldIssue::NotAnOption)));
    for cursor in ["x", "2026-01-01T00:00:00Z_x", "_"] {
        let query = Query { limit: None, cursor: Some(cursor.into()) };
        assert!(service::documents(&grant, &query).await.is_err(), "{cursor}");
    }
}

/// Numbers as if drawn, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whatever_is_done_in_whatever_order_every_document_can_be_computed_anew(db: PgPool) {
    let house = house_at(db, "2027-11-30T23:30:00Z");
    let money = staff(&house).await;
    for seed in 0..4 {
        let it = firm(&house, &format!("random{seed}")).await;
        let mut dice = Dice(seed);
        for _ in 0..40 {
            let plan = ["FREE", "PRO", "TEAM", "ENTERPRISE"][usize::try_from(dice.roll(4)).expect("small")];
            let seats = dice.roll(4).to_string();
            let grant = it.may(Permission::UpdateBilling).await;
            match dice.roll(6) {
                0..=2 => drop(
                    it.change(plan, if matches!(plan, "FREE" | "ENTERPRISE") { "" } else { &seats }).await,
                ),
                3 => drop(service::cancel(&grant, &NoUsage).await),
                4 => drop(service::resume(&grant, &NoUsage).await),
                _ => {
                    if dice.roll(3) > 0 {
                        pay(&money, &it).await;
                    }
                    pass(&house, Duration::from_secs(dice.roll(40 * 86_400))).await;
                }
            }
        }
        for head in it.invoices().await {
            let invoice = it.invoice(&head.number).await;
            let sum: i64 = amounts(&invoice).iter().sum();
            assert_eq!(sum, invoice.net.minor.get());
            assert!(sum > 0, "nobody is owed anything: {invoice:?}");
        }
    }
    let report = check(&house, &NoUsage).await;
    assert!(report.ok && report.documents > 20, "{report:?}");
}
