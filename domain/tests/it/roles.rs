//! Roles: none above one's own, no lost update, no organization without an owner.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    AppError, FieldIssue,
    access::{Actor, Permission, STEP_UP_MAX_AGE},
    organizations::{
        BulkAction, groups,
        roles::{
            MOST_ROLES, Role,
            service::{self, NewRole, Trying},
        },
        service as organizations,
    },
};
use sqlx::PgPool;

use crate::{
    house::House,
    team::{Team, person, problem},
};

fn typed(name: &str, permissions: &[&str]) -> NewRole {
    NewRole {
        name: name.to_owned(),
        description: Some("What it is for".to_owned()),
        permissions: permissions.iter().map(|it| (*it).to_owned()).collect(),
    }
}

async fn make(team: &Team, name: &str, permissions: &[&str]) -> String {
    let grant = team.may(&team.owner, Permission::CreateRoles).await;
    service::create(&grant, &typed(name, permissions)).await.expect("makes").id.to_string()
}

async fn give(team: &Team, role: &str, email: &str) {
    let grant = team.may(&team.owner, Permission::AssignRoles).await;
    service::assign(&grant, role, Some(email), None).await.expect("gives");
}

async fn role(team: &Team, id: &str) -> Role {
    let all = service::roles(&team.may(&team.owner, Permission::ReadRoles).await).await.expect("roles");
    all.into_iter().find(|role| role.role == id).expect("is there")
}

