//! An organization that spends, for tests: its owner, its budgets, and what its ledger says.

use domain::{
    AppError, Timestamp,
    access::{Caller, Grant, Organization, Permission},
    platform::testing,
    spend::{
        Held, Limit, Nano, Settled,
        service::{self, NewLimit, NewPrice, NewUsage, Reservation, Settlement},
    },
};
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

use crate::house::House;

/// An organization with an owner.
pub(crate) struct Shop {
    pub(crate) house: House,
    pub(crate) id: Uuid,
    pub(crate) owner: Caller,
}

impl Shop {
    /// Open at noon of a day in the middle of a month, in UTC.
    pub(crate) async fn new(db: PgPool) -> Self {
        Self::at(db, "2026-11-18T12:00:00Z").await
    }

    pub(crate) async fn at(db: PgPool, now: &str) -> Self {
        let now = Timestamp::parse(now).expect("valid");
        let house = House::on(testing::platform_at(db, now));
        let owner = house.person("owner@example.com").await;
        let id = organization(&house, "acme", &owner).await;
        Self { house, id, owner }
    }

    /// Somebody else in it.
    pub(crate) async fn member(&self, email: &str, role: &str) -> Caller {
        let member = self.house.person(email).await;
        let user = member.signed_in().expect("in").user();
        let mut tx = self.sql().await;
        join(&mut tx, self.id, user, role).await;
        tx.commit().await.expect("commits");
        member
    }

    pub(crate) async fn may(&self, permission: Permission) -> Grant<Organization> {
        grant(&self.owner, self.id, permission).await.expect("may")
    }

    /// A transaction that sees the rows of the organization.
    pub(crate) async fn sql(&self) -> Transaction<'static, Postgres> {
        enter(&self.house.db, self.id).await
    }

    /// Sets a budget: `project:alpha` by `day`.
    pub(crate) async fn limit(&self, scope: &str, period: &str, cap: &str) -> Uuid {
        let (scope, subject) = scope.split_once(':').unwrap_or((scope, ""));
        let typed = NewLimit {
            scope: Some(scope.into()),
            subject: Some(subject.into()),
            period: Some(period.into()),
            rolling_days: Some("3".into()),
            cap: Some(cap.into()),
            ..NewLimit::default()
        };
        service::set_limit(&self.may(Permission::UpdateSpend).await, &typed).await.expect("sets").id
    }

    /// Every budget, as the page shows it.
    pub(crate) async fn limits(&self) -> Vec<Limit> {
        service::limits(&self.may(Permission::ReadSpend).await).await.expect("reads").items
    }

    /// What is spent and held of a budget.
    pub(crate) async fn meter(&self, id: Uuid) -> (String, String) {
        let all = self.limits().await;
        let limit = all.iter().find(|limit| limit.id == id).expect("a budget");
        (limit.spent.to_string(), limit.held.to_string())
    }

    pub(crate) async fn reserve(&self, name: &str, amount: &str) -> Result<Held, AppError> {
        self.reserve_in(name, amount, "").await
    }

    pub(crate) async fn reserve_in(&self, name: &str, amount: &str, scope: &str) -> Result<Held, AppError> {
        let typed = Reservation {
            amount: Some(amount.into()),
            scope: Some(scope.into()),
            request_id: name.into(),
            expires_in_s: Some("86400".into()),
            ..Reservation::default()
        };
        service::reserve(&self.may(Permission::ReserveSpend).await, &typed).await
    }

    pub(crate) async fn settle(&self, hold: Uuid, amount: &str) -> Result<Settled, AppError> {
        let typed =
            Settlement { hold_id: hold.to_string(), amount: Some(amount.into()), ..Settlement::default() };
        service::settle(&self.may(Permission::ReserveSpend).await, &typed).await
    }

    pub(crate) async fn record(&self, typed: NewUsage) -> Result<Settled, AppError> {
        service::record(&self.may(Permission::ReserveSpend).await, &typed).await
    }

    /// Writes down what a call to the model costs, from a moment on.
    pub(crate) async fn price(&self, unit: &str, price: &str, per: &str, from: Option<&str>) -> i64 {
        let typed = NewPrice {
            provider: "acme-ai".into(),
            item: "large".into(),
            unit: unit.into(),
            price: price.into(),
            per: Some(per.into()),
            effective_from: from.map(str::to_owned),
        };
        service::set_price(&self.may(Permission::UpdateSpend).await, &typed).await.expect("sets").outdated
    }

    /// Makes the time of a hold be over.
    pub(crate) async fn overdue(&self, hold: Uuid) {
        let mut tx = self.sql().await;
        sqlx::query!(
            "UPDATE spend_holds SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1",
            hold
        )
        .execute(&mut *tx)
        .await
        .expect("changes");
        tx.commit().await.expect("commits");
    }

    /// What its trail says of money, oldest first: each action with its detail.
    pub(crate) async fn trail(&self) -> Vec<(String, String)> {
        let mut tx = self.sql().await;
        let rows = sqlx::query!(
            r#"SELECT action, detail::text AS "detail!" FROM audit_entries
               WHERE chain = $1 AND action LIKE 'spend.%' ORDER BY seq"#,
            self.id
        );
        let rows = rows.fetch_all(&mut *tx).await.expect("entries");
        rows.into_iter().map(|row| (row.action, row.detail)).collect()
    }

    /// What an account of the ledger says.
    pub(crate) async fn account(&self, account: &str) -> String {
        let mut tx = self.sql().await;
        let sum = sqlx::query_scalar!(
            r#"SELECT coalesce(sum(amount_nano), 0)::bigint AS "sum!" FROM spend_entries
               WHERE organization_id = $1 AND account = $2"#,
            self.id,
            account
        );
        Nano::new(sum.fetch_one(&mut *tx).await.expect("a sum")).to_string()
    }
}

