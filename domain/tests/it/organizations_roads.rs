//! What no road leads around: roles that organizations make, groups, and people who cannot act.

use domain::{
    AppError,
    access::Permission,
    organizations::{BulkAction, service},
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    organizations::{ANN, BOB, may, user},
    organizations_members::{EVE, Scene},
};

/// Puts somebody into a group below one that has a role.
async fn put_below(scene: &Scene, of: Uuid, role: &str) {
    let (id, above, below) = (scene.id, Uuid::from_u128(1), Uuid::from_u128(2));
    let script = format!(
        "BEGIN; SELECT set_config('app.organization_id', '{id}', true);
         INSERT INTO groups (id, organization_id, parent_id, name, created_at)
         VALUES ('{above}', '{id}', NULL, 'Above', now()), ('{below}', '{id}', '{above}', 'Below', now());
         INSERT INTO group_members (organization_id, group_id, user_id) VALUES ('{id}', '{below}', '{of}');
         INSERT INTO role_assignments (organization_id, built_in, group_id, assigned_at)
         VALUES ('{id}', '{role}', '{above}', now()); COMMIT;"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&scene.house.db).await.expect("makes groups");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_invitation_of_somebody_who_cannot_act_is_good_for_nothing(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    let bob = scene.member(BOB, "ADMIN").await;
    scene.house.letters().await;
    scene.invite(&bob, EVE, "VIEWER").await.expect("invites");
    let token = scene.token().await;
    let eve = scene.house.person(EVE).await;
    let set = async |state: &str| {
        let change = format!("UPDATE users SET {state} WHERE email = '{BOB}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(change)).execute(&db).await.expect("is so");
    };
    for state in ["locked_at = now()", "locked_at = NULL, deletion_due_at = now()"] {
        set(state).await;
        assert_eq!(scene.accept(&eve, &token).await, Err(AppError::TokenRefused), "{state}");
    }
    set("deletion_due_at = NULL").await;
    scene.accept(&eve, &token).await.expect("he is back");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_an_owner_gives_the_organization_away_whatever_a_role_allows(db: PgPool) {
    let scene = Scene::new(db).await;
    let (bob, eve) = (scene.member(BOB, "VIEWER").await, scene.member(EVE, "VIEWER").await);
    let role = scene.made_role("Giver", &["organization:transfer"]).await.to_string();
    scene.set_roles(&scene.ann, user(&bob), &["VIEWER", &role]).await.expect("gives");
    let grant = may(&bob, scene.id, Permission::TransferOrganization).await.expect("the role allows it");
    assert_eq!(service::transfer(&grant, None, Some(EVE)).await, Err(AppError::NotAllowed));
    assert_eq!(scene.roles(user(&eve)).await, ["VIEWER"]);
    assert!(!scene.roles(user(&bob)).await.contains(&"ADMIN".to_owned()), "nor did he become more");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_its_last_owner_deleted_before_they_left_the_site_is_not_kept_without_one(db: PgPool) {
    let scene = Scene::new(db).await;
    let bob = scene.member(BOB, "VIEWER").await;
    let role = scene.made_role("Ender", &["organization:delete"]).await.to_string();
    scene.set_roles(&scene.ann, user(&bob), &["VIEWER", &role]).await.expect("gives");
    let as_ann = may(&scene.ann, scene.id, Permission::DeleteOrganization).await.expect("hers");
    let as_bob = may(&bob, scene.id, Permission::DeleteOrganization).await.expect("the role allows it");
    service::delete(&as_ann, "acme").await.expect("asks");
    service::keep(&as_bob).await.expect("while she is there");
    service::delete(&as_ann, "acme").await.expect("asks again");
    let leaves = scene.ann.stepped_up().expect("fresh");
    domain::identity::service::delete_account(&leaves, ANN).await.expect("it ends as well");
    assert_eq!(service::keep(&as_bob).await, Err(AppError::NotAllowed));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_removes_a_member_who_has_more_by_a_group(db: PgPool) {
    let scene = Scene::new(db).await;
    let (bob, eve) = (scene.member(BOB, "VIEWER").await, scene.member(EVE, "VIEWER").await);
    let other = scene.member("other@example.com", "VIEWER").await;
    let role = scene.made_role("Doorkeeper", &["members:remove"]).await.to_string();
    scene.set_roles(&scene.ann, user(&bob), &["VIEWER", &role]).await.expect("gives");
    put_below(&scene, user(&eve), "ADMIN").await;
    assert_eq!(scene.remove(&bob, user(&eve)).await, Err(AppError::NotAllowed));
    let report = scene.bulk(&bob, BulkAction::Remove, EVE, "each").await.expect("reads");
    assert_eq!(report.lines[0].problem.as_deref(), Some("above-yourself"));
    scene.remove(&bob, user(&other)).await.expect("who has no more than he");
    scene.remove(&scene.ann, user(&eve)).await.expect("the owner may");
}
