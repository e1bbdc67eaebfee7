//! Organizations with members for the tests of billing, and what was used by them.

use std::time::Duration;

use domain::{
    AppError, Timestamp,
    access::{Caller, Grant, Organization, Permission, Site, SiteAction},
    billing::{
        Invoice, InvoiceHead, InvoiceState, Minor, PlanChanged, Subscription, UsageLine,
        service::{self, Counts, NoUsage, PlanRequest, Query, UsageAsked, UsageSource},
    },
    organizations,
    platform::testing,
    spend::{self, Nano},
};
use sqlx::{PgConnection, PgPool};
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

/// Counts calls in a table of the test's own: a cent each, after those that are included.
pub(crate) struct Calls;

impl Calls {
    #[expect(
        clippy::disallowed_methods,
        reason = "the table is the test's own, so the schema does not know it"
    )]
    pub(crate) async fn table(house: &House) {
        sqlx::query("CREATE TABLE calls (organization_id uuid NOT NULL, at timestamptz NOT NULL, count bigint NOT NULL)")
            .execute(&house.db)
            .await
            .expect("a table");
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the table is the test's own, so the schema does not know it"
    )]
    pub(crate) async fn note(house: &House, organization: Uuid, count: i64) {
        sqlx::query("INSERT INTO calls VALUES ($1, $2, $3)")
            .bind(organization)
            .bind(house.platform.now().get())
            .bind(count)
            .execute(&house.db)
            .await
            .expect("a row");
    }
}

impl UsageSource for Calls {
    #[expect(
        clippy::disallowed_methods,
        reason = "the table is the test's own, so the schema does not know it"
    )]
    fn lines<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        asked: &'a UsageAsked,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<UsageLine>, AppError>> + Send + 'a>> {
        Box::pin(async move {
            let count: i64 = sqlx::query_scalar(
                "SELECT coalesce(sum(count), 0)::bigint FROM calls WHERE organization_id = $1 AND at >= $2 AND at < $3",
            )
            .bind(asked.organization)
            .bind(asked.span.from.get())
            .bind(asked.span.until.get())
            .fetch_one(conn)
            .await
            .map_err(|_| AppError::Internal)?;
            if count == 0 {
                return Ok(Vec::new());
            }
            let free = asked.included.unwrap_or(Nano::MAX).get() / 10_000_000;
            let amount = Minor::new((count - free).max(0));
            Ok(vec![UsageLine { description: "Calls".into(), quantity: count, amount }])
        })
    }
}