fn above(field: &str) -> (String, FieldIssue) {
    (field.to_owned(), FieldIssue::AboveYourself)
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_role_is_made_given_changed_and_taken(db: PgPool) {
    let team = Team::new(db).await;
    let ann = team.joins("ann", None).await;
    let id = make(&team, "Inviter", &["members:invite", "members:read"]).await;
    assert_eq!(team.has(&ann).await, Vec::<String>::new());
    give(&team, &id, "ann@example.com").await;
    give(&team, &id, "ann@example.com").await;
    assert_eq!(team.has(&ann).await, ["members:read", "members:invite"]);
    let seen = role(&team, &id).await;
    assert_eq!((seen.members, seen.groups, seen.version, seen.built_in), (1, 0, 1, false));

    let update = team.may(&team.owner, Permission::UpdateRoles).await;
    service::update(&update, &id, Some(1), &typed("Reader", &["members:read"])).await.expect("changes");
    assert_eq!(team.has(&ann).await, ["members:read"], "at once");
    service::update(&update, &id, Some(2), &typed("Reader", &["members:read"])).await.expect("nothing to do");
    assert_eq!(role(&team, &id).await.version, 2);

    let read = team.may(&team.owner, Permission::ReadRoles).await;
    let page = service::assigned(&read, &id, None, None).await.expect("a page");
    assert_eq!(page.items[0].member.as_ref().map(|it| it.email.as_str()), Some("ann@example.com"));
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    service::unassign(&assign, &id, Some("ann@example.com"), None).await.expect("takes");
    service::unassign(&assign, &id, Some("ann@example.com"), None).await.expect("again is nothing");
    assert_eq!(team.has(&ann).await, Vec::<String>::new());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn members_and_groups_that_have_a_role_come_in_one_order_page_by_page(db: PgPool) {
    let team = Team::new(db).await;
    let made = make(&team, "Reader", &["members:read"]).await;
    let other = make(&team, "Other", &["members:read"]).await;
    let (mut subjects, assign) = (BTreeSet::new(), team.may(&team.owner, Permission::AssignRoles).await);
    for n in 0..3 {
        let user = team.user(&team.joins(&format!("m{n}"), None).await);
        let group = team.group(&format!("g{n}"), None).await;
        let (by_id, to_group) = (user.to_string(), group.to_string());
        for role in [made.as_str(), "BILLING"] {
            service::assign(&assign, role, Some(&by_id), None).await.expect("to a member");
            service::assign(&assign, role, None, Some(&to_group)).await.expect("to a group");
        }
        subjects.extend([user, group]);
    }
    give(&team, &other, "M0@example.COM").await;
    let read = team.may(&team.owner, Permission::ReadRoles).await;
    for role in [made.as_str(), "BILLING"] {
        let (mut told, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = service::assigned(&read, role, Some(2), cursor.as_deref()).await.expect("a page");
            told.extend(page.items.into_iter().filter_map(|it| {
                let member = it.member.map(|it| it.user_id);
                member.or(it.group.map(|it| it.id))
            }));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(told, subjects.iter().copied().collect::<Vec<_>>(), "{role}");
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_makes_changes_gives_or_takes_a_role_above_their_own(db: PgPool) {
    let team = Team::new(db).await;
    let ann = team.joins("ann", Some("ADMIN")).await;
    let strong = make(&team, "Strong", &["organization:delete"]).await;
    let weak = make(&team, "Weak", &["members:read"]).await;
    let group = team.group("g", None).await.to_string();
    give(&team, &strong, "owner-of-team@example.com").await;

    let create = team.may(&ann, Permission::CreateRoles).await;
    let ends = typed("Mine", &["members:read", "organization:delete"]);
    assert_eq!(problem(service::create(&create, &ends).await), above("permissions"));
    let update = team.may(&ann, Permission::UpdateRoles).await;
    assert_eq!(problem(service::update(&update, &weak, Some(1), &ends).await), above("permissions"));
    let less = typed("Strong", &["members:read"]);
    assert_eq!(problem(service::update(&update, &strong, Some(1), &less).await), above("permissions"));
    let delete = team.may(&ann, Permission::DeleteRoles).await;
    assert_eq!(problem(service::delete(&delete, &strong, Some("take")).await), above("role"));
    let assign = team.may(&ann, Permission::AssignRoles).await;
    for strong in [strong.as_str(), "OWNER"] {
        let own = service::assign(&assign, strong, Some("ann@example.com"), None).await;
        assert_eq!(problem(own), above("role"));
        let from = service::unassign(&assign, strong, Some("owner-of-team@example.com"), None).await;
        assert_eq!(problem(from), above("role"));
    }
    assert_eq!(problem(service::assign(&assign, &strong, None, Some(&group)).await), above("role"));
    service::assign(&assign, "ADMIN", None, Some(&group)).await.expect("as much as one has oneself");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_two_changes_of_what_was_seen_one_is_refused(db: PgPool) {
    let team = Team::new(db).await;
    let id = make(&team, "Shared", &["members:read"]).await;
    let update = team.may(&team.owner, Permission::UpdateRoles).await;
    let change = |name: String| {
        let (update, id) = (&update, &id);
        async move { service::update(update, id, Some(1), &typed(&name, &["members:read"])).await }
    };
    let done = futures::future::join_all((0..8).map(|n| change(format!("Shared {n}")))).await;
    assert_eq!(done.iter().filter(|it| it.is_ok()).count(), 1);
    for refused in done.into_iter().filter(Result::is_err) {
        assert_eq!(problem(refused), ("version".into(), FieldIssue::MovedOn));
    }
    assert_eq!(role(&team, &id).await.version, 2);
    let none = service::update(&update, &id, None, &typed("x", &["members:read"])).await;
    assert_eq!(problem(none), ("version".into(), FieldIssue::Required));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_role_that_somebody_has_goes_only_when_it_is_taken_from_them(db: PgPool) {
    let team = Team::new(db).await;
    let ann = team.joins("ann", None).await;
    let id = make(&team, "Brief", &["members:read"]).await;
    give(&team, &id, "ann@example.com").await;
    let delete = team.may(&team.owner, Permission::DeleteRoles).await;
    assert_eq!(problem(service::delete(&delete, &id, None).await), ("assigned".into(), FieldIssue::InUse));
    let read = team.may(&team.owner, Permission::ReadRoles).await;
    let trying = Trying { role: Some(id.clone()), act: Some("delete".into()), ..Trying::default() };
    let preview = service::preview(&read, &trying).await.expect("tries out");
    assert_eq!((preview.gaining, preview.losing), (0, 1));
    assert_eq!(preview.items[0].loses, ["members:read"]);
    assert_eq!(team.has(&ann).await, ["members:read"], "nothing was changed");
    service::delete(&delete, &id, Some("take")).await.expect("deletes");
    assert_eq!(team.has(&ann).await, Vec::<String>::new());
    assert_eq!(service::delete(&delete, &id, None).await.err(), Some(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_last_owner_stays_one_whatever_two_do_at_once(db: PgPool) {
    let team = Team::new(db).await;
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    let alone = service::unassign(&assign, "OWNER", Some("owner-of-team@example.com"), None).await;
    assert_eq!(problem(alone), ("role".into(), FieldIssue::LastOwner));
    let ann = team.joins("ann", None).await;
    give(&team, "OWNER", "ann@example.com").await;
    let annas = team.may(&ann, Permission::AssignRoles).await;
    let (one, other) = tokio::join!(
        service::unassign(&assign, "OWNER", Some("ann@example.com"), None),
        service::unassign(&annas, "OWNER", Some("owner-of-team@example.com"), None),
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let group = team.house.platform.new_id();
    let read = if one.is_ok() { &team.owner } else { &ann };
    let grant = team.may(read, Permission::AssignRoles).await;
    let refused = service::assign(&grant, "OWNER", None, Some(&group.to_string())).await;
    assert_eq!(refused.err(), Some(AppError::NotFound));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_group_is_no_owner_and_an_owner_is_made_after_a_fresh_proof(db: PgPool) {
    let team = Team::new(db).await;
    team.joins("ann", None).await;
    let group = team.group("g", None).await.to_string();
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    let refused = service::assign(&assign, "OWNER", None, Some(&group)).await;
    assert_eq!(problem(refused), ("role".into(), FieldIssue::NotAnOption));
    team.house.platform.clock().advance(STEP_UP_MAX_AGE + Duration::from_secs(1));
    let refused = service::assign(&assign, "OWNER", Some("ann@example.com"), None).await;
    assert_eq!(refused.err(), Some(AppError::StepUpRequired { max_age_s: 300 }));
    service::assign(&assign, "ADMIN", Some("ann@example.com"), None).await.expect("others need none");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_only_owners_may_do_is_given_after_a_fresh_proof_by_whatever_road(db: PgPool) {
    let team = Team::new(db).await;
    let ann = team.joins("ann", None).await;
    let (user, whom) = (team.user(&ann).to_string(), Some("ann@example.com"));
    let strong = make(&team, "Strong", &["organization:transfer"]).await;
    let weak = make(&team, "Weak", &["members:read"]).await;
    give(&team, &weak, "ann@example.com").await;
    let top = team.group("top", None).await.to_string();
    let inner = team.group("inner", None).await.to_string();
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    service::assign(&assign, &strong, None, Some(&top)).await.expect("gives");

    team.house.platform.clock().advance(STEP_UP_MAX_AGE + Duration::from_secs(1));
    let roles = [strong.clone()];
    let more = typed("Weak", &["members:read", "organization:delete"]);
    let fresh = team.house.caller(Actor::Person(person(&team.house, team.user(&team.owner))));
    for (owner, is_fresh) in [(&team.owner, false), (&fresh, true)] {
        let assign = team.may(owner, Permission::AssignRoles).await;
        let update = team.may(owner, Permission::UpdateRoles).await;
        let people = team.may(owner, Permission::UpdateGroups).await;
        let invite = team.may(owner, Permission::InviteMembers).await;
        for done in [
            service::assign(&assign, &strong, whom, None).await,
            service::unassign(&assign, &strong, whom, None).await,
            service::update(&update, &weak, Some(1), &more).await,
            groups::service::add(&people, &top, &user).await,
            groups::service::move_to(&people, &inner, Some(&top)).await,
            organizations::set_member_roles(&assign, &user, &roles).await,
            organizations::invite(&invite, "bob@example.com", &strong).await.map(drop),
        ] {
            let refused = (!is_fresh).then_some(AppError::StepUpRequired { max_age_s: 300 });
            assert_eq!(done.err(), refused);
        }
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn somebodys_own_organization_gets_no_other_owner(db: PgPool) {
    let house = House::new(db);
    let ann = house.account("ann@example.com").await;
    let owner = house.caller(Actor::Person(person(&house, ann)));
    let own = organizations::list(&owner.signed_in().expect("in")).await.expect("lists");
    let team = Team { id: own[0].id, house, owner };
    team.joins("bob", Some("ADMIN")).await;
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    let refused = service::assign(&assign, "OWNER", Some("bob@example.com"), None).await;
    assert_eq!(problem(refused), ("role".into(), FieldIssue::Personal));
    service::assign(&assign, "OWNER", Some("ann@example.com"), None).await.expect("whose own it is has it");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nobody_becomes_an_owner_who_cannot_act(db: PgPool) {
    let team = Team::new(db).await;
    team.joins("ann", None).await;
    sqlx::query!("UPDATE users SET locked_at = now()").execute(&team.house.db).await.expect("locks");
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    let refused = service::assign(&assign, "OWNER", Some("ann@example.com"), None).await;
    assert_eq!(problem(refused), ("role".into(), FieldIssue::NobodyIn));
    service::assign(&assign, "ADMIN", Some("ann@example.com"), None).await.expect("other roles wait");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_cannot_be_read_is_named(db: PgPool) {
    let team = Team::new(db).await;
    let create = team.may(&team.owner, Permission::CreateRoles).await;
    let long = "x".repeat(61);
    for (name, permissions, field, issue) in [
        ("", vec!["members:read"], "name", FieldIssue::Required),
        (long.as_str(), vec!["members:read"], "name", FieldIssue::TooLong { max: 60 }),
        ("x\0", vec!["members:read"], "name", FieldIssue::ControlCharacter),
        ("Own\u{2060}er", vec!["members:read"], "name", FieldIssue::ControlCharacter),
        ("x", vec![], "permissions", FieldIssue::Required),
        ("x", vec!["members:fly"], "permissions", FieldIssue::NotAnOption),
        ("owner", vec!["members:read"], "name", FieldIssue::Taken),
    ] {
        let refused = service::create(&create, &typed(name, &permissions)).await;
        assert_eq!(problem(refused), (field.to_owned(), issue));
    }
    let Err(AppError::InvalidInput { errors }) = service::create(&create, &typed("", &[])).await else {
        panic!("every problem at once")
    };
    assert_eq!(errors.iter().map(|it| it.field.as_str()).collect::<Vec<_>>(), ["name", "permissions"]);
    let id = make(&team, "One", &["members:read"]).await;
    assert_eq!(
        problem(service::create(&create, &typed("ONE", &["members:read"])).await),
        ("name".into(), FieldIssue::Taken)
    );
    let update = team.may(&team.owner, Permission::UpdateRoles).await;
    let built_in = service::update(&update, "ADMIN", Some(1), &typed("x", &["members:read"])).await;
    assert_eq!(problem(built_in), ("role".into(), FieldIssue::NotAnOption));
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    let nobody = service::assign(&assign, &id, None, None).await;
    assert_eq!(problem(nobody), ("user_id".into(), FieldIssue::Required));
    let both = service::assign(&assign, &id, Some("a"), Some("b")).await;
    assert_eq!(problem(both), ("group_id".into(), FieldIssue::NotAnOption));
    assert_eq!(
        service::assign(&assign, "admin", Some("a"), None).await.err(),
        Some(AppError::MalformedRequest)
    );
    let read = team.may(&team.owner, Permission::ReadRoles).await;
    let trying = Trying { act: Some("burn".into()), ..Trying::default() };
    assert_eq!(problem(service::preview(&read, &trying).await), ("act".into(), FieldIssue::NotAnOption));
    let trying = Trying { act: Some("delete".into()), ..Trying::default() };
    assert_eq!(problem(service::preview(&read, &trying).await), ("role".into(), FieldIssue::Required));
    for (permission, issue) in [("", FieldIssue::Required), ("fly", FieldIssue::NotAnOption)] {
        let refused = service::who_can(&read, permission, None, None).await;
        assert_eq!(problem(refused), ("permission".into(), issue));
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_organization_has_a_hundred_roles_of_its_own_at_most(db: PgPool) {
    let team = Team::new(db).await;
    // The first one begins the subscription; the largest plan has no limit of its own.
    make(&team, "role 0", &["members:read"]).await;
    let mut tx = team.tx().await;
    let changed = sqlx::query!(
        "UPDATE subscriptions SET plan_version_id = (SELECT id FROM plan_versions WHERE plan = 'ENTERPRISE')
         WHERE organization_id = $1",
        team.id,
    )
    .execute(&mut *tx)
    .await
    .expect("a plan");
    tx.commit().await.expect("commits");
    assert_eq!(changed.rows_affected(), 1);
    for n in 1..MOST_ROLES {
        make(&team, &format!("role {n}"), &["members:read"]).await;
    }
    let create = team.may(&team.owner, Permission::CreateRoles).await;
    let refused = service::create(&create, &typed("one more", &["members:read"])).await;
    assert_eq!(problem(refused), ("name".into(), FieldIssue::TooMany { max: MOST_ROLES }));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn everybody_is_told_why_they_may_not_and_little_about_others(db: PgPool) {
    let team = Team::new(db).await;
    let ann = team.joins("ann", None).await;
    let member = team.member(&ann).await.expect("a member");
    let told = service::explain(&member, None, "members:invite").await.expect("about oneself");
    assert!(!told.allowed && told.ways.is_empty() && told.ask.is_empty());
    assert_eq!(told.roles.iter().map(|it| it.role.as_str()).collect::<Vec<_>>(), ["ADMIN", "OWNER"]);
    let own = team.user(&ann).to_string();
    assert_eq!(service::explain(&member, Some(&own), "members:invite").await.expect("the same"), told);
    let refused = service::explain(&member, Some("owner-of-team@example.com"), "members:invite").await;
    assert_eq!(refused.err(), Some(AppError::NotAllowed));
    assert_eq!(member.may(Permission::ReadRoles).err(), Some(AppError::NotAllowed));

    let (top, leaf) = (team.group("top", None).await, team.group("leaf", None).await);
    let update = team.may(&team.owner, Permission::UpdateGroups).await;
    groups::service::move_to(&update, &leaf.to_string(), Some(&top.to_string())).await.expect("moves");
    team.add(leaf, &ann).await;
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    service::assign(&assign, "ADMIN", None, Some(&top.to_string())).await.expect("gives");
    let told = service::explain(&member, None, "members:invite").await.expect("about oneself");
    let path: Vec<&str> = told.ways[0].groups.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((told.allowed, path, told.ways[0].role.name.as_str()), (true, vec!["leaf", "top"], "Admin"));
    let member = team.member(&ann).await.expect("a member");
    let told = service::explain(&member, None, "organization:transfer").await.expect("about oneself");
    assert_eq!(
        told.ask.iter().map(|it| it.email.as_str()).collect::<Vec<_>>(),
        ["owner-of-team@example.com"]
    );
}

/// A hundred accounts older than all others, who may give roles and little else.
async fn a_hundred_old_ones(team: &Team) {
    sqlx::raw_sql(
        "INSERT INTO users (id, email, email_verified_at, display_name, created_at)
         SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'old' || n || '@example.com', now(), '', now()
         FROM generate_series(1, 100) n",
    )
    .execute(&team.house.db)
    .await
    .expect("accounts");
    let mut tx = team.tx().await;
    sqlx::raw_sql(
        "INSERT INTO memberships (organization_id, user_id, joined_at)
         SELECT app_organization(), id, now() FROM users WHERE email LIKE 'old%';
         INSERT INTO role_assignments (organization_id, built_in, user_id, assigned_at)
         SELECT app_organization(), 'ADMIN', id, now() FROM users WHERE email LIKE 'old%'",
    )
    .execute(&mut *tx)
    .await
    .expect("members");
    tx.commit().await.expect("commits");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_owner_is_asked_however_many_others_give_roles(db: PgPool) {
    let team = Team::new(db).await;
    a_hundred_old_ones(&team).await;
    let ann = team.joins("ann", Some("VIEWER")).await;
    let member = team.member(&ann).await.expect("a member");
    let told = service::explain(&member, None, "organization:transfer").await.expect("about oneself");
    let ask: Vec<&str> = told.ask.iter().map(|it| it.email.as_str()).collect();
    assert_eq!(ask, ["owner-of-team@example.com"]);
    let told = service::explain(&member, None, "members:invite").await.expect("about oneself");
    assert_eq!(told.ask.len(), 5);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn who_cannot_act_is_told_of_as_nobody_who_may(db: PgPool) {
    let team = Team::new(db).await;
    let group = team.group("admins", None).await;
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    service::assign(&assign, "ADMIN", None, Some(&group.to_string())).await.expect("gives");
    let admin = Some("ADMIN");
    for (name, role) in [("locked", admin), ("leaving", admin), ("inside", None), ("able", None)] {
        let caller = team.joins(name, role).await;
        if role.is_none() {
            team.add(group, &caller).await;
        }
    }
    sqlx::raw_sql(
        "UPDATE users SET locked_at = now() WHERE display_name IN ('locked', 'inside');
         UPDATE users SET deletion_due_at = now() + interval '1 day' WHERE display_name = 'leaving'",
    )
    .execute(&team.house.db)
    .await
    .expect("they cannot act");
    let read = team.may(&team.owner, Permission::ReadRoles).await;
    let who = service::who_can(&read, "members:invite", None, None).await.expect("a page");
    let able = BTreeSet::from(["able", "owner-of-team"]);
    assert_eq!(who.items.iter().map(|it| it.member.display_name.as_str()).collect::<BTreeSet<_>>(), able);
    let matrix = service::matrix(&read, None, None).await.expect("a page");
    assert_eq!(matrix.items.iter().map(|it| it.member.display_name.as_str()).collect::<BTreeSet<_>>(), able);
    let owner = team.member(&team.owner).await.expect("a member");
    for name in ["locked", "leaving", "inside"] {
        let email = format!("{name}@example.com");
        let refused = service::explain(&owner, Some(&email), "members:invite").await;
        assert_eq!(problem(refused), ("user_id".into(), FieldIssue::NobodyIn), "{name}");
    }
    let viewer = team.member(&team.joins("viewer", Some("VIEWER")).await).await.expect("a member");
    let told = service::explain(&viewer, None, "members:invite").await.expect("about oneself");
    assert_eq!(told.ask.iter().map(|it| it.display_name.as_str()).collect::<BTreeSet<_>>(), able);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn an_old_name_of_a_permission_allows_nothing_and_harms_nothing(db: PgPool) {
    let team = Team::new(db).await;
    let ann = team.joins("ann", None).await;
    let id = make(&team, "Old", &["members:read"]).await;
    give(&team, &id, "ann@example.com").await;
    let mut tx = team.tx().await;
    sqlx::query!("UPDATE roles SET permissions = permissions || '{members:fly}'")
        .execute(&mut *tx)
        .await
        .expect("ages");
    tx.commit().await.expect("commits");
    assert_eq!(team.has(&ann).await, ["members:read"]);
    assert_eq!(role(&team, &id).await.permissions, ["members:read"]);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_makes_an_owner_waits_for_their_account_before_the_organization(db: PgPool) {
    let team = Team::new(db.clone()).await;
    let bob = team.joins("bob", Some("VIEWER")).await;
    let (user, owner) = (team.user(&bob), vec!["OWNER".to_owned()]);
    let assign = team.may(&team.owner, Permission::AssignRoles).await;
    for road in ["set-member-roles", "bulk-members", "assign-role"] {
        // Somebody who leaves the site holds their account, and then what they own.
        let mut leaving = team.tx().await;
        sqlx::query!("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE", user)
            .fetch_one(&mut *leaving)
            .await
            .expect("holds");
        let (assign, owner) = (assign.clone(), owner.clone());
        let making = tokio::spawn(async move {
            match road {
                "set-member-roles" => {
                    organizations::set_member_roles(&assign, &user.to_string(), &owner).await
                }
                "bulk-members" => {
                    let pasting = organizations::Pasting {
                        lines: "bob@example.com, OWNER".into(),
                        ..organizations::Pasting::default()
                    };
                    organizations::bulk_members(&assign, BulkAction::SetRole, &pasting).await.map(drop)
                }
                _ => service::assign(&assign, "OWNER", Some(&user.to_string()), None).await,
            }
        });
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert!(!making.is_finished(), "{road}: it waits for the account");
        sqlx::query!("SELECT id FROM organizations WHERE id = $1 FOR NO KEY UPDATE NOWAIT", team.id)
            .fetch_one(&mut *leaving)
            .await
            .unwrap_or_else(|error| panic!("{road} holds the organization meanwhile: {error}"));
        leaving.commit().await.expect("commits");
        assert_eq!(making.await.expect("runs"), Ok(()), "{road}");
        assert!(team.has(&bob).await.contains(&"organization:delete".to_owned()), "{road}: they own it");
        let viewer = vec!["VIEWER".to_owned()];
        let back = team.may(&team.owner, Permission::AssignRoles).await;
        organizations::set_member_roles(&back, &user.to_string(), &viewer).await.expect("takes it back");
    }
}