/// What a caller may do in an organization.
pub(crate) async fn grant(
    caller: &Caller,
    organization: Uuid,
    permission: Permission,
) -> Result<Grant<Organization>, AppError> {
    caller.in_organization(&organization.to_string()).await?.may(permission)
}

pub(crate) async fn enter(db: &PgPool, organization: Uuid) -> Transaction<'static, Postgres> {
    let mut tx = db.begin().await.expect("begins");
    sqlx::query!(
        "SELECT set_config('app.organization_id', $1, true) AS organization, set_config('app.site', 'on', true) AS site",
        organization.to_string()
    )
    .fetch_one(&mut *tx)
    .await
    .expect("enters");
    tx
}

/// One more organization of somebody.
pub(crate) async fn organization(house: &House, slug: &str, owner: &Caller) -> Uuid {
    let id = house.platform.new_id();
    let mut tx = enter(&house.db, id).await;
    sqlx::query!(
        "INSERT INTO organizations (id, slug, name, created_at) VALUES ($1, $2, $2, now())",
        id,
        slug
    )
    .execute(&mut *tx)
    .await
    .expect("an organization");
    sqlx::query!(
        "INSERT INTO audit_heads (chain, seq, hash) VALUES ($1, 0, decode(repeat('00', 32), 'hex'))",
        id
    )
    .execute(&mut *tx)
    .await
    .expect("a trail");
    join(&mut tx, id, owner.signed_in().expect("in").user(), "OWNER").await;
    tx.commit().await.expect("commits");
    id
}

async fn join(tx: &mut Transaction<'static, Postgres>, organization: Uuid, user: Uuid, role: &str) {
    sqlx::query!(
        "INSERT INTO memberships (organization_id, user_id, joined_at) VALUES ($1, $2, now())",
        organization,
        user
    )
    .execute(&mut **tx)
    .await
    .expect("a member");
    sqlx::query!(
        "INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at) VALUES ($1, $2, $3, now())",
        organization,
        role,
        user,
    )
    .execute(&mut **tx)
    .await
    .expect("a role");
}
