//! Organizations with members for the tests of billing, and what is used by them.

use std::time::Duration;

use domain::{
    AppError, Timestamp,
    access::{Caller, Grant, Organization, Permission, Site, SiteAction},
    billing::{
        Invoice, InvoiceHead, InvoiceState, PlanChanged, Subscription,
        service::{self, Counts, NewUsagePrice, NoUsage, PlanRequest, Query, UsageSource},
    },
    organizations,
    platform::testing,
    spend::{
        self, Settled,
        service::{Ledger, NewPrice, NewUsage},
    },
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::house::House;

pub(crate) const DAY: Duration = Duration::from_hours(24);
/// Who counts what a plan limits.
pub(crate) const ROOMS: [&dyn Counts; 2] = [&organizations::service::Counter, &spend::service::Counter];

/// A house whose clock stands at a moment.
pub(crate) fn house_at(db: PgPool, at: &str) -> House {
    House::on(testing::platform_at(db, Timestamp::parse(at).expect("valid")))
}

/// An organization and its owner.
pub(crate) struct Firm {
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    pub(crate) owner: Caller,
}

/// Makes an organization whose owner is a new person.
pub(crate) async fn firm(house: &House, slug: &str) -> Firm {
    let owner = person(house, &format!("owner.{slug}@example.com")).await;
    let user = owner.signed_in().expect("in").user();
    let id = house.platform.new_id();
    found(house, id, slug, "UTC").await;
    join(house, id, user, "OWNER").await;
    Firm { id, slug: slug.into(), owner }
}

/// Somebody new. Letters about invoices of others leave before, so that theirs is the only one.
pub(crate) async fn person(house: &House, email: &str) -> Caller {
    house.letters().await;
    house.person(email).await
}

/// The organization alone, with nobody in it, as a version makes it that knows of no subscriptions.
pub(crate) async fn found(house: &House, id: Uuid, slug: &str, zone: &str) {
    let mut tx = inside(house, id).await;
    sqlx::query!(
        "INSERT INTO organizations (id, slug, name, time_zone, created_at) VALUES ($1, $2, $2, $3, $4)",
        id,
        slug,
        zone,
        house.platform.now().get(),
    )
    .execute(&mut *tx)
    .await
    .expect("an organization");
    sqlx::query!("INSERT INTO organization_slugs (slug, organization_id) VALUES ($1, $2)", slug, id)
        .execute(&mut *tx)
        .await
        .expect("a slug");
    sqlx::query!("INSERT INTO audit_heads (chain, seq, hash) VALUES ($1, 0, $2)", id, &[0_u8; 32][..])
        .execute(&mut *tx)
        .await
        .expect("a chain");
    tx.commit().await.expect("commits");
}

/// Makes somebody a member with a role.
pub(crate) async fn join(house: &House, organization: Uuid, user: Uuid, role: &str) {
    let mut tx = inside(house, organization).await;
    let now = house.platform.now().get();
    sqlx::query!(
        "INSERT INTO memberships (organization_id, user_id, joined_at) VALUES ($1, $2, $3)",
        organization,
        user,
        now,
    )
    .execute(&mut *tx)
    .await
    .expect("a membership");
    sqlx::query!(
        "INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at) VALUES ($1, $2, $3, $4)",
        organization,
        role,
        user,
        now,
    )
    .execute(&mut *tx)
    .await
    .expect("a role");
    tx.commit().await.expect("commits");
}

/// Gives an organization so many groups.
pub(crate) async fn groups(house: &House, firm: &Firm, count: i32) {
    let mut tx = inside(house, firm.id).await;
    sqlx::query!(
        "INSERT INTO groups (id, organization_id, name, created_at)
         SELECT gen_random_uuid(), $1, 'Group ' || n, now() FROM generate_series(1, $2) AS n",
        firm.id,
        count,
    )
    .execute(&mut *tx)
    .await
    .expect("groups");
    tx.commit().await.expect("commits");
}

/// A transaction that may touch the rows of an organization.
pub(crate) async fn inside(house: &House, organization: Uuid) -> sqlx::Transaction<'static, sqlx::Postgres> {
    let mut tx = house.db.begin().await.expect("begins");
    sqlx::query!(
        "SELECT set_config('app.organization_id', $1, true) AS id, set_config('app.site', 'on', true) AS site",
        organization.to_string()
    )
    .fetch_one(&mut *tx)
    .await
    .expect("may");
    tx
}

impl Firm {
    pub(crate) async fn may(&self, permission: Permission) -> Grant<Organization> {
        self.owner.in_organization(&self.slug).await.expect("a member").may(permission).expect("may")
    }

    pub(crate) async fn change(&self, plan: &str, seats: &str) -> Result<PlanChanged, AppError> {
        service::change(&self.may(Permission::UpdateBilling).await, &NoUsage, &request(plan, seats)).await
    }

    pub(crate) async fn subscription(&self) -> Subscription {
        service::subscription(&self.may(Permission::ReadBilling).await, &ROOMS).await.expect("a subscription")
    }

