//! An organization for tests, put straight into the database, and people in it.

use domain::{
    AppError, FieldIssue,
    access::{
        Actor, Caller, Grant, Member, Organization, Permission, Person, Place, SignInMethod, Sitting, SiteRole, Via,
    },
    organizations::groups,
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::house::House;

/// An organization with an owner.
pub(crate) struct Team {
    pub(crate) house: House,
    pub(crate) id: Uuid,
    pub(crate) owner: Caller,
}

/// A person as a request brings them.
pub(crate) fn person(house: &House, user: Uuid) -> Person {
    let now = house.platform.now();
    let sitting =
        Sitting { method: Some(SignInMethod::Password), begun_at: now, idle: std::time::Duration::ZERO };
    Person {
        user,
        session: house.platform.new_id(),
        via: Via::Cookie,
        roles: vec![SiteRole::User],
        second_factor: false,
        proved_at: now,
        leaving: None,
        place: Place::Proved,
        sitting,
    }
}

/// An account without a password.
pub(crate) async fn account(house: &House, name: &str) -> Uuid {
    let id = house.platform.new_id();
    sqlx::query!(
        "INSERT INTO users (id, email, email_verified_at, display_name, created_at)
         VALUES ($1, $2::text || '@example.com', now(), $2, now())",
        id,
        name,
    )
    .execute(&house.db)
    .await
    .expect("an account");
    id
}

impl Team {
    pub(crate) async fn new(db: PgPool) -> Self {
        Self::of(House::new(db), "team").await
    }

    /// One of another name in the same house.
    pub(crate) async fn of(house: House, slug: &str) -> Self {
        let id = house.platform.new_id();
        let owner = account(&house, &format!("owner-of-{slug}")).await;
        let owner = house.caller(Actor::Person(person(&house, owner)));
        let team = Self { house, id, owner };
        let mut tx = team.tx().await;
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
        .expect("a chain");
        tx.commit().await.expect("commits");
        team.put(team.user(&team.owner), Some("OWNER")).await;
        team
    }

    /// A transaction that may touch the rows of the organization.
    pub(crate) async fn tx(&self) -> sqlx::Transaction<'static, sqlx::Postgres> {
        let mut tx = self.house.db.begin().await.expect("begins");
        sqlx::query!("SELECT set_config('app.organization_id', $1, true) AS it", self.id.to_string())
            .fetch_one(&mut *tx)
            .await
            .expect("enters");
        tx
    }

    pub(crate) fn user(&self, caller: &Caller) -> Uuid {
        caller.signed_in().expect("signed in").user()
    }

    /// Makes an account a member, with a role that every organization has.
    pub(crate) async fn put(&self, user: Uuid, role: Option<&str>) {
        let mut tx = self.tx().await;
        sqlx::query!(
            "INSERT INTO memberships (organization_id, user_id, joined_at) VALUES ($1, $2, now())",
            self.id,
            user
        )
        .execute(&mut *tx)
        .await
        .expect("a member");
        if let Some(role) = role {
            sqlx::query!(
                "INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at) VALUES ($1, $2, $3, now())",
                self.id,
                role,
                user,
            )
            .execute(&mut *tx)
            .await
            .expect("a role");
        }
        tx.commit().await.expect("commits");
    }

    /// A new member.
    pub(crate) async fn joins(&self, name: &str, role: Option<&str>) -> Caller {
        let user = account(&self.house, name).await;
        self.put(user, role).await;
        self.house.caller(Actor::Person(person(&self.house, user)))
    }

    /// Somebody who does not belong to it.
    pub(crate) async fn stranger(&self, name: &str) -> Caller {
        let user = account(&self.house, name).await;
        self.house.caller(Actor::Person(person(&self.house, user)))
    }

    pub(crate) async fn member(&self, caller: &Caller) -> Result<Member, AppError> {
        caller.in_organization(&self.id.to_string()).await
    }

    pub(crate) async fn may(&self, caller: &Caller, permission: Permission) -> Grant<Organization> {
        self.member(caller).await.expect("a member").may(permission).expect("may")
    }

    /// What somebody may do, in names.
    pub(crate) async fn has(&self, caller: &Caller) -> Vec<String> {
        self.member(caller).await.expect("a member").permissions().names()
    }

    /// A group, made by the owner.
    pub(crate) async fn group(&self, name: &str, parent: Option<Uuid>) -> Uuid {
        let grant = self.may(&self.owner, Permission::CreateGroups).await;
        let parent = parent.map(|id| id.to_string());
        groups::service::create(&grant, name, parent.as_deref()).await.expect("makes").id
    }

    /// The owner puts somebody into a group.
    pub(crate) async fn add(&self, group: Uuid, caller: &Caller) {
        let grant = self.may(&self.owner, Permission::UpdateGroups).await;
        let user = self.user(caller).to_string();
        groups::service::add(&grant, &group.to_string(), &user).await.expect("adds");
    }
}

/// The one problem of a refusal: its field and what is wrong.
pub(crate) fn problem<T>(refused: Result<T, AppError>) -> (String, FieldIssue) {
    match refused.err() {
        Some(AppError::Conflict { errors } | AppError::InvalidInput { errors }) if errors.len() == 1 => {
            let problem = errors.into_iter().next().expect("one");
            (problem.field, problem.issue)
        }
        other => panic!("one problem was expected, not {other:?}"),
    }
}
