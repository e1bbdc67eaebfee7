//! What a plan limits: asked where something is made, and not to be had by two at once.

use std::time::Duration;

use domain::{
    AppError,
    access::Permission,
    billing::{
        Entitlement,
        service::{entitled, entitled_beside},
    },
    organizations::{
        groups::service as made_groups,
        roles::service::{self as made_roles, NewRole},
        service::Counter,
    },
    spend::service::{NewLimit, set_limit},
};
use sqlx::PgPool;

use crate::{
    billing_house::{firm, groups, inside},
    house::House,
    organizations::BOB,
    organizations_members::Scene,
};

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn two_at_once_do_not_take_the_same_last_place(db: PgPool) {
    let house = House::new(db);
    let acme = firm(&house, "acme").await;
    groups(&house, &acme, 99).await;
    let grant = acme.may(Permission::CreateGroups).await;
    let take = |name: &'static str| {
        let grant = grant.clone();
        let id = acme.id;
        async move {
            let mut tx = grant.begin().await?;
            entitled(&mut tx, &Counter, Entitlement::Groups, 1).await?;
            // Long enough for the other to be there.
            tokio::time::sleep(Duration::from_millis(50)).await;
            sqlx::query!(
                "INSERT INTO groups (id, organization_id, name, created_at) VALUES (gen_random_uuid(), $1, $2, now())",
                id,
                name,
            )
            .execute(tx.conn())
            .await
            .expect("a group");
            tx.commit().await
        }
    };
    let (one, other) = tokio::join!(take("one"), take("other"));
    let refused = AppError::QuotaExceeded { resource: "groups".into(), limit: 100, used: 100, requested: 1 };
    assert!((one == Ok(()) && other == Err(refused.clone())) || (other == Ok(()) && one == Err(refused)));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_a_plan_does_not_give_cannot_be_had_and_no_limit_is_none(db: PgPool) {
    let house = House::new(db);
    let acme = firm(&house, "acme").await;
    let ask = |entitlement, wanted| {
        let acme = &acme;
        async move {
            let grant = acme.may(Permission::ReadBilling).await;
            let mut tx = grant.begin().await.expect("begins");
            entitled(&mut tx, &Counter, entitlement, wanted).await
        }
    };
    let refused = |resource: &str, limit| {
        Err(AppError::QuotaExceeded { resource: resource.into(), limit, used: 0, requested: limit + 1 })
    };
    assert_eq!(ask(Entitlement::CustomRoles, 11).await, refused("custom-roles", 10));
    assert_eq!(ask(Entitlement::OwnSignIn, 1).await, refused("own-sign-in", 0));
    assert_eq!(ask(Entitlement::Groups, 100).await, Ok(()));
    assert_eq!(ask(Entitlement::Groups, 101).await, refused("groups", 100));
    let counted = {
        let grant = acme.may(Permission::ReadBilling).await;
        let mut tx = grant.begin().await.expect("begins");
        entitled_beside(&mut tx, Entitlement::Budgets, 20, 1).await
    };
    let over = AppError::QuotaExceeded { resource: "budgets".into(), limit: 20, used: 20, requested: 1 };
    assert_eq!(counted, Err(over), "what another room counts");
    acme.change("ENTERPRISE", "").await.expect("changes");
    assert_eq!(ask(Entitlement::Groups, 1_000_000).await, Ok(()));
    assert_eq!(ask(Entitlement::OwnSignIn, 1).await, Ok(()));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn no_more_is_made_than_the_plan_gives_and_a_larger_one_gives_more(db: PgPool) {
    let house = House::new(db);
    let acme = firm(&house, "acme").await;
    let over = |resource: &str, limit| {
        Some(AppError::QuotaExceeded { resource: resource.into(), limit, used: limit, requested: 1 })
    };
    groups(&house, &acme, 99).await;
    let group = async |name: &str| {
        made_groups::create(&acme.may(Permission::CreateGroups).await, name, None).await.err()
    };
    assert_eq!(group("The last one").await, None);
    assert_eq!(group("One more").await, over("groups", 100));
    let role = async |name: String| {
        let typed = NewRole { name, description: None, permissions: vec!["members:read".into()] };
        made_roles::create(&acme.may(Permission::CreateRoles).await, &typed).await.err()
    };
    for n in 0..10 {
        assert_eq!(role(format!("Role {n}")).await, None);
    }
    assert_eq!(role("One more".into()).await, over("custom-roles", 10));
    let budget = async |n: usize, cap: &str| {
        let (subject, cap) = (Some(format!("p{n}")), Some(cap.to_owned()));
        let typed = NewLimit { scope: Some("project".into()), subject, cap, ..NewLimit::default() };
        set_limit(&acme.may(Permission::UpdateSpend).await, &typed).await.err()
    };
    for n in 0..20 {
        assert_eq!(budget(n, "1").await, None);
    }
    assert_eq!(budget(20, "1").await, over("budgets", 20));
    let used = acme.subscription().await.usage;
    let told = [Entitlement::Seats, Entitlement::Groups, Entitlement::CustomRoles, Entitlement::Budgets]
        .map(|it| used.iter().find(|used| used.limit.entitlement == it).and_then(|used| used.used));
    assert_eq!(told, [Some(1), Some(100), Some(10), Some(20)], "each room counts what it makes");
    assert_eq!(budget(0, "2").await, None, "what is there can be changed");
    acme.change("PRO", "").await.expect("changes");
    assert_eq!(group("One more").await, None);
    assert_eq!(role("One more".into()).await, None);
    assert_eq!(budget(20, "1").await, None);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_comes_in_for_whom_the_plan_has_no_seat(db: PgPool) {
    let scene = Scene::new(db).await;
    let mut tx = inside(&scene.house, scene.id).await;
    sqlx::query!(
        "WITH people AS (
             INSERT INTO users (id, email, email_verified_at, display_name, created_at)
             SELECT gen_random_uuid(), 'p' || n || '@example.com', now(), '', now() FROM generate_series(1, 24) AS n
             RETURNING id)
         INSERT INTO memberships (organization_id, user_id, joined_at) SELECT $1, id, now() FROM people",
        scene.id,
    )
    .execute(&mut *tx)
    .await
    .expect("members");
    tx.commit().await.expect("commits");
    let bob = scene.house.person(BOB).await;
    scene.invite(&scene.ann, BOB, "VIEWER").await.expect("invites");
    let token = scene.token().await;
    let refused = scene.accept(&bob, &token).await.err();
    let over = AppError::QuotaExceeded { resource: "seats".into(), limit: 25, used: 25, requested: 1 };
    assert_eq!(refused, Some(over));
    let mut tx = inside(&scene.house, scene.id).await;
    sqlx::query!(
        "DELETE FROM memberships WHERE organization_id = $1
         AND user_id = (SELECT id FROM users WHERE email = 'p1@example.com')",
        scene.id,
    )
    .execute(&mut *tx)
    .await
    .expect("leaves");
    tx.commit().await.expect("commits");
    scene.accept(&bob, &token).await.expect("the invitation was not used up by it");
}
