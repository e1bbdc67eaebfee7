//! Periods: they begin with the organization and end one after the other, once, whoever is at it and whoever dies.

use std::time::Duration;

use domain::{
    billing::service::{self, NoUsage},
    platform::{Parts, Platform, clock::Clock, testing},
};
use sqlx::PgPool;

use crate::{
    billing_house::{DAY, Firm, check, firm, found, house_at, inside, join, pass, pay, staff},
    house::House,
};

/// How many subscriptions there are, and how many entries of their logs say how they began.
async fn begun(house: &House) -> (i64, i64) {
    let mut tx = inside(house, house.platform.new_id()).await;
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM subscriptions) AS "there!",
                  (SELECT count(*) FROM subscription_changes WHERE kind = 'began') AS "begun!""#,
    )
    .fetch_one(&mut *tx)
    .await
    .expect("a count");
    (row.there, row.begun)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_subscription_begins_with_its_organization_and_late_where_a_version_before_has_made_that(
    db: PgPool,
) {
    let house = House::new(db);
    house.person("ann@example.com").await;
    assert_eq!(begun(&house).await, (1, 1), "that of her own organization, in the transaction that made it");
    for slug in ["one", "other"] {
        found(&house, house.platform.new_id(), slug, "Europe/Berlin").await;
    }
    assert_eq!(begun(&house).await, (1, 1));
    let together = (0..4).map(|_| service::run_once(&house.platform, &NoUsage));
    for done in futures::future::join_all(together).await {
        done.expect("runs");
    }
    assert_eq!(begun(&house).await, (3, 3), "each once");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn months_that_nobody_looked_at_end_one_after_the_other_each_at_its_moment(db: PgPool) {
    let house = house_at(db, "2027-10-31T01:30:00Z");
    let id = house.platform.new_id();
    found(&house, id, "berlin", "Europe/Berlin").await;
    let owner = house.person("owner@example.com").await;
    join(&house, id, owner.signed_in().expect("in").user(), "OWNER").await;
    let berlin = Firm { id, slug: "berlin".into(), owner };
    berlin.change("PRO", "").await.expect("changes");
    pay(&staff(&house).await, &berlin).await;
    pass(&house, DAY * 160).await;
    let all = berlin.invoices().await;
    let mut covers = Vec::new();
    for head in &all {
        let invoice = berlin.invoice(&head.number).await;
        covers.push(invoice.lines[0].covers.expect("a month"));
    }
    let from: Vec<_> = covers.iter().map(|span| span.from.rfc3339()).collect();
    assert_eq!(
        from,
        [
            "2027-10-31T01:30:00Z",
            "2027-11-30T01:30:00Z",
            "2027-12-31T01:30:00Z",
            "2028-01-31T01:30:00Z",
            "2028-02-29T01:30:00Z",
            "2028-03-31T00:30:00Z",
        ],
        "half past two on the clocks of Berlin"
    );
    assert!(covers.windows(2).all(|pair| pair[0].until == pair[1].from), "no gap, nothing twice");
    assert!(check(&house, &NoUsage).await.ok);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_period_ends_once_however_many_are_at_it_and_whoever_dies(db: PgPool) {
    let house = house_at(db, "2026-01-01T00:00:00Z");
    let (money, mut firms) = (staff(&house).await, Vec::new());
    for n in 0..6 {
        let it = firm(&house, &format!("firm{n}")).await;
        it.change("PRO", "").await.expect("changes");
        pay(&money, &it).await;
        firms.push(it);
    }
    house.platform.clock().advance(DAY * 95);
    // Workers that are cut off wherever they are, as a process is that is killed.
    for wait in [1, 3, 7, 15, 30] {
        let workers: Vec<_> = (0..3)
            .map(|_| {
                let platform = house.platform.clone();
                tokio::spawn(async move { service::run_once(&platform, &NoUsage).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(wait)).await;
        for worker in &workers {
            worker.abort();
        }
        for worker in workers {
            let _ = worker.await;
        }
    }
    let together = (0..4).map(|_| service::run_once(&house.platform, &NoUsage));
    for done in futures::future::join_all(together).await {
        done.expect("runs");
    }
    for it in &firms {
        let all = it.invoices().await;
        assert_eq!(all.len(), 4, "one for each month of {}", it.slug);
        assert!(it.subscription().await.period.until > house.platform.now());
    }
    let report = check(&house, &NoUsage).await;
    assert!(report.ok && report.documents == 24, "{report:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_process_whose_clock_is_ahead_ends_no_period_and_calls_nothing_overdue(db: PgPool) {
    let house = House::on(Platform::new(at_the_clock(&db, Clock::system())));
    let acme = firm(&house, "acme").await;
    acme.change("PRO", "").await.expect("changes");
    house.letters().await;
    let ahead = Platform::new(at_the_clock(&db, Clock::ahead(DAY * 400)));
    let before = acme.subscription().await;
    assert_eq!(service::run_once(&ahead, &NoUsage).await, Ok(0));
    assert_eq!(acme.subscription().await, before);
    assert_eq!(acme.invoices().await.len(), 1);
    assert!(house.letters().await.is_empty());
    // What it issues itself is of the year that all others have.
    let there = House::on(ahead);
    let owner = there.caller(acme.owner.actor().clone());
    let there = Firm { id: acme.id, slug: acme.slug.clone(), owner };
    let changed = there.change("TEAM", "").await.expect("changes");
    let [first, second] = [&acme.invoices().await[0].number, &changed.invoice.expect("a number")]
        .map(|number| number[..5].to_owned());
    assert_eq!(first, second);
}

/// The parts of a platform with a clock of its own.
fn at_the_clock(db: &PgPool, clock: Clock) -> Parts {
    Parts { clock, ..testing::parts(db.clone(), Clock::system().now()) }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn those_that_fail_hold_up_no_other_however_many_they_are(db: PgPool) {
    let house = house_at(db, "2026-11-01T00:00:00Z");
    let acme = firm(&house, "acme").await;
    acme.change("PRO", "").await.expect("changes");
    // Their months have ended long before, and the number of the change that would begin the next one is taken.
    let script = "BEGIN;
        ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE subscriptions NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE subscription_changes NO FORCE ROW LEVEL SECURITY;
        INSERT INTO organizations (id, slug, name, created_at)
        SELECT gen_random_uuid(), 'broken' || n, 'Broken', '2026-10-01T00:00:00Z' FROM generate_series(1, 130) AS n;
        INSERT INTO subscriptions (organization_id, plan_version_id, anchor, period_from, period_until)
        SELECT id, '01900000-0000-7000-8000-000000000001', '2026-10-01T00:00:00', '2026-10-01T00:00:00Z',
               '2026-11-01T00:00:00Z'
        FROM organizations WHERE name = 'Broken';
        INSERT INTO subscription_changes
            (organization_id, no, at, kind, plan_version_id, currency, extra_seats, period, period_from, period_until)
        SELECT s.organization_id, 1, s.period_from, 'renewed', s.plan_version_id, s.currency, 0, 1, s.period_from, s.period_until
        FROM subscriptions s JOIN organizations o ON o.id = s.organization_id WHERE o.name = 'Broken';
        ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
        ALTER TABLE subscriptions FORCE ROW LEVEL SECURITY;
        ALTER TABLE subscription_changes FORCE ROW LEVEL SECURITY;
        COMMIT";
    sqlx::raw_sql(script).execute(&house.db).await.expect("what cannot go on");
    pass(&house, DAY * 30).await;
    assert_eq!(acme.invoices().await.len(), 2, "the month of the one that can go on has ended");
}