    /// What its trail says of billing.
    pub(crate) async fn trail(&self, house: &House) -> Vec<String> {
        house.trail_of(self.id, "billing").await
    }

    pub(crate) async fn invoices(&self) -> Vec<InvoiceHead> {
        let query = Query { limit: Some(100), ..Query::default() };
        let grant = self.may(Permission::ReadBilling).await;
        let mut all = service::documents(&grant, &query).await.expect("a list").items;
        // What is issued in one moment has no order but that of its numbers.
        all.sort_by(|one, other| one.number.cmp(&other.number));
        all
    }

    pub(crate) async fn invoice(&self, number: &str) -> Invoice {
        service::document(&self.may(Permission::ReadBilling).await, number).await.expect("a document")
    }
}

pub(crate) fn request(plan: &str, seats: &str) -> PlanRequest {
    let extra_seats = Some(seats.to_owned()).filter(|it| !it.is_empty());
    PlanRequest { plan: plan.into(), extra_seats, ..PlanRequest::default() }
}

/// What each line of a document comes to.
pub(crate) fn amounts(invoice: &Invoice) -> Vec<i64> {
    invoice.lines.iter().map(|line| line.amount.minor.get()).collect()
}

/// Lets time go by, and everything that is due happen.
pub(crate) async fn pass(house: &House, by: Duration) {
    house.platform.clock().advance(by);
    service::run_once(&house.platform, &NoUsage).await.expect("runs");
}

/// What somebody may do who looks after money.
pub(crate) struct Treasurer {
    pub(crate) reads: Grant<Site>,
    pub(crate) pays: Grant<Site>,
    pub(crate) corrects: Grant<Site>,
}

pub(crate) async fn treasurer(house: &House, email: &str) -> Treasurer {
    house.letters().await;
    let caller = house.staff(email, "{USER,BILLING_ADMIN}").await;
    let may = |action| caller.may(action).expect("may");
    Treasurer {
        reads: may(SiteAction::ReadBilling),
        pays: may(SiteAction::ChangeBilling),
        corrects: may(SiteAction::CorrectBilling),
    }
}

pub(crate) async fn staff(house: &House) -> Treasurer {
    treasurer(house, "money@example.com").await
}

/// Notes that every invoice of an organization is paid.
pub(crate) async fn pay(money: &Treasurer, firm: &Firm) {
    for head in firm.invoices().await.into_iter().filter(|head| head.state == InvoiceState::Open) {
        service::mark_paid(&money.pays, &head.id.to_string(), None).await.expect("pays");
    }
}

/// Computes every document anew.
pub(crate) async fn check(house: &House, usage: &dyn UsageSource) -> domain::billing::InvoiceReport {
    let grant = Grant::system(&house.platform, "checking invoices");
    service::check_all(&grant, usage).await.expect("a report")
}

/// Sets what a unit of the model costs in euros, by whoever runs the site.
pub(crate) async fn costs(house: &House, money: &Treasurer, unit: &str, price: &str, per: &str) {
    let typed = NewUsagePrice {
        provider: "acme-ai".into(),
        item: "large".into(),
        unit: unit.into(),
        currency: "EUR".into(),
        price: price.into(),
        per: Some(per.into()),
        valid_from: None,
    };
    service::set_usage_price(&money.corrects, &typed).await.expect("sets");
    house.platform.clock().advance(Duration::from_mins(1));
}

/// Lets time go by, and everything that is due happen, with what was used.
pub(crate) async fn pass_with_usage(house: &House, by: Duration) {
    house.platform.clock().advance(by);
    service::run_once(&house.platform, &Ledger).await.expect("runs");
}

impl Firm {
    /// Writes into its own book that units of the model cost nothing: what has no price there is not noted, and what it says is
    /// never billed.
    pub(crate) async fn meters(&self, units: &[&str]) {
        for unit in units {
            let typed = NewPrice {
                provider: "acme-ai".into(),
                item: "large".into(),
                unit: (*unit).into(),
                price: "0".into(),
                per: None,
                effective_from: Some("2020-01-01".into()),
            };
            let grant = self.may(Permission::UpdateSpend).await;
            spend::service::set_price(&grant, &typed).await.expect("sets");
        }
    }

    /// Notes that the model was used, just now: `call=3, second=20`.
    pub(crate) async fn uses(&self, name: &str, usage: &str) -> Settled {
        self.used_at(name, usage, None).await
    }

    /// The same at some moment.
    pub(crate) async fn used_at(&self, name: &str, usage: &str, at: Option<&str>) -> Settled {
        let typed = noted(name, usage, at);
        spend::service::record(&self.may(Permission::ReserveSpend).await, &typed).await.expect("is noted")
    }
}

/// What a script tells of a call.
pub(crate) fn noted(name: &str, usage: &str, at: Option<&str>) -> NewUsage {
    NewUsage {
        event_id: name.into(),
        provider: "acme-ai".into(),
        item: "large".into(),
        usage: Some(usage.into()),
        occurred_at: at.map(str::to_owned),
        ..NewUsage::default()
    }
}
