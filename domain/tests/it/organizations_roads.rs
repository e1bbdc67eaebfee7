//! What no road leads around: roles that organizations make, groups, and people who cannot act.

use std::time::Duration;

use domain::{
    AppError, FieldIssue,
    access::Permission,
    organizations::{
        BulkAction,
        roles::service as roles,
        service::{self, Change},
    },
    platform::testing,
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    house::House,
    organizations::{ANN, BOB, arrives, create, issue, join, may, user},
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

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_replaces_an_invitation_above_themselves_or_takes_it_back(db: PgPool) {
    let scene = Scene::new(db).await;
    let bob = scene.member(BOB, "VIEWER").await;
    let role = scene.made_role("Greeter", &["members:invite"]).await.to_string();
    scene.set_roles(&scene.ann, user(&bob), &["VIEWER", &role]).await.expect("gives");
    scene.house.letters().await;
    scene.invite(&scene.ann, EVE, "ADMIN").await.expect("invites");
    let token = scene.token().await;
    assert_eq!(scene.invite(&bob, "Eve@example.com", "VIEWER").await, Err(AppError::NotAllowed));
    let report = scene.bulk(&bob, BulkAction::Invite, EVE, "each").await.expect("reads");
    assert_eq!(report.lines[0].problem.as_deref(), Some("above-yourself"));
    let revoke = async |to: &str| {
        let grant = may(&bob, scene.id, Permission::ReadMembers).await?;
        let waiting = service::invitations(&grant, None, None).await?.items;
        let id = waiting.into_iter().find(|it| it.email == to).expect("waits").id.to_string();
        let grant = may(&bob, scene.id, Permission::InviteMembers).await?;
        service::revoke_invitation(&grant, &id).await
    };
    assert_eq!(revoke(EVE).await, Err(AppError::NotAllowed));
    let eve = scene.house.person(EVE).await;
    scene.accept(&eve, &token).await.expect("it is as good as it was");
    assert_eq!(scene.roles(user(&eve)).await, ["ADMIN"]);
    scene.invite(&scene.ann, "new@example.com", "VIEWER").await.expect("invites");
    revoke("new@example.com").await.expect("which gives no more than he has");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_invitation_that_has_expired_is_replaced_whatever_it_gave(db: PgPool) {
    let scene = Scene::new(db).await;
    let bob = scene.member(BOB, "VIEWER").await;
    let role = scene.made_role("Greeter", &["members:invite"]).await.to_string();
    scene.set_roles(&scene.ann, user(&bob), &["VIEWER", &role]).await.expect("gives");
    scene.invite(&scene.ann, EVE, "ADMIN").await.expect("invites");
    scene.house.platform.clock().advance(Duration::from_hours(7 * 24));
    let bob = arrives(&scene.house, BOB).await;
    assert_eq!(scene.invite(&bob, EVE, "VIEWER").await, Ok(true));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_gives_organizations_away_makes_no_more_for_that(db: PgPool) {
    let house = House::new(db.clone());
    let (ann, bob) = (house.person(ANN).await, house.person(BOB).await);
    for number in 0..service::MOST_OWNED {
        let made = create(&ann, &format!("Team {number}"), None).await.expect("makes").id;
        join(&db, made, user(&bob), "VIEWER").await;
        let grant = may(&ann, made, Permission::TransferOrganization).await.expect("hers");
        service::transfer(&grant, None, Some(BOB)).await.expect("gives it away");
    }
    // Another process, with a cache of its own and nothing in it, knows it as well.
    let other = House::on(testing::platform_at(db.clone(), house.platform.now()));
    let elsewhere = other.caller(ann.actor().clone());
    let more = create(&elsewhere, "One more", Some("one-more")).await;
    assert_eq!(more.map(drop), Err(AppError::TooManyRequests { retry_after_s: 36 * 3600 }));
    house.platform.clock().advance(Duration::from_hours(36));
    let ann = arrives(&house, ANN).await;
    create(&ann, "One more", Some("one-more")).await.expect("one each day and a half");
    let more = create(&ann, "Another", None).await;
    assert!(matches!(more, Err(AppError::TooManyRequests { .. })), "{more:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_slug_that_others_have_uses_no_rename_up(db: PgPool) {
    let scene = Scene::new(db).await;
    create(&scene.ann, "Taken", Some("taken")).await.expect("makes");
    let rename = async |slug: &str| {
        let grant = may(&scene.ann, scene.id, Permission::UpdateOrganization).await?;
        service::update(&grant, &Change { slug: Some(slug.into()), ..Change::default() }).await
    };
    for _ in 0..6 {
        assert_eq!(issue(rename("taken").await, "slug"), Some(FieldIssue::Taken));
    }
    for number in 0..5 {
        rename(&format!("acme-{number}")).await.expect("all five are left");
    }
    let more = rename("acme-5").await;
    assert!(matches!(more, Err(AppError::TooManyRequests { .. })), "{more:?}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_list_that_is_not_done_uses_up_no_letters(db: PgPool) {
    let scene = Scene::new(db).await;
    for _ in 0..10 {
        let lines = format!("{BOB}\nno address");
        let report =
            scene.bulk(&scene.ann, BulkAction::Invite, &lines, "all-or-nothing").await.expect("reads");
        assert_eq!((report.applied, report.good, report.refused), (false, 1, 1));
    }
    for _ in 0..5 {
        scene.invite(&scene.ann, BOB, "VIEWER").await.expect("all five are left");
    }
    let report = scene.bulk(&scene.ann, BulkAction::Invite, BOB, "each").await.expect("reads");
    assert_eq!(report.lines[0].problem.as_deref(), Some("enough-letters"));
    let told = report.lines[0].message.as_deref().expect("a sentence");
    assert!(told.starts_with("Enough letters were sent to this address"), "{told}");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_organization_that_cannot_be_deleted_keeps_no_other(db: PgPool) {
    let scene = Scene::new(db.clone()).await;
    let other = create(&scene.ann, "Other", Some("other")).await.expect("makes").id;
    for (id, slug) in [(scene.id, "acme"), (other, "other")] {
        let grant = may(&scene.ann, id, Permission::DeleteOrganization).await.expect("hers");
        service::delete(&grant, slug).await.expect("asks");
    }
    scene.house.platform.clock().advance(Duration::from_hours(14 * 24));
    let first = scene.id.min(other);
    let stuck = format!(
        "CREATE TABLE keeps (organization_id uuid REFERENCES organizations); INSERT INTO keeps VALUES ('{first}')"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(stuck)).execute(&db).await.expect("holds one");
    assert_eq!(service::delete_due(&scene.house.platform).await, Ok(1));
    let ann = arrives(&scene.house, ANN).await;
    let left = service::list(&ann.signed_in().expect("in")).await.expect("lists");
    let slugs: Vec<&str> = left.iter().map(|it| it.slug.as_str()).collect();
    assert_eq!(slugs, ["ann", if first == scene.id { "acme" } else { "other" }]);
    sqlx::raw_sql("DROP TABLE keeps").execute(&db).await.expect("lets it go");
    assert_eq!(service::delete_due(&scene.house.platform).await, Ok(1));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn owners_are_told_of_each_other_owner_by_whichever_road_one_is_made(db: PgPool) {
    let scene = Scene::new(db).await;
    let bob = scene.member(BOB, "VIEWER").await;
    scene.house.letters().await;
    let told = async |who: &str, owners: &[&str]| {
        let letters = scene.house.letters().await;
        assert_eq!(letters.len(), owners.len(), "{letters:?}");
        for owner in owners {
            let letter = letters.iter().find(|letter| letter.contains(&format!("To: {owner}")));
            let letter = letter.unwrap_or_else(|| panic!("{owner} is told: {letters:?}"));
            assert!(letter.contains("has one more owner") && letter.contains(who), "{letter}");
        }
    };
    scene.set_roles(&scene.ann, user(&bob), &["OWNER"]).await.expect("makes an owner");
    told(BOB, &[ANN]).await;
    scene.set_roles(&scene.ann, user(&bob), &["OWNER", "ADMIN"]).await.expect("who is one already");
    told(BOB, &[]).await;
    scene.invite(&scene.ann, EVE, "OWNER").await.expect("invites");
    let token = scene.token().await;
    let eve = scene.house.person(EVE).await;
    scene.house.letters().await;
    scene.accept(&eve, &token).await.expect("comes in");
    told(EVE, &[ANN, BOB]).await;
    for name in ["one@example.com", "two@example.com"] {
        scene.member(name, "VIEWER").await;
    }
    scene.house.letters().await;
    let lines = "one@example.com,OWNER\ntwo@example.com,OWNER\nnobody@example.com,OWNER";
    let report = scene.bulk(&scene.ann, BulkAction::SetRole, lines, "all-or-nothing").await.expect("reads");
    assert!(!report.applied, "{report:?}");
    told("one@example.com", &[]).await;
    scene.bulk(&scene.ann, BulkAction::SetRole, lines, "each").await.expect("reads");
    told("(and 1 more)", &[ANN, BOB, EVE]).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn owners_are_told_of_another_one_to_whom_the_role_is_given_beside_others(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.member(BOB, "VIEWER").await;
    let grant = may(&scene.ann, scene.id, Permission::AssignRoles).await.expect("hers");
    for (role, told) in [("DEVELOPER", 0), ("OWNER", 1), ("OWNER", 0)] {
        scene.house.letters().await;
        roles::assign(&grant, role, Some(BOB), None).await.expect("gives");
        let letters = scene.house.letters().await;
        assert_eq!(letters.len(), told, "{role}: {letters:?}");
        assert!(letters.iter().all(|letter| letter.contains("To: ann@example.com") && letter.contains(BOB)));
    }
}
